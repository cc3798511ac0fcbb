// Batches out of a data set on the device, against the CPU's permutation and loader, bit for bit.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/load.cuh>
#include <strata/data/loader.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>
#include <vector>

using namespace strata;

namespace {

struct Backwards {  // channels in the opposite order, and nothing else
  static constexpr const char* name = "backwards";
  static constexpr bool reverses_channels = true;
  static constexpr double scale(int) { return 1; }
  static constexpr double offset(int) { return 0; }
};

constexpr std::uint64_t seed = 42;
constexpr int samples = 13, batch = 5;

template <class T>
simt::Global<T> values(std::int64_t size) {
  simt::Global<T> all(static_cast<std::size_t>(samples * size));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<T>((i * 37 + i / 251) % 256);
  return all;
}

cuda::Cursor cursor_at(std::int64_t place, bool shuffles) {
  return {.order = Permutation(samples, seed, 3), .shuffles = shuffles, .step = 0, .place = place};
}

template <class In, class T>
void check(bool shuffles) {
  constexpr auto size = static_cast<std::size_t>(In::output().shape.size());
  constexpr auto stride = static_cast<std::size_t>(cuda::LoadSpec<In, T>::stride);
  const simt::Global<T> data = values<T>(In::output().shape.size());
  const Dataset dataset = Dataset::view(In::output().shape, std::span<const T>(data.data(), data.size()));
  static const Loader<In> loader;
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    for (const std::int64_t place : {0, 5, 8}) {
      const simt::Global<cuda::Cursor> cursor(1, cursor_at(place, shuffles));
      simt::Global<float> input(batch * stride, -1.0f);
      simt::Global<std::int64_t> index(batch);
      cuda::load_batch<In>(nullptr, batch, cursor.data(), data.data(), input.data(), index.data());
      for (std::size_t i = 0; i < batch; ++i) {
        const auto at = static_cast<std::uint64_t>(place) + i;
        const auto item = static_cast<std::int64_t>(shuffles ? Permutation(samples, seed, 3)(at) : at);
        BOOST_TEST(index[i] == item);
        std::vector<float> expected(size);
        loader.load(dataset.image(item), expected.data());
        BOOST_TEST(std::memcmp(&input[i * stride], expected.data(), size * sizeof(float)) == 0);
        for (std::size_t e = size; e < stride; ++e) BOOST_TEST(input[i * stride + e] == -1);
      }
    }
  }
}

template <class In>
void check_both() {
  check<In, std::uint8_t>(true);
  check<In, float>(true);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load)

BOOST_AUTO_TEST_CASE(grey_images) {
  check_both<Input<28, 28, 1>>();
  check_both<Input<5, 5, 1, Centered>>();
  check_both<Input<1, 1, 1, Scaled<2, 255, -1, 1>>>();
}
BOOST_AUTO_TEST_CASE(colours) {
  check_both<Input<6, 7, 3, Torch>>();
  check_both<Input<6, 6, 3, Caffe>>();
  check_both<Input<5, 7, 3, Caffe>>();
  check_both<Input<3, 4, 2, Backwards>>();
}
BOOST_AUTO_TEST_CASE(vectors) {
  check_both<Input<3>>();
  check_both<Input<1100>>();  // more than a block
}
BOOST_AUTO_TEST_CASE(in_the_order_of_the_data) {
  check<Input<4, 4, 1>, std::uint8_t>(false);
  check<Input<4, 4, 1>, float>(false);
}

// A fused multiply-add rounds once less: whether a compiler makes one must not be seen in the floats.
BOOST_AUTO_TEST_CASE(bytes_do_not_depend_on_contraction) {
  const auto check = [](double scale, double offset) {
    for (int byte = 0; byte < 256; ++byte) {
      const volatile double product = byte * scale;
      BOOST_TEST(static_cast<float>(product + offset) == static_cast<float>(std::fma(byte, scale, offset)));
    }
  };
  for (int c = 0; c < 3; ++c) {
    check(Unit::scale(c), Unit::offset(c));
    check(Centered::scale(c), Centered::offset(c));
    check(Caffe::scale(c), Caffe::offset(c));
    check(Torch::scale(c), Torch::offset(c));
  }
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  using In = Input<28, 28, 1>;
  const simt::Global<std::uint8_t> data = values<std::uint8_t>(784);
  const simt::Global<cuda::Cursor> cursor(1, cursor_at(0, true));
  simt::Global<float> input(batch * 784);
  simt::Global<std::int64_t> index(batch);
  const simt::Traffic traffic;
  cuda::load_batch<In>(nullptr, batch, cursor.data(), data.data(), input.data(), index.data());
  BOOST_TEST(traffic.sectors() <= 1.1, traffic.report());
}

BOOST_AUTO_TEST_SUITE_END()
