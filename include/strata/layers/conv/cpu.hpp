// Conv on the CPU: forward and the order of the gradients. The input gradient is in cpu_input.hpp, the weight gradient
// in cpu_weights.hpp.
#pragma once

#include <strata/cpu/convolve.hpp>
#include <strata/cpu/samples.hpp>
#include <strata/layers/conv/conv.hpp>
#include <strata/layers/conv/cpu_input.hpp>
#include <strata/layers/conv/cpu_weights.hpp>
#include <strata/layers/conv/cpu_winograd.hpp>

#include <algorithm>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <int Filters, auto K, class... Options>
struct kernel<Conv<Filters, K, Options...>> {
  using layer = Conv<Filters, K, Options...>;

  static constexpr bool makes_rows = true;

  template <class G>
  static constexpr strata::detail::Window window = layer::window(G::shapes[G::producer]);

  template <class G>
  using weights = weight_gradient<G, window<G>, Filters, layer::has_bias>;
  template <class G>
  using inputs = input_gradient<G, window<G>, Filters>;

  template <class G>
  using winograd = winograd_forward<G, window<G>, Filters>;

  /// The convolution that forward runs.
  template <class G>
  static constexpr ConvolveShape forward_shape() {
    constexpr Shape in = G::shapes[G::producer], out = G::produced;
    constexpr strata::detail::Window w = window<G>;
    return {in.height, in.width,           in.channels,          Filters,    w.kernel.height, w.kernel.width,
            w.stride,  w.vertical.padding, w.horizontal.padding, out.height, out.width};
  }

  /// True where a register tile can hold whole windows of the pooling.
  template <class G>
  static constexpr bool pools_in_tiles() {
    if constexpr (pools_in_registers<G>)
      return !forward_shape<G>().has_borders() &&
             Band<G>::window.kernel.height * Band<G>::window.kernel.width <= (registers == 32 ? 12 : 4);
    else
      return false;
  }

  /// Training works either through chunks of samples, each with all its gradients while it is in the core's cache, and
  /// adds up the chunks' weight gradients; or, where these are large, through the whole batch layer by layer.
  template <class G>
  static constexpr bool by_chunks = weights<G>::chunks > 1;

  template <class G>
  static constexpr Requirements requirements() {
    Requirements r = around_producer<G>();
    if (G::mode == Mode::training) {
      std::int64_t thread = inputs<G>::thread_bytes + weights<G>::thread_bytes;
      if (by_chunks<G> && G::reduction >= 0) {
        r.backward_per_sample = 0;
        thread += gradient_bytes<G>;
      }
      r.per_thread = std::max(r.per_thread, thread);
      r.fixed = inputs<G>::fixed_bytes + weights<G>::fixed_bytes;
    }
    std::int64_t packing = packs<G> ? panels<G>::packed_floats * 4 : 0;
    if constexpr (winograd<G>::applies) r.per_thread = std::max(r.per_thread, winograd<G>::thread_bytes);
    if constexpr (winograd<G>::always) packing = winograd<G>::packed_bytes;
    if (G::mode == Mode::training)
      r.fixed = std::max(r.fixed, packing);  // of which forward takes nothing else
    else
      r.packing = packing;
    return r;
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    constexpr int first = G::first_tensor(G::producer);
    const float* w = a.tensor(first);
    const float* bias = layer::has_bias ? a.tensor(first + layer::has_bias) : nullptr;
    if constexpr (winograd<G>::always) {
      winograd<G>::run(a, packed<G>(a, [&](float* to) { winograd<G>::pack(*a.pool, w, to); }), bias);
    } else {
      if constexpr (winograd<G>::applies)
        if (a.packed != nullptr) return winograd<G>::run(a, a.packed, bias);
      forward_direct<G>(a, w, bias);
    }
  }

  template <class G>
  static constexpr std::int64_t packed_bytes() {
    if (G::mode == Mode::training) return 0;
    if constexpr (winograd<G>::applies)
      return winograd<G>::packed_bytes;
    else
      return packs<G> ? strata::detail::round_up(panels<G>::packed_floats * 4, strata::detail::line_bytes) : 0;
  }

