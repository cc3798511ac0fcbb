// Splits and folds: every sample once, the same shares of every class, the same parts for one seed on every machine.
#include <strata/data/split.hpp>

#include <data/idx_files.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

using namespace idx_files;
using strata::Dataset;
using strata::Folds;
using strata::Shape;

namespace {

using Indices = std::vector<std::int64_t>;

// Sample i holds i % 256 and i / 256; of three classes there are about 6 : 3 : 1, sorted.
Dataset numbered(int n) {
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < n; ++i) {
    pixels.push_back(static_cast<std::uint8_t>(i % 256));
    pixels.push_back(static_cast<std::uint8_t>(i / 256));
    labels.push_back(i * 10 < n * 6 ? 2 : i * 10 < n * 9 ? 0 : 1);
  }
  return Dataset::own(Shape::vector(2), 3, std::move(pixels), std::move(labels));
}

// The numbers of samples, whose labels are right.
Indices numbers(const Dataset& part, const Dataset& whole) {
  Indices found;
  for (std::int64_t i = 0; i < part.size(); ++i) {
    const auto bytes = part.image(i).bytes;
    found.push_back(bytes[0] + 256 * bytes[1]);
    BOOST_REQUIRE(part.label(i) == whole.label(found.back()));
  }
  return found;
}

Indices sorted(Indices a, const Indices& b = {}) {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end());
  return a;
}

Indices all(std::int64_t n) {
  Indices indices(static_cast<std::size_t>(n));
  std::iota(indices.begin(), indices.end(), std::int64_t{0});
  return indices;
}

