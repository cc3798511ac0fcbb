// check_layer: the whole test of an elementwise layer in one line, for the library's layers and for anybody's own.
//
//     check_layer<Softsign, strata::Image<5, 7, 3>>([](double x) { return x / (1 + std::abs(x)); });
//     check_layer<Softsign, strata::Image<5, 7, 3>>();
//     check_activation<Tanh>([](double x) { return std::tanh(x); });   // fewer places, and how exact its values are
//
// The first form holds forward against the formula and backward against the formula's derivative, within 2^-21 of
// 1 + |y| + |x y'|. The second has only the layer's own forward, whose differences tell the derivative to 2^-12.
// Both run the layer alone, among others, before and behind each pooling, behind Flatten and behind a producer.
#pragma once

#include <layers/check_group.hpp>

#include <cmath>
#include <functional>

namespace layer_test {

template <class L, class In>
void check_places() {
  using namespace strata;
  check_group<In, L>();
  check_group<In, LeakyReLU<50>, L, L, Dropout<50>>();
  check_inference<In, L>();
  if constexpr (In::shape.rank == 3) {
    check_group<In, L, MaxPool<2>, L, Flatten>();
    check_group<In, L, Dropout<50>, MaxPool<2, Same>>();
    check_group<In, Conv<4, 3, Same>, L, AvgPool<2, Same>, L>();
    check_group<In, Flatten, L>();
  } else {
    check_group<In, Dense<19>, L>();
  }
}

/// Checks L on an input of shape `In`, an Image of at least 2 x 2 or a Vector, against a formula.
template <class L, class In>
void check_layer(std::function<double(double)> f) {
  formula<L>::f = std::move(f);
  formula<L>::is_forward = false;
  check_places<L, In>();
}

/// Checks that L's backward is the derivative of its forward.
template <class L, class In>
void check_layer() {
  formula<L>::f = [](double x) { return static_cast<double>(L::forward(static_cast<float>(x))); };
  formula<L>::is_forward = true;
  check_places<L, In>();
}

/// Checks an activation of the library alone, before and behind a pooling.
template <class L>
void check_activation(std::function<double(double)> f) {
  using namespace strata;
  formula<L>::f = std::move(f);
  check_group<Vector<37>, L>();
  check_group<Image<5, 7, 3>, L, MaxPool<2>, L, Flatten>();
}

/// And behind producers, whose stores it rides on.
template <class L>
void check_activation_behind_producers(std::function<double(double)> f) {
  using namespace strata;
  formula<L>::f = std::move(f);
  check_group<Vector<21>, Dense<19>, L>();
  check_group<Image<5, 7, 3>, Conv<4, 3>, L, MaxPool<2>, L, Flatten>();
  check_group<Image<5, 7, 3>, BatchNorm<>, L, MaxPool<2>>();
}

/// The largest of |got(x) - exact(x)| / unit(x) over a fine net in [low, high], for floats and vectors, which may round
/// otherwise.
template <class F>
double worst_error(F got, double (*exact)(double), double (*unit)(double), float low, float high) {
  constexpr int steps = 100'000;
  double worst = 0;
  for (int i = 0; i <= steps; ++i) {
    const float x = low + (high - low) * (static_cast<float>(i) / steps);
    for (const float y : {got(x), got(strata::cpu::V{} + x)[1]}) {
      const double error = std::abs(static_cast<double>(y) - exact(static_cast<double>(x))) / unit(x);
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
}

}  // namespace layer_test
