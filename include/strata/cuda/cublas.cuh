// Products of row-major matrices by cuBLASLt, with what it can do on the way out.
//
//     C = op(A) op(B),   op(A): rows x depth, op(B): depth x columns, C: rows x columns
//
// cuBLAS counts columns first: what lies row by row as C it takes for the transpose of C. C^T = op(B)^T op(A)^T, so it
// is given B first and A second, each with its row stride for a leading dimension. Nothing is copied or turned over.
//
// Deterministic: always the heuristic's first algorithm, whose split sums are added in sequence.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/cuda/precision.hpp>
#include <strata/cuda/runtime.hpp>

#include <cublasLt.h>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The calls of cuBLASLt that need a GPU: the library's where nvcc compiles. Elsewhere they are declared here and
/// defined by whoever links without nvcc: tests/simt/cublas/ does, and obeys the very descriptors.
namespace calls {

/// A product, as cublasLtMatmul takes it: D = A B, factors in cuBLAS' order.
struct Matmul {
  cublasLtMatmulDesc_t description;
  const void* a;
  cublasLtMatrixLayout_t a_layout;
  const void* b;
  cublasLtMatrixLayout_t b_layout;
  void* d;
  cublasLtMatrixLayout_t d_layout;
};

#if defined(__CUDACC__)

using ::cublasLtCreate;
using ::cublasLtDestroy;
using ::cublasLtMatmulAlgoGetHeuristic;

inline cublasStatus_t matmul(cublasLtHandle_t handle, const Matmul& m, const cublasLtMatmulAlgo_t& algorithm,
                             void* workspace, std::size_t bytes, Stream stream) {
  const float one = 1, zero = 0;
  return cublasLtMatmul(handle, m.description, &one, m.a, m.a_layout, m.b, m.b_layout, &zero, m.d, m.d_layout, m.d,
                        m.d_layout, &algorithm, workspace, bytes, stream);
}

#else

cublasStatus_t cublasLtCreate(cublasLtHandle_t*);
cublasStatus_t cublasLtDestroy(cublasLtHandle_t);
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t, cublasLtMatrixLayout_t a,
                                              cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c,
                                              cublasLtMatrixLayout_t d, cublasLtMatmulPreference_t, int wanted,
                                              cublasLtMatmulHeuristicResult_t*, int* found);
cublasStatus_t matmul(cublasLtHandle_t, const Matmul&, const cublasLtMatmulAlgo_t&, void* workspace, std::size_t bytes,
                      Stream);

#endif

}  // namespace calls

namespace cublas {

/// Throws Error, with the call's name, where one failed.
inline void check(cublasStatus_t status, std::string_view call, std::string_view purpose) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw Error(joined({"cuBLAS: ", call, " for ", purpose, ": ", cublasLtGetStatusString(status)}));
}

/// Memory that a product works in: what NVIDIA advises for Hopper. Products of one stream may share it.
inline constexpr std::size_t workspace_bytes = std::size_t{32} << 20;

/// Where that memory may begin: the library refuses any other multiple.
inline constexpr std::size_t workspace_alignment = 256;

/// The library on the GPU that this thread works with.
class Library {
 public:
  Library() { check(calls::cublasLtCreate(&handle_), "cublasLtCreate", "products of matrices"); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { static_cast<void>(calls::cublasLtDestroy(handle_)); }

  /// The one that all products of this thread share, as long as there are any.
  static std::shared_ptr<const Library> shared() {
    thread_local std::weak_ptr<const Library> last;
    std::shared_ptr<const Library> library = last.lock();
    if (library == nullptr) last = library = std::make_shared<const Library>();
    return library;
  }

  cublasLtHandle_t handle() const { return handle_; }

 private:
  cublasLtHandle_t handle_ = nullptr;
};

/// What happens to a product on its way to memory.
enum class Epilogue {
  none,
  bias,       ///< C[r][c] += vector[c]
  bias_relu,  ///< C[r][c] = max(C[r][c] + vector[c], 0)
  sums_of_b   ///< vector[c] = sum over the depth of op(B)[.][c]: with B = dz, the gradient of a bias
};

/// The shape of a product. Strides are floats from row to row as the matrices lie in memory, before they are turned.
struct Shape {
  int rows = 0, columns = 0, depth = 0;
  bool turns_a = false;  ///< op(A) is the transpose of what lies in memory
  bool turns_b = false;
  std::int64_t a_stride = 0, b_stride = 0, c_stride = 0;
  Epilogue epilogue = Epilogue::none;
};

namespace detail {

/// Owns one of cuBLASLt's descriptors.
template <class T, cublasStatus_t (*Destroy)(T)>
class Description {
 public:
  Description() = default;
  Description(Description&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  Description& operator=(Description&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Description() {
    if (value_ != nullptr) static_cast<void>(Destroy(value_));
  }

  T* fill() { return &value_; }
  T get() const { return value_; }

 private:
  T value_ = nullptr;
};

/// A matrix that lies row by row, as cuBLAS sees it: its transpose, column by column.
class MatrixLayout {
 public:
  MatrixLayout(int rows, int columns, std::int64_t stride) {
    check(cublasLtMatrixLayoutCreate(layout_.fill(), CUDA_R_32F, static_cast<std::uint64_t>(columns),
                                     static_cast<std::uint64_t>(rows), stride),
          "cublasLtMatrixLayoutCreate", "a matrix");
  }
  cublasLtMatrixLayout_t get() const { return layout_.get(); }

 private:
  Description<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy> layout_;
};

}  // namespace detail

/// A product that was prepared: descriptors, and the algorithm for this GPU. Make it before anything is recorded; `run`
/// launches and nothing else.
class Product {
 public:
  /// Throws Error where the library has no way to compute it. Pointers given to run must be multiples of 64 bytes.
  template <Precision P>
  Product(std::shared_ptr<const Library> library, const Shape& s, P)
      : library_(std::move(library)),
        a_(s.turns_a ? s.depth : s.rows, s.turns_a ? s.rows : s.depth, s.a_stride),
        b_(s.turns_b ? s.columns : s.depth, s.turns_b ? s.depth : s.columns, s.b_stride),
        c_(s.rows, s.columns, s.c_stride) {
    constexpr cublasComputeType_t type = std::is_same_v<P, Fp32> ? CUBLAS_COMPUTE_32F : CUBLAS_COMPUTE_32F_FAST_TF32;
    check(cublasLtMatmulDescCreate(description_.fill(), type, CUDA_R_32F), "cublasLtMatmulDescCreate", purpose);
    set(CUBLASLT_MATMUL_DESC_TRANSA, operation(s.turns_b));
    set(CUBLASLT_MATMUL_DESC_TRANSB, operation(s.turns_a));
    fused_ = s.epilogue != Epilogue::none && choose(s.epilogue);
    if (!fused_ && !choose(Epilogue::none))
      throw Error(joined({"cuBLAS has no algorithm for a product of ", s.rows, " x ", s.depth, " and ", s.depth, " x ",
                          s.columns, " on this GPU"}));
  }

