// Winograd's convolutions against the direct formula in double precision.
#include <strata/cpu/winograd.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

using strata::cpu::lanes;
using strata::cpu::V;
using strata::cpu::winograd;
using strata::cpu::WinogradRegion;
using strata::cpu::WinogradShape;

namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float canary = 12345.0f;

using Floats = std::vector<float>;

struct Data {
  Floats x, kernel, bias;
};

std::size_t count_of(std::int64_t a, std::int64_t b, std::int64_t c) { return static_cast<std::size_t>(a * b * c); }

template <class Draw>
Data make_data(const WinogradShape& s, Draw draw_x, Draw draw_kernel) {
  Data d{Floats(count_of(s.height, s.width, s.channels)), Floats(count_of(9, s.channels, s.filters)),
         Floats(count_of(1, 1, s.filters))};
  for (float& v : d.x) v = draw_x();
  for (float& v : d.kernel) v = draw_kernel();
  for (float& v : d.bias) v = draw_x();
  return d;
}

/// The output by the formula, and the largest sum of the absolute values of an output's terms.
struct Reference {
  std::vector<double> y;
  double largest_terms = 0;
};

Reference reference(const WinogradShape& s, const Data& d) {
  Reference r;
  std::vector<double> sum(count_of(1, 1, s.filters)), terms(sum.size());
  for (int row = 0; row < s.out_height; ++row)
    for (int column = 0; column < s.out_width; ++column) {
      for (std::size_t o = 0; o < sum.size(); ++o) sum[o] = d.bias[o], terms[o] = std::fabs(d.bias[o]);
      for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) {
          const int a = row + i - s.top, b = column + j - s.left;
          if (a < 0 || a >= s.height || b < 0 || b >= s.width) continue;
          for (int c = 0; c < s.channels; ++c) {
            const double x = d.x[static_cast<std::size_t>((a * s.width + b) * s.channels + c)];
            const float* k = &d.kernel[static_cast<std::size_t>(((i * 3 + j) * s.channels + c) * s.filters)];
            for (std::size_t o = 0; o < sum.size(); ++o) {
              sum[o] += x * static_cast<double>(k[o]);
              terms[o] += std::fabs(x * static_cast<double>(k[o]));
            }
          }
        }
      r.y.insert(r.y.end(), sum.begin(), sum.end());
      for (const double t : terms) r.largest_terms = std::max(r.largest_terms, t);
    }
  return r;
}

/// The direct form in single precision: one fused multiply-add after the other.
Floats direct(const WinogradShape& s, const Data& d) {
  Floats y;
  for (int row = 0; row < s.out_height; ++row)
    for (int column = 0; column < s.out_width; ++column)
      for (int o = 0; o < s.filters; ++o) {
        float sum = d.bias[static_cast<std::size_t>(o)];
        for (int i = 0; i < 3; ++i)
          for (int j = 0; j < 3; ++j)
            for (int c = 0; c < s.channels; ++c) {
              const int a = row + i - s.top, b = column + j - s.left;
              if (a < 0 || a >= s.height || b < 0 || b >= s.width) continue;
              sum = std::fma(d.x[static_cast<std::size_t>((a * s.width + b) * s.channels + c)],
                             d.kernel[static_cast<std::size_t>(((i * 3 + j) * s.channels + c) * s.filters + o)], sum);
            }
        y.push_back(sum);
      }
  return y;
}

bool inside(const WinogradRegion& r, int row, int column, int filter) {
  return row >= r.row && row < r.row + r.rows && column >= r.column && column < r.column + r.columns &&
         filter >= r.filter && filter < r.filter + r.filters;
}

