// The head of a network in one launch: a small dense layer that makes the logits, cross-entropy, and the gradients.
//
//     z = x w + b,   loss, dz = cross-entropy of z,   dx = dz w^T,   dw = x^T dz,   db = sum of dz over the batch
//
// Apart these are five launches or six of a step, each of which waits for the one before, and takes longer to start
// than to run. Here no block waits for another: every block makes all of dz, and keeps it in shared memory, and then
// what follows from it for a slice of the inputs, all samples' part of dx and the whole sum of dw. So there are no
// partial sums to be added by a second launch. The price is that logits are made once a block: units * inputs products
// a sample, of which a block does 32 samples at a time in about half a microsecond. That holds for few samples; above
// `most_batch` launches are cheaper.
//
// A warp makes a sample's logits: its lanes take every 32nd input, and all units of it, then add up; a lane scores a
// class. Products are in full precision, in both. Sums over the batch go in its order. Traffic of a block: 4 (inputs
// units + batch inputs) bytes, from the second-level cache but for one of them.
#pragma once

#include <strata/cuda/cross_entropy.cuh>
#include <strata/cuda/passes.cuh>

#include <algorithm>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy of a head: the shape of its layer, whether the gradient of its input is wanted, and what samples should
/// be.
template <int Inputs, int Units, bool HasBias, bool InputGradient, bool Targets>
struct HeadSpec {
  static constexpr int inputs = Inputs, classes = Units;
  static constexpr bool has_bias = HasBias, wants_input_gradient = InputGradient, has_targets = Targets,
                        smooths = false;
  static constexpr std::int64_t in_pitch = stride(Shape::vector(Inputs));
  static constexpr int weight_pitch = Units | 1;  ///< odd, so that lanes at neighbouring rows have a bank each
  static constexpr int samples = 32;              ///< at a time
  static constexpr unsigned warps = 16, threads = warps * warp_size;

  /// A thread sums one gradient: a block takes so many rows of inputs, whole sectors of dx. One row more is the bias.
  static constexpr int slice = std::max(8, static_cast<int>(threads) / Units / 8 * 8);
  static_assert(slice * Units <= static_cast<int>(threads));
  static constexpr unsigned blocks = (Inputs + HasBias + slice - 1) / slice;

  struct Shared {
    float weights[Inputs * weight_pitch];
    float logits[warps][Units];
    float gradients[samples][Units];
  };
};

/// What a head reads and writes. All but the gradients of the parameters is in rows of samples.
struct HeadArgs {
  const float *x, *weights, *bias;
  float *x_gradient, *weight_gradient, *bias_gradient;
};

/// Makes the logits of a sample; lane c holds that of class c.
template <class S>
STRATA_DEVICE float make_logits(const HeadArgs& h, const float* x, const float* weights) {
  float sums[S::classes] = {};
  for (int i = static_cast<int>(lane()); i < S::inputs; i += static_cast<int>(warp_size)) {
    const float value = x[i];
    STRATA_UNROLL
    for (int c = 0; c < S::classes; ++c) sums[c] += value * weights[i * S::weight_pitch + c];
  }
  float z = 0;
  STRATA_UNROLL
  for (int c = 0; c < S::classes; ++c) {
    const float sum = warp_reduce<Sum>(sums[c]);
    if (static_cast<int>(lane()) == c) z = sum;
  }
  if constexpr (S::has_bias)
    if (static_cast<int>(lane()) < S::classes) z += h.bias[lane()];
  return z;
}

template <class S>
__global__ void __launch_bounds__(S::threads) head_kernel(HeadArgs h, LossArgs loss, int batch, float scale) {
  auto& memory = shared<typename S::Shared>();
  const int thread = static_cast<int>(thread_index().x), lane_number = static_cast<int>(lane());
  const int first_row = static_cast<int>(block_index().x) * S::slice;
  for (int i = thread; i < S::inputs * S::classes; i += static_cast<int>(S::threads))
    memory.weights[i / S::classes * S::weight_pitch + i % S::classes] = h.weights[i];
  sync_block();

  const int row = first_row + thread / S::classes, column = thread % S::classes;  // of this thread's gradient
  const bool sums = thread < S::slice * S::classes && row < S::inputs + S::has_bias;
  float sum = 0;
  for (int first = 0; first < batch; first += S::samples) {
    const int samples = batch - first < S::samples ? batch - first : S::samples;
    for (int n = static_cast<int>(warp()); n < samples; n += static_cast<int>(S::warps)) {
      float* const z = memory.logits[warp()];
      const float logit = make_logits<S>(h, h.x + (first + n) * S::in_pitch, memory.weights);
      if (lane_number < S::classes) z[lane_number] = logit;
      sync_warp();
      score_sample<S>(loss, static_cast<unsigned>(first + n), z, memory.gradients[n], scale, 0, block_index().x == 0);
      sync_warp();  // before z is another sample's
    }
    sync_block();
    if (sums)
      for (int n = 0; n < samples; ++n)
        sum += (row < S::inputs ? h.x[(first + n) * S::in_pitch + row] : 1.0f) * memory.gradients[n][column];
    if constexpr (S::wants_input_gradient)
      for (int i = thread; i < samples * S::slice; i += static_cast<int>(S::threads)) {
        const int n = i / S::slice, input = first_row + i % S::slice;
        if (input >= S::inputs) continue;
        float dx = 0;
        STRATA_UNROLL
        for (int c = 0; c < S::classes; ++c) dx += memory.gradients[n][c] * memory.weights[input * S::weight_pitch + c];
        h.x_gradient[(first + n) * S::in_pitch + input] = dx;
      }
    sync_block();  // before the gradients are the next samples'
  }
  if (!sums) return;
  if (row < S::inputs)
    h.weight_gradient[row * S::classes + column] = sum;
  else
    h.bias_gradient[column] = sum;
}

/// The head of group G, a dense layer with nothing behind it.
template <class G>
struct DenseHead {
  using layer = typename G::template operation<G::producer>;
  static constexpr int inputs = static_cast<int>(G::input.size()), units = layer::units;
  static constexpr int kernel = G::first_tensor(G::producer), bias = kernel + 1;

  /// The largest batch that is faster so than by launches, 0 where there is none.
  static constexpr int most_batch = [] {
    if (G::mode != Mode::training || G::reduction >= 0 || G::works(G::before, G::size)) return 0;
    const bool fits = units <= 32 && inputs <= 1024 && inputs * (units | 1) <= 10'000;  // 40 of 48 KB
    return fits ? 256 : 0;
  }();

  template <bool InputGradient>
  static void train(const GroupArgs& a, const LossArgs& loss) {
    const HeadArgs head{a.input,          a.tensor(kernel),   layer::has_bias ? a.tensor(bias) : nullptr,
                        a.input_gradient, a.gradient(kernel), layer::has_bias ? a.gradient(bias) : nullptr};
    const auto run = [&]<bool Targets>() {
      using S = HeadSpec<inputs, units, layer::has_bias, InputGradient, Targets>;
      launch<head_kernel<S>>({.grid = {S::blocks}, .block = {S::threads}, .stream = a.stream}, head, loss, a.batch,
                             1.0f / static_cast<float>(a.batch));
    };
    if (loss.truth.targets != nullptr)
      run.template operator()<true>();
    else
      run.template operator()<false>();
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
