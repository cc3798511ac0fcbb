// Models in files: what is saved comes back, what does not fit is refused with the difference, and a model that a file
// was refused for is as it was.
#include <strata/io/stored_class_names.hpp>
#include <strata/model/files.hpp>
#include <strata/train/fit.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "io/folder.hpp"
#include "model/saved_model.hpp"

using namespace strata;
using namespace saved;

namespace {

/// The Error of load for another network, without the file's name. The model must come out of it unchanged.
template <class Layers, class In = Input<8, 8, 1>>
std::string refusal(const std::string& path) {
  Model<Network<Layers, In>> model{seed(3), threads(1)};
  const std::string before = state_of(model);
  const std::string message = message_of<Error>([&] { load(model, path); });
  BOOST_TEST((state_of(model) == before));
  BOOST_TEST(message.starts_with(path + ": not loaded: "), message);
  return message.substr(std::min(message.size(), path.size() + std::string(": not loaded: ").size()));
}

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

BOOST_AUTO_TEST_CASE(class_names_travel_with_weights_and_checkpoints) {
  const Folder folder;
  Model<Net> model = trained();
  const std::vector<std::string> names{"zero", "\"one\"", "zwei, drei", "\xCE\xB3", "a\\b"};
  save(model, folder.file("weights"), {.classes = names});
  save_checkpoint(model, folder.file("checkpoint"), {.classes = names});
  save(model, folder.file("nameless"));
  BOOST_TEST(class_names(folder.file("weights")) == names, boost::test_tools::per_element());
  BOOST_TEST(class_names(folder.file("checkpoint")) == names, boost::test_tools::per_element());
  BOOST_TEST(class_names(folder.file("nameless")).empty());
  Model<Net> loaded{seed(1), threads(1)};
  load_checkpoint(loaded, folder.file("checkpoint"));
  BOOST_TEST((state_of(loaded) == state_of(model)));
}

BOOST_AUTO_TEST_CASE(class_names_that_cannot_be_are_not_saved) {
  const Folder folder;
  Model<Net> model{seed(1), threads(1)};
  const auto refusal_of = [&](const std::vector<std::string>& names) {
    return message_of<Error>([&] { save(model, folder.file("weights"), {.classes = names}); });
  };
  BOOST_TEST(refusal_of({"a", "b"}) == folder.file("weights") +
                                           ": not saved: 2 class names for a network that tells 5 classes apart; the "
                                           "first is 'a'");
  BOOST_TEST(refusal_of({"a", "b", "c", "d\n", "e"}).find("the class name 'd\\x0a' cannot be") != std::string::npos);
  BOOST_TEST(refusal_of({"a", "b", "c", "\x7F", "e"}).find("cannot be") != std::string::npos);
  BOOST_TEST(refusal_of({"a", "b", "c", "\xFF", "e"}).find("cannot be") != std::string::npos);
  BOOST_TEST(refusal_of({"a", "b", "c", "", "e"}).find("cannot be") != std::string::npos);
  BOOST_TEST(folder.names().empty());
}

BOOST_AUTO_TEST_CASE(hostile_class_names_are_refused) {
  const Folder folder;
  Model<Net> model{seed(1), threads(1)};
  save(model, folder.file("weights"), {.classes = {"a", "b", "c", "d", "e"}});
  Contents contents(folder.file("weights"));
  const auto refusal_of = [&](const std::string& text) {
    contents.text("class_names") = text;
    contents.write(folder.file("hostile"));
    load(model, folder.file("hostile"));  // its weights are as good as before
    return message_of<Error>([&] { class_names(folder.file("hostile")); });
  };
  for (const char* text : {"", "a", "[\"a\"", "[\"a\"] x", "{\"a\": 1}", "[1]", "[[\"a\"]]", "[\"a\", ]",
                           "[\"\\ud800\"]", "[\"a\\u0000\"]", "[\"\\u001b[2J\"]", "[\"\"]", "null"}) {
    const std::string refused = refusal_of(text);
    BOOST_TEST(refused.find("a JSON list of names is expected") != std::string::npos, text << ": " << refused);
    BOOST_TEST(refused.find('\x1B') == std::string::npos);
  }
  BOOST_TEST(refusal_of(std::string(1'000'000, '[')).size() < 500u);
  BOOST_TEST(refusal_of("[\"a\"]") == nothing);  // whose number a Classifier checks
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
