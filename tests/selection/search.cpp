// Searches: what is tried, what is kept, and how they go on.
#include <strata/core/file.hpp>
#include <strata/selection/search.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

template <int N>
struct Number {
  static constexpr int value = N;
};

const Candidates<Number<3>, Number<5>> numbers{"three", "five"};

constexpr auto silent = Progress::silent;

/// Its accuracy is the number less a tenth of x; with how often it ran.
struct Work {
  std::atomic<int>* runs;

  template <class N>
  Outcome operator()(const Trial& trial) const {
    ++*runs;
    Outcome o;
    o.accuracy = N::value - trial["x"] / 10;
    o.loss = trial["x"];
    o.seconds = 0.25;
    return o;
  }
};

std::string text_of(const std::string& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void write(const std::string& path, const std::string& text) {
  FileWriter file{path};
  file.write(text);
  file.commit();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(search_trials)

BOOST_AUTO_TEST_CASE(every_candidate_at_every_point) {
  std::atomic<int> runs{0};
  const SearchResults r = search(numbers, grid({{"x", {1, 2}}}), Work{&runs}, {.threads = 3, .progress = silent});
  BOOST_TEST(runs == 4);
  BOOST_TEST(r.complete);
  BOOST_REQUIRE(r.trials.size() == 4u);
  BOOST_TEST(r.trials[0].name == "three, x 1");
  BOOST_TEST(r.trials[3].name == "five, x 2");
  BOOST_TEST(r.trials[3].outcome.accuracy == 4.8);
  BOOST_TEST(r.best().name == "five, x 1");
  const std::string table = to_string(r);
  BOOST_TEST(
      table.starts_with("trial       accuracy  deviation      loss  train acc  train loss   seconds\n"
                        "five, x 1     4.9000     0.0000    1.0000     0.0000      0.0000       0.2\n"));
  BOOST_TEST(table.find("five, x 2") < table.find("three, x 1"));
}

BOOST_AUTO_TEST_CASE(a_file_is_gone_on_from) {
  const Folder folder;
  const std::string path = folder.file("table.csv");
  std::atomic<int> runs{0};
  search(numbers, grid({{"x", {1}}}), Work{&runs}, {.file = path, .progress = silent});
  BOOST_TEST(text_of(path) ==
             "trial,accuracy,deviation,loss,accuracy_before,train_accuracy,train_loss,seconds,failure,settings\n"
             "\"three, x 1\",2.9,0,1,0,0,0,0.25,\"\",\"\"\n"
             "\"five, x 1\",4.9,0,1,0,0,0,0.25,\"\",\"\"\n");
  const SearchResults r =
      search(numbers, grid({{"x", {2, 1}}}), Work{&runs}, {.file = path, .threads = 1, .progress = silent});
  BOOST_TEST(runs == 4);
  BOOST_REQUIRE(r.trials.size() == 4u);
  BOOST_TEST(r.trials[1].name == "three, x 1");
  BOOST_TEST(r.trials[1].outcome.accuracy == 2.9);
  // Another search in the same file leaves its rows.
  search<Number<9>>(grid({{"x", {1}}}), Work{&runs}, {.file = path, .progress = silent});
  BOOST_TEST(detail::read_results(path, {}).size() == 5u);
}

BOOST_AUTO_TEST_CASE(names_with_quotes_and_commas_survive) {
  const Folder folder;
  const std::string path = folder.file("table.csv");
  std::atomic<int> runs{0};
  const Candidates<Number<3>> odd{"a \"quoted\", name"};
  for (int i = 0; i < 2; ++i) search(odd, grid({{"x", {1}}}), Work{&runs}, {.file = path, .progress = silent});
  BOOST_TEST(runs == 1);
  BOOST_TEST(detail::read_results(path, {})[0].name == "a \"quoted\", name, x 1");
}

BOOST_AUTO_TEST_CASE(other_files_are_refused) {
  const Folder folder;
  const std::string path = folder.file("other.csv");
  std::atomic<int> runs{0};
  const auto refusal = [&] {
    return message_of<Error>([&] {
      search(numbers, grid({{"x", {1}}}), Work{&runs}, {.file = path, .progress = silent});
    });
  };
  write(path, "something else\n");
  BOOST_TEST(refusal().find("is no table of a search") != std::string::npos);
  BOOST_TEST(text_of(path) == "something else\n");
  const std::string header =
      "trial,accuracy,deviation,loss,accuracy_before,train_accuracy,train_loss,seconds,failure,settings\n";
  for (const char* row :
       {"\"a\",1,2,3,4,5,6,\"\",\"\"\n", "\"a\",1,2,3,4,5,6,7,8,\"\",\"\"\n", "a,1,2,3,4,5,6,7,\"\",\"\"\n",
        "\"a,1,2,3,4,5,6,7,\"\",\"\"\n", "\"a\",1,2,x,4,5,6,7,\"\",\"\"\n", "\n", "\"a\"1,2,3,4,5,6,7,\"\",\"\"\n",
        "\"a\",1,2,3,4,5,6,7\n", "\"a\",1,2,3,4,5,6,7,\"\",x\n", "\"a\",1,2,3,4,5,6,7,x,\"\"\n",
        "\"a\",1,2,3,4,5,6,7,\"\",\"\"x\n"}) {
    write(path, header + "\"good\",1,2,3,4,5,6,7,\"\",\"\"\n" + row);
    BOOST_TEST(refusal().find("other.csv:3: is no row") != std::string::npos, row);
  }
  write(path,
        "trial,accuracy,deviation,loss,accuracy_before,train_accuracy,train_loss,seconds\n\"three, x 1\",1,2,3\n");
  BOOST_TEST(refusal() == path +
                              ": is a table of an older version, which does not tell the settings of its trials (data, "
                              "epochs, ...), so that no search can go on from it; move it away, or name another file");
  BOOST_TEST(runs == 0);
}

BOOST_AUTO_TEST_CASE(a_file_of_other_settings_is_refused) {
  const Folder folder;
  const std::string path = folder.file("table.csv");
  std::atomic<int> runs{0};
  const auto data = [](std::uint8_t last) {
    return Dataset::own(Shape::vector(9), 2, std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 7, 8, last},
                        std::vector<std::int32_t>{1});
  };
  const auto refusal = [&](const Settings& settings) {
    return message_of<Error>([&] {
      search(numbers, grid({{"x", {1}}}), Work{&runs}, {.file = path, .settings = settings, .progress = silent});
    });
  };
  const Settings base = Settings().with("study", "numbers, \"all\"").with("data", data(9)).with("rate", 0.1);
  BOOST_TEST(base.text() == "study numbers, \"all\"; data 1 samples " + fingerprint(data(9)) + "; rate 0.1");
  BOOST_TEST(refusal(base) == "nothing was thrown");
  BOOST_TEST(runs == 2);
  const std::string before = text_of(path);
  BOOST_TEST(refusal(base) == "nothing was thrown");
  BOOST_TEST(runs == 2);
  const auto starts = path + ":2: 'three, x 1' had other settings (";
  const auto ends = "); give those of the table again, or name another file";
  BOOST_TEST(refusal(base.with("epochs", 5)) == starts + "epochs: nothing in the table, 5 now" + ends);
  BOOST_TEST(refusal(Settings().with("study", "numbers, \"all\"").with("data", data(9))) ==
             starts + "rate: 0.1 in the table, nothing now" + ends);
  BOOST_TEST(refusal(Settings().with("study", "few").with("data", data(8)).with("rate", 0.1)) ==
             starts + "study: numbers, \"all\" in the table, few now; data: 1 samples " + fingerprint(data(9)) +
                 " in the table, 1 samples " + fingerprint(data(8)) + " now" + ends);
  BOOST_TEST(text_of(path) == before);
  BOOST_TEST(runs == 2);
  BOOST_TEST(message_of<Error>([&] { base.with("a b", 1); }).starts_with("Settings: 'a b'"));
  BOOST_TEST(message_of<Error>([&] { base.with("a", "b;c"); }).starts_with("Settings: 'a'"));
  BOOST_TEST(message_of<Error>([&] { base.with("rate", 0.2); }) == "Settings: 'rate' is there twice");
}

BOOST_AUTO_TEST_CASE(fingerprints_tell_data_sets_apart) {
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5, 6};
  const std::vector<float> floats{1, 2, 3, 4, 5, 6};
  const std::vector<std::int32_t> labels{0, 1}, others{1, 0};
  const Dataset sets[] = {Dataset::view(Shape::vector(3), 2, bytes, labels),
                          Dataset::view(Shape::vector(3), 3, bytes, labels),
                          Dataset::view(Shape::vector(3), 2, bytes, others),
                          Dataset::view(Shape::vector(3), 2, floats, labels),
                          Dataset::view(Shape::image(1, 3, 1), 2, bytes, labels),
                          Dataset::view(Shape::image(3, 1, 1), 2, bytes, labels),
                          Dataset::view(Shape::vector(3), bytes),
                          Dataset::view(Shape::vector(2), bytes),
                          Dataset::view(Shape::vector(3), 3, bytes, floats),
                          {}};
  for (const Dataset& a : sets)
    for (const Dataset& b : sets) BOOST_TEST((fingerprint(a) == fingerprint(b)) == (&a == &b));
  BOOST_TEST(fingerprint(sets[0]) == fingerprint(Dataset::own(Shape::vector(3), 2, bytes, labels)));
}

