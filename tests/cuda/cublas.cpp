// Products through cuBLASLt's own descriptors: every way to turn the factors, strides, epilogues.
#include <simt/accesses.hpp>
#include <simt/cublas/cublas.hpp>
#include <simt/runtime/gpu.hpp>
#include <strata/cuda/cublas.cuh>

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace strata;
using namespace strata::cuda;
using cublas::Epilogue;

namespace {

/// A matrix of small integers on the device, with `gap` floats behind each row.
struct Matrix {
  int rows, columns;
  std::int64_t stride;
  std::vector<float> values;
  DeviceBuffer<float> memory;

  Matrix(int r, int c, int gap, Stream stream, int first)
      : rows(r),
        columns(c),
        stride(c + gap),
        values(static_cast<std::size_t>(r * (c + gap))),
        memory(values.size(), "a test") {
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>((i * 7 + static_cast<std::size_t>(first)) % 11) - 5;
    memory.upload(stream, values);
  }

  float at(int r, int c) const { return values[static_cast<std::size_t>(r * stride + c)]; }
  float turned(bool turns, int r, int c) const { return turns ? at(c, r) : at(r, c); }
};

struct Case {
  bool turns_a, turns_b;
  Epilogue epilogue = Epilogue::none;
};

/// Runs a product of 5 x 3 and 3 x 4, and compares all of C's memory.
void check(const Case& c, bool records = false, bool has_epilogues = true) {
  constexpr int rows = 5, columns = 4, depth = 3;
  const simt::Gpu gpu;
  const simt::Cublas simulated(has_epilogues);
  const OwnedStream stream;
  Matrix a(c.turns_a ? depth : rows, c.turns_a ? rows : depth, 1, stream, 0);
  Matrix b(c.turns_b ? columns : depth, c.turns_b ? depth : columns, 2, stream, 3);
  Matrix result(rows, columns, 3, stream, 5), vector(1, columns, 0, stream, 1);
  DeviceBuffer<std::byte> workspace(cublas::workspace_bytes, "a test");
  const cublas::Product product(cublas::Library::shared(),
                                {.rows = rows,
                                 .columns = columns,
                                 .depth = depth,
                                 .turns_a = c.turns_a,
                                 .turns_b = c.turns_b,
                                 .a_stride = a.stride,
                                 .b_stride = b.stride,
                                 .c_stride = result.stride,
                                 .epilogue = c.epilogue},
                                Fp32{});
  const auto run = [&] {
    product.run(stream, workspace.data(), a.memory.data(), b.memory.data(), result.memory.data(), vector.memory.data());
  };
  if (records)
    Graph(stream, "a test", run).launch(stream, "a test");
  else
    run();
  std::vector<float> left(result.values.size()), left_vector(columns);
  result.memory.download(stream, left);
  vector.memory.download(stream, left_vector);
  wait_for(stream, "a test");

  if constexpr (simt::is_simulated)  // a GPU's library may lack it
    BOOST_TEST(product.has_epilogue() == (has_epilogues && c.epilogue != Epilogue::none));
  const Epilogue done = product.has_epilogue() ? c.epilogue : Epilogue::none;
  std::vector<float> expected = result.values, expected_vector = vector.values;  // gaps stay
  for (int j = 0; j < columns; ++j) {
    for (int i = 0; i < rows; ++i) {
      float sum = 0;
      for (int k = 0; k < depth; ++k) sum += a.turned(c.turns_a, i, k) * b.turned(c.turns_b, k, j);
      if (done == Epilogue::bias || done == Epilogue::bias_relu) sum += vector.at(0, j);
      if (done == Epilogue::bias_relu && sum < 0) sum = 0;
      expected[static_cast<std::size_t>(i * result.stride + j)] = sum;
    }
    if (done != Epilogue::sums_of_b) continue;
    expected_vector[static_cast<std::size_t>(j)] = 0;
    for (int k = 0; k < depth; ++k) expected_vector[static_cast<std::size_t>(j)] += b.turned(c.turns_b, k, j);
  }
  BOOST_TEST(left == expected, boost::test_tools::per_element());
  BOOST_TEST(left_vector == expected_vector, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(products)

BOOST_AUTO_TEST_CASE(every_way_to_turn) {
  for (const bool turns_a : {false, true})
    for (const bool turns_b : {false, true})
      for (const Epilogue e : {Epilogue::none, Epilogue::bias, Epilogue::bias_relu, Epilogue::sums_of_b})
        check({turns_a, turns_b, e});
}

BOOST_AUTO_TEST_CASE(recorded) { check({false, false, Epilogue::bias_relu}, true); }

BOOST_AUTO_TEST_CASE(a_library_without_the_epilogue, *boost::unit_test::precondition(simt_test::is_simulated)) {
  check({false, false, Epilogue::bias}, false, false);
  check({true, false, Epilogue::sums_of_b}, false, false);
}

BOOST_AUTO_TEST_CASE(without_a_gpu, *boost::unit_test::precondition(simt_test::is_simulated)) {
  BOOST_CHECK_THROW(cublas::Library(), Error);
}

BOOST_AUTO_TEST_SUITE_END()
