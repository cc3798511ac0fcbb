// What stands in for cuBLASLt's product, see cublas.hpp.
#include <simt/cublas/cublas.hpp>
#include <simt/machine/machine.hpp>
#include <simt/runtime/state.hpp>
#include <strata/cuda/cublas.cuh>

#include <string>

namespace simt {
namespace {

bool library_has_epilogues = true;

[[noreturn]] void refuse(const std::string& why) { throw Fault("cublasLtMatmul: " + why); }

template <class T>
T attribute(cublasLtMatmulDesc_t d, cublasLtMatmulDescAttributes_t which) {
  T value{};
  std::size_t written = 0;
  if (cublasLtMatmulDescGetAttribute(d, which, &value, sizeof value, &written) != CUBLAS_STATUS_SUCCESS)
    refuse("an attribute of its description cannot be read");
  return value;
}

template <class T>
T attribute(cublasLtMatrixLayout_t l, cublasLtMatrixLayoutAttribute_t which) {
  T value{};
  std::size_t written = 0;
  if (cublasLtMatrixLayoutGetAttribute(l, which, &value, sizeof value, &written) != CUBLAS_STATUS_SUCCESS)
    refuse("an attribute of a layout cannot be read");
  return value;
}

/// A matrix, column by column, as its layout says; turned over where the product wants that.
struct Matrix {
  const float* data;
  std::int64_t rows, columns, leading;
  bool turned = false;

  Matrix(const void* from, cublasLtMatrixLayout_t l, bool turns)
      : data(static_cast<const float*>(from)),
        rows(static_cast<std::int64_t>(attribute<std::uint64_t>(l, CUBLASLT_MATRIX_LAYOUT_ROWS))),
        columns(static_cast<std::int64_t>(attribute<std::uint64_t>(l, CUBLASLT_MATRIX_LAYOUT_COLS))),
        leading(attribute<std::int64_t>(l, CUBLASLT_MATRIX_LAYOUT_LD)),
        turned(turns) {
    if (attribute<std::uint32_t>(l, CUBLASLT_MATRIX_LAYOUT_TYPE) != CUDA_R_32F) refuse("a matrix of no floats");
    if (attribute<std::int32_t>(l, CUBLASLT_MATRIX_LAYOUT_ORDER) != CUBLASLT_ORDER_COL) refuse("another order");
    if (leading < rows) refuse("a leading dimension below the number of rows");
    const auto bytes = static_cast<std::size_t>((columns - 1) * leading + rows) * sizeof(float);
    if (!gpu->owns(reinterpret_cast<std::uintptr_t>(data), bytes)) refuse("a matrix that is not the device's memory");
  }

  std::int64_t height() const { return turned ? columns : rows; }
  std::int64_t width() const { return turned ? rows : columns; }
  std::int64_t at(std::int64_t i, std::int64_t j) const { return turned ? j + i * leading : i + j * leading; }
};

/// A product as it was when it was queued.
struct Product {
  Matrix a, b, d;
  cublasLtEpilogue_t epilogue;
  float* vector;

  void run() const {
    float* const out = const_cast<float*>(d.data);
    for (std::int64_t i = 0; i < d.rows; ++i) {
      if (epilogue == CUBLASLT_EPILOGUE_BGRADA) {
        vector[i] = 0;
        for (std::int64_t k = 0; k < a.width(); ++k) vector[i] += a.data[a.at(i, k)];
      }
      for (std::int64_t j = 0; j < d.columns; ++j) {
        float sum = 0;
        for (std::int64_t k = 0; k < a.width(); ++k) sum += a.data[a.at(i, k)] * b.data[b.at(k, j)];
        if (epilogue == CUBLASLT_EPILOGUE_BIAS || epilogue == CUBLASLT_EPILOGUE_RELU_BIAS) sum += vector[i];
        if (epilogue == CUBLASLT_EPILOGUE_RELU_BIAS && !(sum > 0)) sum = 0;  // NaN too: nobody promises that it passes
        out[d.at(i, j)] = sum;
      }
    }
  }
};

}  // namespace

Cublas::Cublas(bool has_epilogues) { library_has_epilogues = has_epilogues; }
Cublas::~Cublas() { library_has_epilogues = true; }

}  // namespace simt

namespace strata::cuda {
inline namespace STRATA_SIDE {
namespace calls {

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = nullptr;
  return simt::gpu != nullptr ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t) { return CUBLAS_STATUS_SUCCESS; }

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t d, cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                              cublasLtMatmulPreference_t, int, cublasLtMatmulHeuristicResult_t* result,
                                              int* found) {
  simt::refuse_recording("cublasLtMatmulAlgoGetHeuristic", "prepare products before the recording");
  *found = 0;
  const auto epilogue =
      static_cast<cublasLtEpilogue_t>(simt::attribute<std::uint32_t>(d, CUBLASLT_MATMUL_DESC_EPILOGUE));
  if (epilogue != CUBLASLT_EPILOGUE_DEFAULT && !simt::library_has_epilogues) return CUBLAS_STATUS_NOT_SUPPORTED;
  *result = {};
  *found = 1;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t matmul(cublasLtHandle_t, const Matmul& m, const cublasLtMatmulAlgo_t&, void* workspace,
                      std::size_t workspace_bytes, Stream stream) {
  const auto d = m.description;
  const auto place = reinterpret_cast<std::uintptr_t>(workspace);
  if (!simt::gpu->owns(place, workspace_bytes)) simt::refuse("a workspace that is not the device's memory");
  if (place % strata::cuda::cublas::workspace_alignment != 0)
    simt::refuse("a workspace that begins at no multiple of 256 bytes");
  const auto turns = [&](cublasLtMatmulDescAttributes_t which) {
    return simt::attribute<std::int32_t>(d, which) == CUBLAS_OP_T;
  };
  simt::Product product{
      {m.a, m.a_layout, turns(CUBLASLT_MATMUL_DESC_TRANSA)},
      {m.b, m.b_layout, turns(CUBLASLT_MATMUL_DESC_TRANSB)},
      {m.d, m.d_layout, false},
      static_cast<cublasLtEpilogue_t>(simt::attribute<std::uint32_t>(d, CUBLASLT_MATMUL_DESC_EPILOGUE)),
      nullptr};
  if (product.a.height() != product.d.rows || product.b.width() != product.d.columns ||
      product.a.width() != product.b.height())
    return CUBLAS_STATUS_INVALID_VALUE;
  if (product.epilogue != CUBLASLT_EPILOGUE_DEFAULT) {
    product.vector = static_cast<float*>(simt::attribute<void*>(d, CUBLASLT_MATMUL_DESC_BIAS_POINTER));
    const auto bytes = static_cast<std::size_t>(product.d.rows) * sizeof(float);
    if (!simt::gpu->owns(reinterpret_cast<std::uintptr_t>(product.vector), bytes))
      simt::refuse("its epilogue's vector is not the device's memory");
  }
  simt::put(stream, "cublasLtMatmul", [product] { product.run(); });
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace calls
}  // namespace STRATA_SIDE
}  // namespace strata::cuda