BOOST_AUTO_TEST_CASE(names_must_differ) {
  std::atomic<int> runs{0};
  BOOST_TEST(message_of<Error>([&] {
               search(numbers, {Point{{"x", 1}}, Point{{"x", 1}}}, Work{&runs}, {.progress = silent});
             }) == "search: two trials are called 'three, x 1'; names tell them apart");
}

BOOST_AUTO_TEST_CASE(a_budget_leaves_trials_out) {
  const auto slow = [&]<class N>(const Trial& trial) {
    Outcome o;
    if (trial["x"] > 1)
      while (!trial.stop) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    o.accuracy = 0.5;
    return o;
  };
  const SearchResults r =
      search(numbers, grid({{"x", {1, 2}}}), slow, {.threads = 1, .seconds = 0.1, .progress = silent});
  BOOST_TEST(!r.complete);
  BOOST_REQUIRE(r.trials.size() == 1u);
  BOOST_TEST(r.trials[0].name == "three, x 1");
  const std::atomic<bool> stop{true};
  BOOST_TEST(!search(numbers, grid({{"x", {2}}}), slow, {.stop = &stop, .progress = silent}).complete);
}

BOOST_AUTO_TEST_CASE(a_part_of_a_trial_is_left_out) {
  const auto part = [&]<class N>(const Trial& trial) -> Outcome {
    if (trial["x"] > 1) throw IncompleteTrial("two of five folds");
    return {};
  };
  const SearchResults r = search(numbers, grid({{"x", {2, 1}}}), part, {.threads = 1, .progress = silent});
  BOOST_TEST(!r.complete);
  BOOST_REQUIRE(r.trials.size() == 2u);  // the others ran
  BOOST_TEST(r.trials[0].name == "three, x 1");
  // The search's own bound ends trials so, too.
  const auto slow = [&]<class N>(const Trial& trial) -> Outcome {
    while (!trial.stop) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    throw IncompleteTrial("stopped");
  };
  BOOST_TEST(!search(numbers, grid({{"x", {1}}}), slow, {.seconds = 0.05, .progress = silent}).complete);
}

