// BatchNorm in training on the CPU.
//
//     mean = sum x / N,   variance = sum (x - mean)^2 / N,   h = (x - mean) / sqrt(variance + epsilon),
//     y = gamma h + beta
//     dbeta = sum dy,   dgamma = sum dy h,   dx = gamma / sqrt(variance + epsilon) (dy - dbeta / N - h dgamma / N)
//
// over the N values of a channel in all samples. Sums are taken sample by sample and then over the samples in order,
// the latter in double, so they do not depend on the number of threads.
#pragma once

#include <strata/cpu/samples.hpp>
#include <strata/layers/batch_norm/batch_norm.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <class... Options>
struct kernel<BatchNorm<Options...>> {
  using layer = BatchNorm<Options...>;

  template <class G>
  static constexpr Requirements requirements() {
    Requirements r = around_producer<G>();
    if (G::mode == Mode::training) {
      r.kept_fixed = 2 * sums_stride<G> * 4;
      r.forward_per_sample = sums_stride<G> * 4;
      r.backward_per_sample += 2 * sums_stride<G> * 4;
    }
    return r;
  }

  /// Floats of one sum for each channel.
  template <class G>
  static constexpr std::int64_t sums_stride = strata::cpu::stride(Shape::vector(G::produced.channels));

  template <class G>
  static void forward(const GroupArgs& a) {
    constexpr Shape s = G::produced;
    constexpr int C = s.channels, pixels = s.height * s.width;
    constexpr int first = G::first_tensor(G::producer);
    float* mean = reinterpret_cast<float*>(a.kept_fixed);
    float* inverse = mean + sums_stride<G>;
    float* sums = reinterpret_cast<float*>(a.scratch);

    auto total = [&](float* to, auto term) {
      a.pool->run(a.batch, [&](int sample, int) {
        const float* x = a.input + sample * stride(G::input);
        for_vectors<C>([&](int c, auto count) STRATA_INLINE {
          V sum{};
          for (int p = 0; p < pixels; ++p) sum += term(load<count>(x + p * C + c), c, count);
          store<count>(sums + sample * sums_stride<G> + c, sum);
        });
      });
      for (int c = 0; c < C; ++c) {
        double sum = 0;
        for (int sample = 0; sample < a.batch; ++sample) sum += static_cast<double>(sums[sample * sums_stride<G> + c]);
        to[c] = static_cast<float>(sum / (static_cast<double>(a.batch) * pixels));
      }
    };
    total(mean, [](V x, int, auto) STRATA_INLINE { return x; });
    total(inverse, [&](V x, int c, auto count) STRATA_INLINE {
      const V d = x - load<count>(mean + c);
      return d * d;
    });
    float* moving_mean = a.state + a.offsets[first + 2];
    float* moving_variance = a.state + a.offsets[first + 3];
    for (int c = 0; c < C; ++c) {
      moving_mean[c] = layer::momentum * moving_mean[c] + (1 - layer::momentum) * mean[c];
      moving_variance[c] = layer::momentum * moving_variance[c] + (1 - layer::momentum) * inverse[c];
      inverse[c] = 1 / square_root(inverse[c] + layer::epsilon);
    }

    const float *gamma = a.tensor(first), *beta = a.tensor(first + 1);
    forward_samples<G>(a, [&](int sample, int, const auto& sink) {
      const float* x = a.input + sample * stride(G::input);
      for (int p = 0; p < pixels; ++p)
        for_vectors<C>([&](int c, auto count) STRATA_INLINE {
          const V h = (load<count>(x + p * C + c) - load<count>(mean + c)) * load<count>(inverse + c);
          sink(p * C + c, load<count>(gamma + c) * h + load<count>(beta + c), count);
        });
    });
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    constexpr Shape s = G::produced;
    constexpr int C = s.channels, pixels = s.height * s.width;
    constexpr int first = G::first_tensor(G::producer);
    const float* mean = reinterpret_cast<const float*>(a.kept_fixed);
    const float* inverse = mean + sums_stride<G>;
    float* sums = reinterpret_cast<float*>(a.scratch + around_producer<G>().backward_per_sample * a.batch);
    backward_samples<G>(a);
    const float* dz = produced_gradient<G>(a);

    a.pool->run(a.batch, [&](int sample, int) {
      const float* x = a.input + sample * stride(G::input);
      const float* d = dz + sample * stride(s);
      for_vectors<C>([&](int c, auto count) STRATA_INLINE {
        V dbeta{}, dgamma{};
        for (int p = 0; p < pixels; ++p) {
          const V dy = load<count>(d + p * C + c);
          dbeta += dy;
          dgamma += dy * ((load<count>(x + p * C + c) - load<count>(mean + c)) * load<count>(inverse + c));
        }
        store<count>(sums + 2 * sample * sums_stride<G> + c, dbeta);
        store<count>(sums + (2 * sample + 1) * sums_stride<G> + c, dgamma);
      });
    });
    float* dgamma = a.gradients + a.offsets[first];
    float* dbeta = a.gradients + a.offsets[first + 1];
    for (int c = 0; c < C; ++c) {
      double b = 0, g = 0;
      for (int sample = 0; sample < a.batch; ++sample) {
        b += static_cast<double>(sums[2 * sample * sums_stride<G> + c]);
        g += static_cast<double>(sums[(2 * sample + 1) * sums_stride<G> + c]);
      }
      dbeta[c] = static_cast<float>(b);
      dgamma[c] = static_cast<float>(g);
    }
    if constexpr (InputGradient) {
      const float* gamma = a.tensor(first);
      const float n = 1.0f / (static_cast<float>(a.batch) * pixels);
      a.pool->run(a.batch, [&](int sample, int) {
        const float* x = a.input + sample * stride(G::input);
        const float* d = dz + sample * stride(s);
        float* dx = a.input_gradient + sample * stride(G::input);
        for (int p = 0; p < pixels; ++p)
          for_vectors<C>([&](int c, auto count) STRATA_INLINE {
            const V r = load<count>(inverse + c);
            const V h = (load<count>(x + p * C + c) - load<count>(mean + c)) * r;
            const V rest = load<count>(d + p * C + c) - n * (load<count>(dbeta + c) + h * load<count>(dgamma + c));
            store<count>(dx + p * C + c, load<count>(gamma + c) * r * rest);
          });
      });
    }
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
