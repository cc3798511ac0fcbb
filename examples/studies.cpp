// One factor at a time: what each choice in a convolutional network is worth, from kernel size to augmentation.
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include "support/run.hpp"
#include "support/studies.hpp"

using namespace strata;
using example::Digits;
using example::held_out;
using example::Options;

/// Features, then dense layers, then ten classes.
template <class Features, class... Dense>
struct Layers : Seq<Features, Flatten, Dense..., Softmax<10>> {};
template <class Features, class... Dense>
using NetOf = Network<Layers<Features, Dense...>, Input<28, 28, 1>>;

/// A convolution and its pooling.
template <int Filters, int Kernel = 3, class Pooling = MaxPool<2>, class Activation = ReLU>
using Pair = Seq<Conv<Filters, Kernel>, Activation, Pooling>;
/// The same, with dropout behind it.
template <int Filters, int Dropped>
using DroppingPair = Seq<Conv<Filters, 3>, ReLU, MaxPool<2>, Dropout<Dropped>>;

using Hidden = Dense<20, ReLU>;

// What --study does not name: the network that the studies of one factor begin with.
using Net = NetOf<Pair<32, 3, AvgPool<2>>, Hidden>;

constexpr auto train = [](auto& model, const Digits& digits, const Options& options) {
  return fit(model, digits.train, Adam{.learning_rate = options.learning_rate}, example::fit_options(digits, options));
};

/// Trains each candidate alike.
template <class... Nets>
void compare(const Candidates<Nets...>& nets, const Digits& digits, const Options& o) {
  const auto trial = [&]<class Candidate>(const Trial& t) -> Outcome {
    return held_out<Candidate>(digits, t, o, Adam{.learning_rate = o.learning_rate},
                               {.epochs = o.epochs, .batch = o.batch});
  };
  print(search(nets, {Point()}, trial, example::search_options(digits, o)), o);
}

template <class Name>
struct of_name {
  using net = Net;
};

/// Trains the base in several ways, which `way(trial)` tells by the trial's name.
template <class... Names, class Way>
void compare_ways(const Digits& digits, const Options& o, example::Fixed fixed, const Way& way, const Names&... names) {
  const Candidates<typename of_name<Names>::net...> same{names...};
  const auto trial = [&]<class Candidate>(const Trial& t) -> Outcome { return way(t); };
  print(search(same, {Point()}, trial, example::search_options(digits, o, fixed)), o);
}

void kernels(const Digits& d, const Options& o) {
  compare(Candidates<NetOf<Pair<32, 3, AvgPool<2>>, Hidden>, NetOf<Pair<32, 5, AvgPool<2>>, Hidden>,
                     NetOf<Pair<32, 7, AvgPool<2>>, Hidden>>{"3 x 3", "5 x 5", "7 x 7"},
          d, o);
}

/// Calls f(name, rule, best) for six optimizers and the learning rate that suits them.
template <class F>
void for_optimizers(const F& f) {
  f("RMSprop", RMSprop{}, 0.01);
  f("Nadam", Nadam{}, 0.01);
  f("SGD", SGD{}, 0.1);
  f("Adadelta", Adadelta{}, 1.0);
  f("Adagrad", Adagrad{}, 0.1);
  f("Adam", Adam{}, 0.01);
}

/// Tests six optimizers one behind the other. The table is written anew, so that any other file is left alone.
void range_test(const Digits& d, const Options& o) {
  const std::string header = "optimizer,learning_rate,loss,smoothed\n";
  example::check_replaceable(o.table, header, "range_test");
  const example::Budget budget(o);
  char line[120];
  const auto print = [&](std::string& text, const char* format, auto... values) {
    std::snprintf(line, sizeof line, format, values...);
    text += line;
  };
  std::string table, rows = header;
  print(table, "%-10s %12s %12s\n", "optimizer", "suggestion", "least loss");
  std::fputs(table.c_str(), stdout);
  std::vector<Series> lines;
  for_optimizers([&](const char* name, auto rule, double) {
    if (*o.stop || (!lines.empty() && budget.is_spent())) return;
    Model<Net> model{seed(o.seed), threads(o.threads)};
    const RangeTest test =
        learning_rate_range_test(model, d.train, rule, {.from = 1e-6, .to = 100, .steps = 200, .batch = o.batch});
    print(table, "%-10s %12.3g %12.3g\n", name, test.suggestion, test.least);
    std::fputs(line, stdout);
    std::fflush(stdout);
    for (std::size_t i = 0; i < test.losses.size(); ++i)
      print(rows, "%s,%.6g,%.6g,%.6g\n", name, test.learning_rates[i], test.losses[i], test.smoothed[i]);
    lines.push_back({name, test.learning_rates, test.smoothed, test.suggestion});
  });
  if (lines.size() < 6) std::printf("\n%zu of 6 optimizers were tested; the rest is left out.\n", lines.size());
  example::write_table(o, rows);
  example::report_study(o, table, {loss_by_learning_rate(lines)});
}

void optimizers(const Digits& d, const Options& o) {
  const auto way = [&](const Trial& t) {
    Outcome outcome;
    for_optimizers([&](const char* name, auto rule, double rate) {
      rule.learning_rate = rate;
      if (t.name == name) outcome = held_out<Net>(d, t, o, rule, {.epochs = o.epochs, .batch = o.batch});
    });
    return outcome;
  };
  compare_ways(d, o, {.learning_rate = false}, way, "RMSprop", "Nadam", "SGD", "Adadelta", "Adagrad", "Adam");
}

