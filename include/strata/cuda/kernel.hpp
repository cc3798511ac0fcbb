// What a group's kernels are given, and where a layer's kernels go: `cuda::kernel<L>`, in the layer's own cuda.cuh.
//
// A producer or normaliser L specialises
//
//     template <> struct kernel<L> {
//       template <class G> static constexpr Requirements requirements();   // bytes it wants besides the plan's values
//       template <class G> static void forward(const GroupArgs&);          // the whole group G, for the whole batch
//       template <class G, bool InputGradient> static void backward(const GroupArgs&);
//     };
//
// by launches on the group's stream and nothing else: no allocation, no waiting, no look at device memory from the CPU,
// so that a step can be captured. What cannot be captured, such as a library's choice of an algorithm, goes first:
//
//       template <class G> static std::shared_ptr<const void> prepare(int batch);  // where it is needed
//
// and GroupArgs brings it back. Where the group is the network's last, and makes the logits, its forward, the loss and
// its backward may be one, for batches that are not too large, where the loss is a cross-entropy without smoothing:
//
//       template <class G> static constexpr int most_batch_with_loss;              // 0: none
//       template <class G, bool InputGradient> static void train(const GroupArgs&, const LossArgs&);
//
// Where the group is the network's first, it may read a batch that is still bytes of a data set (GroupArgs::bytes), and
// then forward also writes the samples' numbers:
//
//       template <class G> static constexpr bool loads_bytes;
//
// A reduction says how a window's values fold into one and its gradient goes back
// (windows.hpp); the elementwise layers' own functions run in whatever kernel holds their values (chain.cuh).
#pragma once

#include <strata/core/layer.hpp>
#include <strata/core/philox.hpp>
#include <strata/cuda/byte_batch.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/plan/memory.hpp>

#include <cstddef>
#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The kernels of layer L. Without a specialisation a producer or reduction cannot run on this backend, and `fit` and
/// `predict` say so when the program compiles.
template <class L>
struct kernel;

/// Everything a group's kernels read and write in one step. Pointers lead to device memory unless they say host;
/// pointers to values go to sample 0, and the stride from sample to sample is `stride(shape)`. All begin at multiples
/// of 64 bytes, and 64 bytes behind the last value may be read.
struct GroupArgs {
  Stream stream = nullptr;
  int batch = 0;
  const float* input = nullptr;
  ByteBatch bytes{};  ///< what to read in place of the input, where the kernel says that it can
  float* output = nullptr;
  float* output_gradient = nullptr;       ///< backward may overwrite it
  float* input_gradient = nullptr;        ///< null where nobody wants it
  const float* arena = nullptr;           ///< parameters and state
  float* state = nullptr;                 ///< the same arena, where training may write its state; else null
  float* gradients = nullptr;             ///< of the trainable part of the arena, in its layout
  const std::int64_t* offsets = nullptr;  ///< host: of the group's tensors in the arena, in floats, in order
  std::byte* workspace = nullptr;
  const std::int64_t* saved =
      nullptr;                      ///< host: by value of the group, bytes per sample in the workspace, -1: not stored
  std::byte* kept = nullptr;        ///< per sample, from forward to backward; null outside training
  std::byte* kept_fixed = nullptr;  ///< once, from forward to backward
  std::byte* scratch = nullptr;     ///< per sample, for this direction only
  std::byte* fixed = nullptr;       ///< once, for this direction only
  const void* prepared = nullptr;   ///< host: what the kernel has prepared for this batch
  philox::Key key{};
  const std::uint32_t* step = nullptr;  ///< the number of the step, which a captured launch reads anew
  std::uint32_t layer = 0;              ///< index of the group's first operation in the network

  /// A tensor of the group, by its number among the group's tensors.
  const float* tensor(int t) const { return arena + offsets[t]; }
  float* gradient(int t) const { return gradients + offsets[t]; }
};

/// Floats from one sample of a value to the next.
constexpr std::int64_t stride(const Shape& s) { return strata::detail::sample_bytes(s) / 4; }

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
