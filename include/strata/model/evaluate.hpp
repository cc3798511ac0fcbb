// evaluate: how well a model does on labelled data.
#pragma once

#include <strata/data/loader.hpp>
#include <strata/model/check.hpp>
#include <strata/model/cross_entropy.hpp>
#include <strata/model/model.hpp>
#include <strata/model/predict.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace strata {

/// Measures of one class, as scikit-learn's classification report has them. A measure whose denominator is zero is 0.
struct ClassScore {
  double precision = 0;      ///< right answers among those that say this class
  double recall = 0;         ///< right answers among the samples of this class
  double f1 = 0;             ///< their harmonic mean
  std::int64_t support = 0;  ///< samples of this class
};

/// What evaluate returns.
struct Evaluation {
  std::int64_t samples = 0;
  double loss = 0;      ///< mean cross-entropy, in nats
  double accuracy = 0;  ///< share of right answers, 0 to 1
  int classes = 0;
  std::vector<std::int64_t> confusion;  ///< classes x classes: row the label, column the prediction

  /// Samples of class `label` that were taken for class `predicted`.
  std::int64_t count(int label, int predicted) const {
    return confusion[static_cast<std::size_t>(label) * static_cast<std::size_t>(classes) +
                     static_cast<std::size_t>(predicted)];
  }

  /// Precision, recall and F1 of one class.
  ClassScore score(int label) const {
    std::int64_t said = 0;
    ClassScore s;
    for (int other = 0; other < classes; ++other) {
      s.support += count(label, other);
      said += count(other, label);
    }
    const auto right = static_cast<double>(count(label, label));
    if (said > 0) s.precision = right / static_cast<double>(said);
    if (s.support > 0) s.recall = right / static_cast<double>(s.support);
    if (s.precision + s.recall > 0) s.f1 = 2 * s.precision * s.recall / (s.precision + s.recall);
    return s;
  }
};

/// Runs the model over a labelled data set in inference mode: dropout off, running averages in batch normalisation.
///
/// A network that ends in Softmax is judged by its logits; the outputs of another are taken for logits. Throws Error
/// where the data set has no labels, or another shape or number of classes than the network.
template <class Net, class Backend>
Evaluation evaluate(Model<Net, Backend>& model, const Dataset& data) {
  Evaluation result;
  if constexpr (detail::runs<Net, Backend, Mode::inference>()) {
    detail::check_data("evaluate", data, Net::input_shape, Net::output);
    constexpr int classes = Net::output.channels;
    result.samples = data.size();
    result.classes = classes;
    result.confusion.assign(static_cast<std::size_t>(classes) * static_cast<std::size_t>(classes), 0);
    const int batch = detail::prediction_batch<typename Model<Net, Backend>::EvaluationExecutor>(data.size());
    auto& executor = model.evaluation(batch);
    static const Loader<typename Net::input> loader;
    std::int64_t right = 0;
    for (std::int64_t first = 0; first < data.size(); first += batch) {
      const int n = static_cast<int>(std::min<std::int64_t>(batch, data.size() - first));
      float* input = executor.input(n);
      model.pool().run(n, [&](int i, int) { loader.load(data.image(first + i), input + i * executor.input_stride); });
      executor.forward(model.parameters().data(), n, model.key(), 0);
      for (int i = 0; i < n; ++i) {
        const detail::SampleTruth truth = detail::truth_of(data, first + i);
        const detail::SampleScore score =
            cpu::cross_entropy(executor.result(n) + i * executor.result_stride, classes, truth, nullptr, 0);
        result.loss += static_cast<double>(score.loss);
        right += score.correct;
        ++result.confusion[static_cast<std::size_t>(truth.label * classes + score.predicted)];
      }
    }
    result.loss /= static_cast<double>(data.size());
    result.accuracy = static_cast<double>(right) / static_cast<double>(data.size());
  }
  return result;
}

/// The evaluation as people read it: accuracy and loss, a line for each class, and the confusion matrix.
[[gnu::cold]] inline std::string to_string(const Evaluation& e) {
  std::string text;
  char line[160];
  auto add = [&](const char* format, auto... values) {
    std::snprintf(line, sizeof line, format, values...);
    text += line;
  };
  add("accuracy %.4f   loss %.4f   %lld samples\n\n", e.accuracy, e.loss, static_cast<long long>(e.samples));
  add("%8s %10s %10s %10s %10s\n", "class", "precision", "recall", "f1", "samples");
  double precision = 0, recall = 0, f1 = 0;
  for (int c = 0; c < e.classes; ++c) {
    const ClassScore s = e.score(c);
    add("%8d %10.4f %10.4f %10.4f %10lld\n", c, s.precision, s.recall, s.f1, static_cast<long long>(s.support));
    precision += s.precision / e.classes;
    recall += s.recall / e.classes;
    f1 += s.f1 / e.classes;
  }
  add("%8s %10.4f %10.4f %10.4f %10lld\n\n", "mean", precision, recall, f1, static_cast<long long>(e.samples));
  text += "confusion: rows are labels, columns predictions\n        ";
  for (int c = 0; c < e.classes; ++c) add(" %5d", c);
  text += "\n";
  for (int c = 0; c < e.classes; ++c) {
    add("%8d", c);
    for (int p = 0; p < e.classes; ++p) add(" %5lld", static_cast<long long>(e.count(c, p)));
    text += "\n";
  }
  return text;
}

/// Prints the evaluation on standard output.
inline void print(const Evaluation& e) { std::fputs(to_string(e).c_str(), stdout); }

}  // namespace strata
