// What a group's kernels are given, and where a layer's kernel goes: `cpu::kernel<L>`, beside the layer.
//
// A producer or normaliser L specialises
//
//     template <> struct kernel<L> {
//       template <class G> static constexpr Requirements requirements();      // bytes it wants besides the plan's
//       values template <class G> static void forward(const GroupArgs&);             // the whole group G, for the
//       whole batch template <class G, bool InputGradient> static void backward(const GroupArgs&);
//     };
//
// and, where prediction gains by it, the form in which it wants its parameters there:
//
//       template <class G> static constexpr std::int64_t packed_bytes();      // 0 where G has no use for it
//       template <class G> static void pack(Pool&, const float* arena, const std::int64_t* offsets, float* packed);
//
// with the help of cpu/samples.hpp, which runs the elementwise layers and the pooling of G around it. A reduction
// specialises
//
//     template <> struct kernel<L> {
//       template <Shape In> static constexpr std::int64_t kept_bytes();    // from forward to backward, one sample
//       template <bool Training> struct Fold {                             // the values of one window, lane by lane
//         void begin(const V (&x)[N], int place);                          // the first N neighbours; the number of the
//         void add(const V (&x)[N], int place);                            // first one in its window; the next N
//         V result(int members) const;                                     // of `members` values
//         template <int Lanes> void keep(std::byte* kept, int index) const;  // in training, for outputs from index on
//       };
//       struct Spread {                                                    // dy of one window's outputs, spread out
//         Spread(const std::byte* kept, int index, V dy, integral_constant<int, lanes>, int members);
//         V at(int place) const;                                           // what the window's pixel gets of it
//       };
//       template <Shape In, class Gradient>
//       static void backward(const std::byte* kept, float* dx, Gradient);  // one sample
//     };
//
// where Gradient is V(int index, integral_constant<int, lanes>): dy of the outputs that begin at index.
// Elementwise layers have no kernel: their own functions are it.
#pragma once

#include <strata/core/layer.hpp>
#include <strata/core/philox.hpp>
#include <strata/cpu/pool.hpp>
#include <strata/cpu/vector.hpp>
#include <strata/plan/memory.hpp>

#include <cstddef>
#include <cstdint>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// The kernels of layer L. Without a specialisation a producer or reduction cannot run on this backend, and `fit` and
/// `predict` say so when the program compiles.
template <class L>
struct kernel;

/// Everything a group's kernels read and write in one step. Pointers to values go to sample 0; the stride from sample
/// to sample is `stride(shape)`.
struct GroupArgs {
  Pool* pool = nullptr;
  int batch = 0;
  const float* input = nullptr;
  float* output = nullptr;
  float* output_gradient = nullptr;       ///< backward may overwrite it
  float* input_gradient = nullptr;        ///< null where nobody wants it
  const float* arena = nullptr;           ///< parameters and state
  float* state = nullptr;                 ///< the same arena, where training may write its state; else null
  float* gradients = nullptr;             ///< of the trainable part of the arena, in its layout
  const std::int64_t* offsets = nullptr;  ///< of the group's tensors in the arena, in floats, in order
  const float* packed = nullptr;          ///< the group's packed parameters, where a Predictor made them
  std::byte* workspace = nullptr;
  const std::int64_t* saved = nullptr;  ///< by value of the group: bytes per sample in the workspace, -1 if not stored
  std::byte* kept = nullptr;            ///< per sample, from forward to backward; null outside training
  std::byte* kept_fixed = nullptr;      ///< once, from forward to backward
  std::byte* scratch = nullptr;         ///< per sample, for this direction only
  std::byte* fixed = nullptr;           ///< once, for this direction only
  std::byte* packing = nullptr;         ///< once, to pack parameters in; null where `packed` has them
  std::byte* thread_scratch = nullptr;  ///< of thread 0
  std::int64_t thread_stride = 0;       ///< bytes from one thread's scratch to the next
  philox::Key key{};
  std::uint32_t step = 0;
  std::uint32_t layer = 0;  ///< index of the group's first operation in the network

  /// Scratch of one thread.
  float* scratch_of(int thread) const { return reinterpret_cast<float*>(thread_scratch + thread * thread_stride); }

  /// A tensor of the group, by its number among the group's tensors.
  const float* tensor(int t) const { return arena + offsets[t]; }
};

/// Floats from one sample of a value to the next.
constexpr std::int64_t stride(const Shape& s) { return strata::detail::sample_bytes(s) / 4; }

}  // namespace STRATA_ISA
}  // namespace strata::cpu
