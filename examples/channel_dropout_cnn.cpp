// A small network that drops whole channels, and gives logarithms of probabilities.
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include "support/channels.hpp"
#include "support/report.hpp"
#include "support/run.hpp"

using namespace strata;

using Net = example::ChannelsNet;

static_assert(Net::parameter_count_at<0> == 260);
static_assert(Net::parameter_count_at<3> == 5'020);
static_assert(Net::parameter_count_at<8> == 16'050);
static_assert(Net::parameter_count_at<9> == 510);
static_assert(Net::parameter_count == 21'840);

/// The outputs for the first ten test images: logarithms of probabilities, the class of the largest, and the label.
[[gnu::cold]] void print_first_outputs(const Dataset& images, const std::vector<float>& outputs) {
  std::printf("\nOutputs for the first %lld test images\n", static_cast<long long>(images.size()));
  for (std::int64_t i = 0; i < images.size(); ++i) {
    const float* const of = &outputs[static_cast<std::size_t>(10 * i)];
    for (int c = 0; c < 10; ++c) std::printf("%8.2f", static_cast<double>(of[c]));
    std::printf("   -> %td, label %d\n", std::max_element(of, of + 10) - of, images.label(i));
  }
  std::printf("\n");
}

constexpr auto train = [](auto& model, const example::Digits& digits, const example::Options& options) {
  const SGD rule{.learning_rate = options.learning_rate,
                 .momentum = options.improved ? 0.9 : example::channels_momentum};
  const History history =
      fit(model, digits.train, rule, example::fit_options(digits, options), NegativeLogLikelihood{});
  if (!options.quiet) {
    const Dataset first = digits.test.take(std::min<std::int64_t>(10, digits.test.size()));
    print_first_outputs(first, predict(model, first));
  }
  return history;
};

// Besides what every report shows: nine predictions, and the losses against the images seen.
struct LeaveReport : example::LeaveReport {
  template <class M>
  void operator()(M& model, const example::Digits& digits, const example::Results& results,
                  const example::Options& options) const {
    Report report = example::report_of(model, digits, results, options);
    const Dataset first = digits.test.take(std::min<std::int64_t>(9, digits.test.size()));
    std::vector<std::int64_t> nine(static_cast<std::size_t>(first.size()));
    std::iota(nine.begin(), nine.end(), std::int64_t{0});
    report.add_images("Nine predictions", prediction_tiles(first, scores(model, first), nine));
    report.add_figure(loss_by_samples(results.history));
    report.write();
  }
};

int main(int argc, char** argv) {
  const example::About about{.name = "channel_dropout_cnn",
                             .summary = "Learns handwritten digits with a small network that drops whole channels.",
                             .epochs = example::channels_epochs,
                             .batch = example::channels_batch,
                             .learning_rate = example::channels_learning_rate,
                             .improved = {{.epochs = 30, .batch = 64, .learning_rate = 0.05}}};
  return example::run<Net>(argc, argv, about, train, LeaveReport());
}
