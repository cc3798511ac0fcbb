// Dense on CUDA: forward and the gradients, as tiled products.
//
//     z = x w + b,   dx = dz w^T,   dw = x^T dz,   db = sum of dz over the batch
//
// with x: batch x inputs, w: inputs x units, z: batch x units. In training small batches meet long rows: few tiles,
// each with a deep sum. So forward splits the inputs into parts, and the weight gradient the batch. How many follows
// from the shape alone; they leave their sums in scratch, and a second launch adds them in their order and goes on with
// them. Forward moves 4 (inputs units + batch inputs) bytes, and at most as many again for its parts.
//
// That is for layers bound by latency. Large ones are cuBLASLt's (cuda_cublas.cuh).
#pragma once

#include <strata/cuda/passes.cuh>
#include <strata/cuda/produced.hpp>
#include <strata/cuda/product.cuh>
#include <strata/layers/dense/cuda_head.cuh>
#include <strata/layers/dense/dense.hpp>

#include <algorithm>
#include <memory>
#include <type_traits>

// cuBLASLt comes with nvcc. Without nvcc its headers may not be there: who has them and wants it says so.
#if defined(__CUDACC__) || defined(STRATA_WITH_CUBLAS)
#include <strata/layers/dense/cuda_cublas.cuh>
#else
namespace strata::cuda {
inline namespace STRATA_SIDE {
template <class G>
inline constexpr bool by_cublas = false;
template <class G>
class CublasDense;
}  // namespace STRATA_SIDE
}  // namespace strata::cuda
#endif

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The products of a dense layer in precision P, by own tiles.
template <int Inputs, int Units, class P, bool HasBias>
struct dense_products {
  static constexpr int in_pitch = static_cast<int>(stride(Shape::vector(Inputs)));
  static constexpr int out_pitch = static_cast<int>(stride(Shape::vector(Units)));
  using gradients = ParameterGradients<Inputs, Units>;

  using forward_tiles = product_tiles<32, Units>;
  using input_tiles = product_tiles<32, Inputs>;
  using weight_tiles = product_tiles<Inputs, Units>;

  static constexpr int across(int n, int tile) { return (n + tile - 1) / tile; }

  /// One block for each of 132 multiprocessors with up to 32 samples; at least 8 tiles of depth a part; sums no more
  /// than half of what is read.
  static constexpr int forward_parts =
      std::max(1, std::min({132 / across(Units, forward_tiles::columns), Inputs / (8 * forward_tiles::depth),
                            Inputs / (2 * Units), 32}));

  static constexpr int weight_parts =
      std::clamp(132 / (across(Inputs, weight_tiles::rows) * across(Units, weight_tiles::columns)), 1, 8);
  static constexpr std::int64_t gradient_floats = std::int64_t{Inputs + HasBias} * Units;
  static constexpr std::int64_t gradient_pitch = strata::detail::round_up(gradient_floats, 16);

  /// Of scratch: for each sample, and once.
  static constexpr std::int64_t forward_bytes = forward_parts > 1 ? 4 * forward_parts* out_pitch : 0;
  static constexpr std::int64_t weight_bytes = weight_parts > 1 ? 4 * weight_parts* gradient_pitch : 0;

  /// z, and what `epilogue` makes of it.
  template <class Epilogue>
  static void forward(Stream stream, const float* x, const float* w, const Epilogue& epilogue, float* scratch,
                      int batch) {
    if constexpr (forward_parts == 1) {
      multiply<forward_spec<Epilogue>>(stream, {x, batch}, {w, Inputs}, epilogue, batch, Inputs);
    } else {
      const PartialSums<Units> partial{scratch, std::int64_t{batch} * out_pitch};
      multiply<forward_spec<PartialSums<Units>>>(stream, {x, batch}, {w, Inputs}, partial, batch, Inputs,
                                                 forward_parts);
      add_parts<AddPartsSpec<forward_parts, Units, Epilogue>>(stream, partial, std::int64_t{batch} * Units, epilogue);
    }
  }

