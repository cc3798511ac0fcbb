// A tensor of doubles that knows how far rounding may take each of its elements.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace reference {

/// Four axes, the last one fastest: batch, height, width, channels of a value; height, width, in, out of a kernel; a
/// vector of parameters lies along the last one.
///
/// `terms` is the sum of the absolute values of the terms that an element is the sum of, carried through the layers: an
/// element in single precision is right when it lies within 2^-21 of it. Infinity stands for an element that rounding
/// decides, such as the gradient of a rectifier whose input is zero as far as single precision can tell.
struct Tensor {
  std::array<int, 4> extents{};
  std::vector<double> value;
  std::vector<double> terms;

  Tensor() = default;

  /// Zeros.
  Tensor(int a, int b, int c, int d) : extents{a, b, c, d}, value(size_of(extents)), terms(size_of(extents)) {}

  static std::size_t size_of(const std::array<int, 4>& e) {
    return static_cast<std::size_t>(e[0]) * static_cast<std::size_t>(e[1]) * static_cast<std::size_t>(e[2]) *
           static_cast<std::size_t>(e[3]);
  }

  std::size_t size() const { return value.size(); }

  std::size_t at(int a, int b, int c, int d) const {
    return ((static_cast<std::size_t>(a) * static_cast<std::size_t>(extents[1]) + static_cast<std::size_t>(b)) *
                static_cast<std::size_t>(extents[2]) +
            static_cast<std::size_t>(c)) *
               static_cast<std::size_t>(extents[3]) +
           static_cast<std::size_t>(d);
  }

  /// Zeros of the same extents.
  Tensor like() const { return {extents[0], extents[1], extents[2], extents[3]}; }

  int batch() const { return extents[0]; }
  int height() const { return extents[1]; }
  int width() const { return extents[2]; }
  int channels() const { return extents[3]; }

  /// Sets an element that is known exactly.
  void set(std::size_t i, double v) {
    value[i] = v;
    terms[i] = std::abs(v);
  }

  /// Adds the product of two elements.
  void add_product(std::size_t i, const Tensor& a, std::size_t ai, const Tensor& b, std::size_t bi) {
    value[i] += a.value[ai] * b.value[bi];
    if (a.terms[ai] != 0 && b.terms[bi] != 0) terms[i] += a.terms[ai] * b.terms[bi];
  }

  /// Adds an element.
  void add(std::size_t i, const Tensor& a, std::size_t ai, double factor = 1) {
    value[i] += a.value[ai] * factor;
    terms[i] += a.terms[ai] * std::abs(factor);
  }
};

/// What the precision under test may be off by, in units of `terms`: single precision, where a test says nothing else.
inline double precision = 0x1p-21;

/// What it may be off by over many random numbers: the norm of the errors over that of the values. Over n of them it
/// may be off by precision / sqrt(n) more, since one number may be off by `precision`.
inline double norm_precision = std::numeric_limits<double>::infinity();

/// The share of a tensor's elements that rounding may decide.
inline double undecided_share = 0.04;

/// The `terms` of an element that rounding decides.
inline constexpr double undecided = std::numeric_limits<double>::infinity();

/// True where single precision cannot tell the sign of an element.
inline bool sign_is_undecided(double value, double terms) { return std::abs(value) < precision * terms; }

/// A layer as its formula: forward, and backward from what forward was given.
struct Layer {
  std::vector<Tensor> parameters;
  std::vector<Tensor> gradients;  ///< of the parameters, made by backward; empty tensors for state

  Layer() = default;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  virtual ~Layer() = default;

  virtual Tensor forward(const Tensor& x) = 0;
  virtual Tensor backward(const Tensor& dy) = 0;
};

}  // namespace reference
