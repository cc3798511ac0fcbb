// MNIST: found under each of its names, refused with what is missing, and read right where the data are at hand.
#include <strata/data/mnist.hpp>

#include <data/idx_files.hpp>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace idx_files;
using strata::Shape;

namespace {

// The real data below $STRATA_DATA, as a precondition: where they are missing, the test says why it is skipped.
boost::test_tools::assertion_result real_data(boost::unit_test::test_unit_id) {
  const char* const dir = std::getenv("STRATA_DATA");
  boost::test_tools::assertion_result here(dir && strata::mnist::find(dir));
  here.message() << (dir ? "$STRATA_DATA holds no MNIST" : "$STRATA_DATA is not set");
#ifndef STRATA_WITH_ZLIB
  if (here && strata::mnist::find(dir)->train_images.ends_with(".gz")) {
    here = boost::test_tools::assertion_result(false);
    here.message() << "MNIST in $STRATA_DATA is compressed, and this was built without STRATA_WITH_ZLIB";
  }
#endif
  if (!here) std::printf("skipped: real MNIST data: %s\n", here.message().str().data());
  return here;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mnist)

BOOST_AUTO_TEST_CASE(finds_each_spelling_in_each_place) {
  for (const char* place : {"", "mnist/", "MNIST/raw/"}) {
    for (const char* mark : {"-", "."}) {
      const Folder folder;
      for (const char* set : {"train", "t10k"}) {
        const std::string prefix = std::string(place) + set;
        BOOST_TEST(!strata::mnist::find(folder.path()));
        folder.write(prefix + "-images" + mark + "idx3-ubyte", images(2, 28, 28));
        BOOST_TEST(!strata::mnist::find(folder.path()));
        folder.write(prefix + "-labels" + mark + "idx1-ubyte", labels({4, 9}));
      }
      BOOST_TEST(strata::mnist::find(folder.path()).has_value());
      const auto [train, test] = strata::mnist::load(folder.path() + "/");
      BOOST_TEST((train.shape() == Shape::image(28, 28, 1)));
      BOOST_TEST(train.size() == 2);
      BOOST_TEST(test.label(1) == 9);
    }
  }
}

BOOST_AUTO_TEST_CASE(prefers_a_complete_set_and_what_is_not_compressed) {
  const Folder folder;
  folder.write("train-images-idx3-ubyte", images(1, 28, 28));
  folder.write("train-labels-idx1-ubyte", labels({4}));
  folder.write("t10k-images-idx3-ubyte", images(1, 28, 28));
  for (const char* set : {"mnist/train", "mnist/t10k"}) {
    folder.write(std::string(set) + "-images-idx3-ubyte", images(2, 28, 28));
    folder.write(std::string(set) + "-images-idx3-ubyte.gz", {});
    folder.write(std::string(set) + "-labels-idx1-ubyte", labels({4, 9}));
  }
  BOOST_TEST(strata::mnist::load(folder.path()).train.size() == 2);
}

BOOST_AUTO_TEST_CASE(says_what_is_missing) {
  const Folder folder;
  refuses([&] { strata::mnist::load(folder.path()); },
          {folder.path(), "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte", "MNIST/raw"});
  refuses([] { strata::mnist::load("/no/such/folder"); }, {"/no/such/folder"});
  folder.write("mnist/train-images-idx3-ubyte", images(2, 28, 28));
  folder.write("mnist/train-labels-idx1-ubyte", labels({4, 9}));
  folder.write("mnist/t10k-images.idx3-ubyte.gz", {});
  refuses([&] { strata::mnist::load(folder.path()); }, {": t10k-labels-idx1-ubyte (or"});
  std::filesystem::create_directory(folder / "mnist/t10k-labels-idx1-ubyte");  // a folder is no file
  BOOST_TEST(!strata::mnist::find(folder.path()));
}

BOOST_AUTO_TEST_CASE(refuses_other_shapes_and_names_the_file) {
  const Folder folder;
  for (const char* set : {"train", "t10k"}) {
    folder.write(std::string(set) + "-images-idx3-ubyte", images(2, 28, set[1] == 'r' ? 28 : 27));
    folder.write(std::string(set) + "-labels-idx1-ubyte", labels({4, 9}));
  }
  refuses([&] { strata::mnist::load(folder.path()); }, {"t10k-images-idx3-ubyte", "28 x 27 x 1", "28 x 28 x 1"});
}

// The counts, the first labels and the mean that are known of MNIST.
BOOST_AUTO_TEST_CASE(reads_the_real_data, *boost::unit_test::precondition(real_data)) {
  const auto [train, test] = strata::mnist::load(std::getenv("STRATA_DATA"));
  BOOST_TEST(train.size() == 60000);
  BOOST_TEST(test.size() == 10000);
  constexpr std::array first = {5, 0, 4, 1, 9, 2, 1, 3, 1, 4};
  for (int i = 0; i < 10; ++i) BOOST_TEST(train.label(i) == first[static_cast<std::size_t>(i)]);
  BOOST_TEST(test.label(0) == 7);
  double sum = 0;
  for (std::uint8_t pixel : train.bytes()) sum += pixel;
  BOOST_TEST(sum / 47040000 / 255 == .1307, boost::test_tools::tolerance(1e-3));  // the mean everyone normalises by
  std::array<int, 10> counts{};
  for (std::int32_t label : test.labels()) ++counts[static_cast<std::size_t>(label)];
  BOOST_TEST((counts == std::array{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}));
}

BOOST_AUTO_TEST_SUITE_END()