  static void input_gradient(Stream stream, const float* dz, const float* w, float* dx, int batch) {
    using spec = ProductSpec<MatrixFactor<Along::depth, out_pitch, Units>, MatrixFactor<Along::depth, Units, Units>,
                             Inputs, MatrixRows<in_pitch>, P, input_tiles>;
    multiply<spec>(stream, {dz, batch}, {w, Inputs}, {dx}, batch, Units);
  }

  static void parameter_gradients(Stream stream, const float* x, const float* dz, float* kernel, float* bias,
                                  float* scratch, int batch) {
    if constexpr (weight_parts == 1) {
      multiply<weight_spec<gradients>>(stream, {x, batch}, {dz, batch}, {kernel, bias}, Inputs, batch);
    } else {
      const PartialSums<Units> partial{scratch, gradient_pitch};
      multiply<weight_spec<PartialSums<Units>>>(stream, {x, batch}, {dz, batch}, partial, Inputs, batch, weight_parts);
      add_parts<AddPartsSpec<weight_parts, Units, gradients>>(stream, partial, gradient_floats, {kernel, bias});
    }
  }

 private:
  template <class Epilogue>
  using forward_spec = ProductSpec<MatrixFactor<Along::depth, in_pitch, Inputs>,
                                   MatrixFactor<Along::lines, Units, Units>, Units, Epilogue, P, forward_tiles>;
  template <class Epilogue>
  using weight_spec =
      ProductSpec<MatrixFactor<Along::lines, in_pitch, Inputs>, MatrixFactor<Along::lines, out_pitch, Units>, Units,
                  Epilogue, P, weight_tiles, Parts::of_depth, HasBias>;
};

/// The kernels of a dense layer's group G by own tiles.
template <class G>
struct TiledDense {
  using layer = typename G::template operation<G::producer>;
  using products =
      dense_products<static_cast<int>(G::input.size()), layer::units, typename G::backend::precision, layer::has_bias>;
  static constexpr int kernel = G::first_tensor(G::producer), bias = kernel + 1;

  static constexpr Requirements requirements() {
    Requirements r = around_producer<G>();
    r.forward_per_sample = std::max(r.forward_per_sample, products::forward_bytes);
    if (G::mode == Mode::training) r.fixed = std::max(r.fixed, products::weight_bytes);
    return r;
  }

  static void forward(const GroupArgs& a) {
    const float* b = layer::has_bias ? a.tensor(bias) : nullptr;
    products::forward(a.stream, a.input, a.tensor(kernel), ProducedValues<G>{ChainArgs<G>(a), b, produced<G>(a)},
                      reinterpret_cast<float*>(a.scratch), a.batch);
    finish<G>(a);
  }

  template <bool InputGradient>
  static void backward(const GroupArgs& a) {
    backward_to_produced<G>(a);
    const float* dz = produced_gradient<G>(a);
    products::parameter_gradients(a.stream, a.input, dz, a.gradient(kernel),
                                  layer::has_bias ? a.gradient(bias) : nullptr, reinterpret_cast<float*>(a.fixed),
                                  a.batch);
    if constexpr (InputGradient) products::input_gradient(a.stream, dz, a.tensor(kernel), a.input_gradient, a.batch);
  }
};

template <int Units, class... Options>
struct kernel<Dense<Units, Options...>> {
  template <class G>
  using way = std::conditional_t<by_cublas<G>, CublasDense<G>, TiledDense<G>>;

  template <class G>
  static constexpr Requirements requirements() {
    return way<G>::requirements();
  }

  template <class G>
  requires by_cublas<G>
  static std::shared_ptr<const void> prepare(int batch) { return way<G>::prepare(batch); }

  template <class G>
  static void forward(const GroupArgs& a) {
    way<G>::forward(a);
  }

  template <class G, bool InputGradient>
  static void backward(const GroupArgs& a) {
    way<G>::template backward<InputGradient>(a);
  }

  template <class G>
  static constexpr int most_batch_with_loss = DenseHead<G>::most_batch;

  template <class G, bool InputGradient>
  static void train(const GroupArgs& a, const LossArgs& loss) {
    DenseHead<G>::template train<InputGradient>(a, loss);
  }
};

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
