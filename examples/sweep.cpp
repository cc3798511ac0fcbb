// A sweep over the network with channel dropout: dropout, kernel and batch, before and after training.
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include "support/run.hpp"
#include "support/studies.hpp"

using namespace strata;

template <int Kernel, int Dropped>
struct Swept : Seq<Conv<10, Kernel, TorchUniform>, MaxPool<2>, ReLU,                           //
                   Conv<20, Kernel, TorchUniform>, ChannelDropout<Dropped>, MaxPool<2>, ReLU,  //
                   Flatten, Dense<50, ReLU, TorchUniform>, Dense<10, TorchUniform>, LogSoftmax<>> {};
template <int Kernel, int Dropped>
using NetOf = Network<Swept<Kernel, Dropped>, Input<28, 28, 1>>;

using Net = NetOf<5, 50>;
static_assert(Net::parameter_count == 21'840);
static_assert(NetOf<3, 30>::parameter_count == 27'480 && NetOf<4, 50>::parameter_count == 19'950);

constexpr auto train = [](auto& model, const example::Digits& digits, const example::Options& options) {
  return fit(model, digits.train, SGD{.learning_rate = options.learning_rate, .momentum = 0.5},
             example::fit_options(digits, options));
};

/// Trials of nets with a batch, judged before and after training on the tenth of the images that is held out.
template <class... Nets>
void sweep(const Candidates<Nets...>& nets, const std::vector<double>& batches, const example::Digits& digits,
           const example::Options& o) {
  const Dataset held_out = digits.train.split(0.1).validation;
  const auto trial = [&]<class Candidate>(const Trial& t) -> Outcome {
    Model<Candidate> untrained{seed(o.seed), threads(1)};
    Outcome outcome = example::held_out<Candidate>(digits, t, o, SGD{.learning_rate = o.learning_rate, .momentum = 0.5},
                                                   {.epochs = o.epochs, .batch = static_cast<int>(t["batch"])});
    outcome.accuracy_before = evaluate(untrained, held_out).accuracy;
    return outcome;
  };
  print(search(nets, grid({{"batch", batches}}), trial, example::search_options(digits, o, {.batch = false})), o);
}

void dropouts(const example::Digits& digits, const example::Options& o) {
  sweep(
      Candidates<NetOf<3, 30>, NetOf<3, 40>, NetOf<3, 50>, NetOf<3, 60>, NetOf<3, 70>>{
          "dropout .3, kernel 3", "dropout .4, kernel 3", "dropout .5, kernel 3", "dropout .6, kernel 3",
          "dropout .7, kernel 3"},
      {40}, digits, o);
}

void kernels(const example::Digits& digits, const example::Options& o) {
  sweep(Candidates<NetOf<4, 50>, NetOf<5, 50>>{"dropout .5, kernel 4", "dropout .5, kernel 5"}, {40}, digits, o);
}

void batches(const example::Digits& digits, const example::Options& o) {
  sweep(Candidates<Net>{"dropout .5, kernel 5"}, {40, 80, 100, 120, 150}, digits, o);
}

int main(int argc, char** argv) {
  const example::About about{.name = "sweep",
                             .summary = "Tries dropout, kernel and batch of a small network with channel dropout.",
                             .epochs = 5,
                             .batch = 40,
                             .learning_rate = 0.01,
                             .studies = {{"dropout", "dropout .3 to .7, kernel 3, batch 40", dropouts, "--batch"},
                                         {"kernel", "kernel 4 and 5, dropout .5, batch 40", kernels, "--batch"},
                                         {"batch", "batch 40 to 150, dropout .5, kernel 5", batches, "--batch"}}};
  return example::run<Net>(argc, argv, about, train, example::leave_report);
}
