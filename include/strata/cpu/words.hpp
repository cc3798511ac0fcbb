// Random words by the block: one evaluation of Philox serves all vectors of 64 neighbouring elements.
#pragma once

#include <strata/core/element.hpp>
#include <strata/cpu/vector.hpp>

#include <cstdint>
#include <cstring>

namespace strata::cpu {
inline namespace STRATA_ISA {

typedef std::uint32_t VU __attribute__((vector_size(lanes * sizeof(float))));

/// The words of the last elements that were asked for, of one operation. A visit of a sample's vectors in about their
/// order, with one of these, evaluates every word once; any other order gives the same words, only later.
class RandomWords {
 public:
  /// As philox::words_of: each lane is the word of its element.
  STRATA_INLINE VU at(const philox::Draw& draw, std::uint32_t sample, std::uint32_t element) {
    const std::uint32_t place = element % held;
    if (__builtin_expect(place > held - lanes, 0)) return across(draw, sample, element);
    const std::uint64_t block = std::uint64_t{sample} << 32 | (element - place);
    if (__builtin_expect(block != block_, 0)) {
      evaluate(draw, sample, element - place);
      block_ = block;
    }
    VU words;
    std::memcpy(&words, words_ + place, sizeof words);
    return words;
  }

 private:
  /// Elements whose words are kept: as many as two vectors of counters yield.
  static constexpr std::uint32_t held = 8 * lanes < 64 ? 64 : 8 * lanes;

  // Out of line: both are rare, and long.
  [[gnu::noinline]] static VU across(const philox::Draw& draw, std::uint32_t sample, std::uint32_t element) {
#if !defined(__CUDA_ARCH__)  // while nvcc compiles for the device, vectors in Philox' text would be errors
    return philox::words_of<VU>(draw, sample, element);
#else
    return VU{};
#endif
  }

  [[gnu::noinline]] void evaluate(const philox::Draw& draw, std::uint32_t sample, std::uint32_t first) {
#if !defined(__CUDA_ARCH__)
    constexpr int pair = registers == 32 ? 2 : 1;  // vectors of counters that the registers hold with their products
    for (std::uint32_t done = 0; done < held / 4; done += pair * lanes) {
      philox::Words<VU> words[pair];
      for (int i = 0; i < pair; ++i) {
        VU counter{};
        for (unsigned lane = 0; lane < lanes; ++lane) counter[lane] = lane;
        words[i] = {counter + (first / 4 + done + static_cast<std::uint32_t>(i * lanes)), VU{} + sample,
                    VU{} + draw.step, VU{} + draw.last_word()};
      }
      philox::evaluate(words, draw.key);
      for (int i = 0; i < pair; ++i) {
        const std::uint32_t counter = done + static_cast<std::uint32_t>(i * lanes);  // from the block's first one
        std::uint32_t* to = words_ + counter / 16 * 64 + counter % 16;
        std::memcpy(to, &words[i].w0, sizeof(VU));
        std::memcpy(to + 16, &words[i].w1, sizeof(VU));
        std::memcpy(to + 32, &words[i].w2, sizeof(VU));
        std::memcpy(to + 48, &words[i].w3, sizeof(VU));
      }
    }
#endif
  }

  std::uint64_t block_ = ~std::uint64_t{0};  ///< sample and first element of what is held; no element begins there
  alignas(sizeof(VU)) std::uint32_t words_[held];
};

/// An Element whose words come from RandomWords.
template <Shape S>
struct DrawingElement : Element<S, V> {
  RandomWords* held;

  STRATA_INLINE VU words() const { return held->at(this->draw, this->sample, static_cast<std::uint32_t>(this->index)); }

  STRATA_INLINE VU words_of_channel() const {
    return held->at(this->draw, this->sample, static_cast<std::uint32_t>(this->channel()));
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