void losses(const Digits& d, const Options& o) {
  Digits one_hot = d;
  std::vector<float> targets(static_cast<std::size_t>(d.train.size() * 10));
  for (std::int64_t i = 0; i < d.train.size(); ++i) targets[static_cast<std::size_t>(10 * i + d.train.label(i))] = 1;
  one_hot.train = Dataset::view(d.train.shape(), 10, d.train.bytes(), std::span<const float>(targets));
  const Adam rule{.learning_rate = o.learning_rate};
  const FitOptions options{.epochs = o.epochs, .batch = o.batch};
  const auto way = [&](const Trial& t) {
    if (t.name == "cross-entropy") return held_out<Net>(one_hot, t, o, rule, options);
    if (t.name == "KL divergence") return held_out<Net>(one_hot, t, o, rule, options, KLDivergence{});
    return held_out<Net>(d, t, o, rule, options);
  };
  compare_ways(d, o, {}, way, "sparse cross-entropy", "cross-entropy", "KL divergence");
}

void batch(const Digits& d, const Options& o) {
  const auto trial = [&]<class Candidate>(const Trial& t) -> Outcome {
    return held_out<Candidate>(d, t, o, Adam{.learning_rate = o.learning_rate},
                               {.epochs = o.epochs, .batch = static_cast<int>(t["batch"])});
  };
  print(search<Net>(grid({{"batch", {32, 64, 128, 256, 512}}}), trial, example::search_options(d, o, {.batch = false})),
        o);
}

void pooling(const Digits& d, const Options& o) {
  compare(
      Candidates<NetOf<Pair<32, 3, AvgPool<2>>, Hidden>, NetOf<Pair<32, 3, MaxPool<2>>, Hidden>>{"average", "maximum"},
      d, o);
}

void pairs(const Digits& d, const Options& o) {
  compare(Candidates<NetOf<Pair<32>, Hidden>, NetOf<Seq<Pair<32>, Pair<64>>, Hidden>,
                     NetOf<Seq<Pair<32>, Pair<64>, Pair<128>>, Hidden>>{"1 pair", "2 pairs", "3 pairs"},
          d, o);
}

template <int First>
using TwoPairs = NetOf<Seq<Pair<First>, Pair<2 * First>>, Hidden>;

void filters(const Digits& d, const Options& o) {
  compare(
      Candidates<TwoPairs<8>, TwoPairs<16>, TwoPairs<32>, TwoPairs<64>, TwoPairs<128>, TwoPairs<256>>{
          "8-16", "16-32", "32-64", "64-128", "128-256", "256-512"},
      d, o);
}

template <class... Dense>
using Tall = NetOf<Seq<Pair<32>, Pair<64>>, Dense...>;

void dense_layers(const Digits& d, const Options& o) {
  using D = Dense<128, ReLU>;
  compare(Candidates<Tall<>, Tall<D>, Tall<D, D>, Tall<D, D, D>>{"none", "1", "2", "3"}, d, o);
}

void dense_units(const Digits& d, const Options& o) {
  compare(
      Candidates<Tall<Dense<16, ReLU>>, Tall<Dense<64, ReLU>>, Tall<Dense<128, ReLU>>, Tall<Dense<256, ReLU>>>{
          "16", "64", "128", "256"},
      d, o);
}

template <int Dropped>
using Dropping = NetOf<Seq<DroppingPair<32, Dropped>, DroppingPair<64, Dropped>>, Dense<128, ReLU>, Dropout<Dropped>>;

void dropout(const Digits& d, const Options& o) {
  compare(Candidates<Tall<Dense<128, ReLU>>, Dropping<10>, Dropping<20>, Dropping<30>, Dropping<50>>{"none", ".1", ".2",
                                                                                                     ".3", ".5"},
          d, o);
}

template <int Slope>
using Leaking = NetOf<Pair<32, 3, MaxPool<2>, LeakyReLU<Slope>>, Dense<20, LeakyReLU<Slope>>>;

void slope(const Digits& d, const Options& o) {
  compare(Candidates<Leaking<1>, Leaking<5>, Leaking<8>, Leaking<10>, Leaking<30>>{".01", ".05", ".08", ".1", ".3"}, d,
          o);
}

void augmentation(const Digits& d, const Options& o) {
  const auto way = [&](const Trial& t) {
    FitOptions options{.epochs = o.epochs, .batch = o.batch};
    if (t.name == "with") options.augment = {.rotation = 8, .shift_x = 0.02, .shear = 0.1, .zoom = 0.08};
    return held_out<Net>(d, t, o, Adam{.learning_rate = o.learning_rate}, options);
  };
  compare_ways(d, o, {}, way, "without", "with");
}

int main(int argc, char** argv) {
  const example::About about{
      .name = "studies",
      .summary = "Studies one factor of a convolutional network at a time.",
      .epochs = 5,
      .batch = 128,
      .learning_rate = 1e-3,
      .studies = {
          {"kernel", "kernels of 3, 5 and 7 pixels", kernels},
          {"range_test", "the loss against the learning rate, six optimizers", range_test, "--epochs --learning-rate"},
          {"optimizers", "six optimizers, each at a rate that suits it", optimizers, "--learning-rate"},
          {"losses", "cross-entropy on labels and on targets, KL divergence", losses},
          {"batch", "batches of 32 to 512", batch, "--batch"},
          {"pooling", "average and maximum", pooling},
          {"pairs", "one to three convolutions with pooling", pairs},
          {"filters", "8-16 to 256-512 filters in two convolutions", filters},
          {"dense_layers", "none to three dense layers of 128", dense_layers},
          {"dense_units", "one dense layer of 16 to 256", dense_units},
          {"dropout", "none to .5 behind each pair", dropout},
          {"slope", "leaky rectifiers from .01 to .3", slope},
          {"augmentation", "with and without images changed at random", augmentation}}};
  return example::run<Net>(argc, argv, about, train, example::leave_report);
}
