// Random words of a batch in memory, the same that the CPU draws.
//
// Element e of a sample takes word (e / 16) % 4 of the counter (e / 64) * 16 + e % 16 (core/philox.hpp). So a thread
// evaluates one counter and writes its four words 16 elements apart, and 16 neighbouring threads write 64 bytes in a
// row: 4 bytes written a word, and a quarter of an evaluation.
//
// Layers draw in their own kernels and keep nothing; this is for those who want the words themselves.
#pragma once

#include <strata/core/philox.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>

#include <cstdint>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: one counter a thread, one sample for each block in y.
struct RandomWordsSpec {
  static constexpr unsigned threads = 128;
};

/// Writes words[sample * elements + e]. The step's number is read from memory, so that a captured launch draws anew.
template <class S>
__global__ void __launch_bounds__(S::threads)
    random_words_kernel(philox::Draw draw, const std::uint32_t* step, std::uint32_t first_sample, unsigned samples,
                        unsigned elements, std::uint32_t* words) {
  const unsigned counter = block_index().x * S::threads + thread_index().x;
  const unsigned first = counter / 16 * 64 + counter % 16;
  if (first >= elements) return;
  draw.step = *step;
  for (unsigned sample = block_index().y; sample < samples; sample += grid_size().y) {
    const philox::Words<std::uint32_t> w =
        philox::words<std::uint32_t>(counter, first_sample + sample, draw.step, draw.last_word(), draw.key);
    std::uint32_t* const to = words + std::size_t{sample} * elements + first;
    to[0] = w.w0;
    if (first + 16 < elements) to[16] = w.w1;
    if (first + 32 < elements) to[32] = w.w2;
    if (first + 48 < elements) to[48] = w.w3;
  }
}

/// The words of `elements` elements of each of `samples` samples, the first of which is number first_sample.
inline void random_words(Stream stream, const philox::Draw& draw, const std::uint32_t* step, std::uint32_t first_sample,
                         unsigned samples, unsigned elements, std::uint32_t* words) {
  constexpr unsigned most_in_y = 65535;
  if (samples == 0 || elements == 0) return;
  const unsigned counters = (elements + 63) / 64 * 16;
  const unsigned blocks = (counters + RandomWordsSpec::threads - 1) / RandomWordsSpec::threads;
  launch<random_words_kernel<RandomWordsSpec>>({.grid = {blocks, samples < most_in_y ? samples : most_in_y},
                                                .block = {RandomWordsSpec::threads},
                                                .stream = stream},
                                               draw, step, first_sample, samples, elements, words);
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
