// What `vgg16 --small` made, trained on as a whole: the head goes on, and the convolutions under it follow with three
// tenths of its rate, on pictures that are changed at random in every epoch.
#define STB_IMAGE_IMPLEMENTATION
#include <strata/data/image_folder.hpp>
#include <strata/io/stored_class_names.hpp>
#include <strata/model/transfer.hpp>
#include <strata/strata.hpp>
#include <strata/zoo/vgg16.hpp>

#include "support/command_line.hpp"
#include "support/ctrl_c.hpp"
#include "support/interval.hpp"
#include "support/program.hpp"
#include "support/training_options.hpp"

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

using namespace strata;

/// The network of vgg16.cpp with nothing frozen, and dropout for a head that sees few pictures: it has no weights, so
/// that vgg16's fit.
struct FineTuned
    : Seq<LearningRate<30, zoo::Vgg16Base>, Flatten, Dropout<50>, Dense<256, ReLU>, Dropout<50>, Dense<10>, Softmax<>> {
};
using Net = Network<FineTuned, Input<64, 64, 3, Torch>>;

static_assert(Net::trainable_count == Net::parameter_count);

/// What the command line asks for.
struct Options : example::TrainingOptions {
  std::string load;
};

const std::vector<example::OptionGroup> groups{
    {"Pictures and weights",
     {{"--data", "DIR", "folder with train/<class>/ and test/<class>/, of PNG,\nJPEG and BMP files"},
      {"--load", "FILE", "what `vgg16 --small --save FILE` wrote, of the same\nclasses"},
      {"--save", "FILE", "write weights and names of the classes, as safetensors"}}},
    {"Training",
     {{"--epochs", "N", "how many times each picture is seen", "60"},
      {"--batch", "N", "pictures of one step", "16"},
      {"--learning-rate", "X", "of the head, the largest of its cycle; the convolutions\nhave three tenths of it",
       "0.001"},
      {"--seed", "N", "of order, dropout and changes", "42"},
      {"--threads", "N", "threads of the CPU to use; 0: one for each core", "0"},
      {"--help", "", "print this", "", example::Option::Takes::nothing}}}};

Options read_options(int argc, char** argv) {
  Options o;
  o.epochs = 60;
  for (const example::GivenOption& given : example::parse(argc, argv, groups)) {
    o.take(given);
    if (given.name == "--load") o.load = given.value;
  }
  if (o.help) return o;
  if (o.data.empty()) throw example::UsageError("--data names the folder of the pictures; see --help");
  if (o.load.empty()) throw example::UsageError("--load names what `vgg16 --small --save FILE` wrote; see --help");
  return o;
}

/// Within what a digit stays the same under; mirrored it would not.
constexpr Augmentation changes{
    .rotation = 12, .shift_x = 0.1, .shift_y = 0.1, .shear = 8, .zoom = 0.2, .contrast = 0.3, .brightness = 0.3};

void run(const Options& o) {
  const std::vector<std::string> classes = class_names(o.load);
  const ImageFolder train =
      read_image_folder(o.data + "/train", Net::input_shape, {.classes = classes, .threads = o.threads});
  const ImageFolder test =
      read_image_folder(o.data + "/test", Net::input_shape, {.classes = train.classes, .threads = o.threads});
  std::printf("%lld pictures to learn from and %lld to be judged by, of %zu classes\n",
              static_cast<long long>(train.data.size()), static_cast<long long>(test.data.size()),
              train.classes.size());
  check_class_names(train.classes, 10);
  example::check_writable(o.save);
  Model<Net> model{seed(o.seed), threads(o.threads)};
  std::printf("%s: %s\n", o.load.c_str(), summary(import_weights(model, o.load)).c_str());

  const auto tell = [&](const char* when) {
    const Evaluation judged = evaluate(model, test.data);
    const std::int64_t right = std::llround(judged.accuracy * static_cast<double>(test.data.size()));
    std::printf("%s: %s\n", when, example::share(right, test.data.size()).c_str());
  };
  tell("Of the others before");
  const History history = fit(model, train.data, Adam{.learning_rate = o.learning_rate},
                              {.epochs = o.epochs,
                               .batch = o.batch,
                               .augment = changes,
                               .schedule = Schedule::one_cycle(0.2, 0.1, 1e-3, static_cast<double>(o.epochs)),
                               .stop = &example::CtrlC::asked()});
  tell(history.stopped ? "Of the others, stopped by Ctrl-C" : "Of the others behind it");
  if (o.save.empty()) return;
  save(model, o.save, {.classes = train.classes});
  std::printf("Weights written to %s\n", o.save.c_str());
}

int main(int argc, char** argv) {
  return example::guarded("fine_tune", [&]() -> int {
    const Options options = read_options(argc, argv);
    if (options.help) {
      std::fputs(example::help_text("fine_tune", "Trains what vgg16 made of a base on as a whole.", groups).c_str(),
                 stdout);
      return example::done;
    }
    const example::CtrlC ctrl_c;
    run(options);
    return example::CtrlC::asked() ? example::interrupted : example::done;
  });
}
