// A multilayer perceptron: two hidden layers, its cross-validation, and a grid of its hyper-parameters.
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include "support/report.hpp"
#include "support/run.hpp"
#include "support/studies.hpp"

using namespace strata;

/// Kernel is the initialiser of the dense layers' kernels; the studies begin with small uniform numbers.
template <class Kernel, int Units, int Hidden>
struct Perceptron : Seq<Repeat<Hidden, Dense<Units, ReLU, Kernel>>, Dense<10, Kernel>, Softmax<>> {};

template <class Kernel, int Units, int Hidden>
using NetOf = Network<Perceptron<Kernel, Units, Hidden>, Input<28, 28, 1, Centered>>;

using Net = NetOf<GlorotUniform, 397, 2>;
using Small = Uniform<1, 20>;

static_assert(Net::parameter_count_at<0> == 311'645);
static_assert(Net::parameter_count_at<1> == 158'006);
static_assert(Net::parameter_count_at<2> == 3'980);
static_assert(Net::parameter_count == 473'631);

constexpr auto train = [](auto& model, const example::Digits& digits, const example::Options& options) {
  return fit(model, digits.train, Adam{.learning_rate = options.learning_rate}, example::fit_options(digits, options));
};

/// Ten folds of the training images, as many at once as there are cores.
void ten_folds(const example::Digits& digits, const example::Options& o) {
  const std::string header = "accuracy,loss,seconds\n";  // and a row for each fold that was completed
  example::check_replaceable(o.table, header, "cross_validation");
  const CrossValidation result = cross_validate<NetOf<Small, 397, 2>>(
      digits.train, Adam{.learning_rate = o.learning_rate}, {.epochs = o.epochs, .batch = o.batch},
      {.folds = 10, .threads = o.threads, .seed = o.seed, .seconds = o.budget, .stop = o.stop, .progress = o.progress});
  if (!result.complete) std::printf("\nIncomplete: %zu of 10 folds were completed.\n", result.folds.size());
  if (result.folds.empty()) return;
  const Outcome mean = strata::mean(result.folds);
  std::string rows = header;
  char line[120];
  for (const Outcome& fold : result.folds) {
    std::snprintf(line, sizeof line, "%.6f,%.6f,%.1f\n", fold.accuracy, fold.loss, fold.seconds);
    rows += line;
  }
  std::snprintf(line, sizeof line, "%zu folds: accuracy %.4f, standard deviation %.4f, loss %.4f\n",
                result.folds.size(), mean.accuracy, mean.deviation, mean.loss);
  std::printf("\n%s", line);
  example::write_table(o, rows);
  example::report_study(o, joined({line, "\n", rows}), {});
}

/// Batch, epochs, layers, units and optimizer, each combination judged by ten folds.
void grid_of_all(const example::Digits& digits, const example::Options& o) {
  const Candidates<NetOf<Small, 64, 2>, NetOf<Small, 64, 3>, NetOf<Small, 64, 4>, NetOf<Small, 397, 2>,
                   NetOf<Small, 397, 3>, NetOf<Small, 397, 4>>
      nets{"2 layers of 64",  "3 layers of 64",  "4 layers of 64",
           "2 layers of 397", "3 layers of 397", "4 layers of 397"};
  const std::vector<double> epochs =
      o.gave_epochs ? std::vector<double>{static_cast<double>(o.epochs)} : std::vector<double>{6, 10};
  const auto trial = [&]<class Candidate>(const Trial& t) -> Outcome {
    const FitOptions options{.epochs = static_cast<std::int64_t>(t["epochs"]), .batch = static_cast<int>(t["batch"])};
    const CrossValidationOptions folds{
        .folds = 10, .threads = 1, .seed = o.seed, .stop = &t.stop, .progress = Progress::silent};
    if (t["rmsprop"] != 0) return cross_validate<Candidate>(digits.train, RMSprop{}, options, folds);
    return cross_validate<Candidate>(digits.train, Adam{}, options, folds);
  };
  const std::vector<Point> points = grid({{"batch", {32, 64}}, {"epochs", epochs}, {"rmsprop", {0, 1}}});
  SearchOptions how = example::search_options(digits, o, {.epochs = false, .batch = false, .learning_rate = false});
  how.settings = how.settings.with("folds", 10);
  print(search(nets, points, trial, how), o);
}

int main(int argc, char** argv) {
  const example::About about{.name = "mlp",
                             .summary = "Learns handwritten digits with a multilayer perceptron.",
                             .epochs = 10,
                             .batch = 32,
                             .learning_rate = 1e-3,
                             .improved = {{.epochs = 30, .batch = 128, .learning_rate = 3e-3}},
                             .studies = {{"cross_validation", "ten folds of the training images", ten_folds},
                                         {"grid", "batch, epochs, layers, units and optimizer, by ten folds each",
                                          grid_of_all, "--batch --learning-rate"}}};
  return example::run<Net>(argc, argv, about, train, example::leave_report);
}
