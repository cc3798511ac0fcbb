// Dataset: sizes and labels are checked, slices share storage, split follows Keras.
#include <strata/data/dataset.hpp>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using strata::Dataset;
using strata::Error;
using strata::Shape;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Floats = std::vector<float>;
using Labels = std::vector<std::int32_t>;

// 2 x 3 images with one channel: sample i holds 6 i, 6 i + 1, ... and its label is i % classes.
Bytes numbered(int samples) {
  Bytes pixels(static_cast<std::size_t>(samples) * 6);
  std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
  return pixels;
}

Labels cyclic(int samples, int classes) {
  Labels labels;
  for (int i = 0; i < samples; ++i) labels.push_back(i % classes);
  return labels;
}

constexpr Shape shape = Shape::image(2, 3, 1);

// Expects strata::Error with all of `words` in its message.
template <class Function>
void refuses(Function function, std::initializer_list<const char*> words) {
  try {
    function();
    BOOST_ERROR("nothing was thrown");
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const char* word : words) {
      BOOST_TEST(message.find(word) != std::string::npos, "'" << word << "' is missing in: " << message);
    }
  }
}

// A vector that ends with the statement is taken by own, not by view.
template <class Pixels, class... Rest>
concept Viewable = requires(Pixels&& pixels, Rest&&... rest) {
  Dataset::view(shape, std::forward<Rest>(rest)..., std::forward<Pixels>(pixels));
};
static_assert(Viewable<Bytes&> && Viewable<const Floats&> && Viewable<std::span<const float>>);
static_assert(!Viewable<Bytes> && !Viewable<Floats>);
static_assert(!Viewable<Labels, int, Bytes&> && Viewable<Labels&, int, Bytes&> && !Viewable<Labels&, int, Bytes>);
static_assert(!std::is_constructible_v<Dataset, Bytes>);

}  // namespace

BOOST_AUTO_TEST_SUITE(dataset)

BOOST_AUTO_TEST_CASE(holds_what_it_was_given) {
  const Dataset data = Dataset::own(shape, 3, numbered(10), cyclic(10, 3));
  BOOST_TEST((data.shape() == shape));
  BOOST_TEST(data.size() == 10);
  BOOST_TEST(data.classes() == 3);
  BOOST_TEST(data.holds_bytes());
  BOOST_TEST(!data.empty());
  BOOST_TEST(data.bytes().size() == 60u);
  BOOST_TEST(data.floats().empty());
  BOOST_TEST(data.targets().empty());
  BOOST_TEST(data.target(3).empty());
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(data.label(i) == i % 3);
    BOOST_TEST(data.labels()[static_cast<std::size_t>(i)] == i % 3);
    const strata::Sample sample = data.image(i);
    BOOST_TEST((sample.shape == shape));
    BOOST_TEST(sample.size() == 6);
    BOOST_TEST(sample.holds_bytes());
    BOOST_TEST_REQUIRE(sample.bytes.size() == 6u);
    BOOST_TEST(sample.floats.empty());
    for (std::size_t k = 0; k < 6; ++k) BOOST_TEST(sample.bytes[k] == 6u * static_cast<unsigned>(i) + k);
  }
}

BOOST_AUTO_TEST_CASE(holds_floats_and_targets) {
  const Floats pixels = {1, 2, 3, 4, 5, 6}, targets = {.25f, .5f, .25f, 0, 0, 1, .5f, .5f, 0};
  const Dataset data = Dataset::view(Shape::vector(2), 3, pixels, targets);
  BOOST_TEST(data.size() == 3);
  BOOST_TEST(!data.holds_bytes());
  BOOST_TEST(!data.image(1).holds_bytes());
  BOOST_TEST(data.image(1).floats[1] == 4);
  BOOST_TEST(data.bytes().empty());
  BOOST_TEST(data.labels().empty());
  BOOST_TEST(data.target(1)[2] == 1);
  BOOST_TEST(data.label(0) == 1);
  BOOST_TEST(data.label(1) == 2);
  BOOST_TEST(data.label(2) == 0);  // the first of equals
  const Dataset part = data.slice(1, 2);
  BOOST_TEST(part.label(0) == 2);
  BOOST_TEST(part.targets().size() == 6u);
  BOOST_TEST(part.image(0).floats[0] == 3);
  BOOST_TEST(!data.slice(1, 0).holds_bytes());
}

