// Models in files: what is saved comes back, what does not fit is refused with the difference, and a model that a file
// was refused for is as it was.
#include <strata/model/files.hpp>
#include <strata/train/fit.hpp>

#include "reference_models.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

struct DigitsLayers : Seq<Conv<4, 3>, MaxPool<2>, Dense<6, ReLU>, Dropout<20>, BatchNorm<>, Softmax<5>> {};
using Net = Network<DigitsLayers, Input<8, 8, 1>>;

Dataset data() {
  std::vector<std::uint8_t> pixels(40 * 64);
  std::vector<std::int32_t> labels(40);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 31 + i / 64 * 7);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i % 5);
  return Dataset::own(Shape::image(8, 8, 1), 5, std::move(pixels), std::move(labels));
}

/// A model that has seen some steps, so that no tensor and no moment is zero.
Model<Net> trained(std::uint64_t s = 7) {
  Model<Net> model{seed(s), threads(1)};
  fit(model, data(), Adam{}, {.epochs = 2, .batch = 16, .progress = Progress::silent});
  return model;
}

template <class N> bool same_parameters(const Model<N>& a, const Model<N>& b) {
  return std::memcmp(a.parameters().data(), b.parameters().data(), a.parameters().size_bytes()) == 0;
}

/// All of a model that a file could change, as bytes.
template <class N> std::string state_of(const Model<N>& model) {
  const TrainingState& t = model.training();
  std::string out(reinterpret_cast<const char*>(model.parameters().data()), model.parameters().size_bytes());
  if (t.moments.size() > 0) out.append(reinterpret_cast<const char*>(t.moments.data()), t.moments.size());
  return out + t.optimizer + "," + std::to_string(t.slots) + "," + std::to_string(t.steps) + "," +
         std::to_string(t.epochs) + "," + std::to_string(model.seed().value);
}

const std::string nothing = "nothing was thrown";

/// The Error of load for another network, without the file's name. The model must come out of it unchanged.
template <class Layers, class In = Input<8, 8, 1>> std::string refusal(const std::string& path) {
  Model<Network<Layers, In>> model{seed(3), threads(1)};
  const std::string before = state_of(model);
  const std::string message = message_of<Error>([&] { load(model, path); });
  BOOST_TEST((state_of(model) == before));
  BOOST_TEST(message.starts_with(path + ": not loaded: "), message);
  return message.substr(std::min(message.size(), path.size() + std::string(": not loaded: ").size()));
}

/// The tensors of a model's file, to be changed and written again.
struct Contents {
  safetensors::File file;
  safetensors::Metadata metadata;
  std::vector<safetensors::TensorView> tensors;

  explicit Contents(const std::string& path)
      : file(safetensors::File::read(path)),
        metadata(file.metadata()),
        tensors(file.tensors().begin(), file.tensors().end()) {}

  safetensors::TensorView& operator[](const std::string& name) {
    return *std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
  }
  std::string& text(const std::string& key) {
    return std::find_if(metadata.begin(), metadata.end(), [&](const auto& m) { return m.first == key; })->second;
  }
  void write(const std::string& path) const { safetensors::write(path, metadata, tensors); }
};

// Networks that differ from Net in one place.
struct FourClasses : Seq<Conv<4, 3>, MaxPool<2>, Dense<6, ReLU>, Dropout<20>, BatchNorm<>, Softmax<4>> {};
struct OtherRate : Seq<Conv<4, 3>, MaxPool<2>, Dense<6, ReLU>, Dropout<25>, BatchNorm<>, Softmax<5>> {};
struct OneMore : Seq<Conv<4, 3>, MaxPool<2>, Dropout<10>, Dense<6, ReLU>, Dropout<20>, BatchNorm<>, Softmax<5>> {};
struct OneLess : Seq<Conv<4, 3>, MaxPool<2>, Dense<6, ReLU>, BatchNorm<>, Softmax<5>> {};
struct OtherFirst : Seq<Conv<4, 5, Same>, MaxPool<2>, Dense<6, ReLU>, Dropout<20>, BatchNorm<>, Softmax<5>> {};
struct Spelt : Seq<Conv<4, 3>, MaxPool<2>, Dense<6>, ReLU, Dropout<20>, BatchNorm<>, Dense<5>, Softmax<>> {};
struct Deep : Seq<Repeat<12, Dense<5, LeakyReLU<10>>>> {};
struct Deeper : Seq<Repeat<12, Dense<5, LeakyReLU<20>>>> {};

