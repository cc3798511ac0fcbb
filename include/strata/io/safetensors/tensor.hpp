// What a safetensors file consists of: data types, tensors, metadata.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/io/text.hpp>

namespace strata::safetensors {

static_assert(std::endian::native == std::endian::little, "safetensors files hold little-endian numbers");

/// The type of a tensor's elements. `other` stands for every type that strata does not compute with (F8_E4M3, C64, and
/// what the format may add): such tensors can be listed, copied to another file and taken as bytes, not as numbers.
enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean, other };

/// Text about the file as a whole: keys and values in the order of the file, keys unique.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// A named tensor whose bytes lie elsewhere: in the File it was read from, or in the arrays it is to be written from.
struct TensorView {
  std::string name{};
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape{};  ///< row-major, the last axis fastest; empty for a scalar
  std::span<const std::byte> data{};  ///< at any address: read it with memcpy, or through File::copy_to
  std::string other_dtype{};          ///< the format's word for the type where `dtype` is DType::other, else empty
};

namespace detail {

struct DTypeFacts {
  std::string_view name;
  int bytes;
};

inline constexpr DTypeFacts dtype_facts[] = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8},
                                             {"I32", 4}, {"I16", 2}, {"I8", 1},  {"U64", 8},  {"U32", 4},
                                             {"U16", 2}, {"U8", 1},  {"BOOL", 1}};
static_assert(std::size(dtype_facts) == static_cast<std::size_t>(DType::other));

/// The type that the format calls `name`; DType::other for a name it does not know.
constexpr DType dtype_named(std::string_view name) {
  std::size_t i = 0;
  while (i < std::size(dtype_facts) && dtype_facts[i].name != name) ++i;
  return static_cast<DType>(i);
}

}  // namespace detail

/// Bytes of one element; 0 for DType::other, where it is not known.
constexpr int bytes_per_element(DType dtype) {
  return dtype >= DType::other ? 0 : detail::dtype_facts[static_cast<std::size_t>(dtype)].bytes;
}

/// The format's name of a type, such as "F32"; "other" for DType::other.
constexpr std::string_view name_of(DType dtype) {
  return dtype >= DType::other ? "other" : detail::dtype_facts[static_cast<std::size_t>(dtype)].name;
}

/// The data type whose elements are T: float, double and the integers of fixed width. BOOL has none, since a byte other
/// than 0 and 1 is no bool: take it as bytes.
template <class T>
inline constexpr DType dtype_of = std::is_same_v<T, float>           ? DType::f32
                                  : std::is_same_v<T, double>        ? DType::f64
                                  : std::is_same_v<T, std::int64_t>  ? DType::i64
                                  : std::is_same_v<T, std::int32_t>  ? DType::i32
                                  : std::is_same_v<T, std::int16_t>  ? DType::i16
                                  : std::is_same_v<T, std::int8_t>   ? DType::i8
                                  : std::is_same_v<T, std::uint64_t> ? DType::u64
                                  : std::is_same_v<T, std::uint32_t> ? DType::u32
                                  : std::is_same_v<T, std::uint16_t> ? DType::u16
                                  : std::is_same_v<T, std::uint8_t>  ? DType::u8
                                                                     : DType::other;

/// A C++ type that tensors can be read into and written from.
template <class T>
concept Element = dtype_of<T>
!= DType::other;

/// A view of `values` as a tensor to write. The values must live until it is written.
template <Element T>
TensorView view(std::string name, std::vector<std::int64_t> shape, std::span<const T> values) {
  return {std::move(name), dtype_of<T>, std::move(shape), std::as_bytes(values), {}};
}

namespace detail {

using strata::detail::shown;

/// Number of elements, or false when a size is negative or the product is larger than 2^64 - 1.
inline bool count_elements(const std::vector<std::int64_t>& shape, std::uint64_t& count) {
  count = 1;
  for (const std::int64_t size : shape) {
    const auto factor = static_cast<std::uint64_t>(size);
    if (size < 0 || (factor != 0 && count > UINT64_MAX / factor)) return false;
    count *= factor;
  }
  return true;
}

/// "F32 of shape [3, 3, 1, 28]", with the first 8 sizes.
[[gnu::cold]] inline std::string described(const TensorView& t) {
  std::string out = t.dtype == DType::other ? shown(t.other_dtype) : std::string(name_of(t.dtype));
  out += " of shape [";
  for (std::size_t i = 0; i < t.shape.size(); ++i) {
    if (i > 0) out += ", ";
    if (i == 8) {
      append(out, {"... (", t.shape.size(), " axes)"});
      break;
    }
    append(out, {t.shape[i]});
  }
  return out += "]";
}

/// Throws unless the shape and the type need exactly `bytes` bytes. Where the type is not known any number will do.
[[gnu::cold]] inline void check_size(const TensorView& t, std::uint64_t bytes) {
  std::uint64_t count = 0;
  const auto each = static_cast<std::uint64_t>(bytes_per_element(t.dtype));
  if (!count_elements(t.shape, count) || (each != 0 && count > UINT64_MAX / each)) {
    throw Error(joined({"tensor ", shown(t.name), " is ", described(t), ", which is no possible size"}));
  }
  if (each != 0 && count * each != bytes) {
    throw Error(joined({"tensor ", shown(t.name), " is ", described(t), ", which needs ", count * each,
                        " bytes, but its data has ", bytes}));
  }
}

/// The value of an IEEE binary16 number, exactly.
constexpr float float_from_f16(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1Fu;
  const std::uint32_t fraction = half & 0x3FFu;
  if (exponent == 0) {  // subnormal: fraction * 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255u : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

/// The value of a bfloat16 number, exactly: it is the upper half of a binary32.
constexpr float float_from_bf16(std::uint16_t upper) { return std::bit_cast<float>(std::uint32_t{upper} << 16); }

/// Throws unless elements of the tensor's type become a T without loss; see File::copy_to for the rules.
template <Element T>
void check_type(const TensorView& t) {
  constexpr bool is_float = std::is_same_v<T, float>;
  if (t.dtype == dtype_of<T> || (is_float && (t.dtype == DType::f16 || t.dtype == DType::bf16))) return;
  throw Error(joined({"tensor ", shown(t.name), " is ", described(t), ", expected ", name_of(dtype_of<T>),
                      is_float ? ", F16 or BF16" : "", "; convert it where the file is made"}));
}

/// Copies a tensor's elements, of a type that check_type<T> takes, into `out`.
template <Element T>
void copy_elements(const TensorView& t, std::span<T> out) {
  std::uint64_t count = 0;
  if (!count_elements(t.shape, count) || count != out.size()) {
    throw Error(joined({"tensor ", shown(t.name), " is ", described(t), ", which does not fit the ", out.size(),
                        " elements that it is to be copied to"}));
  }
  if (t.dtype == dtype_of<T>) {
    if (!out.empty()) std::memcpy(out.data(), t.data.data(), out.size_bytes());
    return;
  }
  if constexpr (std::is_same_v<T, float>) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::uint16_t narrow = 0;
      std::memcpy(&narrow, t.data.data() + 2 * i, 2);
      out[i] = t.dtype == DType::f16 ? float_from_f16(narrow) : float_from_bf16(narrow);
    }
  }
}

}  // namespace detail

}  // namespace strata::safetensors