BOOST_AUTO_TEST_CASE(views_copy_nothing) {
  const Bytes pixels = numbered(4);
  const Labels labels = cyclic(4, 2);
  const Dataset data = Dataset::view(shape, 2, pixels, labels);
  BOOST_TEST((data.bytes().data() == pixels.data()));
  BOOST_TEST((data.labels().data() == labels.data()));
  BOOST_TEST((data.slice(2, 1).bytes().data() == pixels.data() + 12));
  BOOST_TEST((data.image(3).bytes.data() == pixels.data() + 18));
}

BOOST_AUTO_TEST_CASE(takes_vectors_over_without_copying) {
  Bytes pixels = numbered(4);
  const std::uint8_t* at = pixels.data();
  const Dataset data = Dataset::own(shape, std::move(pixels));
  BOOST_TEST((data.bytes().data() == at));
}

BOOST_AUTO_TEST_CASE(slices_keep_the_storage_alive) {
  auto pixels = std::make_shared<const Bytes>(numbered(4));
  const std::weak_ptr<const Bytes> watch = pixels;
  Dataset slice;
  {
    const Dataset data = Dataset::view(shape, *pixels, pixels);
    slice = data.drop(1).take(2).slice(1, 1);
  }
  pixels.reset();
  BOOST_TEST(!watch.expired());
  BOOST_TEST(slice.image(0).bytes[0] == 12);
  slice = {};
  BOOST_TEST(watch.expired());
}

BOOST_AUTO_TEST_CASE(slices) {
  const Dataset data = Dataset::own(shape, 10, numbered(10), cyclic(10, 10));
  BOOST_TEST(data.slice(3, 4).size() == 4);
  BOOST_TEST(data.slice(3, 4).label(0) == 3);
  BOOST_TEST(data.slice(3, 4).image(3).bytes[0] == 36);
  BOOST_TEST(data.slice(3, 4).slice(1, 2).label(1) == 5);
  BOOST_TEST(data.slice(3, 4).classes() == 10);
  BOOST_TEST(data.take(4).size() == 4);
  BOOST_TEST(data.take(4).label(3) == 3);
  BOOST_TEST(data.drop(4).size() == 6);
  BOOST_TEST(data.drop(4).label(0) == 4);
  BOOST_TEST(data.take(10).drop(10).empty());
  BOOST_TEST(data.slice(10, 0).empty());
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  for (const auto& [first, count] : {std::pair<std::int64_t, std::int64_t>{-1, 2},
                                     {0, 11},
                                     {5, 6},
                                     {11, 0},
                                     {0, -1},
                                     {huge, huge},
                                     {huge, 1},
                                     {1, huge},
                                     {-huge, huge}}) {
    refuses([&, first = first, count = count] { data.slice(first, count); }, {"slice", "10"});
  }
  for (std::int64_t n : {std::int64_t{-1}, std::int64_t{11}, huge, -huge - 1}) {
    refuses([&] { data.take(n); }, {"slice"});
    refuses([&] { data.drop(n); }, {"slice"});
  }
  // Nothing outside a slice is reached through it.
  refuses([&] { data.slice(3, 4).image(4); }, {"no sample 4", "among 4"});
  refuses([&] { data.slice(3, 4).label(-1); }, {"no sample -1"});
  refuses([&] { data.target(10); }, {"no sample 10"});
}

// Keras: split_at = int(math.floor(n * (1 - validation_split))), validation is what lies behind.
BOOST_AUTO_TEST_CASE(splits_as_keras_does) {
  const Dataset data = Dataset::own(shape, 10, numbered(10), cyclic(10, 10));
  const auto [train, validation] = data.split(.25);
  BOOST_TEST(train.size() == 7);
  BOOST_TEST(validation.size() == 3);
  BOOST_TEST(train.label(0) == 0);
  BOOST_TEST(validation.label(0) == 7);
  BOOST_TEST(data.split(.5).train.size() == 5);
}

