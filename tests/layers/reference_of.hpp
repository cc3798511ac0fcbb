// The reference of each layer of the library.
#pragma once

#include <strata/core/philox.hpp>
#include <strata/layers.hpp>

#include <reference/avg_pool.hpp>
#include <reference/batch_norm.hpp>
#include <reference/conv.hpp>
#include <reference/dense.hpp>
#include <reference/elementwise.hpp>
#include <reference/max_pool.hpp>
#include <reference/softmax.hpp>

#include <cstdint>
#include <functional>
#include <memory>

namespace layer_test {

using strata::Shape;

/// Where a layer stands, for its random draws.
struct Position {
  strata::philox::Key key{};
  std::uint32_t step = 0;
  std::uint32_t layer = 0;
  strata::Mode mode = strata::Mode::training;
};

/// The formula of an elementwise layer L that the library does not know, set by check_layer: its own forward, or
/// something better.
template <class L>
struct formula {
  static inline std::function<double(double)> f;
  static inline bool is_forward = false;
};

template <class L>
struct reference_of {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) {
    if (formula<L>::is_forward) return std::make_unique<reference::Elementwise>(formula<L>::f, 0x1p-7, 0x1p9);
    return std::make_unique<reference::Elementwise>(formula<L>::f);
  }
  static constexpr bool is_exact = false;  ///< on small integers
};

// What an option changes.
template <class Option>
struct option_of {
  static void apply(reference::Window&) {}
  static void apply(reference::BatchNorm&) {}
};
template <>
struct option_of<strata::Same> {
  static void apply(reference::Window& w) { w.same = true; }
};
template <int Top, int Bottom, int Left, int Right>
struct option_of<strata::Pad<Top, Bottom, Left, Right>> {
  static void apply(reference::Window& w) { w.top = Top, w.bottom = Bottom, w.left = Left, w.right = Right; }
};
template <int H, int W>
struct option_of<strata::Pad<H, W>> : option_of<strata::Pad<H, H, W, W>> {};
template <int N>
struct option_of<strata::Pad<N>> : option_of<strata::Pad<N, N, N, N>> {};
template <int N>
struct option_of<strata::Stride<N>> {
  static void apply(reference::Window& w) { w.stride = N; }
};
template <int Percent>
struct option_of<strata::Momentum<Percent>> {
  static void apply(reference::BatchNorm& b) { b.momentum = Percent / 100.0; }
};
template <int Numerator, int Denominator>
struct option_of<strata::Epsilon<Numerator, Denominator>> {
  static void apply(reference::BatchNorm& b) { b.epsilon = static_cast<double>(Numerator) / Denominator; }
};

inline reference::Window square(int k) { return {k, k, 1, false}; }
inline reference::Window square(strata::KernelSize k) { return {k.height, k.width, 1, false}; }

template <class... Options>
bool has_bias() {
  return !(std::is_same_v<Options, strata::NoBias> || ...);
}

template <int Filters, auto K, class... Options>
struct reference_of<strata::Conv<Filters, K, Options...>> {
  static std::unique_ptr<reference::Layer> make(Shape in, const Position&) {
    reference::Window window = square(K);
    (option_of<Options>::apply(window), ...);
    return std::make_unique<reference::Conv>(window, in.channels, Filters, has_bias<Options...>());
  }
  static constexpr bool is_exact = true;
};

template <int Units, class... Options>
struct reference_of<strata::Dense<Units, Options...>> {
  static std::unique_ptr<reference::Layer> make(Shape in, const Position&) {
    return std::make_unique<reference::Dense>(static_cast<int>(in.size()), Units, has_bias<Options...>());
  }
  static constexpr bool is_exact = true;
};

template <class Pool, auto P, class... Options>
std::unique_ptr<reference::Layer> make_pool() {
  reference::Window window = square(P);
  window.stride = window.height;
  (option_of<Options>::apply(window), ...);
  return std::make_unique<Pool>(window);
}

template <auto P, class... Options>
struct reference_of<strata::MaxPool<P, Options...>> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) {
    return make_pool<reference::MaxPool, P, Options...>();
  }
  static constexpr bool is_exact = true;
};

template <auto P, class... Options>
struct reference_of<strata::AvgPool<P, Options...>> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) {
    return make_pool<reference::AvgPool, P, Options...>();
  }
  // Halves and quarters: windows of 1, 2 or 4 pixels.
  static constexpr bool is_exact =
      strata::detail::kernel_size(P).height <= 2 && strata::detail::kernel_size(P).width <= 2;
};

template <>
struct reference_of<strata::ReLU> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) { return std::make_unique<reference::ReLU>(); }
  static constexpr bool is_exact = true;
};

template <int Percent>
struct reference_of<strata::LeakyReLU<Percent>> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) {
    return std::make_unique<reference::LeakyReLU>(Percent / 100.0);
  }
  static constexpr bool is_exact = Percent % 25 == 0;
};

template <int Percent>
struct reference_of<strata::Dropout<Percent>> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position& at) {
    if (at.mode == strata::Mode::inference) return std::make_unique<reference::Elementwise>([](double x) { return x; });
    const strata::philox::Draw draw{at.key, at.step, strata::philox::Stream::dropout, at.layer};
    return std::make_unique<reference::Dropout>(Percent / 100.0, [draw](int sample, int element) {
      const std::uint32_t word =
          strata::philox::word(draw, static_cast<std::uint32_t>(sample), static_cast<std::uint32_t>(element));
      return word >= Percent * (4294967296.0 / 100);
    });
  }
  static constexpr bool is_exact = Percent == 50 || Percent == 0;
};

template <>
struct reference_of<strata::Flatten> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) {
    return std::make_unique<reference::Flatten>();
  }
  static constexpr bool is_exact = true;
};

template <>
struct reference_of<strata::Softmax<>> {
  static std::unique_ptr<reference::Layer> make(Shape, const Position&) {
    return std::make_unique<reference::Softmax>();
  }
  static constexpr bool is_exact = false;
};

template <class... Options>
struct reference_of<strata::BatchNorm<Options...>> {
  static std::unique_ptr<reference::Layer> make(Shape in, const Position& at) {
    auto layer = std::make_unique<reference::BatchNorm>(in.channels, at.mode == strata::Mode::training, 0.99, 0.001);
    (option_of<Options>::apply(*layer), ...);
    return layer;
  }
  static constexpr bool is_exact = false;
};

}  // namespace layer_test
