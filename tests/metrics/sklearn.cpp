// Every measure against what scikit-learn computes (tests/golden/make_sklearn.py, sklearn.bin).
#include <strata/io/safetensors.hpp>
#include <strata/metrics/classification_report.hpp>
#include <strata/metrics/log_loss.hpp>
#include <strata/metrics/precision_recall.hpp>
#include <strata/metrics/roc.hpp>
#include <strata/metrics/top_k_accuracy.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

using namespace strata;

namespace {

const safetensors::File& golden() {
  static const safetensors::File file =
      safetensors::File::read((std::filesystem::path(__FILE__).parent_path() / "../golden/sklearn.bin").string());
  return file;
}

/// The elements of a tensor that is made of T.
template <class T>
std::vector<T> stored(const std::string& name) {
  const safetensors::TensorView& tensor = golden().tensor(name);
  std::vector<T> values(tensor.data.size() / sizeof(T));
  BOOST_REQUIRE_EQUAL(values.size() * sizeof(T), tensor.data.size());
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

/// Everything in the file but the loss in floats comes from arithmetic in double.
constexpr double tolerance = 1e-12;

/// Whether two numbers are the same infinity or none, or lie close.
bool close(double a, double b, double within = tolerance) {
  if (std::isfinite(a) && std::isfinite(b)) return std::abs(a - b) <= within * (1 + std::abs(b));
  return std::isnan(a) ? std::isnan(b) : a == b;
}

void check(const std::vector<double>& seen, const std::vector<double>& expected, const std::string& what,
           double within = tolerance) {
  BOOST_TEST_REQUIRE(seen.size() == expected.size(), what << ": " << seen.size() << " and " << expected.size());
  for (std::size_t i = 0; i < seen.size(); ++i)
    BOOST_TEST(close(seen[i], expected[i], within), what << "[" << i << "] " << seen[i] << ", not " << expected[i]);
}

void check(double seen, const std::string& name, double within = tolerance) {
  check(std::vector<double>{seen}, stored<double>(name), name, within);
}

std::vector<double> measures(const ClassScore& s) { return {s.precision, s.recall, s.f1}; }

struct Case {
  std::string name;
  std::vector<int> curves;  ///< the classes whose curves are stored
  Scores scores{stored<std::int32_t>(name + "/labels"), stored<float>(name + "/scores")};
};

std::vector<Case> cases() {
  return {{"ties", {0, 7}}, {"absent", {1, 3, 4}}, {"binary", {0, 1}}, {"ten", {2}},
          {"perfect", {3}}, {"hopeless", {0}},     {"alone", {0, 1}}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metrics_sklearn)

BOOST_AUTO_TEST_CASE(the_file_names_its_versions) {
  BOOST_REQUIRE(golden().metadata("made_by"));
  BOOST_TEST(golden().metadata("made_by")->starts_with("scikit-learn 1."));
}

BOOST_AUTO_TEST_CASE(confusion_and_what_follows_from_it) {
  for (const auto& [name, curves, scores] : cases()) {
    const ConfusionMatrix confusion = confusion_matrix(scores);
    BOOST_TEST(confusion.counts == stored<std::int64_t>(name + "/confusion"), boost::test_tools::per_element());
    check(confusion.accuracy(), name + "/accuracy");
    std::vector<double> of_all[3], seen;
    for (int c = 0; c < confusion.classes; ++c)
      for (std::size_t k = 0; k < 3; ++k) of_all[k].push_back(measures(confusion.score(c))[k]);
    for (const auto& row : of_all) seen.insert(seen.end(), row.begin(), row.end());
    check(seen, stored<double>(name + "/per_class"), name + "/per_class");
    check(measures(confusion.macro_average()), stored<double>(name + "/macro"), name + "/macro");
    check(measures(confusion.weighted_average()), stored<double>(name + "/weighted"), name + "/weighted");
  }
}

BOOST_AUTO_TEST_CASE(reports_character_by_character) {
  for (const auto& [name, curves, scores] : cases()) {
    if (name == "hopeless") continue;  // scikit-learn 1.9 writes supports as 4.0 where no prediction is right
    const ConfusionMatrix confusion = confusion_matrix(scores);
    for (int digits : {2, 4, 0, 14})
      BOOST_TEST(classification_report(confusion, digits) ==
                 *golden().metadata(name + "/report_" + std::to_string(digits)));
    BOOST_TEST(classification_report(confusion) == *golden().metadata(name + "/report_2"));
    std::vector<std::string> names;
    for (int c = 0; c < confusion.classes; ++c)
      names.push_back(c == 1 ? "klasse N\u00ba 1, gr\u00f6\u00dfer" : "c" + std::to_string(c));
    BOOST_TEST(classification_report(confusion, 3, names) == *golden().metadata(name + "/report_names"));
  }
}

BOOST_AUTO_TEST_CASE(measures_of_rows) {
  for (const auto& [name, curves, scores] : cases()) {
    check(log_loss(scores), name + "/log_loss");
    // scikit-learn takes logarithms of floats in floats: 2^-24 of each, and as much again in their sum.
    check(log_loss(scores), name + "/log_loss_in_floats", 5e-7);
    if (name == "binary") continue;  // of two classes scikit-learn takes one score a sample
    const std::vector<double> expected = stored<double>(name + "/top_k");
    std::vector<double> seen;
    for (int k = 1; k <= static_cast<int>(expected.size()); ++k) seen.push_back(top_k_accuracy(scores, k));
    check(seen, expected, name + "/top_k");
  }
}

BOOST_AUTO_TEST_CASE(areas_of_classes_and_their_averages) {
  for (const auto& [name, curves, scores] : cases()) {
    const int classes = ScoresView(scores).classes();
    std::vector<double> auc, ap, auc_averages, ap_averages;
    for (int c = 0; c < classes; ++c) {
      auc.push_back(roc_auc(scores, c));
      ap.push_back(average_precision(scores, c));
    }
    for (Average average : {Average::macro, Average::weighted, Average::micro}) {
      auc_averages.push_back(roc_auc(scores, average));
      ap_averages.push_back(average_precision(scores, average));
    }
    check(auc, stored<double>(name + "/auc"), name + "/auc");
    check(ap, stored<double>(name + "/ap"), name + "/ap");
    check(auc_averages, stored<double>(name + "/auc_averages"), name + "/auc_averages");
    check(ap_averages, stored<double>(name + "/ap_averages"), name + "/ap_averages");
  }
}

BOOST_AUTO_TEST_CASE(curves_point_by_point) {
  const auto joined_rows = [](const auto&... rows) {
    std::vector<double> all;
    (all.insert(all.end(), rows.begin(), rows.end()), ...);
    return all;
  };
  for (const auto& [name, curves, scores] : cases()) {
    for (int c : curves) {
      const std::string of = "/" + std::to_string(c);
      const RocCurve corners = roc_curve(scores, c), all = roc_curve(scores, c, Points::all);
      check(joined_rows(corners.fpr, corners.tpr, corners.thresholds), stored<double>(name + "/roc_corners" + of),
            name + "/roc_corners" + of);
      check(joined_rows(all.fpr, all.tpr, all.thresholds), stored<double>(name + "/roc_all" + of),
            name + "/roc_all" + of);
      PrecisionRecallCurve pr = precision_recall_curve(scores, c);
      BOOST_TEST(pr.thresholds.size() + 1 == pr.recall.size());
      pr.thresholds.push_back(std::nan(""));  // as it is stored: rows of one length
      check(joined_rows(pr.precision, pr.recall, pr.thresholds), stored<double>(name + "/pr" + of), name + "/pr" + of);
    }
  }
}

BOOST_AUTO_TEST_CASE(one_score_for_two_classes) {
  const Case binary{"binary", {}};
  std::vector<float> positive;
  for (std::size_t i = 1; i < binary.scores.values.size(); i += 2) positive.push_back(binary.scores.values[i]);
  const Ranking ranked = binary_ranking(binary.scores.labels, positive);
  BOOST_TEST(close(roc_auc(ranked), stored<double>("binary/auc")[1]));
  BOOST_TEST(close(average_precision(ranked), stored<double>("binary/ap")[1]));
}

BOOST_AUTO_TEST_SUITE_END()
