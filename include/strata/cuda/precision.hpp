// How a backend computes products of floats: a type, which also says how far off its results may be.
#pragma once

namespace strata {

/// Products of floats at full precision.
struct Fp32 {
  static constexpr const char* name = "fp32";

  /// The bound on |result - exact| / |exact|, norms over a whole tensor, of one layer on random data.
  static constexpr double tolerance = 1e-6;
};

/// Factors rounded to 10 bits of mantissa, as tensor cores take floats; sums in float.
struct Tf32 {
  static constexpr const char* name = "tf32";
  static constexpr double tolerance = 3e-4;  ///< as in Fp32
};

/// What a kernel's spec takes for its precision.
template <class P>
concept Precision = requires {
  {P::name};
  {P::tolerance};
};

}  // namespace strata
