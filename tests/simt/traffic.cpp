// Bank conflicts and sectors, of kernels whose traffic is known.
#include <simt/accesses.hpp>
#include <simt/faults.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace strata::cuda;
using simt_test::says;

namespace {

template <int Padding>
struct TileSpec {
  static constexpr int padding = Padding;
};

template <class S>
__global__ void transpose(const float* in, float* out) {
  struct Tile {
    float number[32][32 + S::padding];
  };
  auto& tile = shared<Tile>();
  const Index t = thread_index();
  tile.number[t.y][t.x] = in[t.y * 32 + t.x];
  sync_block();
  out[t.y * 32 + t.x] = tile.number[t.x][t.y];
}

/// Without shared memory: each store goes to 32 sectors.
struct Directly {};
template <class S>
__global__ void transpose_directly(const float* in, float* out) {
  const Index t = thread_index();
  out[t.x * 32 + t.y] = in[t.y * 32 + t.x];
}

template <class Kernel>
void run_transpose(Kernel kernel) {
  simt::Global<float> in(1024), out(1024);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i);
  kernel(static_cast<const float*>(in.data()), out.data());
  for (std::size_t i = 0; i < in.size(); ++i) BOOST_REQUIRE(out[i] == static_cast<float>(i % 32 * 32 + i / 32));
}

/// Rows of 128 bytes in chunks of 16: as they come, swizzled so that eight neighbouring rows lie in different banks, or
/// so that only the four groups of eight rows do, which helps nothing.
enum class Swizzle { none, rows, groups };

template <Swizzle S>
struct RowSpec {
  static constexpr Swizzle swizzle = S;
};

template <class S>
__global__ void copy_and_load(const unsigned short* in, unsigned* out) {
  struct alignas(128) Rows {
    unsigned short number[32][64];
  };
  auto& rows = shared<Rows>();
  const auto place = [&](unsigned row, unsigned chunk) {
    const unsigned turn = S::swizzle == Swizzle::rows ? row % 8 : S::swizzle == Swizzle::groups ? row / 8 : 0;
    return &rows.number[row][(chunk ^ turn) * 8];
  };
  for (unsigned i = lane(); i < 32 * 8; i += 32) copy_async<16>(place(i / 8, i % 8), in + i * 8);
  commit_copies();
  wait_copies<0>();
  sync_block();
  for (unsigned chunk = 0; chunk < 8; ++chunk) {
    unsigned r[4];
    load_matrices(r, place(lane(), chunk));
    for (unsigned i = 0; i < 4; ++i) out[(chunk * 4 + i) * 32 + lane()] = r[i];
  }
}

template <int Floats, int Stride, int Offset>
struct PacketSpec {
  static constexpr int floats = Floats, stride = Stride, offset = Offset;
};

template <class S>
__global__ void read_packets(const float* in, float* out) {
  const auto packet = load<S::floats>(in + S::offset + static_cast<int>(thread_rank()) * S::stride);
  float sum = 0;
  for (int i = 0; i < S::floats; ++i) sum += packet[i];
  out[thread_rank()] = sum;
}

template <int Floats, int Stride, int Offset = 0>
double sectors_of_read() {
  const simt::Global<float> in(32 * 64, 1.0f);
  simt::Global<float> out(32);
  const simt::Traffic traffic;
  launch<read_packets<PacketSpec<Floats, Stride, Offset>>>({.grid = {1}, .block = {32}}, in.data(), out.data());
  return traffic.worst_sectors();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(traffic, *boost::unit_test::precondition(simt_test::sees_accesses))

BOOST_AUTO_TEST_CASE(bank_conflicts_of_a_transpose) {
  const auto run = [](auto spec) {
    run_transpose([](const float* in, float* out) {
      launch<transpose<decltype(spec)>>({.grid = {1}, .block = {32, 32}}, in, out);
    });
  };
  {
    const simt::Traffic traffic;
    run(TileSpec<1>{});
    BOOST_TEST(traffic.bank_conflicts() == 1, traffic.report());
    BOOST_TEST(traffic.sectors() == 1, traffic.report());
  }
  {
    const simt::Traffic traffic;
    run(TileSpec<0>{});
    BOOST_TEST(traffic.bank_conflicts() == 32, traffic.report());
    const std::string report = traffic.report();
    BOOST_TEST(says(report, "traffic.cpp:", "shared load", "32 requests, transactions over ideal 32.00"), report);
  }
}

BOOST_AUTO_TEST_CASE(stores_that_do_not_coalesce) {
  const simt::Traffic traffic;
  run_transpose([](const float* in, float* out) {
    launch<transpose_directly<Directly>>({.grid = {1}, .block = {32, 32}}, in, out);
  });
  BOOST_TEST(traffic.worst_sectors() == 8, traffic.report());
  BOOST_TEST(traffic.sectors() > 4, traffic.report());
  BOOST_TEST(says(traffic.report(), "traffic.cpp:", "global store", "sectors over ideal 8.00"), traffic.report());
}

BOOST_AUTO_TEST_CASE(copies_and_matrices) {
  const simt::Global<unsigned short> in(32 * 64);
  simt::Global<unsigned> out(32 * 32);
  const auto run = [&](auto spec) {
    const simt::Traffic traffic;
    launch<copy_and_load<decltype(spec)>>({.grid = {1}, .block = {32}}, in.data(), out.data());
    return traffic.bank_conflicts();
  };
  BOOST_TEST(run(RowSpec<Swizzle::rows>{}) == 1);
  BOOST_TEST(run(RowSpec<Swizzle::none>{}) == 8);
  BOOST_TEST(run(RowSpec<Swizzle::groups>{}) == 8);
}

BOOST_AUTO_TEST_CASE(sectors) {
  BOOST_TEST((sectors_of_read<1, 1>() == 1));
  BOOST_TEST((sectors_of_read<4, 4>() == 1));
  BOOST_TEST((sectors_of_read<1, 1, 4>() == 1.25));
  BOOST_TEST((sectors_of_read<1, 2>() == 2));
  BOOST_TEST((sectors_of_read<1, 8>() == 8));
  BOOST_TEST((sectors_of_read<2, 8>() == 4));
  BOOST_TEST((sectors_of_read<4, 8>() == 2));
  BOOST_TEST((sectors_of_read<1, 0>() == 1));  // all lanes read one number
}

BOOST_AUTO_TEST_SUITE_END()