  template <class G>
  static void pack(Pool& pool, const float* arena, const std::int64_t* offsets, float* packed) {
    const float* w = arena + offsets[G::first_tensor(G::producer)];
    if constexpr (winograd<G>::applies)
      winograd<G>::pack(pool, w, packed);
    else
      pack_panels<G>(pool, w, packed);
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    constexpr int first = G::first_tensor(G::producer);
    const float* w = a.tensor(first);
    float* turned = reinterpret_cast<float*>(a.fixed);
    float* sums = turned + inputs<G>::fixed_bytes / 4;
    float* kernel = a.gradients + a.offsets[first];
    float* bias = layer::has_bias ? a.gradients + a.offsets[first + layer::has_bias] : nullptr;
    constexpr bool in_place = G::reduction < 0;

    if constexpr (InputGradient) inputs<G>::turn(a, w, turned);
    auto dz_of = [&](int sample, int slot, int thread) {
      if (in_place) return a.output_gradient + sample * stride(G::produced);
      if (!by_chunks<G>) return reinterpret_cast<float*>(a.scratch) + sample * stride(G::produced);
      return a.scratch_of(thread) + (inputs<G>::thread_bytes + weights<G>::thread_bytes) / 4 +
             slot * stride(G::produced);
    };
    auto sample_gradients = [&](int sample, int slot, int thread) {
      float* dz = dz_of(sample, slot, thread);
      backward_sample<G>(a, sample, dz);
      if constexpr (InputGradient)
        inputs<G>::run(dz, turned, a.scratch_of(thread), a.input_gradient + sample * stride(G::input));
    };
    if constexpr (by_chunks<G>) {
      using W = weights<G>;
      a.pool->run(W::chunks, [&](int chunk, int thread) {
        const int begin = static_cast<int>(std::int64_t{a.batch} * chunk / W::chunks);
        const int end = static_cast<int>(std::int64_t{a.batch} * (chunk + 1) / W::chunks);
        float* scratch = a.scratch_of(thread) + inputs<G>::thread_bytes / 4;
        float* to = sums + chunk * W::chunk_floats;
        if (begin == end) return W::clear(to);
        if constexpr (W::from_pooled) {
          for (int sample = begin; sample < end; ++sample) {
            if constexpr (InputGradient) sample_gradients(sample, 0, thread);
            run_back_first<G>(a, sample);
            W::add_pooled(a, sample, sample == begin, to, to + W::size);
          }
          return;
        }
        for (int sample = begin; sample < end; sample += W::slots) {
          const int samples = std::min(W::slots, end - sample);
          for (int s = 0; s < samples; ++s) sample_gradients(sample + s, s, thread);
          W::add(a.input + sample * stride(G::input), dz_of(sample, 0, thread), samples, sample == begin, 0, W::tiles,
                 scratch, to, to + W::size);
        }
      });
      W::total(a, sums, kernel, bias);
    } else {
      if constexpr (InputGradient && inputs<G>::by_winograd) {
        backward_samples<G>(a);
        inputs<G>::run_batch(a, dz_of(0, 0, 0), turned);
      } else if constexpr (InputGradient || !in_place || G::works(G::before, G::size))
        a.pool->run(a.batch, [&](int sample, int thread) { sample_gradients(sample, 0, thread); });
      weights<G>::run(a, dz_of(0, 0, 0), kernel, bias);
    }
  }

 private:
  /// The packed kernel: what somebody made before, else what `pack(to)` makes now.
  template <class G, class Pack>
  static const float* packed(const GroupArgs& a, Pack pack) {
    if (a.packed != nullptr) return a.packed;
    float* to = reinterpret_cast<float*>(G::mode == Mode::training ? a.fixed : a.packing);
    pack(to);
    return to;
  }

  /// The direct form, whose packed kernel is none of Winograd's.
  template <class G>
  static void forward_direct(const GroupArgs& a, const float* w, const float* bias) {
    constexpr ConvolveShape shape = forward_shape<G>();
    const int parts = parts_of_sample<G>(a, layer::flops(G::shapes[G::producer]));
    if constexpr (packs<G>) w = packed<G>(a, [&](float* to) { pack_panels<G>(*a.pool, w, to); });
    if constexpr (pools_in_tiles<G>()) {
      constexpr int height = Band<G>::window.kernel.height, width = Band<G>::window.kernel.width;
      a.pool->run(a.batch * parts, [&](int task, int) {
        const int sample = task / parts, part = task % parts;
        const int begin = G::reduced.height * part / parts, end = G::reduced.height * (part + 1) / parts;
        float* output = a.output + sample * stride(G::output);
        using Sink = PooledSink<G, Order::by_panels>;
        convolve_pooled<shape, height, width, Sink>::run(a.input + sample * stride(G::input), w, bias, begin, end,
                                                         Sink{a, sample, output, kept_of<G>(a, sample)});
        run_behind<AfterReduction<G>, G::reduced, Order::by_panels>(a, sample, begin, end, output);
      });
    } else {
      forward_rows<G, Order::by_panels>(a, parts, [&](int sample, int, int begin, int end, const auto& sink) {
        convolve<shape>(a.input + sample * stride(G::input), w, bias, begin, end, sink);
      });
    }
  }

  /// The direct form takes large kernels packed.
  template <class G>
  using panels = ConvolvePanels<forward_shape<G>()>;
  template <class G>
  static constexpr bool packs = packing_pays<forward_shape<G>()> && !pools_in_tiles<G>() && !winograd<G>::always;

  template <class G>
  static void pack_panels(Pool& pool, const float* w, float* to) {
    constexpr int parts = 16;
    pool.run(parts, [&](int part, int) { panels<G>::pack(w, to, part, parts); });
  }

  /// Floats of dz for the samples that are in a thread's scratch at a time.
  template <class G>
  static constexpr std::int64_t gradient_bytes =
      weights<G>::slots* strata::detail::sample_bytes(G::produced) + strata::detail::line_bytes;
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
