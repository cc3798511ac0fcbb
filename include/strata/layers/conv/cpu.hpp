// Conv on the CPU.
//
// Forward and the input gradient are one valid convolution (cpu/convolve.hpp), the latter over the output's gradient,
// spread by the stride, framed with zeros, with the kernel turned around:
//     dx[h, w, c] = sum over i, j, f of dz'[h + i, w + j, f] * kernel[KH - 1 - i, KW - 1 - j, c, f]
// The weight gradient sums over all pixels of all samples:
//     dkernel[i, j, c, f] = sum over n, h, w of x[n, h * stride + i - pad, w * stride + j - pad, c] * dz[n, h, w, f]
#pragma once

#include <strata/cpu/convolve.hpp>
#include <strata/cpu/samples.hpp>
#include <strata/layers/conv/conv.hpp>
#include <strata/layers/conv/cpu_weights.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <int Filters, auto K, class... Options>
struct kernel<Conv<Filters, K, Options...>> {
  using layer = Conv<Filters, K, Options...>;

  template <class G>
  struct geometry {
    static constexpr Shape in = G::shapes[G::producer];
    static constexpr Shape out = G::produced;
    static constexpr strata::detail::Window window = layer::window(in);
    static constexpr int kh = layer::size.height, kw = layer::size.width, stride = layer::stride;

    // Forward over a framed copy of the sample, where there is a frame.
    static constexpr int framed_height = (out.height - 1) * stride + kh;
    static constexpr int framed_width = (out.width - 1) * stride + kw;
    static constexpr bool framed = layer::same && (framed_height > in.height || framed_width > in.width ||
                                                   window.vertical.padding > 0 || window.horizontal.padding > 0);
    static constexpr ConvolveShape forward{
        framed ? framed_width : in.width, in.channels, Filters, kh, kw, stride, out.height, out.width};
    static constexpr std::int64_t frame_bytes =
        framed ? std::int64_t{framed_height} * framed_width * in.channels * 4 + 64 : 0;

    // The input gradient over a framed and spread copy of the output's gradient.
    static constexpr int spread_height = in.height + kh - 1, spread_width = in.width + kw - 1;
    static constexpr ConvolveShape backward{spread_width, Filters, in.channels, kh, kw, 1, in.height, in.width};
    static constexpr std::int64_t spread_bytes = std::int64_t{spread_height} * spread_width * Filters * 4 + 64;
    static constexpr std::int64_t turned_floats = strata::detail::round_up(
        std::int64_t{kh} * kw * Filters * in.channels + lanes, strata::detail::floats_per_line);

    using weights = weight_gradient<G, window, Filters>;
  };

  template <class G>
  static constexpr Requirements requirements() {
    using g = geometry<G>;
    Requirements r = around_producer<G>();
    std::int64_t thread = g::frame_bytes;
    if (G::mode == Mode::training) {
      thread = thread > g::spread_bytes ? thread : g::spread_bytes;
      r.fixed = g::turned_floats * 4 + g::weights::fixed_bytes;
    }
    r.per_thread = strata::detail::round_up(r.per_thread, strata::detail::line_bytes) + thread;
    return r;
  }

  /// This layer's part of a thread's scratch lies behind the part of the layers around it.
  template <class G>
  static float* own_scratch(const GroupArgs& a, int thread) {
    return a.scratch_of(thread) +
           strata::detail::round_up(around_producer<G>().per_thread, strata::detail::line_bytes) / 4;
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    using g = geometry<G>;
    constexpr int first = G::first_tensor(G::producer);
    const float* w = a.tensor(first);
    const float* bias = layer::has_bias ? a.tensor(first + layer::has_bias) : nullptr;
    forward_samples<G>(a, [&](int sample, int thread, const auto& sink) {
      const float* x = a.input + sample * stride(G::input);
      if constexpr (g::framed) {
        float* frame = own_scratch<G>(a, thread);
        std::memset(frame, 0, static_cast<std::size_t>(g::frame_bytes));
        constexpr int width = g::in.width * g::in.channels;
        constexpr int rows = g::in.height < g::framed_height - g::window.vertical.padding
                                 ? g::in.height
                                 : g::framed_height - g::window.vertical.padding;
        constexpr int room = (g::framed_width - g::window.horizontal.padding) * g::in.channels;
        for (int h = 0; h < rows; ++h)
          std::memcpy(frame + ((h + g::window.vertical.padding) * g::framed_width + g::window.horizontal.padding) *
                                  g::in.channels,
                      x + h * width, sizeof(float) * static_cast<std::size_t>(width < room ? width : room));
        x = frame;
      }
      convolve<g::forward>(x, w, bias, sink);
    });
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    using g = geometry<G>;
    constexpr int first = G::first_tensor(G::producer);
    float* turned = reinterpret_cast<float*>(a.fixed);
    backward_samples<G>(a);
    const float* dz = produced_gradient<G>(a);
    if constexpr (InputGradient) {
      turn(a.tensor(first), turned, g::in.channels);
      a.pool->run(a.batch, [&](int sample, int thread) {
        float* spread = own_scratch<G>(a, thread);
        std::memset(spread, 0, static_cast<std::size_t>(g::spread_bytes));
        const float* from = dz + sample * stride(g::out);
        constexpr int top = g::kh - 1 - g::window.vertical.padding, left = g::kw - 1 - g::window.horizontal.padding;
        for (int h = 0; h < g::out.height; ++h)
          for (int w = 0; w < g::out.width; ++w)
            std::memcpy(spread + ((h * g::stride + top) * g::spread_width + w * g::stride + left) * Filters,
                        from + (h * g::out.width + w) * Filters, sizeof(float) * Filters);
        float* dx = a.input_gradient + sample * stride(G::input);
        convolve<g::backward>(spread, turned, nullptr,
                              [dx](int index, V v, auto count) STRATA_INLINE { store<count>(dx + index, v); });
      });
    }
    g::weights::run(a, dz, a.gradients + a.offsets[first],
                    layer::has_bias ? a.gradients + a.offsets[first + layer::has_bias] : nullptr,
                    turned + g::turned_floats);
  }

 private:
  /// to[KH - 1 - i][KW - 1 - j][f][c] = from[i][j][c][f].
  static void turn(const float* from, float* to, int channels) {
    constexpr int taps = layer::size.height * layer::size.width;
    for (int tap = 0; tap < taps; ++tap)
      for (int c = 0; c < channels; ++c)
        for (int f = 0; f < Filters; ++f)
          to[((taps - 1 - tap) * Filters + f) * channels + c] = from[(tap * channels + c) * Filters + f];
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
