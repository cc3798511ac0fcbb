// The policy of BatchNorm's kernels, and what they know of a channel.
#pragma once

#include <strata/cuda/chain.cuh>
#include <strata/cuda/visit.hpp>
#include <strata/layers/batch_norm/cuda_statistics.hpp>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy.
template <class G>
struct NormSpec {
  using group = G;
  using layer = typename G::template operation<G::producer>;
  using In = Value<G, G::producer>;
  static constexpr int channels = In::shape.channels, pixels = In::shape.height * In::shape.width;
  static constexpr int first_tensor = G::first_tensor(G::producer);
  static constexpr float momentum = layer::momentum, epsilon = layer::epsilon;

  /// One launch, where no pooling follows.
  static constexpr bool by_channels = pixels == 1 && G::reduction < 0;
  static constexpr bool layers_work = G::works(G::before, G::size);

  /// Channels of a block: of a vector all of a few, else a sector of memory; of an image about 64.
  static constexpr int wide = 64, wide_panels = (channels + wide - 1) / wide;
  static constexpr int width = channels <= (by_channels ? 16 : wide) ? channels
                               : by_channels                         ? 8
                                                                     : ((channels - 1) / wide_panels / 8 + 1) * 8;
  using columns = Columns<In, width, 256>;

  /// Blocks that sum over the rows of a channel, at most: about four for each of a large GPU's processors.
  static constexpr unsigned most_blocks = (512 + columns::panels - 1) / columns::panels;
  using merging = Columns<In, 32, 512>;

  /// Floats or doubles of one number a channel.
  static constexpr std::int64_t row = cuda::stride(Shape::vector(channels));

  using visit = Visit<In::size, neighbours(channels), false>;
};

/// What the kernels know of a channel. From forward to backward: mean, r, gamma r.
template <class S>
struct NormArgs {
  float *mean, *inverse, *scale;
  const float *gamma, *beta;
  float *moving_mean, *moving_variance;  ///< null where nothing trains
  float *dgamma, *dbeta;                 ///< null in forward
  float *share, *share_of_x;             ///< dbeta / N, r dgamma / N
  double* parts;                         ///< of each block: so many rows of numbers, one a channel
  unsigned rows;                         ///< N

  explicit NormArgs(const GroupArgs& a)
      : mean(reinterpret_cast<float*>(a.kept_fixed)),
        inverse(mean + S::row),
        scale(inverse + S::row),
        gamma(a.tensor(S::first_tensor)),
        beta(a.tensor(S::first_tensor + 1)),
        moving_mean(a.state == nullptr ? nullptr : a.state + a.offsets[S::first_tensor + 2]),
        moving_variance(a.state == nullptr ? nullptr : a.state + a.offsets[S::first_tensor + 3]),
        dgamma(a.gradients == nullptr ? nullptr : a.gradient(S::first_tensor)),
        dbeta(a.gradients == nullptr ? nullptr : a.gradient(S::first_tensor + 1)),
        share(reinterpret_cast<float*>(a.fixed)),
        share_of_x(share + S::row),
        parts(reinterpret_cast<double*>(share_of_x + S::row)),
        rows(static_cast<unsigned>(a.batch) * S::pixels) {}

  /// Number `which` of a channel in the sums of a block.
  STRATA_DEVICE double* part(unsigned block, int which, int channel) const {
    return parts + (block * 3 + static_cast<unsigned>(which)) * S::row + channel;
  }

  /// Notes the moments of channel c, for this step and in the running averages.
  STRATA_DEVICE void note(int c, const Moments& m) const {
    const auto of_batch = static_cast<float>(m.mean);
    const auto variance = static_cast<float>((m.squares > 0 ? m.squares : 0) / m.count);
    if (moving_mean != nullptr) {
      moving_mean[c] = S::momentum * moving_mean[c] + (1 - S::momentum) * of_batch;
      moving_variance[c] = S::momentum * moving_variance[c] + (1 - S::momentum) * variance;
    }
    const float r = 1.0f / square_root(variance + S::epsilon);
    mean[c] = of_batch;
    inverse[c] = r;
    scale[c] = gamma[c] * r;
  }

  /// Notes the gradients of channel c's parameters, and the shares of them that the input's gradient subtracts.
  STRATA_DEVICE void note(int c, const GradientSums& sums) const {
    const double r = static_cast<double>(inverse[c]), of_gamma = sums.dy_x * r;
    dgamma[c] = static_cast<float>(of_gamma);
    dbeta[c] = static_cast<float>(sums.dy);
    share[c] = static_cast<float>(sums.dy / rows);
    share_of_x[c] = static_cast<float>(of_gamma * r / rows);
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