BOOST_AUTO_TEST_CASE(a_trial_that_diverges_is_told_and_the_others_go_on) {
  const Folder folder;
  const std::string path = folder.file("table.csv");
  std::atomic<int> runs{0};
  const auto run = [&]<class N>(const Trial& trial) -> Outcome {
    if (trial["x"] > 1) {
      ++runs;
      throw TrainingDiverged(2, 7, std::nan(""), 0.5);
    }
    return Work{&runs}.template operator()<N>(trial);
  };
  const std::string reason = TrainingDiverged(2, 7, std::nan(""), 0.5).what();
  const auto points = grid({{"x", {2, 1}}});
  for (int again = 0; again < 2; ++again) {  // the second time from the file
    const SearchResults r = search(numbers, points, run, {.file = path, .threads = 1, .progress = silent});
    BOOST_TEST(runs == 4);
    BOOST_TEST(r.complete);
    BOOST_REQUIRE(r.trials.size() == 4u);
    BOOST_TEST(r.trials[0].name == "three, x 2");
    BOOST_TEST(r.trials[0].failure == reason);
    BOOST_TEST(std::isnan(r.trials[0].outcome.accuracy));
    BOOST_TEST(r.trials[1].failure.empty());
    BOOST_TEST(r.best().name == "five, x 1");
    const std::string table = to_string(r);
    BOOST_TEST(table.ends_with("\nthree, x 2  " + reason + "\nfive, x 2   " + reason + "\n"));
    BOOST_TEST(table.find("three, x 1") < table.find("three, x 2"));
  }
  const SearchResults none = search(numbers, {Point{{"x", 2}}}, run, {.progress = silent});
  BOOST_TEST(message_of<Error>([&] { none.best(); }) == "search: none of 2 trials has a result; there is no best one");
}

BOOST_AUTO_TEST_CASE(what_a_trial_throws_comes_out) {
  const auto bad = [&]<class N>(const Trial& trial) -> Outcome {
    if (N::value == 5) throw Error("no " + trial.name);
    return {};
  };
  BOOST_TEST(message_of<Error>([&] {
               search(numbers, grid({{"x", {1}}}), bad, {.progress = silent});
             }) == "no five, x 1");
}

BOOST_AUTO_TEST_SUITE_END()