boost::test_tools::assertion_result python_is_there(boost::unit_test::test_unit_id) {
  if (std::system("python3 -c 'import safetensors, numpy' 2>/dev/null") == 0) return true;
  boost::test_tools::assertion_result no(false);
  no.message() << "skipped: python3 with safetensors and numpy is not installed (pip install safetensors numpy)";
  return no;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model_files)

BOOST_AUTO_TEST_CASE(what_is_saved_comes_back) {
  const Folder folder;
  const Model<Net> model = trained();
  save(model, folder.file("weights"));
  Model<Net> loaded = trained(8);
  load(loaded, folder.file("weights"));
  BOOST_TEST(same_parameters(model, loaded));
  BOOST_TEST(loaded.seed().value == 8u);     // its own
  BOOST_TEST(loaded.training().steps == 0);  // moments of other weights are of no use
  BOOST_TEST(loaded.training().optimizer.empty());
  BOOST_TEST(folder.names().size() == 1u);  // nothing lies beside it
}

BOOST_AUTO_TEST_CASE(what_a_file_of_weights_holds) {
  const Folder folder;
  Model<Net> model = trained();
  save(model, folder.file("weights"));
  const safetensors::File file = safetensors::File::read(folder.file("weights"));
  BOOST_TEST(file.tensors().size() == 10u);
  const std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes{
      {"conv_1/kernel", {3, 3, 1, 4}},   {"conv_1/bias", {4}},
      {"dense_1/kernel", {36, 6}},       {"dense_1/bias", {6}},
      {"batch_norm_1/gamma", {6}},       {"batch_norm_1/beta", {6}},
      {"batch_norm_1/moving_mean", {6}}, {"batch_norm_1/moving_variance", {6}},
      {"dense_2/kernel", {6, 5}},        {"dense_2/bias", {5}}};
  for (const auto& [name, shape] : shapes) {
    BOOST_TEST(file.tensor(name).shape == shape, boost::test_tools::per_element());
    const std::vector<float> values = file.values<float>(name);
    const std::span<float> own = model.tensor(name);
    BOOST_TEST(values == std::vector<float>(own.begin(), own.end()), boost::test_tools::per_element());
  }
  BOOST_TEST(*file.metadata("strata_format") == "1");
  BOOST_TEST(*file.metadata("strata_version") == "0.1.0");
  BOOST_TEST(*file.metadata("architecture") == architecture_text<Net>());
  BOOST_TEST(*file.metadata("fingerprint") == fingerprint<Net>());
  BOOST_TEST(*file.metadata("preprocessing") == "x / 255: scale 0.00392156862745098, offset 0");
  BOOST_TEST(*file.metadata("seed") == "7");
  BOOST_TEST(file.metadata("optimizer") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_holds_the_state_of_training) {
  const Folder folder;
  Model<Net> model = trained();
  save_checkpoint(model, folder.file("checkpoint"));
  const safetensors::File file = safetensors::File::read(folder.file("checkpoint"));
  BOOST_TEST(file.tensors().size() == 10u + 2 * 8);  // running averages have no moments
  BOOST_TEST(*file.metadata("optimizer") == "adam");
  BOOST_TEST(*file.metadata("optimizer_moments") == "2");
  BOOST_TEST(*file.metadata("steps") == "6");
  BOOST_TEST(*file.metadata("epochs") == "2");
  const std::vector<float> second = file.values<float>("adam/moment_2/dense_1/kernel");
  const Segment& kernel = Net::parameters.segments[2];
  for (std::size_t i = 0; i < second.size(); ++i)
    BOOST_REQUIRE(
        second[i] ==
        model.training()
            .moments.floats()[static_cast<std::size_t>(Net::parameters.trainable_floats + kernel.offset) + i]);
  Model<Net> loaded{seed(1), threads(1)};
  load_checkpoint(loaded, folder.file("checkpoint"));
  BOOST_TEST((state_of(loaded) == state_of(model)));
  // Its weights alone can be read, too.
  Model<Net> weights{seed(1), threads(1)};
  load(weights, folder.file("checkpoint"));
  BOOST_TEST(same_parameters(weights, model));
  BOOST_TEST(weights.seed().value == 1u);
  BOOST_TEST(weights.training().optimizer.empty());
}

BOOST_AUTO_TEST_CASE(weights_alone_are_no_checkpoint) {
  const Folder folder;
  Model<Net> model = trained();
  save(model, folder.file("weights"));
  const std::string before = state_of(model);
  BOOST_TEST(message_of<Error>([&] { load_checkpoint(model, folder.file("weights")); }) ==
             folder.file("weights") +
                 ": not loaded: the file holds weights, but not where training stood; read it with load, or write it "
                 "with save_checkpoint");
  BOOST_TEST((state_of(model) == before));
}

BOOST_AUTO_TEST_CASE(another_architecture_is_refused_with_the_difference) {
  const Folder folder;
  const std::string path = folder.file("weights");
  save(trained(), path);
  const std::string begin = "the file was saved from another architecture:";
  BOOST_TEST(refusal<FourClasses>(path) == begin +
                                               "\n  file: dense 6 to 5; program: dense 6 to 4, layer 6"
                                               "\n  file: softmax 5 to 5; program: softmax 4 to 4, layer 6");
  BOOST_TEST(refusal<OtherRate>(path) ==
             begin + "\n  file: dropout 6 to 6, percent 20; program: dropout 6 to 6, percent 25, layer 4");
  BOOST_TEST(refusal<OneMore>(path) ==
             begin + "\n  file: nothing; program: dropout 3 x 3 x 4 to 3 x 3 x 4, percent 10, layer 3");
  BOOST_TEST(refusal<OneLess>(path) == begin + "\n  file: dropout 6 to 6, percent 20; program: nothing, after layer 3");
  BOOST_TEST(refusal<OtherFirst>(path).starts_with(
      begin + "\n  file: conv 8 x 8 x 1 to 6 x 6 x 4; program: conv 8 x 8 x 1 to 8 x 8 x 4, layer 1"));
  BOOST_TEST((refusal<DigitsLayers, Input<9, 8, 1>>(path))
                 .starts_with(begin + "\n  file: input 8 x 8 x 1; program: input 9 x 8 x 1"));
  Model<Network<Spelt, Input<8, 8, 1>>> spelt;  // the same network written otherwise
  load(spelt, path);
}

BOOST_AUTO_TEST_CASE(many_differences_are_counted) {
  const Folder folder;
  save(Model<Network<Deep, Input<5>>>{}, folder.file("deep"));
  const std::string message = refusal<Deeper, Input<5>>(folder.file("deep"));
  BOOST_TEST(std::count(message.begin(), message.end(), '\n') == 9);
  BOOST_TEST(message.ends_with("\n  and 4 more"));
  BOOST_TEST(message.find("leaky_relu 5 to 5, percent 20, layer 8") != std::string::npos, message);
}

BOOST_AUTO_TEST_CASE(another_preprocessing_is_refused) {
  const Folder folder;
  save(trained(), folder.file("weights"));
  BOOST_TEST((refusal<DigitsLayers, Input<8, 8, 1, Centered>>(folder.file("weights"))) ==
             "the file's network takes its input differently:\n  file: x / 255: scale 0.00392156862745098, offset 0; "
             "program: x / 255 - 0.5: scale 0.00392156862745098, offset -0.5\ngive Input<...> the preprocessing of the "
             "file");
}

BOOST_AUTO_TEST_CASE(files_of_other_programs_are_taken_when_they_fit) {
  const Folder folder;
  const Model<Net> model = trained();
  save(model, folder.file("weights"));
  Contents contents(folder.file("weights"));
  contents.metadata = {{"format", "np"}};
  std::reverse(contents.tensors.begin(), contents.tensors.end());
  contents.write(folder.file("other"));
  Model<Net> loaded{seed(1), threads(1)};
  load(loaded, folder.file("other"));
  BOOST_TEST(same_parameters(loaded, model));
  Contents none(folder.file("weights"));
  none.metadata.clear();
  none.write(folder.file("none"));
  load(loaded, folder.file("none"));
  // Without metadata the tensors alone tell that a network is another.
  BOOST_TEST(refusal<FourClasses>(folder.file("none")) ==
             "the file's tensors are not those of the network:"
             "\n  'dense_2/kernel' is F32 of shape [6, 5], expected F32 of shape [6, 4]"
             "\n  'dense_2/bias' is F32 of shape [5], expected F32 of shape [4]");
}

BOOST_AUTO_TEST_CASE(half_precision_is_widened) {
  const Folder folder;
  save(trained(), folder.file("weights"));
  Contents contents(folder.file("weights"));
  const std::vector<std::uint16_t> half(6, 0x3C00), brain(5, 0xC040);  // 1 in binary16, -3 in bfloat16
  contents["dense_1/bias"].dtype = safetensors::DType::f16;
  contents["dense_1/bias"].data = std::as_bytes(std::span(half));
  contents["dense_2/bias"].dtype = safetensors::DType::bf16;
  contents["dense_2/bias"].data = std::as_bytes(std::span(brain));
  contents.write(folder.file("narrow"));
  Model<Net> loaded{seed(1), threads(1)};
  load(loaded, folder.file("narrow"));
  for (const float v : loaded.tensor("dense_1/bias")) BOOST_TEST(v == 1);
  for (const float v : loaded.tensor("dense_2/bias")) BOOST_TEST(v == -3);
}

BOOST_AUTO_TEST_CASE(tensors_that_do_not_fit_are_refused) {
  const Folder folder;
  save(trained(), folder.file("weights"));
  auto with = [&](auto change) {
    Contents contents(folder.file("weights"));
    change(contents);
    contents.write(folder.file("changed"));
    return refusal<DigitsLayers>(folder.file("changed"));
  };
  const std::string begin = "the file's tensors are not those of the network:";
  BOOST_TEST(with([](Contents& c) { c["dense_1/bias"].name = "dense_1/biases"; }) ==
             begin +
                 "\n  there is no 'dense_1/bias', F32 of shape [6]"
                 "\n  'dense_1/biases' is F32 of shape [6], which the network does not have");
  BOOST_TEST(with([](Contents& c) {
               c["conv_1/kernel"].shape = {1, 3, 3, 4};
             }) == begin + "\n  'conv_1/kernel' is F32 of shape [1, 3, 3, 4], expected F32 of shape [3, 3, 1, 4]");
  BOOST_TEST(with([](Contents& c) {
               c["dense_1/bias"].shape = {6, 1};
             }) == begin + "\n  'dense_1/bias' is F32 of shape [6, 1], expected F32 of shape [6]");
  const std::vector<float> numbers(60);
  BOOST_TEST(with([&](Contents& c) {
               for (int i = 0; i < 20; ++i)
                 c.tensors.push_back(safetensors::view("extra_" + std::to_string(i), {60}, std::span(numbers)));
             }).ends_with("\n  and 12 more"));
  const std::vector<double> wide(6);
  BOOST_TEST(with([&](Contents& c) { c["dense_1/bias"] = safetensors::view("dense_1/bias", {6}, std::span(wide)); }) ==
             "tensor 'dense_1/bias' is F64 of shape [6], expected F32, F16 or BF16; convert it where the file is "
             "made");
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> values(6, 1);
    values[4] = bad;
    const std::string message = with([&](Contents& c) { c["dense_1/bias"].data = std::as_bytes(std::span(values)); });
    BOOST_TEST(message == "tensor 'dense_1/bias' holds " + std::to_string(bad) +
                              " at element 4; the file is damaged, or its training diverged");
  }
}