  /// Whether run does what the epilogue says; where the library cannot, the product comes alone, and the caller does
  /// the rest.
  bool has_epilogue() const { return fused_; }

  /// Queues C = op(A) op(B), which works in `workspace_bytes` from a multiple of `workspace_alignment` on. `vector` is
  /// the epilogue's.
  void run(Stream stream, void* workspace, const float* a, const float* b, float* c, float* vector = nullptr) const {
    if (fused_) set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, vector);
    check(calls::matmul(library_->handle(), {description_.get(), b, b_.get(), a, a_.get(), c, c_.get()}, algorithm_,
                        workspace, workspace_bytes, stream),
          "cublasLtMatmul", purpose);
  }

 private:
  static constexpr const char* purpose = "a product of matrices";

  template <class T>
  void set(cublasLtMatmulDescAttributes_t attribute, const T& value) const {
    check(cublasLtMatmulDescSetAttribute(description_.get(), attribute, &value, sizeof value),
          "cublasLtMatmulDescSetAttribute", purpose);
  }

  static constexpr std::int32_t operation(bool turns) {
    return static_cast<std::int32_t>(turns ? CUBLAS_OP_T : CUBLAS_OP_N);
  }

  static cublasLtEpilogue_t in_cublas(Epilogue e) {
    switch (e) {
      case Epilogue::none:
        break;
      case Epilogue::bias:
        return CUBLASLT_EPILOGUE_BIAS;
      case Epilogue::bias_relu:
        return CUBLASLT_EPILOGUE_RELU_BIAS;
      case Epilogue::sums_of_b:
        return CUBLASLT_EPILOGUE_BGRADA;  // cuBLAS' A is our B
    }
    return CUBLASLT_EPILOGUE_DEFAULT;
  }

  /// Takes the heuristic's first algorithm with this epilogue; false where it has none.
  bool choose(Epilogue e) {
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, in_cublas(e));
    detail::Description<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy> preference;
    check(cublasLtMatmulPreferenceCreate(preference.fill()), "cublasLtMatmulPreferenceCreate", purpose);
    const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
      check(cublasLtMatmulPreferenceSetAttribute(preference.get(), attribute, &value, sizeof value),
            "cublasLtMatmulPreferenceSetAttribute", purpose);
    };
    prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t{workspace_bytes});
    for (const auto alignment :
         {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
      prefer(alignment, std::uint32_t{64});
    cublasLtMatmulHeuristicResult_t first{};
    int found = 0;
    const cublasStatus_t status =
        calls::cublasLtMatmulAlgoGetHeuristic(library_->handle(), description_.get(), b_.get(), a_.get(), c_.get(),
                                              c_.get(), preference.get(), 1, &first, &found);
    if (status == CUBLAS_STATUS_NOT_SUPPORTED || found == 0) return false;
    check(status, "cublasLtMatmulAlgoGetHeuristic", purpose);
    algorithm_ = first.algo;
    return true;
  }

  std::shared_ptr<const Library> library_;
  detail::MatrixLayout a_, b_, c_;
  detail::Description<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy> description_;
  cublasLtMatmulAlgo_t algorithm_{};
  bool fused_ = false;
};

}  // namespace cublas
}  // namespace STRATA_SIDE
}  // namespace strata::cuda
