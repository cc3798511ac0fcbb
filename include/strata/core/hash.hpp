// A short name for many bytes.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace strata::detail {

/// The 64-bit FNV-1a hash (Fowler, Noll, Vo) by words of eight bytes, the last of which zeros fill. It tells apart what
/// differs by chance, and nothing that was made to look alike. The same on every machine of the same byte order.
class Hash {
 public:
  Hash& add(std::span<const std::byte> bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, bytes.size() - at < 8 ? bytes.size() - at : 8);
      add_word(word);
    }
    return *this;
  }
  template <class T>
  requires std::integral<T> || std::floating_point<T> Hash& add(std::span<const T> values) {
    return add(std::as_bytes(values));
  }
  Hash& add(std::string_view text) { return add(std::as_bytes(std::span<const char>(text))); }
  Hash& add(std::integral auto number) {
    add_word(static_cast<std::uint64_t>(number));
    return *this;
  }
  Hash& add(double number) { return add(std::span<const double>(&number, 1)); }

  std::uint64_t value() const { return value_; }

  /// 16 hexadecimal digits.
  [[gnu::cold]] std::string text() const {
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[value_ >> shift & 15];
    return digits;
  }

 private:
  void add_word(std::uint64_t word) {
    value_ = (value_ ^ word) * 0x100000001b3;
    value_ ^= value_ >> 32;  // a product moves bits up only
  }

  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace strata::detail
