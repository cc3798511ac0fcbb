// Large dense layers by cuBLASLt.
//
//     z = x w + b,   dx = dz w^T,   dw = x^T dz,   db = sum of dz over the batch
//
// What the layer is alone decides, never the batch or the GPU. Own tiles (cuda.cuh) are for layers bound by latency:
// they spread a small product over the whole GPU. From 4 MiB of weights on, which take as long to read as a launch
// takes, about 1 us, it is throughput that counts, and there the library has the wide tiles and instructions of each
// GPU. Its fast kernels move 16 bytes at once, so rows must be multiples of 4 floats.
//
// The library adds the bias, and in prediction runs a ReLU that stands alone behind it; it sums the gradient of the
// bias. Whatever else stands behind the product, or what the library cannot do here, is a pass of our own: 8 bytes a
// value more. In training ReLU is one of these, since ours lets a NaN pass, so that it is seen, and nobody promises
// that of the library's.
#pragma once

#include <strata/cuda/cublas.cuh>
#include <strata/cuda/passes.cuh>
#include <strata/layers/relu/relu.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// True where cuBLASLt computes a dense layer.
template <int Inputs, int Units>
inline constexpr bool is_large_dense =
    Units >= 256 && std::int64_t{Inputs} * Units >= std::int64_t{1} << 20 && Inputs % 4 == 0 && Units % 4 == 0;

/// The same of the one in group G.
template <class G>
inline constexpr bool by_cublas =
    G::reduction < 0 && is_large_dense<static_cast<int>(G::input.size()), G::produced.channels>;

/// A library's sums on their way through the layers behind them: the bias is added, unless that is null.
struct PlusBias {
  static constexpr bool by_channel = true;
  const float* bias;

  template <int N>
  STRATA_DEVICE Packet<float, N> operator()(int index, Packet<float, N> x) const {
    if (bias == nullptr) return x;
    const Packet<float, N> b = load<N>(bias + index);
    STRATA_UNROLL
    for (int k = 0; k < N; ++k) x[k] += b[k];
    return x;
  }
};

/// The policy of the sums of a matrix' columns: a thread a column.
template <int Columns, int Pitch>
struct ColumnSumsSpec {
  static constexpr int columns = Columns;
  static constexpr std::int64_t pitch = Pitch;  ///< floats from row to row
  static constexpr unsigned threads = 64, blocks = (Columns + threads - 1) / threads;
};

/// Sums each column, row after row: 4 bytes a value.
template <class S>
__global__ void __launch_bounds__(S::threads)
    column_sums_kernel(const float* __restrict__ values, float* __restrict__ sums, int rows) {
  const int column = static_cast<int>(block_index().x * S::threads + thread_index().x);
  if (column >= S::columns) return;
  float sum = 0;
  for (int r = 0; r < rows; ++r) sum += values[r * S::pitch + column];
  sums[column] = sum;
}

/// The products of group G, prepared for batches of one size.
template <class G>
class CublasDense {
  using layer = typename G::template operation<G::producer>;
  static constexpr int inputs = static_cast<int>(G::input.size()), units = G::produced.channels;
  static constexpr std::int64_t in_pitch = stride(G::input), out_pitch = stride(G::produced);
  static constexpr int kernel = G::first_tensor(G::producer), bias = kernel + 1;
  static constexpr bool trains = G::mode == Mode::training;

  static constexpr bool has_lone_relu = []<int... J>(std::integer_sequence<int, J...>) {
    int working = 0, rectifiers = 0;
    (..., (working += G::works(G::before + J, G::before + J + 1),
           rectifiers += std::is_same_v<typename G::template operation<G::before + J>, ReLU>));
    return working == 1 && rectifiers == 1;
  }
  (std::make_integer_sequence<int, G::size - G::before>{});

