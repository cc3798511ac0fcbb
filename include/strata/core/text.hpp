// Text out of pieces: what every message and every report is put together with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

namespace strata {

/// Words or a whole number, as a piece of a text. It refers to the words and copies none.
class TextPiece {
 public:
  TextPiece(const char* words) : words_(words), kind_(Kind::literal) {}
  TextPiece(std::string_view words) : words_(words.data()), number_(words.size()), kind_(Kind::words) {}
  TextPiece(const std::string& words) : words_(words.data()), number_(words.size()), kind_(Kind::words) {}
  TextPiece(unsigned number) : number_(number) {}
  TextPiece(unsigned long number) : number_(number) {}
  TextPiece(unsigned long long number) : number_(number) {}
  TextPiece(int number) : TextPiece(static_cast<long long>(number)) {}
  TextPiece(long number) : TextPiece(static_cast<long long>(number)) {}
  TextPiece(long long number) : number_(static_cast<std::uint64_t>(number)), kind_(Kind::integer) {}
  TextPiece(char) = delete;  // would be taken for a number
  TextPiece(bool) = delete;

  /// Appends the piece to a text.
  void append_to(std::string& text) const {
    if (kind_ == Kind::literal) {
      text.append(words_, std::strlen(words_));
    } else if (kind_ == Kind::words) {
      text.append(words_, static_cast<std::size_t>(number_));
    } else {
      const bool negative = kind_ == Kind::integer && number_ >> 63 != 0;
      char digits[20];
      char* first = digits + sizeof digits;
      std::uint64_t left = negative ? 0 - number_ : number_;
      do *--first = static_cast<char>('0' + left % 10);
      while ((left /= 10) != 0);
      if (negative) text += '-';
      text.append(first, static_cast<std::size_t>(digits + sizeof digits - first));
    }
  }

 private:
  enum class Kind : unsigned char { literal, words, natural, integer };
  const char* words_ = nullptr;
  std::uint64_t number_ = 0;  // or the length of the words
  Kind kind_ = Kind::natural;
};

/// Appends the pieces, none of which may lie in the text itself.
///
/// A call costs the compiler a table of pieces, where a chain of `+` costs a temporary string, its growth and its
/// destruction for each sign, all of them inlined: several times the code, in every program that includes it. What
/// makes texts runs seldom and is marked cold as a whole: compilers then take less room, and less time, for it.
[[gnu::noinline, gnu::cold]] inline void append(std::string& text, std::initializer_list<TextPiece> pieces) {
  for (const TextPiece& piece : pieces) piece.append_to(text);
}

/// The pieces as one text: `joined({path, ": holds ", count, " images"})`.
[[gnu::noinline, gnu::cold]] inline std::string joined(std::initializer_list<TextPiece> pieces) {
  std::string text;
  append(text, pieces);
  return text;
}

}  // namespace strata
