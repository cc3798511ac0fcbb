// Batches changed at random on a GPU, against the CPU's.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/augment.cuh>
#include <strata/data/augmenting_loader.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

using namespace strata;

namespace {

constexpr int items = 9, batch = 4;

template <class In, class T>
void check(const Augmentation& augmentation) {
  constexpr Shape shape = In::output().shape;
  constexpr std::int64_t stride = cuda::LoadSpec<In, T>::stride;
  simt::Global<T> data(static_cast<std::size_t>(items * shape.size()));
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<T>(i * i * 37 % 251);
  const Dataset dataset = Dataset::view(shape, std::span<const T>(data.data(), data.size()));
  const cuda::Cursor cursor{.order = Permutation(items, 1, 0), .shuffles = 1, .step = 7, .place = 2};
  const simt::Global<cuda::Cursor> on_device(1, cursor);
  const AugmentingLoader<In> loader(augmentation);
  std::vector<float> expected(static_cast<std::size_t>(shape.size()));
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule});
    simt::Global<float> input(static_cast<std::size_t>(batch * stride), -7.0f);
    simt::Global<std::int64_t> index(batch, -1);
    cuda::augment_batch<In>(nullptr, batch, on_device.data(), data.data(), augmentation, philox::Key(3), input.data(),
                            index.data());
    for (unsigned i = 0; i < batch; ++i) {
      BOOST_TEST(index[i] == cursor.item(i));
      loader.load(dataset.image(index[i]), {philox::Key(3), 7, philox::Stream::augmentation, 0}, i, expected.data());
      float worst = 0;
      for (std::int64_t e = 0; e < shape.size(); ++e)
        worst = std::max(
            worst, std::abs(input[static_cast<std::size_t>(i * stride + e)] - expected[static_cast<std::size_t>(e)]));
      // A GPU fuses multiplications and additions where it finds them: a place among 20 pixels, whose ulp is 2e-6,
      // then differs by an ulp, and a byte's neighbour by up to 1.
      const float bound = sizeof(T) == 1 ? (simt::is_simulated ? 1e-6f : 2e-6f) : 1e-4f;
      BOOST_TEST(worst <= bound, "sample " << i << ": " << worst);
      for (std::int64_t e = shape.size(); e < stride; ++e)
        BOOST_REQUIRE(input[static_cast<std::size_t>(i * stride + e)] == -7.0f);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(augment)

BOOST_AUTO_TEST_CASE(bytes) {
  check<Input<20, 17, 1>, std::uint8_t>({.rotation = 20, .shift_x = 0.1, .shear = 5, .zoom = 0.2, .elastic = 1.5});
  check<Input<20, 17, 1>, std::uint8_t>({.crop = 3, .flip_x = true, .fill = Fill::constant, .fill_value = 9});
}

BOOST_AUTO_TEST_CASE(floats_of_three_channels) {
  check<Input<5, 6, 3>, float>(
      {.rotation = 180, .flip_y = true, .contrast = 0.5, .brightness = 0.5, .fill = Fill::reflect});
}

BOOST_AUTO_TEST_CASE(reversed_channels) { check<Input<5, 6, 3>::with<Torch>, std::uint8_t>({.zoom = 0.3}); }

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  using In = Input<28, 28, 1>;
  const simt::Global<std::uint8_t> data(items * 784, std::uint8_t{3});
  const simt::Global<cuda::Cursor> cursor(1, {.order = Permutation(items, 1, 0), .shuffles = 1, .step = 7, .place = 2});
  simt::Global<float> input(batch * 784, 0.0f);
  simt::Global<std::int64_t> index(batch, 0);
  const simt::Traffic traffic;
  cuda::augment_batch<In>(nullptr, batch, cursor.data(), data.data(), {.crop = 1}, philox::Key(3), input.data(),
                          index.data());
  BOOST_TEST(traffic.sectors() <= 1.1, traffic.report());
  BOOST_TEST(traffic.bank_conflicts() == 1, traffic.report());
}

BOOST_AUTO_TEST_SUITE_END()
