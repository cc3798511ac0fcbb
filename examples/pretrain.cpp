// A base for `vgg16 --base`: VGG-16 with batch normalisation learns the small pictures of CIFAR-10 or of folders, epoch
// by epoch into a checkpoint from which the same command goes on; then the normalisation is folded into the plain base.
#define STB_IMAGE_IMPLEMENTATION
#include <strata/data/image_folder.hpp>
#include <strata/model/transfer.hpp>
#include <strata/strata.hpp>
#include <strata/zoo/vgg16.hpp>

#include "support/command_line.hpp"
#include "support/ctrl_c.hpp"
#include "support/program.hpp"
#include "support/training_options.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

using namespace strata;

/// Width 64 is VGG-16; what is narrower learns less, in less time.
template <int Width>
using LearningBase = zoo::Vgg16Blocks<zoo::VggConvBatchNorm, Width>;
template <int Width>
using PlainBase = zoo::Vgg16Blocks<zoo::VggConv, Width>;

using In = Input<32, 32, 3, Torch>;
template <int Width>
using Net = Network<Seq<LearningBase<Width>, Flatten, Dropout<50>, Softmax<10>>, In>;
template <int Width>
using Plain = Network<PlainBase<Width>, In>;

constexpr Shape shape = Net<64>::input_shape;

static_assert(Plain<64>::parameter_count == 14'714'688);

/// What the command line asks for.
struct Options : example::TrainingOptions {
  std::string checkpoint;
  bool narrow = false;
};

const std::vector<example::OptionGroup> groups{
    {"Pictures",
     {{"--data", "DIR",
       "CIFAR-10's binary files (data_batch_1.bin ...,\ntest_batch.bin), or folders train/<class>/ and\n"
       "test/<class>/ of ten classes, resized to 32 x 32"}}},
    {"Training",
     {{"--checkpoint", "FILE", "where training stands, written behind each epoch; the\nsame command goes on from it"},
      {"--save", "FILE", "write the plain base at the end, as safetensors"},
      {"--epochs", "N", "how many times each picture is seen, all runs together", "57"},
      {"--batch", "N", "pictures of one step", "128"},
      {"--learning-rate", "X", "the largest of the cycle", "0.05"},
      {"--narrow", "", "4 filters where VGG-16 has 64: to try the program", "", example::Option::Takes::nothing},
      {"--seed", "N", "of first weights, order, dropout and changes", "42"},
      {"--threads", "N", "threads of the CPU to use; 0: one for each core", "0"},
      {"--help", "", "print this", "", example::Option::Takes::nothing}}}};

Options read_options(int argc, char** argv) {
  Options o;
  o.epochs = 57;
  o.batch = 128;
  o.learning_rate = 0.05;
  for (const example::GivenOption& given : example::parse(argc, argv, groups)) {
    o.take(given);
    if (given.name == "--checkpoint") o.checkpoint = given.value;
    if (given.name == "--narrow") o.narrow = true;
  }
  if (o.help) return o;
  if (o.data.empty()) throw example::UsageError("--data names the folder of the pictures; see --help");
  if (o.checkpoint.empty() && o.save.empty())
    throw example::UsageError(
        "nothing would be kept: --save names a file for the base, --checkpoint one to go on from");
  return o;
}

/// Appends one of CIFAR-10's binary files: records of a label and three planes of 32 x 32, red, green, blue.
void read_cifar(const std::string& path, std::vector<std::uint8_t>& pixels, std::vector<std::int32_t>& labels) {
  constexpr std::size_t plane = 32 * 32, record = 1 + 3 * plane;
  const std::vector<std::byte> bytes = read_file(path);
  if (bytes.empty() || bytes.size() % record != 0)
    throw Error(joined({path, ": has ", bytes.size(), " bytes; records of ", record, " are expected"}));
  for (std::size_t at = 0; at < bytes.size(); at += record) {
    const int label = std::to_integer<int>(bytes[at]);
    if (label > 9) throw Error(joined({path, ": record ", at / record, " has the label ", label, "; 0 to 9 can be"}));
    labels.push_back(label);
    for (std::size_t i = 0; i < plane; ++i)
      for (std::size_t c = 0; c < 3; ++c)
        pixels.push_back(std::to_integer<std::uint8_t>(bytes[at + 1 + c * plane + i]));
  }
}

