// The main loop of the tiled product: layouts, ends of tiles, depths below and above the stages, parts, precision.
#include <simt/accesses.hpp>
#include <simt/simt.hpp>
#include <strata/cuda/product.cuh>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <random>
#include <vector>

using namespace strata;
using namespace strata::cuda;

namespace {

enum class Numbers { real, integer };

/// Two factors in both layouts: side by side along the depth, and along the lines.
struct Problem {
  int rows, columns, depth;
  std::vector<float> a, b;  // a[row * depth + k], b[column * depth + k]

  Problem(int r, int c, int d, Numbers numbers) : rows(r), columns(c), depth(d) {
    std::mt19937 bits(static_cast<unsigned>(r * 31 + c * 7 + d));
    const auto draw = [&] {
      return numbers == Numbers::real ? static_cast<float>(bits() >> 8) * 0x1p-23f - 1
                                      : static_cast<float>(static_cast<int>(bits() % 7) - 3);
    };
    for (int i = 0; i < r * d; ++i) a.push_back(draw());
    for (int i = 0; i < c * d; ++i) b.push_back(draw());
  }

  double exact(int row, int column) const {
    double sum = 0;
    for (int k = 0; k < depth; ++k)
      sum += static_cast<double>(a[static_cast<std::size_t>(row * depth + k)]) *
             static_cast<double>(b[static_cast<std::size_t>(column * depth + k)]);
    return sum;
  }

