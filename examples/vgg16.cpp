// Digits on house fronts, told apart by a VGG-16 that learnt from other pictures: its convolutions are frozen, what
// they make of each picture is computed once, and a new head is trained on that.
#define STB_IMAGE_IMPLEMENTATION
#include <strata/data/image_folder.hpp>
#include <strata/model/classify_folder.hpp>
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
#include <exception>
#include <string>
#include <vector>

using namespace strata;

struct Transferred : Seq<Frozen<zoo::Vgg16Base>, Flatten, Dense<256, ReLU>, Dense<10>, Softmax<>> {};
template <int Size>
using NetOf = Network<Transferred, Input<Size, Size, 3, Torch>>;

static_assert(NetOf<256>::parameter_count == 23'106'122 && NetOf<256>::trainable_count == 8'391'434);

/// What the command line asks for.
struct Options : example::TrainingOptions {
  std::string base, folder, table, features;
  std::vector<std::string> pictures;
  int versions = 0;
  bool small = false, sweeps = false;
};

const std::vector<example::OptionGroup> groups{
    {"Pictures",
     {{"--data", "DIR", "folder with train/<class>/ and test/<class>/, of PNG and\nJPEG files"},
      {"--small", "", "64 x 64 pixels instead of 256 x 256", "", example::Option::Takes::nothing},
      {"--predict", "IMAGE...", "then tell what is on these", "", example::Option::Takes::many_values},
      {"--folder", "DIR", "and on all pictures in this folder,"},
      {"--table", "FILE", "as a table of comma-separated values"}}},
    {"Training",
     {{"--base", "FILE", "weights of the convolutions, as pretrain leaves them;\nwithout it they are random"},
      {"--epochs", "N", "how many times each picture is seen", "10"},
      {"--batch", "N", "pictures of one step", "16"},
      {"--learning-rate", "X", "size of Adam's steps", "0.001"},
      {"--versions", "N",
       "turn, move and zoom each picture at random into so many\nothers, which take turns by epochs; 0: as it is", "0"},
      {"--features", "DIR",
       "keep what the convolutions make of the pictures in this\nfolder, where later runs find it"},
      {"--sweep", "", "5 epochs in batches of 8 and of 16, and 10 in batches\nof 16", "",
       example::Option::Takes::nothing},
      {"--seed", "N", "of first weights and order", "42"},
      {"--threads", "N", "threads of the CPU to use; 0: one for each core", "0"},
      {"--save", "FILE", "write weights and names of the classes, as safetensors"},
      {"--help", "", "print this", "", example::Option::Takes::nothing}}}};

Options read_options(int argc, char** argv) {
  Options o;
  for (const example::GivenOption& given : example::parse(argc, argv, groups)) {
    const auto& [name, value] = given;
    o.take(given);
    if (name == "--small") o.small = true;
    if (name == "--predict") o.pictures.push_back(value);
    if (name == "--folder") o.folder = value;
    if (name == "--table") o.table = value;
    if (name == "--base") o.base = value;
    if (name == "--versions") o.versions = static_cast<int>(o.count(given, 0));
    if (name == "--features") o.features = value;
    if (name == "--sweep") o.sweeps = true;
  }
  if (o.folder.empty() != o.table.empty() && !o.help)
    throw example::UsageError("--folder and --table belong together: pictures, and where to write what is on them");
  if (o.data.empty() && !o.help) throw example::UsageError("--data names the folder of the pictures; see --help");
  return o;
}

