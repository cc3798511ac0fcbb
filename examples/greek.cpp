// Greek letters by a network that learnt digits: all but its last layer is frozen, and three outputs take that one's
// place. 27 letters are enough to train them.
#include <strata/strata.hpp>

#define STB_IMAGE_IMPLEMENTATION
#include <strata/data/image_folder.hpp>
#include <strata/data/split.hpp>
#include <strata/model/classifier.hpp>
#include <strata/plan/transfer.hpp>
#include <strata/report.hpp>

#include "support/channels.hpp"
#include "support/command_line.hpp"
#include "support/ctrl_c.hpp"
#include "support/digits.hpp"
#include "support/program.hpp"
#include "support/report.hpp"
#include "support/training_options.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <numeric>
#include <string>
#include <vector>

using namespace strata;

using Digits = example::ChannelsNet;
using Net = Freeze<ReplaceHead<Digits, Named<"letters", Dense<3, TorchUniform>>, LogSoftmax<>>, 9>;

static_assert(Net::parameter_count == 21'483);
static_assert(Net::trainable_count == 153);

/// What the command line asks for.
struct Options : example::TrainingOptions {
  std::string digits, load, report;
  std::vector<std::string> pictures;
  std::int64_t samples = 0, digit_epochs = example::channels_epochs, seeds = 1;
  bool cross_validates = false;
};

const std::vector<example::OptionGroup> groups{
    {"Data",
     {{"--data", "DIR", "folder with train/<letter>/ and test/<letter>/, three\nletters, of PNG, JPEG or BMP files"},
      {"--predict", "IMAGE...", "then tell which letter is on these", "", example::Option::Takes::many_values}}},
    {"Digits first",
     {{"--load", "FILE", "weights of channel_dropout_cnn, which learnt digits;\nwithout it they are learnt here"},
      {"--digits", "DIR",
       "folder of MNIST to learn them from; without it\n$STRATA_DATA, ~/.cache/strata/mnist, drawn digits"},
      {"--samples", "N", "the first N digits only", "all"},
      {"--digit-epochs", "N", "how many times each digit is seen", "10"}}},
    {"Letters",
     {{"--epochs", "N", "how many times each letter is seen", "12"},
      {"--batch", "N", "letters of one step", "4"},
      {"--learning-rate", "X", "size of the steps", "0.05"},
      {"--seed", "N", "of first weights, order and dropout", "42"},
      {"--seeds", "N", "all of it with the seeds 1 to N, and the median"},
      {"--cross-validate", "",
       "judge on ninths of the training letters in turn and\nleave the test letters alone: to choose settings by", "",
       example::Option::Takes::nothing},
      {"--threads", "N", "threads of the CPU to use; 0: one for each core", "0"},
      {"--save", "FILE", "write weights and names of the letters, as safetensors"},
      {"--report", "DIR", "leave pictures, tables and report.html in this folder"},
      {"--help", "", "print this", "", example::Option::Takes::nothing}}}};

Options read_options(int argc, char** argv) {
  Options o;
  o.epochs = 12;
  o.batch = 4;
  o.learning_rate = 0.05;
  bool gave_seed = false, learns_digits = false;
  for (const example::GivenOption& given : example::parse(argc, argv, groups)) {
    const auto& [name, value] = given;
    o.take(given);
    if (name == "--predict") o.pictures.push_back(value);
    if (name == "--load") o.load = value;
    if (name == "--digits") o.digits = value;
    if (name == "--samples") o.samples = o.count(given);
    if (name == "--digit-epochs") o.digit_epochs = o.count(given);
    if (name == "--digits" || name == "--samples" || name == "--digit-epochs") learns_digits = true;
    if (name == "--seed") gave_seed = true;
    if (name == "--seeds") o.seeds = o.count(given);
    if (name == "--cross-validate") o.cross_validates = true;
    if (name == "--report") o.report = value;
  }
  if (o.help) return o;
  if (o.data.empty()) throw example::UsageError("--data names the folder of the letters; see --help");
  if (gave_seed && o.seeds > 1) throw example::UsageError("--seeds has seeds of its own: --seed says nothing with it");
  if (!o.load.empty() && learns_digits)
    throw example::UsageError("--load has learnt digits already: --digits, --samples and --digit-epochs say nothing");
  if (o.cross_validates && (!o.save.empty() || !o.report.empty() || !o.pictures.empty()))
    throw example::UsageError("--cross-validate keeps no network: --save, --report and --predict say nothing with it");
  return o;
}

/// A letter as MNIST has its digits: grey, scaled to 36 / 128, the 28 x 28 pixels in its middle, white on black.
Picture letter(const Picture& photo) {
  const auto scaled = [](int extent) { return std::max(1, static_cast<int>(std::lround(extent * 36.0 / 128))); };
  const Picture grey = with_channels(photo, 1);
  const int height = scaled(grey.shape.height), width = scaled(grey.shape.width);
  Picture middle = cropped(resized(grey, height, width), (height - 28) / 2, (width - 28) / 2, 28, 28, 255);
  for (std::uint8_t& byte : middle.bytes) byte = static_cast<std::uint8_t>(255 - byte);
  return middle;
}

/// The letters in a folder, and their names: those of its folders.
struct Letters {
  Dataset data;
  std::vector<std::string> names;
};
Letters read_letters(const std::string& folder, const std::vector<std::string>& names = {}) {
  // Which files there are, and of which class; they are read again as letters want it.
  const ImageFolder found = read_image_folder(folder, Net::input_shape, {.classes = names});
  if (found.classes.size() != 3)
    throw Error(joined({folder, ": has ", found.classes.size(), " folders of letters, and the network tells 3 apart"}));
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < found.files.size(); ++i) {
    const Picture picture = letter(read_picture(found.files[i]));
    pixels.insert(pixels.end(), picture.bytes.begin(), picture.bytes.end());
    labels.push_back(found.data.label(static_cast<std::int64_t>(i)));
  }
  return {Dataset::own(Net::input_shape, 3, std::move(pixels), std::move(labels)), found.classes};
}

