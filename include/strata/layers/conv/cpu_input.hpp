// The input gradient of Conv on the CPU: a convolution of the output's gradient with the kernel turned around,
//
//     dx[h, w, c] = sum over i, j, f of dz'[h + i - top, w + j - left, f] * kernel[KH - 1 - i, KW - 1 - j, c, f]
//
// where dz' is dz, or with a stride dz spread out with zeros between its pixels, and top = KH - 1 - padding.
#pragma once

#include <strata/cpu/convolve.hpp>
#include <strata/cpu/samples.hpp>
#include <strata/cpu/transpose.hpp>
#include <strata/layers/conv/cpu_winograd.hpp>
#include <strata/layers/window.hpp>

#include <cstring>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <class G, strata::detail::Window W, int Filters>
struct input_gradient {
  static constexpr Shape in = G::shapes[G::producer];
  static constexpr Shape out = G::produced;
  static constexpr int kh = W.kernel.height, kw = W.kernel.width;
  static constexpr int spread_height = (out.height - 1) * W.stride + 1, spread_width = (out.width - 1) * W.stride + 1;
  static constexpr bool spreads = W.stride > 1 && spread_height* spread_width > 1;

  static constexpr ConvolveShape shape{.height = spread_height,
                                       .width = spread_width,
                                       .channels = Filters,
                                       .filters = in.channels,
                                       .kernel_height = kh,
                                       .kernel_width = kw,
                                       .stride = 1,
                                       .top = kh - 1 - W.vertical.padding,
                                       .left = kw - 1 - W.horizontal.padding,
                                       .out_height = in.height,
                                       .out_width = in.width};

  using winograd = winograd_input_gradient<G, W, Filters>;
  static constexpr bool by_winograd = winograd::applies;

  /// True where the kernel is turned into the panels of the direct form.
  static constexpr bool by_panels = packing_pays<shape> && !by_winograd;

  /// The turned kernel and, behind it, Winograd's packed one; and a thread's copy of a spread sample, or its blocks.
  static constexpr std::int64_t turned_bytes =
      strata::detail::round_up(ConvolvePanels<shape>::packed_floats * 4 + 64, strata::detail::line_bytes);
  static constexpr std::int64_t fixed_bytes = turned_bytes + winograd::packed_bytes;
  static constexpr std::int64_t thread_bytes =
      spreads ? strata::detail::round_up(std::int64_t{spread_height} * spread_width * Filters * 4 + 64,
                                         strata::detail::line_bytes)
              : winograd::thread_bytes;

  /// to[KH - 1 - i][KW - 1 - j][f][c] = from[i][j][c][f], packed where the convolution wants it so.
  static void turn(const GroupArgs& a, const float* from, float* to) {
    constexpr int taps = kh * kw, C = in.channels;
    auto turn_tap = [&](int tap) {
      const float* source = from + std::int64_t{tap} * C * Filters;
      auto target = [&](int f, int c) STRATA_INLINE {
        const int row = (taps - 1 - tap) * Filters + f;
        return to + (by_panels ? ConvolvePanels<shape>::place(row, c) : std::int64_t{row} * C + c);
      };
      constexpr int blocks_f = Filters / lanes * lanes, blocks_c = C / lanes * lanes;
      for (int f = 0; f < blocks_f; f += lanes)
        for (int c = 0; c < blocks_c; c += lanes) {
          transpose(source + c * Filters + f, Filters, lanes, target(f, c), target(f + 1, c) - target(f, c), lanes);
        }
      for (int c = 0; c < C; ++c)
        for (int f = c < blocks_c ? blocks_f : 0; f < Filters; ++f) *target(f, c) = source[c * Filters + f];
    };
    if (std::int64_t{taps} * C * Filters < 16384)
      for (int tap = 0; tap < taps; ++tap) turn_tap(tap);
    else
      a.pool->run(taps, [&](int tap, int) { turn_tap(tap); });
  }

  /// dx of the batch by Winograd's tiles; the packed kernel goes behind the turned one.
  static void run_batch(const GroupArgs& a, const float* dz, float* turned) requires(by_winograd) {
    float* packed = turned + turned_bytes / 4;
    pack_winograd<winograd::tile>(*a.pool, winograd::transform::plan, turned, packed);
    winograd::run(a, dz, packed);
  }

  /// dx of one sample.
  static void run(const float* dz, const float* turned, float* scratch, float* dx) {
    if constexpr (spreads) {
      std::memset(scratch, 0, static_cast<std::size_t>(thread_bytes));
      for (int h = 0; h < out.height; ++h)
        for (int w = 0; w < out.width; ++w)
          std::memcpy(scratch + (h * spread_width + w) * W.stride * Filters, dz + (h * out.width + w) * Filters,
                      sizeof(float) * Filters);
      dz = scratch;
    }
    convolve<shape>(dz, turned, nullptr, 0, in.height, StoringSink{dx});
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
