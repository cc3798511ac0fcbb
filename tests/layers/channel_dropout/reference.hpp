// ChannelDropout from its formula: Dropout with one word for all pixels of a channel.
#pragma once

#include <layers/reference_of.hpp>

template <int Percent>
struct layer_test::reference_of<strata::ChannelDropout<Percent>> {
  static std::unique_ptr<reference::Layer> make(Shape in, const Position& at) {
    if (at.mode == strata::Mode::inference) return std::make_unique<reference::Elementwise>([](double x) { return x; });
    const strata::philox::Draw draw{at.key, at.step, strata::philox::Stream::dropout, at.layer};
    return std::make_unique<reference::Dropout>(Percent / 100.0, [draw, in](int sample, int element) {
      const std::uint32_t word = strata::philox::word(draw, static_cast<std::uint32_t>(sample),
                                                      static_cast<std::uint32_t>(element % in.channels));
      return word >= Percent * (4294967296.0 / 100);
    });
  }
  static constexpr bool is_exact = Percent == 50 || Percent == 0;
};