/// The pictures to learn from and those to be judged by.
struct Pictures {
  Dataset train, test;
};
Pictures read_pictures(const Options& o) {
  const auto of_files = [](const std::vector<std::string>& files) {
    std::vector<std::uint8_t> pixels;
    std::vector<std::int32_t> labels;
    for (const std::string& file : files) read_cifar(file, pixels, labels);
    return Dataset::own(shape, 10, std::move(pixels), std::move(labels));
  };
  std::vector<std::string> files;
  for (int i = 1; i <= 5; ++i)
    if (const std::string file = joined({o.data, "/data_batch_", i, ".bin"}); std::filesystem::exists(file))
      files.push_back(file);
  if (!files.empty()) return {of_files(files), of_files({o.data + "/test_batch.bin"})};
  const ImageFolder train = read_image_folder(o.data + "/train", shape, {.threads = o.threads});
  if (train.classes.size() != 10)
    throw Error(joined({o.data, "/train: has ", train.classes.size(), " classes, and the network tells 10 apart"}));
  return {train.data,
          read_image_folder(o.data + "/test", shape, {.classes = train.classes, .threads = o.threads}).data};
}

template <int Width>
void run(const Options& o) {
  const Pictures pictures = read_pictures(o);
  std::printf("%lld pictures to learn from and %lld to be judged by\n", static_cast<long long>(pictures.train.size()),
              static_cast<long long>(pictures.test.size()));
  Model<Net<Width>> model{seed(o.seed), threads(o.threads)};
  if (!o.checkpoint.empty() && std::filesystem::exists(o.checkpoint)) {
    load_checkpoint(model, o.checkpoint);
    std::printf("%s: goes on behind epoch %lld\n", o.checkpoint.c_str(),
                static_cast<long long>(model.training().epochs));
  }
  for (const std::string& file : {o.checkpoint, o.save}) example::check_writable(file);

  const std::int64_t left = o.epochs - model.training().epochs;
  if (left > 0) {
    // Decay by 0.005 of the rate a step, apart from the gradient. The cycle spans all runs together.
    const auto rule = decayed(SGD{.learning_rate = o.learning_rate, .momentum = 0.9}, 5e-3);
    FitOptions how{.epochs = left, .batch = o.batch};
    how.augment = {.crop = 4, .flip_x = true};
    how.schedule = Schedule::one_cycle(0.3, 0.04, 4e-6, static_cast<double>(o.epochs));
    how.stop = &example::CtrlC::asked();
    how.after_epoch = [&](const EpochRecord&) {
      if (!o.checkpoint.empty()) save_checkpoint(model, o.checkpoint);
    };
    const History history = fit(model, pictures.train, rule, how);
    if (history.stopped) {
      std::printf("Stopped by Ctrl-C. %s\n", o.checkpoint.empty()
                                                 ? "What was learnt is not kept: --checkpoint FILE was not given."
                                                 : "The same command goes on behind the last whole epoch.");
      return;
    }
  }
  std::printf("On the other pictures: %s\n", to_string(evaluate(model, pictures.test)).c_str());
  if (o.save.empty()) return;
  Model<Plain<Width>> plain;
  copy_folded(model, plain);
  save(plain, o.save);
  std::printf("Base written to %s\n", o.save.c_str());
}

int main(int argc, char** argv) {
  return example::guarded("pretrain", [&]() -> int {
    const Options options = read_options(argc, argv);
    if (options.help) {
      std::fputs(
          example::help_text("pretrain", "Makes a base for vgg16: VGG-16 learns small pictures.", groups).c_str(),
          stdout);
      return example::done;
    }
    const example::CtrlC ctrl_c;
    if (options.narrow)
      run<4>(options);
    else
      run<64>(options);
    return example::CtrlC::asked() ? example::interrupted : example::done;
  });
}
