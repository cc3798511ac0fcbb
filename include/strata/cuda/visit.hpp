// Which elements of a batch a thread takes, in kernels that make one value after the other.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cuda/kernel.hpp>
#include <strata/cuda/primitives.hpp>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Neighbours that a thread moves in one access of 4, 8 or 16 bytes, so that they never reach over the end of a row of
/// n. Layers that read numbers of their channel take one: then lanes read neighbouring numbers.
constexpr int neighbours(std::int64_t n, bool has_tensors = false) {
  return has_tensors ? 1 : n % 4 == 0 ? 4 : n % 2 == 0 ? 2 : 1;
}

/// The elements of samples of `Size` elements, by the thread. A thread takes a packet of Width neighbours. Where layers
/// ask for their place, it takes four, 16 elements apart, since these share an evaluation of Philox; a warp's access is
/// then made of whole rows of 64 bytes.
template <int Size, int Width, bool IsPositional>
struct Visit {
  static constexpr int size = Size, width = Width;
  static constexpr int packets = IsPositional ? 4 : 1;
  static constexpr int apart = 16;
  static constexpr int threads_of_row = apart / Width;
  static constexpr int blocks = (Size - 1) / (4 * apart), rest = Size - blocks * 4 * apart;  ///< 1 ... 64 elements
  static constexpr unsigned threads_of_sample = static_cast<unsigned>(
      IsPositional ? blocks * threads_of_row + (rest < apart ? rest / Width : threads_of_row) : Size / Width);

  /// The first element of thread t of a sample.
  static STRATA_DEVICE int first(unsigned t) {
    constexpr unsigned row = threads_of_row;
    if constexpr (IsPositional)
      return static_cast<int>(t / row * 4 * apart + t % row * Width);
    else
      return static_cast<int>(t * Width);
  }
};

/// A thread's part of a batch.
struct Part {
  unsigned sample;
  int first;  ///< its first element in the sample
};

/// The running thread's part of a batch visited by V, in blocks of Threads; the sample lies behind the batch where the
/// thread has nothing to do.
template <class V, unsigned Threads>
STRATA_DEVICE Part part_of_thread() {
  const unsigned thread = block_index().x * Threads + thread_index().x;
  return {thread / V::threads_of_sample, V::first(thread % V::threads_of_sample)};
}

/// The launch that visits a batch.
template <class V, unsigned Threads>
Launch launch_of(const GroupArgs& a) {
  const std::uint64_t threads = std::uint64_t{V::threads_of_sample} * static_cast<unsigned>(a.batch);
  if (threads > 0xffffffffu - Threads) throw Error("a batch of more values than a kernel can count");
  return {.grid = {static_cast<unsigned>((threads + Threads - 1) / Threads)}, .block = {Threads}, .stream = a.stream};
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