  static simt::Global<float> laid(const std::vector<float>& lines, int count, int depth, Along along) {
    simt::Global<float> out(lines.size());
    for (int i = 0; i < count; ++i)
      for (int k = 0; k < depth; ++k)
        out[static_cast<std::size_t>(along == Along::depth ? i * depth + k : k * count + i)] =
            lines[static_cast<std::size_t>(i * depth + k)];
    return out;
  }
};

template <class P, int Rows, int Columns, int Depth, Along A, Along B, class Tiles, int PartCount>
std::vector<float> multiply_once(const Problem& problem) {
  using RowFactor = MatrixFactor<A, A == Along::depth ? Depth : Rows, A == Along::depth ? Depth : Rows>;
  using ColumnFactor = MatrixFactor<B, B == Along::depth ? Depth : Columns, B == Along::depth ? Depth : Columns>;
  const auto a = Problem::laid(problem.a, Rows, Depth, A), b = Problem::laid(problem.b, Columns, Depth, B);
  const RowFactor rows{a.data(), A == Along::depth ? Rows : Depth};
  const ColumnFactor columns{b.data(), B == Along::depth ? Columns : Depth};
  simt::Global<float> c(Rows * Columns);
  if constexpr (PartCount == 1) {
    using Spec = ProductSpec<RowFactor, ColumnFactor, Columns, MatrixRows<Columns>, P, Tiles>;
    multiply<Spec>(nullptr, rows, columns, {c.data()}, Rows, Depth);
  } else {
    using Spec = ProductSpec<RowFactor, ColumnFactor, Columns, PartialSums<Columns>, P, Tiles>;
    constexpr std::int64_t pitch = (Rows * Columns + 7) / 8 * 8;
    simt::Global<float> scratch(pitch * PartCount);
    const PartialSums<Columns> partial{scratch.data(), pitch};
    multiply<Spec>(nullptr, rows, columns, partial, Rows, Depth, PartCount);
    add_parts<AddPartsSpec<PartCount, Columns, MatrixRows<Columns>>>(nullptr, partial, Rows * Columns, {c.data()});
  }
  return {c.begin(), c.end()};
}

/// The relative error in norm.
template <class P, int Rows, int Columns, int Depth, Along A, Along B, class Tiles = ProductTiles<32, 32, 16, 16>,
          int PartCount = 1>
double error_of(Numbers numbers = Numbers::real) {
  const Problem problem(Rows, Columns, Depth, numbers);
  const std::vector<float> c = multiply_once<P, Rows, Columns, Depth, A, B, Tiles, PartCount>(problem);
  double error = 0, norm = 0;
  for (int i = 0; i < Rows * Columns; ++i) {
    const double exact = problem.exact(i / Columns, i % Columns);
    const double d = static_cast<double>(c[static_cast<std::size_t>(i)]) - exact;
    error += d * d;
    norm += exact * exact;
  }
  return std::sqrt(error / norm);
}

template <int Rows, int Columns, int Depth, class Tiles = ProductTiles<32, 32, 16, 16>, int PartCount = 1>
void check() {
  for (const simt::Schedule& schedule : simt::three_schedules) {
    const simt::Machine machine({.schedule = schedule, .find_races = !schedule.shuffled});
    const auto all = [&]<Along A, Along B>(std::integral_constant<Along, A>, std::integral_constant<Along, B>) {
      BOOST_TEST((error_of<Tf32, Rows, Columns, Depth, A, B, Tiles, PartCount>(Numbers::integer) == 0));
    };
    constexpr std::integral_constant<Along, Along::depth> depth;
    constexpr std::integral_constant<Along, Along::lines> lines;
    all(depth, depth);
    all(depth, lines);
    all(lines, depth);
    all(lines, lines);
  }
}

template <class P>
void check_precision() {
  const simt::Machine machine({.find_races = false});
  const double shallow = error_of<P, 48, 40, 64, Along::depth, Along::lines>();
  const double deep = error_of<P, 32, 32, 4096, Along::depth, Along::lines>();
  BOOST_TEST_MESSAGE(P::name << " is off by " << shallow << " at a depth of 64, by " << deep << " at 4096");
  BOOST_TEST(shallow <= P::tolerance);
  BOOST_TEST(deep <= P::tolerance);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(product)

BOOST_AUTO_TEST_CASE(ends_of_tiles) {
  check<1, 1, 1>();
  check<3, 10, 7>();
  check<33, 34, 18>();   // packets of 2
  check<64, 36, 20>();   // packets of 4
  check<32, 32, 64>();   // whole tiles, as many as stages
  check<40, 24, 136>();  // more steps than stages
}

BOOST_AUTO_TEST_CASE(tiles) {
  check<130, 70, 24, ProductTiles<128, 64, 32, 32>>();
  check<70, 20, 40, ProductTiles<64, 16, 16, 16, 8, 3>>();
  check<70, 40, 72, ProductTiles<64, 32, 32, 16, 32, 2>>();
}

BOOST_AUTO_TEST_CASE(parts) {
  check<20, 12, 100, ProductTiles<32, 16, 16, 16>, 3>();
  check<20, 12, 40, ProductTiles<32, 16, 16, 16>, 8>();  // more parts than tiles of depth
}

BOOST_AUTO_TEST_CASE(tf32) { check_precision<Tf32>(); }
BOOST_AUTO_TEST_CASE(fp32) { check_precision<Fp32>(); }

template <Along A, Along B, class Tiles>
void check_traffic() {
  if constexpr (simt::is_simulated) {
    const simt::Machine machine({.find_races = false});
    const simt::Traffic traffic;
    error_of<Tf32, 128, 64, 96, A, B, Tiles>();
    BOOST_TEST(traffic.bank_conflicts() == 1, traffic.report());
    BOOST_TEST(traffic.sectors() == 1, traffic.report());
  }
}

template <class Tiles>
void check_traffic_of() {
  check_traffic<Along::depth, Along::depth, Tiles>();
  check_traffic<Along::depth, Along::lines, Tiles>();
  check_traffic<Along::lines, Along::depth, Tiles>();
  check_traffic<Along::lines, Along::lines, Tiles>();
}

BOOST_AUTO_TEST_CASE(moves_no_more_than_it_must, *boost::unit_test::precondition(simt_test::sees_accesses)) {
  check_traffic_of<ProductTiles<32, 16, 16, 16>>();
  check_traffic_of<ProductTiles<64, 32, 32, 16>>();
  check_traffic_of<ProductTiles<128, 64, 32, 32>>();
  check_traffic_of<ProductTiles<64, 64, 32, 32, 32, 3>>();
}

BOOST_AUTO_TEST_SUITE_END()