/// Runs all blocks, the last one first when `backwards`. Every output must come once, from the block whose region it
/// is in; scratch memory holds NaN before each block, and what lies behind the buffers must stay.
template <WinogradShape S, int M>
Floats run(const float* x, const Data& d, bool bias = true, bool backwards = false, int parts = 1) {
  using W = winograd<S, M>;
  Floats packed(static_cast<std::size_t>(W::plan.packed_floats) + 1, nan),
      y(count_of(S.out_height, S.out_width, S.filters));
  packed.back() = canary;
  for (int part = parts; part-- > 0;)
    strata::cpu::pack_winograd<M>(W::plan, d.kernel.data(), packed.data(), part, parts);
  BOOST_TEST(packed.back() == canary);

  std::vector<int> writes(y.size());
  std::size_t outputs = 0;
  bool in_order = true, in_region = true, in_range = true;
  WinogradRegion previous{};
  for (int i = 0; i < W::plan.blocks; ++i) {
    const int block = backwards ? W::plan.blocks - 1 - i : i;
    const WinogradRegion region = W::plan.region(block);
    outputs += count_of(region.rows, region.columns, region.filters);
    if (i > 0) {  // ascending in (row, column, filter)
      const WinogradRegion &a = backwards ? region : previous, &b = backwards ? previous : region;
      in_order &= a.row != b.row ? a.row < b.row : a.column != b.column ? a.column < b.column : a.filter < b.filter;
    }
    previous = region;
    Floats scratch(static_cast<std::size_t>(W::plan.scratch_floats) + 1, nan);
    scratch.back() = canary;
    const auto take = [&](int index, V v, auto count) {
      for (int lane = 0; lane < count; ++lane) {
        const int at = index + lane, pixel = at / S.filters;
        if (at < 0 || at >= static_cast<int>(y.size())) {
          in_range = false;
          continue;
        }
        y[static_cast<std::size_t>(at)] = v[lane];
        ++writes[static_cast<std::size_t>(at)];
        in_region &= inside(region, pixel / S.out_width, pixel % S.out_width, at % S.filters);
      }
    };
    W::block({x}, packed.data(), bias ? d.bias.data() : nullptr, scratch.data(), block, W::plan.whole(), take);
    BOOST_TEST(scratch.back() == canary);
  }
  BOOST_TEST(outputs == y.size());
  BOOST_TEST(in_order);
  BOOST_TEST(in_range);
  BOOST_TEST(in_region);
  BOOST_TEST((writes == std::vector<int>(y.size(), 1)), "an output came never, or more than once");
  return y;
}

/// A sample of exactly its size and one vector behind it, which holds NaN.
Floats alone(const Data& d) {
  Floats x = d.x;
  x.resize(x.size() + lanes, nan);
  x.shrink_to_fit();
  return x;
}

template <WinogradShape S, int M>
void check() {
  BOOST_TEST_CONTEXT("F" << M << ' ' << S.height << 'x' << S.width << 'x' << S.channels << '-' << S.filters << " from "
                         << S.top << ',' << S.left << " to " << S.out_height << 'x' << S.out_width) {
    std::mt19937 random(7);
    const auto uniform = [&random] { return std::uniform_real_distribution<float>(-1, 1)(random); };
    const Data d = make_data(S, uniform, uniform);
    const Reference r = reference(S, d);
    const Floats x = alone(d), y = run<S, M>(x.data(), d);

    // A tile's outputs share what they are computed from, so an error is measured against the largest sum of terms of
    // any output. A rounding, 2^-24, is enlarged by at most the square of max_i sum_j |A^T_ij| |G_j| |B^T_j| / 3, |.|
    // being the sum of a row's absolute values: 2.7^2 = 7.1 for F(2x2), within the 2^-21 of every layer's test, and
    // 7.9^2 = 62 for F(4x4), which makes 2^-18.
    const double bound = M == 2 ? 0x1p-21 : 0x1p-18;
    double largest = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double error = std::fabs(static_cast<double>(y[i]) - r.y[i]);
      if (!(error <= largest)) largest = error;
    }
    BOOST_TEST(largest <= bound * r.largest_terms, "error " << largest / r.largest_terms);

    // The same bits in another order, from a kernel packed in parts, within memory full of NaN.
    Floats within(x.size() + 2000, nan);
    std::copy(d.x.begin(), d.x.end(), within.begin() + 1000);
    BOOST_TEST((run<S, M>(within.data() + 1000, d, true, true, 3) == y));

    // Without a bias, integers: F(2x2) is exact.
    const auto integer = [&random] { return static_cast<float>(std::uniform_int_distribution<int>(-4, 4)(random)); };
    Data whole = make_data(S, integer, integer);
    whole.bias.assign(whole.bias.size(), 0.0f);
    const Floats whole_y = run<S, M>(alone(whole).data(), whole, false);
    const Reference whole_r = reference(S, whole);
    double worst = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
      worst = std::max(worst, std::fabs(static_cast<double>(whole_y[i]) - whole_r.y[i]));
    BOOST_TEST(worst <= (M == 2 ? 0.0 : bound * whole_r.largest_terms));
  }
}