BOOST_AUTO_TEST_CASE(metadata_that_do_not_fit_are_refused) {
  const Folder folder;
  save_checkpoint(trained(), folder.file("checkpoint"));
  auto with = [&](const std::string& key, const std::string& value) {
    Contents contents(folder.file("checkpoint"));
    contents.text(key) = value;
    contents.write(folder.file("changed"));
    Model<Net> model = trained(9);
    const std::string before = state_of(model);
    const std::string message = message_of<Error>([&] { load_checkpoint(model, folder.file("changed")); });
    BOOST_TEST((state_of(model) == before));
    return message.substr(std::min(message.size(), message.find("not loaded: ") + 12));
  };
  BOOST_TEST(with("strata_format", "2") == "the file is of strata's format 2; this version reads format 1");
  BOOST_TEST(with("steps", "-1") ==
             "the metadata's 'steps' is '-1'; a whole number from 0 to 9223372036854775807 is expected");
  for (const char* wrong : {"", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "99999999999999999999", "1\n"}) {
    BOOST_TEST(with("steps", wrong).starts_with("the metadata's 'steps' is "));
    BOOST_TEST(with("epochs", wrong).starts_with("the metadata's 'epochs' is "));
  }
  BOOST_TEST(with("seed", "x").starts_with("the metadata's 'seed' is 'x'"));
  BOOST_TEST(with("optimizer_moments", "17") ==
             "the metadata's 'optimizer_moments' is '17'; a whole number from 0 to 16 is expected");
  BOOST_TEST(with("optimizer_moments", "3")
                 .starts_with("the file's tensors are not those of the network:\n  there is no "
                              "'adam/moment_3/conv_1/kernel'"));
  BOOST_TEST(with("optimizer_moments", "1").find("'adam/moment_2/") != std::string::npos);
  BOOST_TEST(with("optimizer", "sgd").find("there is no 'sgd/moment_1/conv_1/kernel'") != std::string::npos);
  BOOST_TEST(with("fingerprint", "0123456789abcdef") ==
             "the file's fingerprint is '0123456789abcdef', but its architecture and preprocessing give '" +
                 fingerprint<Net>() + "'; the file is damaged");
  // Text of a hostile file neither commands the terminal nor fills it.
  std::string hostile = "\x1b[2J";
  for (int i = 0; i < 100000; ++i) hostile += "line with \x07 and much more of it, " + std::string(500, 'x') + "\n";
  const std::string message = with("architecture", hostile);
  BOOST_TEST(message.size() < 4000u);
  BOOST_TEST(message.find('\x1b') == std::string::npos);
  BOOST_TEST(message.find('\x07') == std::string::npos);
  BOOST_TEST(with("architecture", "").starts_with("the file was saved from another architecture:\n  file: nothing; "));
}

