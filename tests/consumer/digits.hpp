// What both compilers of the CUDA consumer see.
#pragma once

#include <strata/strata.hpp>

#include <array>

struct Digits : strata::Seq<strata::Dense<8, strata::ReLU>, strata::Softmax<4>> {};
using Net = strata::Network<Digits, strata::Input<6>>;

inline constexpr std::array<float, 6> sample{1, -2, 3, -4, 5, -6};

/// A fresh model's output for the sample, as the C++ compiler has it computed.
std::array<float, 4> output_beside();

/// The same of a model of any backend.
template <class Model>
std::array<float, 4> output(Model&& model) {
  return strata::predict(model, strata::Sample{Net::input_shape, {}, sample});
}