template <WinogradShape S>
void check_both() {
  check<S, 2>();
  check<S, 4>();
}

/// Errors over the largest output: the largest one and the root mean square.
struct Errors {
  double largest, mean;
};

Errors errors(const Floats& y, const Reference& r) {
  double largest = 0, squares = 0, scale = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double e = std::fabs(static_cast<double>(y[i]) - r.y[i]);
    largest = std::max(largest, e);
    squares += e * e;
    scale = std::max(scale, std::fabs(r.y[i]));
  }
  return {largest / scale, std::sqrt(squares / static_cast<double>(y.size())) / scale};
}

/// x as behind a ReLU or symmetric, the kernel as He et al. draw it.
template <WinogradShape S>
void check_errors(bool symmetric) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  const float deviation = std::sqrt(2.0f / static_cast<float>(9 * S.channels));
  bool kernel = false;
  const auto draw = [&] {
    return kernel ? normal(random) * deviation : symmetric ? normal(random) : std::max(0.0f, normal(random));
  };
  Data d = make_data(S, draw, draw);
  kernel = true;
  for (float& v : d.kernel) v = draw();
  d.bias.assign(d.bias.size(), 0.0f);
  const Reference r = reference(S, d);
  const Errors plain = errors(direct(S, d), r), two = errors(run<S, 2>(alone(d).data(), d), r),
               four = errors(run<S, 4>(alone(d).data(), d), r);
  BOOST_TEST_CONTEXT(S.channels << " channels, " << (symmetric ? "symmetric" : "non-negative")) {
    BOOST_TEST(two.mean <= plain.mean);
    BOOST_TEST(two.largest <= 1.1 * plain.largest);
    BOOST_TEST(four.largest <= 2e-5);
    BOOST_TEST_MESSAGE("direct " << plain.largest << " F(2x2) " << two.largest << " F(4x4) " << four.largest);
  }
}

