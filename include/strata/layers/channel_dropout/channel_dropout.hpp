// ChannelDropout: random channels of zeros in training.
#pragma once

#include <strata/layers/dropout/rate.hpp>
#include <strata/layers/layer.hpp>

namespace strata {

/// In training each channel of a sample becomes 0 with probability `Percent` / 100, all its pixels at once, and the
/// others are scaled by 1 / (1 - rate) (Tompson et al. 2015; PyTorch's Dropout2d, Keras' SpatialDropout2D). In
/// inference it does nothing.
///
/// Input: an image. The mask is a function of the seed, the step, the layer's place, the sample and the channel, which
/// stands for the element (core/philox.hpp), so backward computes it again and nothing is stored.
template <int Percent>
struct ChannelDropout : ElementwiseLayer {
  static constexpr const char* name = "channel_dropout";
  static constexpr bool is_positional = true;
  static constexpr bool is_activation = false;

  enum class error { none, rate_is_outside_0_to_99_percent, image_expected_but_a_vector_is_given };

  static constexpr Role role(Mode mode) {
    return mode == Mode::training && Percent != 0 ? Role::elementwise : Role::identity;
  }

  static constexpr Verdict output(Shape in) {
    if (!Rate::is_valid) return error::rate_is_outside_0_to_99_percent;
    if (in.rank != 3) return error::image_expected_but_a_vector_is_given;
    return in;
  }

  static constexpr auto attributes() { return std::array{Attribute{"percent", Percent}}; }

  template <class T, class At>
  STRATA_HD STRATA_INLINE static T forward(const T& x, const At& at) {
    return select(at.words_of_channel() >= Rate::threshold, x * Rate::scale, T{});
  }

  template <class T, class At>
  STRATA_HD STRATA_INLINE static T backward(const T& dy, const At& at) {
    return forward(dy, at);
  }

 private:
  using Rate = detail::DropoutRate<Percent>;
};

}  // namespace strata
