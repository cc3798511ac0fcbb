// BatchNorm: batch normalisation.
#pragma once

#include <strata/layers/layer.hpp>
#include <strata/layers/options.hpp>

#include <cmath>

namespace strata {

/// How slowly running averages follow, in percent: `Momentum<99>`, the default of BatchNorm, keeps 0.99 of the old
/// value.
template <int Percent>
struct Momentum {
  static constexpr OptionKind option = OptionKind::momentum;
  static constexpr int percent = Percent;
  static constexpr double value = Percent / 100.0;
  static constexpr bool good = Percent >= 0 && Percent <= 99;
};

/// The number added to a variance before its root is taken: `Epsilon<1, 1000>`, the default of BatchNorm, is 0.001.
template <int Numerator, int Denominator>
struct Epsilon {
  static constexpr OptionKind option = OptionKind::epsilon;
  static constexpr int numerator = Numerator, denominator = Denominator;
  static constexpr double value = Denominator == 0 ? 0.0 : static_cast<double>(Numerator) / Denominator;
  static constexpr bool good = value > 0;
};

/// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, for each channel (Ioffe and Szegedy 2015).
///
/// In training, mean and (biased) variance are those of the batch, over all samples and pixels, and the running
/// averages follow: moving = momentum * moving + (1 - momentum) * batch. In inference the running averages take their
/// place. Input: an image, or a vector whose features are the channels. Parameters: gamma (ones), beta (zeros); state:
/// moving_mean (zeros), moving_variance (ones), all one number a channel. Options: `Momentum<99>`, `Epsilon<1, 1000>`;
/// the defaults are Keras' BatchNormalization's.
template <class... Options>
struct BatchNorm : LayerDefaults {
  using option_check = detail::check_options<detail::type_list<Options...>, OptionKind::momentum, OptionKind::epsilon>;
  using momentum_option = typename detail::pick_option<OptionKind::momentum, Momentum<99>, Options...>::type;
  using epsilon_option = typename detail::pick_option<OptionKind::epsilon, Epsilon<1, 1000>, Options...>::type;

  static constexpr const char* name = "batch_norm";
  static constexpr Saves saves = Saves::input;
  static constexpr bool is_positional = true;
  static constexpr float momentum = static_cast<float>(momentum_option::value);
  static constexpr float epsilon = static_cast<float>(epsilon_option::value);

  enum class error { none, momentum_is_outside_0_to_99_percent, epsilon_must_be_above_zero };

  static constexpr Role role(Mode mode) { return mode == Mode::training ? Role::producer : Role::elementwise; }

  static constexpr Verdict output(Shape in) {
    if (!momentum_option::good) return error::momentum_is_outside_0_to_99_percent;
    if (!epsilon_option::good) return error::epsilon_must_be_above_zero;
    return in;
  }

  static constexpr std::array<Parameter, 4> parameters(Shape in) {
    const Initializer ones{Initializer::Kind::ones, 0};
    return {
        Parameter{.name = "gamma", .extents = {in.channels}, .rank = 1, .initializer = ones},
        Parameter{.name = "beta", .extents = {in.channels}, .rank = 1},
        Parameter{.name = "moving_mean", .extents = {in.channels}, .rank = 1, .trainable = false},
        Parameter{
            .name = "moving_variance", .extents = {in.channels}, .rank = 1, .initializer = ones, .trainable = false}};
  }

  static constexpr auto attributes() {
    return std::array{Attribute{"momentum percent", momentum_option::percent},
                      Attribute{"epsilon numerator", epsilon_option::numerator},
                      Attribute{"epsilon denominator", epsilon_option::denominator}};
  }

  /// In inference y = scale * x + shift for each channel; model/fold.hpp makes it part of a linear neighbour. `arena`
  /// and `offsets` lead to the layer's tensors.
  struct Affine {
    double scale, shift;
  };
  static Affine affine(const float* arena, const std::int64_t* offsets, int channel) {
    auto at = [&](int tensor) { return static_cast<double>(arena[offsets[tensor] + channel]); };
    const double scale = at(0) / std::sqrt(at(3) + static_cast<double>(epsilon));
    return {scale, at(1) - at(2) * scale};
  }

  /// Inference: an affine map of each channel by the running averages.
  template <class T, class At>
  STRATA_HD STRATA_INLINE static T forward(const T& x, const At& at) {
    const T gamma = at.template parameter<0>(), beta = at.template parameter<1>();
    const T mean = at.template parameter<2>(), variance = at.template parameter<3>();
    return (x - mean) * (gamma / square_root(variance + epsilon)) + beta;
  }
};

}  // namespace strata

#include <strata/layers/batch_norm/cpu.hpp>
#if defined(__CUDACC__)
#include <strata/layers/batch_norm/cuda.cuh>
#endif