BOOST_AUTO_TEST_CASE(refuses_a_split_that_leaves_nothing) {
  const Dataset data = Dataset::own(shape, numbered(4));
  for (double fraction : {0., 1., -.5, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    refuses([&] { data.split(fraction); }, {"validation fraction", "between 0 and 1"});
  }
  refuses([&] { data.split(.99); }, {"4 samples", "empty"});
  refuses([&] { Dataset().split(.5); }, {"0 samples"});
  BOOST_TEST(data.split(1e-9).train.size() == 3);  // floor(4 * (1 - 1e-9))
}

BOOST_AUTO_TEST_CASE(may_be_empty) {
  const Dataset none;
  BOOST_TEST(none.empty());
  BOOST_TEST(none.size() == 0);
  BOOST_TEST(none.classes() == 0);
  refuses([&] { none.image(0); }, {"no sample 0"});
  BOOST_TEST(Dataset::own(shape, Bytes{}).empty());
  BOOST_TEST(Dataset::own(shape, 10, Floats{}, Labels{}).classes() == 10);
}

BOOST_AUTO_TEST_CASE(refuses_labels_where_there_are_none) {
  refuses([] { Dataset::own(shape, numbered(2)).label(0); }, {"no labels"});
}

BOOST_AUTO_TEST_CASE(refuses_sizes_that_do_not_fit) {
  refuses([] { Dataset::own(shape, Bytes(13)); }, {"13 values", "2 x 3 x 1", "6 each"});
  refuses([] { Dataset::own(shape, 10, Bytes(12), Labels(3)); }, {"3 labels for 2 samples"});
  refuses([] { Dataset::own(shape, 10, Bytes(12), Labels{}); }, {"0 labels for 2 samples"});
  refuses([] { Dataset::own(shape, 10, Bytes(12), Floats(19)); }, {"19 targets for 2 samples", "10"});
  refuses([] { Dataset::own(shape, 10, Bytes(12), Floats(21)); }, {"21 targets for 2 samples"});
  refuses([] { Dataset::own(shape, 10, Bytes(12), Floats(30)); }, {"30 targets for 2 samples"});
  refuses([] { Dataset::own(shape, 10, Bytes{}, Labels(3)); }, {"3 labels for 0 samples"});
  refuses([] { Dataset::own(shape, 0, Bytes(12), Labels(2)); }, {"0 classes"});
  refuses([] { Dataset::own(shape, -3, Bytes(12), Floats(2)); }, {"-3 classes"});
}

BOOST_AUTO_TEST_CASE(refuses_shapes_that_are_none) {
  constexpr int most = std::numeric_limits<int>::max();
  for (const Shape& wrong : {Shape{}, Shape{2, 2, 2, 2}, Shape{1, 2, 1, 3}, Shape{3, 0, 4, 1}, Shape{3, -2, -3, 1},
                             Shape{3, 2, 3, 0}, Shape{3, most, most, most}, Shape{3, 65536, 32768, 1}}) {
    refuses([&] { Dataset::own(wrong, Bytes(12)); }, {"shape of a sample"});
  }
  BOOST_TEST(Dataset::own(Shape{3, 65536, 32767, 1}, Bytes{}).empty());
}

BOOST_AUTO_TEST_CASE(refuses_labels_out_of_range_and_targets_that_are_not_finite) {
  refuses([] { Dataset::own(shape, 3, Bytes(18), Labels{0, 2, 3}); }, {"sample 2 is 3", "0 to 2"});
  refuses([] { Dataset::own(shape, 3, Bytes(18), Labels{0, -1, 2}); }, {"sample 1 is -1"});
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  refuses([] { Dataset::own(shape, 2, Bytes(12), Floats{0, 1, nan, 0}); }, {"target 0 of sample 1", "nan"});
  refuses([] { Dataset::own(shape, 2, Bytes(12), Floats{0, -infinity, 1, 0}); }, {"target 1 of sample 0", "inf"});
}

BOOST_AUTO_TEST_SUITE_END()
