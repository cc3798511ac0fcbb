// The folder that a report leaves.
#include <strata/report.hpp>

#include <boost/test/unit_test.hpp>

#include "report/programs.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace strata;

namespace {

// A picture of every kind, all texts hostile.
void fill(Report& report) {
  report.add_fact("parameters", std::int64_t{93222});
  report.add_fact("<i>what</i>", "\"quoted\" & more");
  report.add_fact("rate", 0.25);
  report.add_fact("rate", 0.5);  // the last one counts
  report.add_labels({{"training", {2, 1}}});
  History history;
  history.seconds = 2.5;
  history.epochs.resize(2);
  for (EpochRecord& e : history.epochs) {
    e.epoch = &e - history.epochs.data() + 1;
    e.loss = e.epoch == 1 ? 0.5 : 0.25;
    e.accuracy = e.epoch == 1 ? 0.75 : 1;
    e.learning_rate = 1e-3;
    e.samples = 4;
  }
  history.epochs[1].best = true;
  history.epochs[1].validation_loss = 0.125;
  report.add_history(history);
  Evaluation evaluation(2, 2);
  evaluation.confusion.add(0, 0);
  evaluation.confusion.add(1, 0);
  evaluation.set_sums(1.5, 1);
  report.add_evaluation(evaluation);
  const Scores scores{{0, 1}, {.75f, .25f, .5f, .5f}};
  report.add_scores(scores);
  const std::vector<std::uint8_t> pixels(8, 100);
  report.add_predictions(Dataset::view(Shape::image(2, 2, 1), pixels), scores);
  report.add_figure(label_bars({{"again", {1, 2}}}));
  report.add_text("A <table>", "a < b\nc & d");
}

// The numbers and texts at the top of a JSON object's members, and whether all of it is JSON.
std::vector<std::string> keys_of(const std::string& text) {
  std::vector<std::string> keys;
  json::Reader reader(text);
  reader.object([&](const std::string& key) {
    keys.push_back(key);
    reader.skip();
  });
  reader.end();
  return keys;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(without_gnuplot_all_but_the_pictures_is_there) {
  const Folder folder;
  Report report(folder.file("a/b"), "A <b>title</b>", {"cat", "dog's"}, Gnuplot(""));
  fill(report);
  report.write();
  BOOST_TEST(report.notes().size() == 1u);
  BOOST_TEST(contains(report.notes()[0], "apt-get install gnuplot-nox"));
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path / "a/b"))
    files.push_back(entry.path().filename().string());
  std::sort(files.begin(), files.end());
  BOOST_TEST(files == (std::vector<std::string>{"history.csv", "metrics.json", "report.html"}),
             boost::test_tools::per_element());
  const std::string page = get(folder.file("a/b/report.html"));
  BOOST_TEST(contains(page, "apt-get install gnuplot-nox"));
  BOOST_TEST(contains(page, "<h1>A &lt;b&gt;title&lt;/b&gt;</h1>"));
  BOOST_TEST(contains(page, "&lt;i&gt;what&lt;/i&gt;"));
  BOOST_TEST(contains(page, "<pre>a &lt; b\nc &amp; d</pre>"));
  BOOST_TEST(contains(page, "dog&#39;s     0.0000"));  // the classification report
}

BOOST_AUTO_TEST_CASE(numbers_for_other_programs) {
  const Folder folder;
  Report report(folder.path.string(), "title", {}, Gnuplot(""));
  fill(report);
  report.write();
  BOOST_TEST(get(folder.file("history.csv")) ==
             "epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,seconds,images_per_second,samples,"
             "complete,best\n1,0.5,0.75,,,0.001,0,0,4,1,0\n2,0.25,1,0.125,,0.001,0,0,4,1,1\n");
  const std::string metrics = get(folder.file("metrics.json"));
  BOOST_TEST(keys_of(metrics) ==
                 (std::vector<std::string>{"title", "facts", "history", "label_counts", "evaluations", "scores"}),
             boost::test_tools::per_element());
  BOOST_TEST(contains(metrics, "\"parameters\": 93222,"));
  BOOST_TEST(contains(metrics, "\"<i>what</i>\": \"\\\"quoted\\\" & more\""));
  BOOST_TEST(contains(metrics, "\"accuracy\": 0.5,"));
  BOOST_TEST(contains(metrics, "\"rate\": 0.5\n"), metrics);
  BOOST_TEST(!contains(metrics, "\"rate\": 0.25"));
  BOOST_TEST(contains(metrics, "\"recall\": 1,"));
  BOOST_TEST(contains(metrics, "\"log_loss\": 0.490414627"), metrics);  // (-log .75 - log .5) / 2
}

