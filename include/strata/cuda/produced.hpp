// What becomes of a producer's sums: the epilogues of convolutions and dense layers.
#pragma once

#include <strata/cuda/chain.cuh>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// Forward: adds the bias where there is one, runs the elementwise layers in the register, stores what backward asks
/// for and writes the value to `out`. Rows are the pixels of the batch, or its samples, columns the channels.
template <class G>
struct ProducedValues {
  static constexpr int channels = G::produced.channels;
  static constexpr int rows_of_sample = G::produced.height * G::produced.width;
  static constexpr std::int64_t stride = cuda::stride(G::produced);

  ChainArgs<G> chain;
  const float* bias;  ///< null: none
  float* out;

  STRATA_DEVICE void operator()(int /*part*/, int row, int column, float sum) const {
    const int sample = row / rows_of_sample, index = row % rows_of_sample * channels + column;
    if (bias != nullptr) sum += bias[column];
    out[sample * stride + index] = BeforeReduction<G>::forward(chain, static_cast<std::uint32_t>(sample), index, sum);
  }
};

/// Backward: the gradient of a kernel of Rows x Columns; one row more is that of the bias.
template <int Rows, int Columns>
struct ParameterGradients {
  float* kernel;
  float* bias;

  STRATA_DEVICE void operator()(int /*part*/, int row, int column, float sum) const {
    if (row < Rows)
      kernel[std::int64_t{row} * Columns + column] = sum;
    else
      bias[column] = sum;
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
