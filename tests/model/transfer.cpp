// Weights of one network for another: what they share by name, and batch normalisation folded away.
#include <strata/model/transfer.hpp>
#include <strata/strata.hpp>
#include <strata/zoo/vgg16.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

using namespace strata;

namespace {

using In = Input<32, 32, 3, Torch>;
struct Normalised : zoo::Vgg16Blocks<zoo::VggConvBatchNorm, 4> {};
struct Plain : zoo::Vgg16Blocks<zoo::VggConv, 4> {};
struct Classified : Seq<Normalised, Flatten, Dense<10>, Softmax<>> {};
struct Headed : Seq<Frozen<Plain>, Flatten, Named<"head", Seq<Dense<16, ReLU>, Dense<3>>>, Softmax<>> {};
using Base = Network<Plain, In>;

/// A file that is there as long as the test.
struct File {
  std::string path =
      (std::filesystem::temp_directory_path() / ("strata_transfer_" + std::to_string(::getpid()))).string();
  ~File() { std::filesystem::remove(path); }
};

Dataset photos() {
  std::vector<std::uint8_t> bytes(6 * 32 * 32 * 3);
  std::uint32_t state = 5;
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
  return Dataset::own(In::output().shape, 10, std::move(bytes), std::vector<std::int32_t>{0, 1, 2, 3, 4, 5});
}

auto says(const std::string& what) {
  return [what](const Error& e) {
    const bool good = std::string(e.what()).find(what) != std::string::npos;
    if (!good) BOOST_TEST_MESSAGE("it says: " << e.what());
    return good;
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(transfer)

BOOST_AUTO_TEST_CASE(a_base_with_batch_normalisation_becomes_a_plain_one) {
  Model<Network<Classified, In>> trained{seed(2)};
  fit(trained, photos(), SGD{.learning_rate = 0.05}, {.epochs = 3, .batch = 3, .progress = Progress::silent});
  Model<Network<Normalised, In>> front{seed(2)};
  for (const std::string& name : tensor_names(view_of<Network<Normalised, In>>()))
    std::ranges::copy(trained.tensor(name), front.tensor(name).begin());
  Model<Base> base{seed(3)};
  copy_folded(trained, base);
  const std::vector<float> expected = predict(front, photos()), seen = predict(base, photos());
  BOOST_REQUIRE(expected.size() == seen.size());
  double most = 0, apart = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    most = std::max(most, std::abs(static_cast<double>(expected[i])));
    apart = std::max(apart, std::abs(static_cast<double>(expected[i]) - static_cast<double>(seen[i])));
  }
  BOOST_TEST(most > 0.01);
  BOOST_TEST(apart <= 2e-5 * most);  // rounding, over thirteen layers
}

BOOST_AUTO_TEST_CASE(a_base_comes_under_another_head) {
  const File file;
  Model<Base> base{seed(3)};
  save(base, file.path);
  Model<Network<Headed, In>> model{seed(4)}, before{seed(4)};
  const ImportReport report = import_weights(model, file.path);
  BOOST_TEST(report.loaded.size() == 26u);
  BOOST_TEST(report.skipped.empty());
  BOOST_TEST(report.is_preprocessing_checked);
  const std::vector<std::string> fresh{"head_dense1/kernel", "head_dense1/bias", "head_dense2/kernel",
                                       "head_dense2/bias"};
  BOOST_TEST(report.kept == fresh, boost::test_tools::per_element());
  BOOST_TEST(summary(report).starts_with("26 tensors loaded, 4 keep their values (head_dense1/kernel, "));
  for (const char* name : {"block1_conv1/kernel", "block5_conv3/bias"})
    BOOST_TEST(std::ranges::equal(model.tensor(name), base.tensor(name)), name);
  BOOST_TEST(std::ranges::equal(model.tensor("head_dense1/kernel"), before.tensor("head_dense1/kernel")));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_told_and_changes_nothing) {
  const File file;
  struct Wider : zoo::Vgg16Blocks<zoo::VggConv, 8> {};
  Model<Network<Wider, In>> wider{seed(3)};
  save(wider, file.path);
  Model<Base> base{seed(3)};
  const std::vector<float> before(base.parameters().begin(), base.parameters().end());
  BOOST_CHECK_EXCEPTION(
      import_weights(base, file.path), Error,
      says("'block1_conv1/kernel' is F32 of shape [3, 3, 3, 8], and the network's is F32 of shape [3, 3, 3, 4]"));
  Model<Network<Seq<Flatten, Dense<3>, Softmax<>>, In>> stranger;
  save(stranger, file.path);
  BOOST_CHECK_EXCEPTION(import_weights(base, file.path), Error, says("it has no tensor of the network"));
  Model<Network<Plain, Input<32, 32, 3>>> scaled;
  save(scaled, file.path);
  BOOST_CHECK_EXCEPTION(import_weights(base, file.path), Error, says("takes its input differently"));
  BOOST_CHECK_THROW(import_weights(base, file.path + "_none"), Error);
  BOOST_TEST(std::ranges::equal(before, base.parameters()));
}

BOOST_AUTO_TEST_SUITE_END()