// |counts of a part - share of the whole's| < 1 for each class.
void has_its_share(const Dataset& part, const Dataset& whole) {
  const Indices counts = label_counts(part), of_all = label_counts(whole);
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const auto exact = static_cast<double>(of_all[c] * part.size()) / static_cast<double>(whole.size());
    BOOST_TEST(std::abs(static_cast<double>(counts[c]) - exact) <= 1, counts[c] << " of class " << c << ", " << exact);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(data_split)

BOOST_AUTO_TEST_CASE(counts_labels) {
  BOOST_TEST(label_counts(numbered(100)) == (Indices{30, 10, 60}), boost::test_tools::per_element());
  const Dataset targets =
      Dataset::own(Shape::vector(1), 2, std::vector<float>{1, 2, 3}, std::vector<float>{1, 0, 0, 1, .2f, .8f});
  BOOST_TEST(label_counts(targets) == (Indices{1, 2}), boost::test_tools::per_element());
  refuses([] { label_counts(Dataset::own(Shape::vector(1), std::vector<float>{1})); }, {"no labels"});
}

BOOST_AUTO_TEST_CASE(one_target_a_sample_makes_two_labels) {
  std::vector<std::uint8_t> pixels(10);
  for (std::size_t i = 0; i < 10; ++i) pixels[i] = static_cast<std::uint8_t>(i);
  const std::vector<float> targets{0, 1, 0, .75f, 0, 0, .25f, 1, 0, 0};
  const Dataset data = Dataset::view(Shape::vector(1), 1, pixels, targets);
  BOOST_TEST(data.classes() == 1);
  BOOST_TEST(data.label_count() == 2);
  BOOST_TEST(data.label(3) == 1);
  BOOST_TEST(data.label(6) == 0);
  BOOST_TEST(strata::label_counts(data) == (std::vector<std::int64_t>{7, 3}), boost::test_tools::per_element());
  const auto [train, test] = strata::stratified_split(data, .3, 4);
  BOOST_TEST(strata::label_counts(test) == (std::vector<std::int64_t>{2, 1}), boost::test_tools::per_element());
  BOOST_TEST(strata::label_counts(train) == (std::vector<std::int64_t>{5, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(subsets_hold_what_was_asked_for) {
  const Dataset data = numbered(600);
  const Indices some{599, 0, 300, 300, 7};
  BOOST_TEST(numbers(subset(data, some), data) == some, boost::test_tools::per_element());
  BOOST_TEST(subset(data, Indices{}).empty());
  BOOST_TEST(subset(data, Indices{}).classes() == 3);
  for (std::int64_t wrong : {-1, 600})
    refuses(
        [&] {
          subset(data, Indices{0, wrong});
        },
        {"subset: there is no sample " + std::to_string(wrong) + " among 600"});
  const Dataset targets =
      Dataset::own(Shape::vector(1), 2, std::vector<float>{1, 2, 3}, std::vector<float>{1, 0, 0, 1, .2f, .8f});
  const Dataset two = subset(targets, Indices{2, 0});
  BOOST_TEST(two.floats()[0] == 3);
  BOOST_TEST(two.target(0)[1] == .8f);
  BOOST_TEST(two.target(1)[0] == 1);
  const Dataset bare = subset(Dataset::own(Shape::vector(1), std::vector<float>{1, 2}), Indices{1});
  BOOST_TEST(bare.classes() == 0);
  BOOST_TEST(bare.floats()[0] == 2);
}

BOOST_AUTO_TEST_CASE(splits_have_every_sample_once) {
  for (int n : {2, 3, 10, 97, 1000})
    for (double fraction : {.1, .3, .5}) {
      if (n * fraction < 1) continue;
      const Dataset data = numbered(n);
      for (bool stratified : {false, true}) {
        const auto [train, validation] = stratified ? stratified_split(data, fraction, 5) : split(data, fraction, 5);
        BOOST_TEST(train.size() == data.split(fraction).train.size());
        BOOST_TEST(sorted(numbers(train, data), numbers(validation, data)) == all(n), boost::test_tools::per_element());
        if (!stratified) continue;
        has_its_share(train, data);
        has_its_share(validation, data);
      }
    }
}

// R6: 19,999 rows, 30 % held out, and 30 % of the rest again.
BOOST_AUTO_TEST_CASE(splits_have_the_sizes_of_keras_and_scikit_learn) {
  const auto first = split(numbered(19'999), .3, 1);
  BOOST_TEST(first.train.size() == 13'999);
  BOOST_TEST(split(first.train, .3, 1).train.size() == 9'799);
}

BOOST_AUTO_TEST_CASE(parts_follow_from_the_seed) {
  const Dataset data = numbered(1000);
  const auto order = [&](std::uint64_t seed) { return numbers(split(data, .25, seed).train, data); };
  const auto stratified = [&](std::uint64_t seed) {
    return numbers(stratified_split(data, .25, seed).validation, data);
  };
  BOOST_TEST(order(1) == order(1), boost::test_tools::per_element());
  BOOST_TEST((order(1) != order(2)));
  BOOST_TEST((sorted(order(1)) != sorted(order(2))));
  BOOST_TEST((sorted(stratified(1)) != sorted(stratified(2))));
  BOOST_TEST((stratified(1) != sorted(stratified(1))), "shuffled, too");
  // Known answers: the same on every machine and in every version.
  const auto head = [](const Indices& all_of_them) { return Indices(all_of_them.begin(), all_of_them.begin() + 5); };
  BOOST_TEST(head(order(1)) == (Indices{399, 147, 283, 687, 365}), boost::test_tools::per_element());
  BOOST_TEST(head(stratified(1)) == (Indices{365, 502, 605, 770, 288}), boost::test_tools::per_element());
  BOOST_TEST(head(folds(data, 10, 1)[3]) == (Indices{365, 605, 103, 994, 705}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(folds_have_every_sample_once_and_their_share_of_each_class) {
  for (int n : {5, 23, 1000})
    for (int k : {2, 3, 5}) {
      const Dataset data = numbered(n);
      const auto parts = folds(data, k, 7);
      BOOST_TEST(parts.size() == static_cast<std::size_t>(k));
      Indices together;
      for (const Indices& part : parts) {
        BOOST_TEST(part.size() >= static_cast<std::size_t>(n / k));
        BOOST_TEST(part.size() <= static_cast<std::size_t>(n / k + 1));
        has_its_share(subset(data, part), data);
        together.insert(together.end(), part.begin(), part.end());
      }
      BOOST_TEST(sorted(together) == all(n), boost::test_tools::per_element());
      BOOST_TEST((n < 1000 || parts[0] != sorted(parts[0])), "shuffled, too");
    }
  refuses([] { folds(numbered(5), 1, 1); }, {"1 folds of 5"});
  refuses([] { folds(numbered(5), 6, 1); }, {"6 folds of 5"});
  refuses([] { folds(Dataset::own(Shape::vector(1), std::vector<float>{1, 2}), 2, 1); }, {"no labels"});
}

BOOST_AUTO_TEST_CASE(sets_of_folds_are_views_of_one_copy) {
  const Dataset data = numbered(1003);
  const Folds sets(data, 4, 7);
  const auto parts = folds(data, 4, 7);
  BOOST_TEST(sets.size() == 4);
  for (int i = 0; i < 4; ++i) {
    const Dataset train = sets.train(i), validation = sets.validation(i);
    BOOST_TEST(numbers(validation, data) == parts[static_cast<std::size_t>(i)], boost::test_tools::per_element());
    BOOST_TEST(sorted(numbers(train, data), numbers(validation, data)) == all(1003), boost::test_tools::per_element());
    BOOST_TEST((sets.train(i).bytes().data() == train.bytes().data()), "no sample is copied");
  }
  for (int wrong : {-1, 4, 5}) {
    refuses([&] { sets.validation(wrong); }, {"Folds: there is no fold"});
    refuses([&] { sets.train(wrong); }, {"Folds: there is no fold"});
  }
  Dataset outlives;
  outlives = Folds(data, 2, 1).train(1);
  BOOST_TEST(numbers(outlives, data).size() == 502u);
}

BOOST_AUTO_TEST_SUITE_END()