/// Teaches a network the digits, or loads what one has learnt.
void learn_digits(Model<Digits>& model, const Dataset& digits, const Options& o) {
  if (!o.load.empty()) return load(model, o.load);
  const SGD rule{.learning_rate = example::channels_learning_rate, .momentum = example::channels_momentum};
  fit(model, digits, rule,
      {.epochs = o.digit_epochs, .batch = example::channels_batch, .stop = &example::CtrlC::asked()},
      NegativeLogLikelihood{});
}

/// Gives the network of letters what that of the digits has learnt; its last layer stays as it is.
void take_over(Model<Digits>& digits, Model<Net>& letters) {
  for (const char* name :
       {"conv_1/kernel", "conv_1/bias", "conv_2/kernel", "conv_2/bias", "dense_1/kernel", "dense_1/bias"})
    std::ranges::copy(digits.tensor(name), letters.tensor(name).begin());
}

/// Trains the last layer.
History learn_letters(Model<Net>& model, const Dataset& train, const Dataset& test, const Options& o) {
  const SGD rule{.learning_rate = o.learning_rate, .momentum = 0.9};
  return fit(model, train, rule,
             {.epochs = o.epochs,
              .batch = o.batch,
              .validation = test,
              .progress = Progress::silent,
              .stop = &example::CtrlC::asked()},
             NegativeLogLikelihood{});
}

std::int64_t right_of(const Evaluation& e) {
  std::int64_t right = 0;
  for (int c = 0; c < 3; ++c) right += e.confusion.count(c, c);
  return right;
}

/// Letters of each ninth that are read right by what learnt from the other eight.
std::int64_t cross_validated(Model<Digits>& digits, const Dataset& letters, const Options& o, std::uint64_t s) {
  const Folds parts(letters, 9, 1);  // one of each letter: the same for every setting and seed
  std::int64_t right = 0;
  for (int i = 0; i < parts.size(); ++i) {
    Model<Net> model{seed(s), threads(o.threads)};
    take_over(digits, model);
    learn_letters(model, parts.train(i), {}, o);
    right += right_of(evaluate(model, parts.validation(i), NegativeLogLikelihood{}));
  }
  return right;
}

void leave_report(Model<Net>& model, const Letters& train, const Letters& test, const History& history,
                  const std::string& table, const Options& o) {
  Report report(o.report, "Greek letters by a network that learnt digits", train.names);
  report.add_fact("letters to learn from", train.data.size());
  report.add_fact("letters to be judged by", test.data.size());
  report.add_fact("parameters", Net::parameter_count);
  report.add_fact("trainable", Net::trainable_count);
  report.add_fact("epochs", history.epochs.size());
  report.add_fact("batch", o.batch);
  report.add_fact("learning rate", o.learning_rate);
  report.add_history(history);
  report.add_evaluation(evaluate(model, test.data, NegativeLogLikelihood{}));
  const auto tiles = [&](const Letters& of) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(of.data.size()));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    return prediction_tiles(of.data, scores(model, of.data), all, train.names);
  };
  report.add_images("Predictions", tiles(test), "The letters to be judged by; mistakes are framed in orange.");
  report.add_images("Training letters", tiles(train), "What it learnt from.");
  report.add_text("Runs", table);
  report.write();
}