/// Tells what is on the pictures of --predict, and writes the table of those of --folder.
template <class Net>
void tell(const Classifier<Net>& classifier, const Options& o) {
  for (const std::string& path : o.pictures) {
    const ClassProbability best = classifier.top(path)[0];
    std::printf("%s: %s (%.1f %%)\n", path.c_str(), best.name.c_str(), 100 * static_cast<double>(best.probability));
  }
  if (o.folder.empty()) return;
  const ClassifiedFolder done = classify_folder(classifier, o.folder, o.table,
                                                {.top = 3, .threads = o.threads, .stop = &example::CtrlC::asked()});
  for (const std::string& broken : done.broken) std::fprintf(stderr, "%s\n", broken.c_str());
  std::printf("%s: %zu pictures, of which %zu cannot be read%s\n", o.table.c_str(), done.pictures, done.broken.size(),
              done.stopped ? "; stopped by Ctrl-C" : "");
}

/// R13's turns and crops, within what a digit stays the same under; mirrored it would not.
Augmentation changes(int versions) {
  return {.rotation = 10, .shift_x = 0.08, .shift_y = 0.08, .zoom = 0.15, .brightness = 0.2, .versions = versions};
}

template <int Size>
void run(const Options& o) {
  using Net = NetOf<Size>;
  const ImageFolder train = read_image_folder(o.data + "/train", Net::input_shape, {.threads = o.threads});
  const ImageFolder test =
      read_image_folder(o.data + "/test", Net::input_shape, {.classes = train.classes, .threads = o.threads});
  std::printf("%lld pictures to learn from and %lld to be judged by, of %zu classes, as %d x %d pixels\n",
              static_cast<long long>(train.data.size()), static_cast<long long>(test.data.size()), train.classes.size(),
              Size, Size);
  check_class_names(train.classes, 10);
  for (const std::string& file : {o.save, o.table}) example::check_writable(file);
  Model<Net> model{seed(o.seed), threads(o.threads)};
  const std::vector<float> fresh(model.parameters().begin(), model.parameters().end());
  struct Way {
    std::int64_t epochs;
    int batch;
  };
  std::vector<Way> ways{{o.epochs, o.batch}};
  if (o.sweeps) ways = {{5, 8}, {5, 16}, {10, 16}};
  std::string table;
  for (const Way& way : ways) {
    std::ranges::copy(fresh, model.parameters().begin());
    std::printf("\n%lld epochs, batch %d\n", static_cast<long long>(way.epochs), way.batch);
    if (!o.base.empty()) std::printf("%s: %s\n", o.base.c_str(), summary(import_weights(model, o.base)).c_str());
    const History history = fit(model, train.data, Adam{.learning_rate = o.learning_rate},
                                {.epochs = way.epochs,
                                 .batch = way.batch,
                                 .validation = test.data,
                                 .restart = true,
                                 .augment = o.versions > 0 ? changes(o.versions) : Augmentation{},
                                 .features = {.folder = o.features},
                                 .stop = &example::CtrlC::asked()});
    // What fit found on the features is what evaluate would find, with the convolutions to be run once more.
    const double accuracy = history.last().validation_accuracy.value_or(0);
    const std::int64_t right = std::llround(accuracy * static_cast<double>(test.data.size()));
    char line[160];
    std::snprintf(line, sizeof line, "%lld epochs, batch %2d: %.4f in training; ", static_cast<long long>(way.epochs),
                  way.batch, history.last().accuracy);
    append(table, {line, "of the others ", example::share(right, test.data.size()), "\n"});
    if (history.stopped) {
      table += "stopped by Ctrl-C\n";
      break;
    }
  }
  std::printf("\n%s", table.c_str());
  if (!o.save.empty()) save(model, o.save, {.classes = train.classes});
  tell(Classifier<Net>(model, {.classes = train.classes}), o);
}

int main(int argc, char** argv) {
  return example::guarded("vgg16", [&]() -> int {
    const Options options = read_options(argc, argv);
    if (options.help) {
      std::fputs(
          example::help_text("vgg16", "Tells pictures apart by a VGG-16 that learnt from others.", groups).c_str(),
          stdout);
      return example::done;
    }
    const example::CtrlC ctrl_c;
    if (options.small)
      run<64>(options);
    else
      run<256>(options);
    return example::CtrlC::asked() ? example::interrupted : example::done;
  });
}
