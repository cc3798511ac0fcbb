// Two convolutions and three dense layers, learnt from a CSV file: a label and 784 pixels in each row.
#include <strata/data/csv.hpp>
#include <strata/data/split.hpp>
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include "support/report.hpp"
#include "support/run.hpp"

using namespace strata;

struct FromCsv : Seq<Conv<32, 3, ReLU>, MaxPool<2>, Conv<64, 3, ReLU>, MaxPool<2>, Flatten, Dense<128, ReLU>,
                     Dropout<20>, Dense<64, ReLU>, Dropout<20>, Softmax<10>> {};
using Net = Network<FromCsv, Input<28, 28, 1>>;

static_assert(Net::parameter_count == 232'650);

/// The rows of --csv and --test-csv. Without them, the first 20,000 images of MNIST and its test images, which
/// --write-csv writes as such files.
example::Digits load_rows(const example::Options& o) {
  const std::string train = o.value("--csv"), test = o.value("--test-csv"), written = o.value("--write-csv");
  if (train.empty() != test.empty()) throw example::UsageError("--csv and --test-csv belong together: give both");
  if (!train.empty() && (!o.data.empty() || o.samples > 0 || !written.empty()))
    throw example::UsageError("--csv has its own rows: --data, --samples and --write-csv say nothing with it");
  if (train.empty()) {
    example::Digits digits = load_digits(o);
    digits.train = digits.train.take(std::min<std::int64_t>(20'000, digits.train.size()));
    if (!written.empty()) {
      csv::write(written + "/train.csv", digits.train);
      csv::write(written + "/test.csv", digits.test);
      if (!o.quiet) std::printf("Rows written to %s/train.csv and test.csv\n\n", written.c_str());
    }
    return digits;
  }
  if (!o.quiet) std::printf("%s: %s\n", train.c_str(), to_string(csv::check(train)).c_str());
  return {csv::load(train, {.classes = 10}), csv::load(test, {.classes = 10}), train};
}

// Of all rows, shuffled, 30 % are held out and of the others again 30 %, on which the epochs are judged.
constexpr auto train = [](auto& model, const example::Digits& digits, const example::Options& options) {
  const Adam rule{.learning_rate = options.learning_rate};
  FitOptions how = example::fit_options(digits, options);
  if (options.improved || options.has("--all-rows")) return fit(model, digits.train, rule, how);
  const auto kept = split(digits.train, 0.3, options.seed).train;
  const auto parts = split(kept, 0.3, options.seed + 1);
  how.validation = parts.validation;
  return fit(model, parts.train, rule, how);
};

int main(int argc, char** argv) {
  const example::About about{
      .name = "csv_cnn",
      .summary = "Learns handwritten digits from a CSV file.",
      .epochs = 10,
      .batch = 128,
      .learning_rate = 1e-3,
      .improved = {{.epochs = 30, .batch = 128, .learning_rate = 3e-3}},
      .own = {"CSV",
              {{"--csv", "FILE", "training rows: a label and 784 pixels each, with or\nwithout a header"},
               {"--test-csv", "FILE", "test rows"},
               {"--write-csv", "DIR", "write MNIST's images as two such files"},
               {"--all-rows", "", "train on all rows, and hold none out, as with\n--improved", "",
                example::Option::Takes::nothing}}},
      .load = load_rows};
  return example::run<Net>(argc, argv, about, train, example::leave_report);
}
