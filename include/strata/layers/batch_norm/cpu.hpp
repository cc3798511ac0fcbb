// BatchNorm in training on the CPU.
//
//     mean = sum x / N,   variance = sum (x - mean)^2 / N,   r = 1 / sqrt(variance + epsilon),   h = (x - mean) r,
//     y = gamma h + beta
//     dbeta = sum dy,   dgamma = sum dy h,   dx = gamma r (dy - dbeta / N - h dgamma / N)
//
// over the N values of a channel in all samples. A vector's channels are taken in blocks, each of which is measured and
// normalised while it is in a core's L2 cache. An image is visited twice: each sample is measured, the samples' moments
// are merged in their order, and each sample is normalised.
#pragma once

#include <strata/cpu/samples.hpp>
#include <strata/layers/batch_norm/batch_norm.hpp>
#include <strata/layers/batch_norm/cpu_statistics.hpp>

#include <algorithm>

namespace strata::cpu {
inline namespace STRATA_ISA {

template <class... Options>
struct kernel<BatchNorm<Options...>> {
  using layer = BatchNorm<Options...>;
  static constexpr bool makes_rows = true;

  template <class G>
  static constexpr Requirements requirements() {
    Requirements r = around_producer<G>();
    if (G::mode == Mode::training) {
      r.kept_fixed = 3 * padded<G> * 4;
      r.fixed = 2 * padded<G> * 4;
      if (!Work<G>::by_channels) {
        r.forward_per_sample = 2 * padded<G> * 8;
        r.backward_per_sample += 2 * padded<G> * 8;
      }
    }
    return r;
  }

  template <class G>
  static void forward(const GroupArgs& a) {
    Work<G>(a).forward();
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    Work<G>(a).template backward<InputGradient>();
  }

 private:
  /// Numbers of one a channel, with room for the last vector's other lanes.
  template <class G>
  static constexpr std::int64_t padded = strata::cpu::stride(Shape::vector(G::produced.channels));

  /// Channels of a block: so many that a row of them holds whole evaluations of random words.
  static constexpr int block = 128;

  /// One group's step.
  template <class G>
  struct Work {
    static constexpr Shape s = G::produced;
    static constexpr int C = s.channels, pixels = s.height * s.width;
    static constexpr int first_tensor = G::first_tensor(G::producer);
    static constexpr bool by_channels = pixels == 1 && G::reduction < 0;
    static constexpr bool works = G::works(G::before, G::size);
    static constexpr int blocks = (C + block - 1) / block;
    using Layers = BeforeReduction<G>;

    const GroupArgs& a;
    float* mean;     ///< from forward to backward
    float* inverse;  ///< 1 / sqrt(variance + epsilon)
    float* scale;    ///< gamma * inverse
    const float* gamma;
    const float* beta;
    double values;  ///< N

    explicit Work(const GroupArgs& args)
        : a(args),
          mean(reinterpret_cast<float*>(a.kept_fixed)),
          inverse(mean + padded<G>),
          scale(inverse + padded<G>),
          gamma(a.tensor(first_tensor)),
          beta(a.tensor(first_tensor + 1)),
          values(static_cast<double>(a.batch) * pixels) {}

    const float* input(int sample) const { return a.input + sample * stride(G::input); }

    /// Calls f(channel, integral_constant<int, count>) for the vectors of block b.
    template <class F>
    STRATA_INLINE static void for_block(int b, F f) {
      const int end = std::min(C, (b + 1) * block);
      for (int c = b * block; c + lanes <= end; c += lanes) f(c, std::integral_constant<int, lanes>{});
      if constexpr (C % lanes != 0)
        if (end == C) f(C - C % lanes, std::integral_constant<int, C % lanes>{});
    }

    /// Vectors of block b.
    static int vectors(int b) { return (std::min(C - b * block, block) + lanes - 1) / lanes; }

    void forward() const {
      if constexpr (by_channels) {
        a.pool->run(blocks, [&](int b, int) {
          for_panels<wide_panel>(vectors(b), [&](int v, auto n) {
            const int c = b * block + v * lanes;
            ChannelMoments<n * lanes> moments;
            measure<n>(a.input + c, stride(G::input), a.batch, moments);
            finish(c, moments);
          });
          for (int sample = 0; sample < a.batch; ++sample) {
            typename Layers::Words words;
            const float* x = input(sample);
            float* y = a.output + sample * stride(G::output);
            for_block(b, [&](int c, auto count) STRATA_INLINE {
              store<count>(y + c, Layers::template forward<count>(a, sample, c, normalised(x + c, c), words));
            });
          }
        });
      } else {
        double* moments = reinterpret_cast<double*>(a.scratch);  // by sample: means, then squares
        a.pool->run(a.batch, [&](int sample, int) {
          for_panels<wide_panel>((C + lanes - 1) / lanes, [&](int v, auto n) {
            ChannelMoments<n * lanes> of_sample;
            measure<n>(input(sample) + v * lanes, C, pixels, of_sample);
            double* to = moments + 2 * sample * padded<G> + v * lanes;
            std::memcpy(to, of_sample.mean, sizeof of_sample.mean);
            std::memcpy(to + padded<G>, of_sample.squares, sizeof of_sample.squares);
          });
        });
        a.pool->run(blocks, [&](int b, int) {
          for_panels<wide_panel>(vectors(b), [&](int v, auto n) {
            const int c = b * block + v * lanes;
            ChannelMoments<n * lanes> all;
            for (int sample = 0; sample < a.batch; ++sample) {
              const double* from = moments + 2 * sample * padded<G> + c;
              all.merge(from, from + padded<G>, pixels);
            }
            finish(c, all);
          });
        });
        forward_rows<G>(a, 1, [&](int sample, int, int begin, int end, const auto& sink) {
          if (G::reduction < 0) begin = 0, end = s.height;
          for (int p = begin * s.width; p < end * s.width; ++p) {
            const float* x = input(sample) + p * C;
            for_vectors<C>([&](int c, auto count) STRATA_INLINE { sink(p * C + c, normalised(x + c, c), count); });
          }
        });
      }
    }

    /// Notes the moments of the channels from c on, for this step and in the running averages.
    template <int Width>
    void finish(int c, const ChannelMoments<Width>& moments) const {
      alignas(64) float means[Width], variances[Width];
      for (int i = 0; i < Width; ++i) {
        means[i] = static_cast<float>(moments.mean[i]);
        variances[i] = static_cast<float>(std::max(moments.squares[i], 0.0) / values);
      }
      auto one = [&](int i, auto count) STRATA_INLINE {
        const V m = load(means + i), variance = load(variances + i);
        auto follow = [&](int tensor, V now) STRATA_INLINE {
          float* moving = a.state + a.offsets[first_tensor + tensor] + c + i;
          store<count>(moving, layer::momentum * load<count>(moving) + (1 - layer::momentum) * now);
        };
        follow(2, m);
        follow(3, variance);
        const V r = 1.0f / square_root(variance + layer::epsilon);
        store(mean + c + i, m);
        store(inverse + c + i, r);
        store(scale + c + i, load(gamma + c + i) * r);
      };
      for (int i = 0; i < Width; i += lanes) {
        if constexpr (C % lanes != 0)
          if (c + i + lanes > C) {
            one(i, std::integral_constant<int, C % lanes>{});
            break;
          }
        one(i, std::integral_constant<int, lanes>{});
      }
    }

    /// Before the layers behind: gamma h + beta for the channels from c on.
    STRATA_INLINE V normalised(const float* x, int c) const {
      return (load(x) - load(mean + c)) * load(scale + c) + load(beta + c);
    }

    template <bool InputGradient>
    void backward() const {
      if constexpr (by_channels) {
        a.pool->run(blocks, [&](int b, int) {
          if constexpr (works) through_layers(b);
          for_panels<wide_panel / 2>(vectors(b), [&](int v, auto n) {
            const int c = b * block + v * lanes;
            ChannelSums<2 * n> sums;
            sum_gradients<n>(a.output_gradient + c, stride(G::output), a.input + c, stride(G::input), mean + c, a.batch,
                             sums);
            finish_gradients(c, n * lanes, sums.sum, sums.sum + n * lanes);
          });
          if constexpr (InputGradient)
            for (int sample = 0; sample < a.batch; ++sample) {
              const float* dy = a.output_gradient + sample * stride(G::output);
              float* dx = a.input_gradient + sample * stride(G::input);
              const float* x = input(sample);
              for_block(
                  b, [&](int c, auto count) STRATA_INLINE { store<count>(dx + c, input_gradient(dy + c, x + c, c)); });
            }
        });
      } else {
        double* sums = reinterpret_cast<double*>(a.scratch + around_producer<G>().backward_per_sample * a.batch);
        float* produced = produced_gradient<G>(a);
        a.pool->run(a.batch, [&](int sample, int) {
          float* dy = produced + sample * stride(s);
          if constexpr (works || G::reduction >= 0) backward_sample<G>(a, sample, dy);
          for_panels<wide_panel / 2>((C + lanes - 1) / lanes, [&](int v, auto n) {
            ChannelSums<2 * n> of_sample;
            sum_gradients<n>(dy + v * lanes, C, input(sample) + v * lanes, C, mean + v * lanes, pixels, of_sample);
            double* to = sums + 2 * sample * padded<G> + v * lanes;
            std::memcpy(to, of_sample.sum, sizeof of_sample.sum / 2);
            std::memcpy(to + padded<G>, of_sample.sum + n * lanes, sizeof of_sample.sum / 2);
          });
        });
        a.pool->run(blocks, [&](int b, int) {
          alignas(64) double all[2][block] = {};
          const int width = vectors(b) * lanes;
          for (int sample = 0; sample < a.batch; ++sample)
            for (int which = 0; which < 2; ++which) {
              const double* from = sums + (2 * sample + which) * padded<G> + b * block;
              for (int c = 0; c < width; ++c) all[which][c] += from[c];
            }
          finish_gradients(b * block, width, all[0], all[1]);
        });
        if constexpr (InputGradient)
          a.pool->run(a.batch, [&](int sample, int) {
            const float* dy = produced + sample * stride(s);
            const float* x = input(sample);
            float* dx = a.input_gradient + sample * stride(G::input);
            for (int p = 0; p < pixels; ++p, dy += C, x += C, dx += C)
              for_vectors<C>([&](int c, auto count)
                                 STRATA_INLINE { store<count>(dx + c, input_gradient(dy + c, x + c, c)); });
          });
      }
    }

    /// The gradient of block b through the layers behind, in place.
    void through_layers(int b) const {
      for (int sample = 0; sample < a.batch; ++sample) {
        typename Layers::Words words;
        float* dy = a.output_gradient + sample * stride(G::output);
        for_block(b, [&](int c, auto count) STRATA_INLINE {
          store<count>(dy + c, Layers::template backward<count>(a, sample, c, load<count>(dy + c), words));
        });
      }
    }

    /// Takes the sums of dy and dy (x - mean) of `width` channels from c on: the parameters' gradients, and the shares
    /// of them that the input's gradient subtracts.
    void finish_gradients(int c, int width, const double* dy, const double* dy_x) const {
      float* dgamma = a.gradients + a.offsets[first_tensor];
      float* dbeta = a.gradients + a.offsets[first_tensor + 1];
      const int end = std::min(width, C - c);
      for (int i = 0; i < end; ++i) {
        const double r = static_cast<double>(inverse[c + i]), of_gamma = dy_x[i] * r;
        dgamma[c + i] = static_cast<float>(of_gamma);
        dbeta[c + i] = static_cast<float>(dy[i]);
        share(0)[c + i] = static_cast<float>(dy[i] / values);
        share(1)[c + i] = static_cast<float>(of_gamma * r / values);
      }
    }

    /// dbeta / N, and r dgamma / N.
    float* share(int which) const { return reinterpret_cast<float*>(a.fixed) + which * padded<G>; }

    /// dx of the channels from c on.
    STRATA_INLINE V input_gradient(const float* dy, const float* x, int c) const {
      const V rest = load(dy) - load(share(0) + c) - (load(x) - load(mean + c)) * load(share(1) + c);
      return rest * load(scale + c);
    }
  };
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
