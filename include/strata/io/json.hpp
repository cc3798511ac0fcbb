// The little JSON that file headers and reports need: a pull reader for text that nobody trusts, and quoting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/io/text.hpp>

namespace strata::json {

/// Reads JSON (RFC 8259) value by value, in the order in which the caller asks.
///
/// Stricter than the standard where a lenient reader would let two programs see different things: duplicate keys,
/// invalid UTF-8 and lone surrogates are errors, and so is nesting deeper than 32 levels. Every function throws Error
/// that says what was expected, what was found, and at which byte of the text.
///
///     json::Reader reader{R"({"shape": [2, 3]})"};
///     reader.object([&](const std::string& key) {
///       if (key != "shape") return reader.skip();
///       reader.array([&] { shape.push_back(reader.unsigned_integer()); });
///     });
///     reader.end();
class Reader {
 public:
  static constexpr int max_depth = 32;

  /// `text` must outlive the reader. Throws Error when it is no UTF-8.
  explicit Reader(std::string_view text) : text_(text) {
    const std::size_t bad = detail::find_invalid_utf8(text);
    if (bad != std::string_view::npos) {
      throw Error(joined({"invalid UTF-8 at byte ", bad, " of the JSON text"}));
    }
  }

  /// Reads an object: calls `member(std::string key)` for each key in order, which has to read the value.
  template <class Member>
  void object(Member&& member) {
    open('{', "an object");
    std::vector<std::string> keys;
    for (bool more = !accept('}'); more; more = another('}')) member(key_of_member(keys));
    --depth_;
    check_unique(keys);
  }

  /// Reads an array: calls `element()` for each element, which has to read it.
  template <class Element>
  void array(Element&& element) {
    open('[', "an array");
    for (bool more = !accept(']'); more; more = another(']')) element();
    --depth_;
  }

  /// Reads a string, escapes resolved, as UTF-8. It may hold any character, NUL included.
  [[gnu::cold]] std::string string() {
    if (!accept('"')) fail("expected a string in double quotes");
    std::string out;
    while (true) {
      if (at_ == text_.size()) fail("expected the '\"' that ends the string");
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character inside a string must be escaped");
      ++at_;
      if (c == '"') return out;
      if (c == '\\') {
        escape(out);
      } else {
        out += c;
      }
    }
  }

  /// Reads a whole number from 0 to 2^64 - 1, written without sign, point, exponent or leading zeros.
  [[gnu::cold]] std::uint64_t unsigned_integer() {
    space();
    if (!digit()) fail("expected a whole number that is not negative");
    if (text_[at_] == '0' && at_ + 1 < text_.size() && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9') {
      fail("a number must not begin with zeros");
    }
    std::uint64_t value = 0;
    for (; digit(); ++at_) {
      const auto next = static_cast<std::uint64_t>(text_[at_] - '0');
      if (value > (UINT64_MAX - next) / 10) fail("this number is larger than 2^64 - 1");
      value = value * 10 + next;
    }
    if (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == 'e' || text_[at_] == 'E')) {
      fail("expected a whole number without point or exponent");
    }
    return value;
  }

  /// Reads any value and forgets it.
  [[gnu::cold]] void skip() {
    space();
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    if (c == '{') {
      object([this](const std::string&) { skip(); });
    } else if (c == '[') {
      array([this] { skip(); });
    } else if (c == '"') {
      string();
    } else if (!literal("true") && !literal("false") && !literal("null")) {
      number();
    }
  }

  /// Checks that nothing but white space is left.
  void end() {
    space();
    if (at_ < text_.size()) fail("expected the end of the JSON text");
  }

 private:
  // What object() does for any member is no template, so that every program compiles it once.

  /// The key of the next member, up to its value.
  [[gnu::noinline, gnu::cold]] std::string key_of_member(std::vector<std::string>& keys) {
    std::string key = string();
    keys.push_back(key);
    expect(':');
    return key;
  }

  /// Whether another element follows in an object or array that `bracket` closes.
  [[gnu::noinline, gnu::cold]] bool another(char bracket) {
    if (accept(',')) return true;
    if (!accept(bracket)) fail(bracket == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
    return false;
  }

  [[gnu::noinline, gnu::cold]] static void check_unique(const std::vector<std::string>& keys) {
    const std::string* twice = detail::find_twice(keys);
    if (twice) throw Error(joined({"the key ", detail::shown(*twice), " appears twice in one JSON object"}));
  }

  [[noreturn, gnu::noinline]] void fail(TextPiece what) const {
    const std::string found = at_ < text_.size() ? detail::shown(text_.substr(at_, 1)) : "the end of the text";
    throw Error(joined({what, ", found ", found, " at byte ", at_, " of the JSON text"}));
  }

  void space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  [[gnu::noinline, gnu::cold]] bool accept(char c) {
    space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail(joined({"expected '", std::string_view(&c, 1), "'"}));
  }

  void open(char bracket, const char* name) {
    space();
    if (at_ == text_.size() || text_[at_] != bracket) fail(joined({"expected ", name}));
    if (++depth_ > max_depth) fail("nested more than 32 levels deep");
    ++at_;
  }

  bool digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

  bool literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  void digits() {
    if (!digit()) fail("expected a value");
    while (digit()) ++at_;
  }

  [[gnu::cold]] void number() {
    if (at_ < text_.size() && text_[at_] == '-') ++at_;
    if (!literal("0")) digits();
    if (literal(".")) digits();
    if (literal("e") || literal("E")) {
      if (!literal("+")) literal("-");
      digits();
    }
  }

  /// Reads what follows a backslash.
  [[gnu::cold]] void escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (at_ == text_.size()) fail("expected a character behind the backslash");
    const std::size_t which = letters.find(text_[at_]);
    if (which != std::string_view::npos) {
      ++at_;
      out += meanings[which];
      return;
    }
    if (text_[at_] != 'u') fail("unknown escape in a string");
    ++at_;
    std::uint32_t code = hex4();
    if (code >= 0xDC00 && code <= 0xDFFF) fail("a low surrogate without the high one before it");
    if (code >= 0xD800 && code <= 0xDBFF) {  // characters above U+FFFF come as a pair (RFC 8259, section 7)
      if (!literal("\\u")) fail("expected \\u with the low surrogate");
      const std::uint32_t low = hex4();
      if (low < 0xDC00 || low > 0xDFFF) fail("a high surrogate without the low one behind it");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    detail::append_utf8(out, code);
  }

  [[gnu::cold]] std::uint32_t hex4() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      const int d = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
      if (d < 0) fail("expected four hexadecimal digits behind \\u");
      value = value * 16 + static_cast<std::uint32_t>(d);
    }
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

/// Appends `text`, which must be UTF-8, as a JSON string in double quotes: quotes, backslashes and control characters
/// escaped, everything else as it is.
[[gnu::cold]] inline void append_quoted(std::string& out, std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
          out += "\\u00";
          out += hex[byte >> 4];
          out += hex[byte & 15];
        } else {
          out += c;
        }
      }
    }
  }
  out += '"';
}

}  // namespace strata::json
