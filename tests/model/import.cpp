// Weights of PyTorch and Keras (tests/golden/make_weights.py): the networks compute what those compute.
#include <strata/model/transfer.hpp>
#include <strata/strata.hpp>
#include <strata/zoo/vgg16.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "io/folder.hpp"

using namespace strata;

namespace {

struct Plain : zoo::Vgg16Blocks<zoo::VggConv, 1> {};
struct Normalised : zoo::Vgg16Blocks<zoo::VggConvBatchNormTorch, 1> {};
template <class Base>
struct Headed : Seq<Base, Flatten, Named<"fc", Seq<Dense<6, ReLU>, Dropout<50>, Dense<6, ReLU>, Dropout<50>>>,
                    Named<"predictions", Dense<5>>> {};
template <class Base, class P>
using Whole = Network<Headed<Base>, Input<64, 64, 3, P>>;
template <class Base, class P>
using Features = Network<Base, Input<96, 96, 3, P>>;

std::string golden(const std::string& name) {
  return (std::filesystem::path(__FILE__).parent_path() / "../golden/weights_").string() + name + ".bin";
}

/// The picture that make_weights.py draws.
template <class Net>
std::vector<float> output(Model<Net>& model) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(Net::input_shape.size()));
  std::uint32_t state = 7;
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
  return predict(model, Dataset::view(Net::input_shape, bytes));
}

/// The norm of the difference over that of what the framework computes.
double distance(const std::vector<float>& seen, const std::string& name) {
  const std::vector<float> expected = safetensors::File::read(golden("expected")).values<float>(name);
  BOOST_REQUIRE(seen.size() == expected.size());
  double apart = 0, norm = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const double e = expected[i], d = static_cast<double>(seen[i]) - e;
    apart += d * d;
    norm += e * e;
  }
  BOOST_REQUIRE(norm > 1e-3);
  return std::sqrt(apart / norm);
}

template <class Base, class P>
void check(const std::string& name) {
  Model<Whole<Base, P>> model;
  const ImportReport report = import_weights(model, golden(name));
  BOOST_TEST(report.kept.empty());
  BOOST_TEST(distance(output(model), name + "/logits") < 1e-5);
  Model<Features<Base, P>> base;
  const ImportReport of_base = import_weights(base, golden(name));
  BOOST_TEST(of_base.kept.empty());
  BOOST_TEST(distance(output(base), name + "/features") < 1e-5);
  BOOST_TEST(of_base.skipped.size() >= 6u);  // the head
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model_import)

BOOST_AUTO_TEST_CASE(pytorch_computes_the_same) { check<Plain, Torch>("torch"); }
BOOST_AUTO_TEST_CASE(pytorch_with_batch_normalisation_computes_the_same) { check<Normalised, Torch>("torch_bn"); }
BOOST_AUTO_TEST_CASE(keras_computes_the_same) { check<Plain, Caffe>("keras"); }

BOOST_AUTO_TEST_CASE(the_report_says_what_went_where) {
  Model<Whole<Plain, Torch>> model;
  const std::string text = to_string(import_weights(model, golden("torch"), {.skip = {"classifier.6"}}));
  BOOST_TEST_MESSAGE(text);
  for (const char* line : {
           "block2_conv1/kernel        <-  features.5.weight [2, 1, 3, 3]   transposed\n",
           "block5_conv3/bias          <-  features.28.bias [8]\n",
           "fc_dense1/kernel           <-  classifier.0.weight [6, 32]      transposed, by pixels\n",
           "fc_dense2/kernel           <-  classifier.3.weight [6, 6]       transposed\n",
           "predictions_dense1/kernel  --  keeps its values\n",
           "--  classifier.6.weight is skipped\n",
           "30 tensors loaded (14 transposed), 2 keep their values (predictions_dense1/kernel, "
           "predictions_dense1/bias), "
           "2 of the file are skipped (classifier.6.bias, classifier.6.weight)\n",
           "The file does not say what its network is used to",
       })
    BOOST_TEST((text.find(line) != std::string::npos), line);
}

BOOST_AUTO_TEST_CASE(pixels_of_another_kind_are_refused_where_the_file_says) {
  Model<Whole<Plain, Torch>> model;
  BOOST_TEST(message_of<Error>([&] { import_weights(model, golden("keras")); }).find("takes its input differently") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_new_head_needs_a_word_and_a_table_does_too) {
  struct NewHead : Seq<Frozen<Plain>, Flatten, Dense<7, ReLU>, Dense<3>> {};
  Model<Network<NewHead, Input<64, 64, 3, Torch>>> model;
  const std::vector<float> before(model.parameters().begin(), model.parameters().end());
  const std::string message = message_of<Error>([&] { import_weights(model, golden("torch")); });
  BOOST_TEST((message.find("'classifier.0.weight' is F32 of shape [6, 32], and 'dense_1/kernel' would be F32 of shape "
                           "[7, 32] there. Where the file's layer is not wanted") != std::string::npos),
             message);
  BOOST_TEST(std::ranges::equal(before, model.parameters()));
  BOOST_TEST(import_weights(model, golden("torch"), {.skip = {"classifier."}}).kept.size() == 4u);
  const ImportReport two = import_weights(
      model, golden("torch"), {.names = {{"features.26", "block5_conv3"}, {"features.28.bias", "block5_conv2/bias"}}});
  BOOST_TEST(two.loaded.size() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