BOOST_AUTO_TEST_CASE(weights_that_are_no_numbers_are_not_saved) {
  const Folder folder;
  Model<Net> model = trained();
  save_checkpoint(model, folder.file("checkpoint"));
  const std::string before = get(folder.file("checkpoint"));
  model.tensor("dense_2/kernel")[3] = std::numeric_limits<float>::quiet_NaN();
  const std::string message =
      folder.file("checkpoint") +
      ": not saved: tensor 'dense_2/kernel' holds nan at element 3; training diverged, and such "
      "a file is of no use";
  BOOST_TEST(message_of<Error>([&] { save_checkpoint(model, folder.file("checkpoint")); }) == message);
  BOOST_TEST(message_of<Error>([&] { save(model, folder.file("checkpoint")); }) == message);
  model = trained();
  model.training().moments.floats()[2] = std::numeric_limits<float>::infinity();
  BOOST_TEST(message_of<Error>([&] {
               save_checkpoint(model, folder.file("checkpoint"));
             }).starts_with(folder.file("checkpoint") + ": not saved: tensor 'adam/moment_1/conv_1/kernel' holds inf"));
  BOOST_TEST((get(folder.file("checkpoint")) == before));
  BOOST_TEST(folder.names().size() == 1u);
}

BOOST_AUTO_TEST_CASE(paths_that_lead_nowhere_are_told) {
  const Folder folder;
  Model<Net> model = trained();
  const std::string before = state_of(model);
  BOOST_TEST(message_of<Error>([&] { load(model, folder.file("none")); }) ==
             folder.file("none") + ": cannot open: No such file or directory");
  BOOST_TEST(message_of<Error>([&] { save(model, folder.file("no/folder")); }).starts_with(folder.file("no/folder")));
  put(folder.file("text"), "this is no file of weights");
  BOOST_TEST(message_of<Error>([&] {
               load(model, folder.file("text"));
             }).starts_with("safetensors: " + folder.file("text") + ": "));
  BOOST_TEST((state_of(model) == before));
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused_and_changes_nothing) {
  const Folder folder;
  save_checkpoint(trained(), folder.file("checkpoint"));
  const std::string whole = get(folder.file("checkpoint"));
  Model<Net> model = trained(9);
  const std::string before = state_of(model);
  std::size_t accepted = 0, changed = 0;
  for (std::size_t n = 0; n < whole.size(); n += n < 64 || n + 64 > whole.size() ? 1 : 61) {
    put(folder.file("cut"), whole.substr(0, n));
    accepted += message_of<Error>([&] { load(model, folder.file("cut")); }) == nothing;
    accepted += message_of<Error>([&] { load_checkpoint(model, folder.file("cut")); }) == nothing;
    changed += state_of(model) != before;
  }
  BOOST_TEST(accepted == 0u);
  BOOST_TEST(changed == 0u);
}