  /// Whether anything is to be done to a sum, and what of that the library does: all or nothing.
  static constexpr bool works = layer::has_bias || G::works(G::before, G::size);
  static constexpr cublas::Epilogue behind = [] {
    if (!layer::has_bias) return cublas::Epilogue::none;
    if (!G::works(G::before, G::size)) return cublas::Epilogue::bias;
    return has_lone_relu && !trains ? cublas::Epilogue::bias_relu : cublas::Epilogue::none;
  }();

 public:
  static constexpr Requirements requirements() {
    Requirements r;
    if (works) r.forward_per_sample = strata::detail::sample_bytes(G::produced);
    r.fixed = cublas::workspace_bytes + cublas::workspace_alignment - strata::detail::line_bytes;
    return r;
  }

  explicit CublasDense(int batch)
      : forward_(prepare({.rows = batch,
                          .columns = units,
                          .depth = inputs,
                          .a_stride = in_pitch,
                          .b_stride = units,
                          .c_stride = out_pitch,
                          .epilogue = behind})) {
    if constexpr (trains) {
      input_gradient_.emplace(prepare({.rows = batch,
                                       .columns = inputs,
                                       .depth = units,
                                       .turns_b = true,
                                       .a_stride = out_pitch,
                                       .b_stride = units,
                                       .c_stride = in_pitch}));
      kernel_gradient_.emplace(
          prepare({.rows = inputs,
                   .columns = units,
                   .depth = batch,
                   .turns_a = true,
                   .a_stride = in_pitch,
                   .b_stride = out_pitch,
                   .c_stride = units,
                   .epilogue = layer::has_bias ? cublas::Epilogue::sums_of_b : cublas::Epilogue::none}));
    }
  }

  static std::shared_ptr<const void> prepare(int batch) { return std::make_shared<const CublasDense>(batch); }

  static void forward(const GroupArgs& a) {
    const cublas::Product& product = of(a).forward_;
    float* const b = layer::has_bias ? const_cast<float*>(a.tensor(bias)) : nullptr;  // which it only reads
    const bool passes = works && !product.has_epilogue();
    float* const z = passes ? reinterpret_cast<float*>(a.scratch) : a.output;
    product.run(a.stream, workspace(a), a.input, a.tensor(kernel), z, b);
    if constexpr (works)
      if (passes) elementwise_forward<G>(a, PlusBias{b}, z, a.output);
  }

  template <bool InputGradient>
  static void backward(const GroupArgs& a) {
    backward_to_produced<G>(a);
    const float* const dz = produced_gradient<G>(a);
    const cublas::Product& product = *of(a).kernel_gradient_;
    float* const db = layer::has_bias ? a.gradient(bias) : nullptr;
    product.run(a.stream, workspace(a), a.input, dz, a.gradient(kernel), db);
    if constexpr (layer::has_bias)
      if (!product.has_epilogue()) sum_columns(a, dz, db);
    if constexpr (InputGradient)
      of(a).input_gradient_->run(a.stream, workspace(a), dz, a.tensor(kernel), a.input_gradient);
  }

 private:
  static const CublasDense& of(const GroupArgs& a) { return *static_cast<const CublasDense*>(a.prepared); }

  /// What is fixed begins at a line, so there is a little more of it.
  static std::byte* workspace(const GroupArgs& a) {
    constexpr std::uintptr_t mask = cublas::workspace_alignment - 1;
    return a.fixed + (-reinterpret_cast<std::uintptr_t>(a.fixed) & mask);
  }

  static cublas::Product prepare(const cublas::Shape& shape) {
    return cublas::Product(cublas::Library::shared(), shape, typename G::backend::precision{});
  }

  static void sum_columns(const GroupArgs& a, const float* dz, float* db) {
    using S = ColumnSumsSpec<units, static_cast<int>(out_pitch)>;
    launch<column_sums_kernel<S>>({.grid = {S::blocks}, .block = {S::threads}, .stream = a.stream}, dz, db, a.batch);
  }

  cublas::Product forward_;
  std::optional<cublas::Product> input_gradient_, kernel_gradient_;  ///< in training
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