/// What a block makes of an image does not depend on those that share it, nor on how many there are.
template <WinogradShape S, int M>
void check_shared_blocks() {
  using W = winograd<S, M, 64>;
  static_assert(W::plan.samples > 1 && W::plan.blocks == 1);
  constexpr int most = W::plan.samples, size = S.height * S.width * S.channels, stride = size + 2 * lanes;
  constexpr int out = S.out_height * S.out_width * S.filters, out_stride = out + 3;
  std::mt19937 random(3);
  const auto uniform = [&random] { return std::uniform_real_distribution<float>(-1, 1)(random); };
  const Data d = make_data(S, uniform, uniform);
  Floats x(count_of(most, stride, 1), nan), packed(static_cast<std::size_t>(W::plan.packed_floats), nan);
  for (int s = 0; s < most; ++s)
    for (int i = 0; i < size; ++i) x[static_cast<std::size_t>(s * stride + i)] = uniform();
  strata::cpu::pack_winograd<M>(W::plan, d.kernel.data(), packed.data(), 0, 1);
  for (const int count : {1, 2, most - 1, most}) {
    Floats scratch(static_cast<std::size_t>(W::plan.scratch_floats) + 1, nan),
        y(count_of(count, out_stride, 1), canary);
    scratch.back() = canary;
    W::block({x.data(), count, stride}, packed.data(), d.bias.data(), scratch.data(), 0, W::plan.whole(out_stride),
             [&](int index, V v, auto n) {
               for (int lane = 0; lane < n; ++lane) y.at(static_cast<std::size_t>(index + lane)) = v[lane];
             });
    BOOST_TEST(scratch.back() == canary);
    for (int s = 0; s < count; ++s) {
      const Floats one = run<S, M>(x.data() + s * stride, d);
      const float* got = y.data() + s * out_stride;
      BOOST_TEST(std::equal(one.begin(), one.end(), got), "sample " << s << " of " << count);
      BOOST_TEST((s + 1 == count || std::all_of(got + out, got + out_stride, [](float v) { return v == canary; })));
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(winograd_convolution)

BOOST_AUTO_TEST_CASE(valid_convolutions) {
  check_both<WinogradShape{3, 3, 1, 1, 0, 0, 1, 1}>();
  check_both<WinogradShape{6, 5, 3, 5, 0, 0, 4, 3}>();
  check_both<WinogradShape{13, 13, 16, 32, 0, 0, 11, 11}>();
  check_both<WinogradShape{11, 7, 19, 37, 0, 0, 9, 5}>();
}

BOOST_AUTO_TEST_CASE(padded_convolutions) {
  check_both<WinogradShape{1, 1, 4, 3, 1, 1, 1, 1}>();
  check_both<WinogradShape{8, 8, 17, 16, 1, 1, 8, 8}>();
  check_both<WinogradShape{5, 9, 8, 21, 0, 1, 5, 9}>();   // zeros behind alone, above; both sides
  check_both<WinogradShape{7, 6, 5, 33, 2, 2, 9, 8}>();   // an input gradient's
  check_both<WinogradShape{3, 2, 7, 9, 6, 9, 17, 16}>();  // tiles that see nothing but zeros
  check_both<WinogradShape{10, 12, 2, 4, 0, 0, 6, 7}>();  // outputs that are not wanted
}

BOOST_AUTO_TEST_CASE(many_blocks) {
  check_both<WinogradShape{37, 41, 5, 7, 1, 1, 37, 41}>();    // several rows of tiles a block, not all as many
  check_both<WinogradShape{6, 230, 3, 18, 1, 1, 6, 230}>();   // parts of rows
  check_both<WinogradShape{13, 11, 9, 275, 1, 1, 13, 11}>();  // parts of the filters, and a tail
  check_both<WinogradShape{2, 200, 1, 260, 1, 1, 2, 200}>();  // both
  check_both<WinogradShape{17, 17, 1, 200, 1, 1, 17, 17}>();  // the last register tile moved back
  check_both<WinogradShape{4, 4, 70, 530, 0, 0, 2, 2}>();     // a packed kernel that is fetched ahead
  static_assert(winograd<WinogradShape{37, 41, 5, 7, 1, 1, 37, 41}, 4>::plan.blocks > 2);
  static_assert(winograd<WinogradShape{6, 230, 3, 18, 1, 1, 6, 230}, 4>::plan.region(1).column > 0);
  static_assert(winograd<WinogradShape{13, 11, 9, 275, 1, 1, 13, 11}, 4>::plan.region(1).filter > 0);
}

BOOST_AUTO_TEST_CASE(images_that_share_a_block) {
  check_shared_blocks<WinogradShape{2, 2, 37, 67, 1, 1, 2, 2}, 2>();
  check_shared_blocks<WinogradShape{4, 4, 37, 67, 1, 1, 4, 4}, 4>();
  check_shared_blocks<WinogradShape{5, 6, 9, 33, 0, 0, 3, 4}, 2>();
  check_shared_blocks<WinogradShape{6, 5, 3, 261, 1, 1, 6, 5}, 4>();
}

BOOST_AUTO_TEST_CASE(gain) {  // the first three measured with 16 lanes: 3.0, 2.0 and 0.15
  using strata::cpu::winograd_gain;
  BOOST_TEST(winograd_gain({56, 56, 64, 64, 1, 1, 56, 56}, 4) > 2.0);
  BOOST_TEST(winograd_gain({28, 28, 256, 256, 1, 1, 28, 28}, 2) > 1.5);
  BOOST_TEST(winograd_gain({2, 2, 256, 256, 1, 1, 2, 2}, 4) < 1.0);      // one tile reads the whole packed kernel
  BOOST_TEST(winograd_gain({2, 2, 256, 256, 1, 1, 2, 2}, 2, 64) > 1.1);  // unless 64 images share the reading
  BOOST_TEST(winograd_gain({28, 28, 1, 8, 1, 1, 28, 28}, 4) < 1.0);      // nothing but transforms
}

BOOST_AUTO_TEST_CASE(errors_of_typical_layers) {
  for (const bool symmetric : {false, true}) {
    check_errors<WinogradShape{8, 8, 64, 64, 1, 1, 8, 8}>(symmetric);
    check_errors<WinogradShape{8, 8, 512, 32, 1, 1, 8, 8}>(symmetric);
  }
}

BOOST_AUTO_TEST_SUITE_END()