BOOST_AUTO_TEST_CASE(facts_of_every_kind) {
  const Folder folder;
  Report report(folder.path.string(), "title", {}, Gnuplot(""));
  const std::string text = "monday";
  report.add_fact("string", text);
  report.add_fact("view", std::string_view(text).substr(3));
  report.add_fact("literal", "day");
  report.add_fact("size", std::size_t{7});
  report.add_fact("int", -3);
  report.add_fact("long long", -9'007'199'254'740'993LL);  // has no double
  report.add_fact("unsigned", std::uint64_t{18'446'744'073'709'551'615U});
  report.add_fact("short", std::int16_t{5});
  report.add_fact("float", 0.5f);
  report.add_fact("double", 0.123456789012345);
  report.add_fact("true", true);
  report.add_fact("false", false);
  report.write();
  const std::string metrics = get(folder.file("metrics.json")), page = get(folder.file("report.html"));
  keys_of(metrics);
  for (const auto& [name, in_json, on_page] :
       std::initializer_list<std::array<const char*, 3>>{{"string", "\"monday\"", "monday"},
                                                         {"view", "\"day\"", "day"},
                                                         {"literal", "\"day\"", "day"},
                                                         {"size", "7", "7"},
                                                         {"int", "-3", "-3"},
                                                         {"long long", "-9007199254740993", "-9007199254740993"},
                                                         {"unsigned", "18446744073709551615", "18446744073709551615"},
                                                         {"short", "5", "5"},
                                                         {"float", "0.5", "0.5"},
                                                         {"double", "0.123456789012345", "0.123457"},
                                                         {"true", "true", "yes"},
                                                         {"false", "false", "no"}}) {
    BOOST_TEST(contains(metrics, "\"" + std::string(name) + "\": " + in_json), metrics);
    BOOST_TEST(contains(page, ">" + std::string(name) + "</th><td>" + on_page + "<"), page);
  }
}

BOOST_AUTO_TEST_CASE(a_figure_without_a_name_has_its_headings) {
  const Folder folder;
  Report report(folder.path.string(), "title", {}, Gnuplot(""));
  const std::string script = "plot x";
  report.add_figure({"", "My picture", "", script});
  report.add_figure({"", "My picture", "", script});
  report.add_figure({"", "", "", script});
  report.write();
  const std::string page = get(folder.file("report.html"));
  const std::string not_drawn = "</h2>\n<p class=\"note\">This picture was not drawn.</p>";
  BOOST_TEST(contains(page, "<h2>My picture" + not_drawn), page);
  BOOST_TEST(contains(page, "<h2>picture" + not_drawn), page);
}

BOOST_AUTO_TEST_CASE(pictures_without_names_have_files, *boost::unit_test::precondition(gnuplot_is_there)) {
  const Folder folder;
  Report report(folder.path.string(), "title");
  for (int i = 0; i < 2; ++i) {
    Figure figure = label_bars({{"training", {1, 2}}});
    figure.name.clear();
    figure.heading = "My labels";
    report.add_figure(std::move(figure));
  }
  report.write();
  std::vector<std::string> files = folder.names();
  std::sort(files.begin(), files.end());
  BOOST_TEST(files == (std::vector<std::string>{"metrics.json", "my-labels-2.svg", "my-labels.svg", "report.html"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(labels_of_one_set_are_there_once) {
  const Folder folder;
  Report report(folder.path.string(), "title", {}, Gnuplot(""));
  report.add_labels({{"training", {7, 8}}});
  report.add_labels({{"test", {1}}, {"training", {9}}});
  report.write();
  const std::string metrics = get(folder.file("metrics.json"));
  keys_of(metrics);  // refuses a key that is there twice
  BOOST_TEST(contains(metrics, "\"training\": [\n      9\n"), metrics);
}

BOOST_AUTO_TEST_CASE(one_page_that_needs_nothing_else, *boost::unit_test::precondition(gnuplot_is_there)) {
  const Folder folder;
  Report report(folder.path.string(), "title");
  fill(report);
  report.write();
  BOOST_TEST(report.notes().empty());
  std::vector<std::string> files = folder.names();
  std::sort(files.begin(), files.end());
  BOOST_TEST(files == (std::vector<std::string>{"accuracy.svg", "confusion.svg", "history.csv", "label-counts-2.svg",
                                                "label-counts.svg", "learning-rate.svg", "loss.svg", "metrics.json",
                                                "mistakes.svg", "precision-recall.svg", "report.html", "roc.svg",
                                                "samples-and-predictions.svg"}),
             boost::test_tools::per_element());
  const std::string page = get(folder.file("report.html"));
  for (const std::string& name : files)
    if (name.ends_with(".svg")) BOOST_TEST(contains(page, detail::base64(get(folder.file(name)))), name);
  BOOST_TEST(!contains(page, "://"));
  BOOST_TEST(!contains(page, "<script"));
  BOOST_TEST(!contains(page, "href"));
}

BOOST_AUTO_TEST_CASE(a_picture_that_fails_costs_no_other_file) {
  const Folder folder;
  Report report(folder.file("r"), "title", {}, Gnuplot(program(folder, "bad", "echo no >&2; exit 1")));
  report.add_labels({{"training", {2, 1}}});
  report.add_text("Text", "still here");
  report.write();
  BOOST_TEST(report.notes().size() == 1u);
  BOOST_TEST(report.notes()[0] == "label-counts.svg: gnuplot: failed: no");
  BOOST_TEST(contains(get(folder.file("r/report.html")), "still here"));
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be) {
  const Folder folder;
  put(folder.file("file"), "");
  Report report(folder.file("file/r"), "title", {}, Gnuplot(""));
  const std::string message = message_of<Error>([&] { report.write(); });
  BOOST_TEST(contains(message, "file/r: cannot create the folder: "), message);
}

BOOST_AUTO_TEST_SUITE_END()