BOOST_AUTO_TEST_CASE(damaged_files_are_read_or_refused) {
  const Folder folder;
  save_checkpoint(trained(), folder.file("checkpoint"));
  const std::string whole = get(folder.file("checkpoint"));
  std::uint64_t header = 0;
  std::memcpy(&header, whole.data(), 8);
  std::mt19937 random(20240301);
  auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  const std::string pieces[] = {"0",   "1",       "9",    "17",  "-1",       "18446744073709551615",
                                "\\n", "\\u0000", "adam", "sgd", "moment_1", "conv_1/bias",
                                "F64", "F16",     "[",    "]",   ",",        "x",
                                ""};
  Model<Net> model = trained(9);
  std::string before = state_of(model);
  std::size_t read = 0, refused = 0, longest = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole.substr(8, header);
    std::string values = whole.substr(8 + header);
    for (std::size_t k = 0, n = 1 + below(3); k < n; ++k) {
      const std::size_t at = below(text.size());
      switch (below(5)) {
        case 0:
          text[at] = static_cast<char>(text[at] ^ (1 << below(7)));
          break;
        case 1:
          text.replace(at, below(4), pieces[below(std::size(pieces))]);
          break;
        case 2: {  // a digit, which keeps the grammar
          const std::size_t digit = text.find_first_of("0123456789", at);
          if (digit != std::string::npos) text[digit] = static_cast<char>('0' + below(10));
          break;
        }
        case 3: {  // one name for another
          const std::size_t name = text.find("moment_", at);
          if (name != std::string::npos) text[name + 7] = static_cast<char>('0' + below(4));
          break;
        }
        default:
          values[below(values.size())] = static_cast<char>(below(256));
          break;
      }
    }
    std::string file(8, '\0');
    const std::uint64_t length = text.size();
    std::memcpy(file.data(), &length, 8);
    put(folder.file("damaged"), file + text + values);
    const std::string message = message_of<Error>([&] {
      if (round % 2 == 0)
        load_checkpoint(model, folder.file("damaged"));
      else
        load(model, folder.file("damaged"));
    });
    if (message == nothing) {
      ++read;
      for (const float v : model.parameters()) BOOST_REQUIRE(std::isfinite(v));
      before = state_of(model);
    } else {
      ++refused;
      longest = std::max(longest, message.size());
      BOOST_REQUIRE(state_of(model) == before);
    }
  }
  BOOST_TEST_MESSAGE(read << " files read, " << refused << " refused");
  BOOST_TEST(read > 100u);  // changed values are still values
  BOOST_TEST(refused > 1000u);
  BOOST_TEST(longest < 4000u);
  // Whatever was read, the model trains on, or says that it cannot.
  try {
    BOOST_TEST(fit(model, data(), Adam{}, {.epochs = 1, .progress = Progress::silent}).epochs.size() == 1u);
  } catch (const TrainingDiverged& e) {
    BOOST_TEST(e.epoch >= 1);
  }
}

BOOST_AUTO_TEST_CASE(python_reads_and_writes_models, *boost::unit_test::precondition(python_is_there)) {
  const Folder folder;
  Model<Net> model = trained();
  save_checkpoint(model, folder.file("strata"));
  put(folder.file("script.py"),
      "import sys, numpy as np\n"
      "from safetensors.numpy import load_file, save_file\n"
      "t = load_file(sys.argv[1])\n"
      "assert t['conv_1/kernel'].shape == (3, 3, 1, 4) and t['adam/moment_2/dense_1/kernel'].shape == (36, 6)\n"
      "save_file({k: v * np.float32(2) for k, v in t.items() if not k.startswith('adam/')}, sys.argv[2])\n");
  const std::string command =
      "python3 '" + folder.file("script.py") + "' '" + folder.file("strata") + "' '" + folder.file("python") + "'";
  BOOST_REQUIRE(std::system(command.c_str()) == 0);
  Model<Net> doubled{seed(1), threads(1)};
  load(doubled, folder.file("python"));
  for (std::size_t i = 0; i < model.parameters().size(); ++i)
    BOOST_REQUIRE(doubled.parameters()[i] == 2 * model.parameters()[i]);
}

BOOST_AUTO_TEST_SUITE_END()
