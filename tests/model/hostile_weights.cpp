// Files of weights from elsewhere that are damaged, doubtful or of another network: a clear error, the model unchanged.
#include <strata/model/transfer.hpp>
#include <strata/strata.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "io/folder.hpp"
#include "model/hostile_weights.hpp"

using namespace strata;

namespace {

using namespace hostile_weights;

struct Fixture {
  Folder folder;
  Model<Net> model{seed(3)};

  std::string refused(const Contents& c, const ImportOptions& options = {}) {
    safetensors::write(folder.file("weights"), c.metadata, c.tensors);
    const std::vector<float> before(std::as_const(model).parameters().begin(), std::as_const(model).parameters().end());
    const std::string message = message_of<Error>([&] { import_weights(model, folder.file("weights"), options); });
    BOOST_TEST((std::memcmp(before.data(), std::as_const(model).parameters().data(), 4 * before.size()) == 0));
    BOOST_TEST(message.size() < 1500u);
    return message;
  }
  void check(const Contents& c, const std::string& what, const ImportOptions& options = {}) {
    const std::string message = refused(c, options);
    BOOST_TEST((message.find(what) != std::string::npos), message << "\n  does not say: " << what);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(model_hostile_weights, Fixture)

BOOST_AUTO_TEST_CASE(a_good_file_is_read_to_its_last_number) {
  const Contents c = good();
  safetensors::write(folder.file("weights"), {}, c.tensors);
  const ImportReport report = import_weights(model, folder.file("weights"));
  BOOST_TEST(report.kept.empty());
  BOOST_TEST(report.skipped.empty());
  const auto element = [&](const std::string& name, std::size_t i) { return model.tensor(name)[i]; };
  // [h, w, in, out] from [out, in, h, w]; the inputs of dense_1 are pixel by pixel, those of dense_2 as they are.
  const auto at = [](int i) { return 0.5f + static_cast<float>(i) / 64; };
  BOOST_TEST(element("conv_1/kernel", ((2 * 3 + 1) * 3 + 0) * 3 + 2) == at(2 * 27 + 0 * 9 + 2 * 3 + 1));
  BOOST_TEST(element("dense_1/kernel", ((1 * 2 + 0) * 3 + 2) * 12 + 5) == at(5 * 12 + 2 * 4 + 1 * 2 + 0));
  BOOST_TEST(element("dense_2/kernel", 7 * 12 + 5) == at(5 * 12 + 7));
  // mean - bias: (0.5 + i / 64) - (2 + i / 64)
  BOOST_TEST(element("batch_norm_1/moving_mean", 2) == -1.5f);
}

BOOST_AUTO_TEST_CASE(height_and_width_of_a_kernel_are_not_taken_for_each_other) {
  Model<Network<Seq<Conv<2, kernel<1, 2>>>, Input<3, 3, 2>>> oblong;
  Contents c;
  c.values.reserve(2);
  c.add("a.weight", {2, 2, 1, 2});
  c.add("a.bias", {2});
  safetensors::write(folder.file("weights"), {}, c.tensors);
  import_weights(oblong, folder.file("weights"));
  BOOST_TEST(oblong.tensor("conv_1/kernel")[(1 * 2 + 0) * 2 + 1] == 0.5f + (1 * 4 + 0 * 2 + 1) / 64.0f);
}

BOOST_AUTO_TEST_CASE(a_file_that_keeps_its_order_is_read_in_it) {
  Contents c = good();
  c.add("a.weight", {12, 12});  // first by its letters, and behind the network's end
  c.add("a.bias", {12});
  c.metadata = {{"tensor_order", "model"}};
  safetensors::write(folder.file("weights"), c.metadata, c.tensors);
  const ImportReport report = import_weights(model, folder.file("weights"));
  BOOST_TEST(report.kept.empty());
  BOOST_TEST(report.skipped == (std::vector<std::string>{"a.weight", "a.bias"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_fit_are_named_both) {
  Contents c = good();
  c.remove("f.0.weight");
  c.add("f.0.weight", {3, 3, 9});
  check(c, "'f.0.weight' is F32 of shape [3, 3, 9], and 'conv_1/kernel' would be F32 of shape [3, 3, 3, 3] there");
  c = good();
  c.remove("g.10.weight");
  c.add("g.10.weight", {144});
  check(c, "for 'dense_2/kernel', F32 of shape [12, 12] there; it has 'g.10.bias', F32 of shape [12]");
  c = good();
  c.remove("f.1.running_mean");
  c.add("f.1.running_mean", {4});
  check(c, "'f.1.running_mean' is F32 of shape [4], and 'batch_norm_1/moving_mean' would be F32 of shape [3] there");
  c = good();
  c.remove("f.0.bias");
  c.add("f.0.bias", {1});
  check(c, "has no place for 'f.0.bias'");
  Model<Network<Seq<Dense<4>>, Input<3>>> small;
  Contents narrow;
  narrow.add("a.weight", {3, 4});
  narrow.add("a.bias", {4});
  safetensors::write(folder.file("narrow"), {}, narrow.tensors);
  const std::string message = message_of<Error>([&] { import_weights(small, folder.file("narrow")); });
  BOOST_TEST((message.find("it would fit with the axes of Keras") != std::string::npos), message);
  BOOST_TEST(import_weights(small, folder.file("narrow"),
                            {.framework = Framework::keras, .names = {{"a.weight", "dense_1/kernel"}}})
                 .loaded.size() == 1u);
}

BOOST_AUTO_TEST_CASE(types_and_values_that_are_no_weights) {
  Contents c = good();
  c["g.0.bias"].dtype = safetensors::DType::i32;
  check(c, "'g.0.bias' is I32 of shape [12], expected F32, F16 or BF16");
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    c = good();
    for (std::size_t i = 0; i < c.tensors.size(); ++i) {
      if (c.tensors[i].name == "f.0.bias" || c.tensors[i].name == "g.10.weight") c.values[i].back() = value;
      c.tensors[i].data = std::as_bytes(std::span<const float>(c.values[i]));
    }
    check(c, "at element 2;");
  }
  c = good();
  c.remove("f.1.running_var");
  c.add("f.1.running_var", {3}, -1);
  check(c, "a variance is none below 0");
}

BOOST_AUTO_TEST_CASE(narrow_floats_become_floats) {
  Contents c = good();
  // 1.5, -2 and 0.25 three times, as half precision and as bfloat16.
  const std::vector<std::uint16_t> half = {0x3e00, 0xc000, 0x3400}, brain = {0x3fc0, 0xc000, 0x3e80};
  std::vector<std::uint16_t> halves, brains;
  for (int i = 0; i < 48; ++i) halves.push_back(half[static_cast<std::size_t>(i % 3)]);
  for (int i = 0; i < 12; ++i) brains.push_back(brain[static_cast<std::size_t>(i % 3)]);
  for (int i = 0; i < 96; ++i) halves.push_back(half[static_cast<std::size_t>(i % 3)]);
  c["g.0.weight"].dtype = safetensors::DType::f16;
  c["g.0.weight"].data = std::as_bytes(std::span<const std::uint16_t>(halves));
  c["g.10.bias"].dtype = safetensors::DType::bf16;
  c["g.10.bias"].data = std::as_bytes(std::span<const std::uint16_t>(brains));
  safetensors::write(folder.file("weights"), {}, c.tensors);
  import_weights(model, folder.file("weights"));
  const float values[] = {1.5f, -2, 0.25f};
  for (std::size_t i = 0; i < 12; ++i) BOOST_TEST(model.tensor("dense_2/bias")[i] == values[i % 3]);
  // [outputs][channels][pixels] in the file, [pixels][channels][outputs] here.
  for (std::size_t o = 0; o < 12; ++o)
    for (std::size_t c3 = 0; c3 < 3; ++c3)
      for (std::size_t p = 0; p < 4; ++p)
        BOOST_TEST(model.tensor("dense_1/kernel")[(p * 3 + c3) * 12 + o] == values[(o * 12 + c3 * 4 + p) % 3]);
}

BOOST_AUTO_TEST_CASE(names_that_tell_nothing_or_two_things) {
  Contents c;
  c.values.reserve(8);
  check(c, "it has no tensor of the network");
  c.add("a.w", {12, 12});
  check(c, "named neither as Keras' (kernel) nor as PyTorch's (weight); its first is 'a.w'");
  c.add("b.weight", {12, 12});
  c.add("c/kernel", {12, 12});
  check(c, "named in two ways, 'c/kernel' as Keras' and 'b.weight'");
  c = good();
  c.add("g/0.bias", {12});
  c.add("g.0/bias", {12});
  check(c, "are both the bias of layer 'g.0'");
  c = good();
  c.add("h.weight", {3, 3, 3, 3});
  c.add("h.bias", {3});
  check(c, "'f.0' and 'h' both could be the network's 'conv_1'; say which");
}

BOOST_AUTO_TEST_CASE(layers_that_lack_or_have_no_place) {
  Contents c = good();
  c.remove("g.0.bias");
  check(c, "'g.0' has no bias for 'dense_1/bias'");
  c = good();
  for (const char* part : {"weight", "bias", "running_mean", "running_var"}) c.remove("f.1." + std::string(part));
  check(c, "'g.0' has no gamma for 'batch_norm_1/gamma', F32 of shape [3]");
  c = good();
  c.add("f.2.weight", {3, 3, 3, 3});
  check(c, "its 'f.2.weight' stands between layers of the network");
  check(good(), "'batch_norm_1' adds 1e-05 to the variance, and the file's normalisation 0.001 as told",
        {.epsilon = 1e-3});
  check(good(), "'conv_1' has no place for 'f.0.bias'", {.names = {{"f.0", "conv_1"}}});
  check(good(), "it has no layer 'x'", {.names = {{"x", "conv_1"}}});
  check(good(), "the network has no 'x'", {.names = {{"g.0", "x"}}});
  check(good(), "speaks twice of 'g.0'", {.names = {{"g.0", "dense_1"}, {"g.0", "dense_2"}}});
  check(good(), "speaks twice of 'dense_1/bias'", {.names = {{"g.0", "dense_1"}, {"g.10.bias", "dense_1/bias"}}});
}

BOOST_AUTO_TEST_CASE(damaged_files_are_read_or_refused) {
  std::mt19937 random(20261128);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  const std::vector<std::byte> whole = safetensors::serialize({{"tensor_order", "model"}}, good().tensors);
  std::uint64_t header = 0;
  std::memcpy(&header, whole.data(), 8);
  const char signs[] = "0123456789.:/wgf[],\"{}";
  int read = 0, refused_files = 0;
  for (int round = 0; round < 1500; ++round) {
    std::vector<std::byte> bytes = whole;
    for (std::size_t k = 0, n = 1 + below(3); k < n; ++k) {
      if (below(4) == 0)
        bytes[8 + header + below(bytes.size() - 8 - header)] = static_cast<std::byte>(below(256));
      else
        bytes[8 + below(header)] = static_cast<std::byte>(signs[below(sizeof signs - 1)]);
    }
    read_hostile_weights(bytes) ? ++read : ++refused_files;
  }
  BOOST_TEST(read > 100);
  BOOST_TEST(refused_files > 500);
}

BOOST_AUTO_TEST_SUITE_END()