int run(const Options& o) {
  const Letters train = read_letters(o.data + "/train");
  const Letters test = o.cross_validates ? Letters{} : read_letters(o.data + "/test", train.names);
  check_class_names(train.names, 3);
  example::check_writable(o.save);
  if (!o.report.empty()) {
    example::Options report;
    report.report = o.report;
    example::LeaveReport::prepare(report);
  }
  std::printf("%lld letters to learn from and %lld to be judged by: %s, %s, %s\n",
              static_cast<long long>(train.data.size()), static_cast<long long>(test.data.size()),
              train.names[0].c_str(), train.names[1].c_str(), train.names[2].c_str());
  Dataset digits;
  if (o.load.empty()) {
    example::Options mnist;
    mnist.data = o.digits;
    mnist.samples = o.samples;
    digits = example::load_digits(mnist).train;
  }

  std::vector<std::int64_t> counts;
  std::string table;
  for (std::int64_t k = 1; k <= o.seeds && !example::CtrlC::asked(); ++k) {
    const std::uint64_t s = o.seeds > 1 ? static_cast<std::uint64_t>(k) : o.seed;
    Model<Digits> base{seed(s), threads(o.threads)};
    learn_digits(base, digits, o);
    if (example::CtrlC::asked()) break;
    char line[160];
    if (o.cross_validates) {
      counts.push_back(cross_validated(base, train.data, o, s));
      std::snprintf(line, sizeof line, "seed %llu: %lld of %lld in ninths\n", static_cast<unsigned long long>(s),
                    static_cast<long long>(counts.back()), static_cast<long long>(train.data.size()));
    } else {
      Model<Net> model{seed(s), threads(o.threads)};
      take_over(base, model);
      const History history = learn_letters(model, train.data, test.data, o);
      if (history.stopped) break;
      const Evaluation learnt = evaluate(model, train.data, NegativeLogLikelihood{});
      const Evaluation seen = evaluate(model, test.data, NegativeLogLikelihood{});
      counts.push_back(right_of(seen));
      std::snprintf(line, sizeof line, "seed %llu: %lld of %lld in training, %lld of %lld others, loss %.4f\n",
                    static_cast<unsigned long long>(s), static_cast<long long>(right_of(learnt)),
                    static_cast<long long>(train.data.size()), static_cast<long long>(counts.back()),
                    static_cast<long long>(test.data.size()), seen.loss);
      table += line;
      if (k == 1) {  // what is kept and shown is the first seed's
        if (!o.save.empty()) save(model, o.save, {.classes = train.names});
        if (!o.report.empty()) leave_report(model, train, test, history, table, o);
        const Classifier<Net> classifier(model, {.classes = train.names});
        for (const std::string& path : o.pictures) {
          const ClassProbability best = classifier.top(letter(read_picture(path)))[0];
          std::printf("%s: %s (%.1f %%)\n", path.c_str(), best.name.c_str(),
                      100 * static_cast<double>(best.probability));
        }
      }
    }
    std::printf("%s", line);
    std::fflush(stdout);
  }
  if (counts.size() > 1) {
    std::sort(counts.begin(), counts.end());
    const std::size_t half = counts.size() / 2;
    const double median = static_cast<double>(counts[half] + counts[(counts.size() - 1) / 2]) / 2;
    std::printf("median of %zu seeds: %g of %lld\n", counts.size(), median,
                static_cast<long long>(o.cross_validates ? train.data.size() : test.data.size()));
  }
  if (example::CtrlC::asked()) std::printf("Stopped by Ctrl-C.\n");
  return example::CtrlC::asked() ? 130 : 0;
}

int main(int argc, char** argv) {
  return example::guarded("greek", [&]() -> int {
    const Options options = read_options(argc, argv);
    if (options.help) {
      std::fputs(
          example::help_text("greek", "Tells Greek letters apart by a network that learnt digits.", groups).c_str(),
          stdout);
      return example::done;
    }
    const example::CtrlC ctrl_c;
    return run(options);
  });
}
