// Lines and fields of comma-separated text (RFC 4180, and what spreadsheets and pandas write), with their places.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/text.hpp>
#include <strata/data/gzip.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace strata::detail {

/// The bytes of a file, unpacked where they are compressed by gzip, up to 4 GiB of them.
[[gnu::cold]] inline std::vector<std::byte> read_csv_file(const std::string& path) {
  std::vector<std::byte> file = read_file(path);
  if (!is_gzip(file)) return file;
  constexpr std::size_t most = std::size_t{4} << 30;
  const Owned<ByteSource> gunzip = open_gzip(file, path);
  std::vector<std::byte> bytes;
  std::size_t used = 0;
  while (true) {
    try {
      bytes.resize(std::max<std::size_t>(file.size() * 4, used * 2));
    } catch (const std::exception&) {
      throw Error(joined({path, ": there is no memory for what it unpacks to"}));
    }
    used += gunzip->read(std::span(bytes).subspan(used));
    if (used < bytes.size()) break;
    if (used > most)
      throw Error(joined({path, ": gzip files are only read up to ", most, " bytes; unpack it with gunzip"}));
  }
  bytes.resize(used);
  return bytes;
}

/// A field without the blanks and quotes around it.
struct CsvField {
  std::string_view text;
  bool ends_row = false;  ///< whether a line's end follows, and no separator
};

/// Whether a field stands for a value that is not there: nothing, or one of the words that pandas reads so.
[[gnu::cold]] inline bool is_missing(std::string_view text) {
  for (const std::string_view word : {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"})
    if (text == word) return true;
  return false;
}

/// Whether a field looks like a number of any kind.
[[gnu::cold]] inline bool looks_numeric(std::string_view text) {
  return text.find_first_of("0123456789") != text.npos && text.find_first_not_of("0123456789+-.eE") == text.npos;
}

/// A whole number; `12.0` is one too, as pandas writes columns in which a value was missing.
inline std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at == text.data()) return std::nullopt;
  const std::string_view rest(at, static_cast<std::size_t>(end - at));
  if (rest.empty() || (rest[0] == '.' && rest.find_first_not_of('0', 1) == rest.npos)) return value;
  return std::nullopt;
}

/// Walks through text field by field. Lines end in LF, CR LF or CR, the last need not; empty ones are skipped. A UTF-8
/// byte order mark at the beginning is none of the first field.
class CsvText {
 public:
  /// `name` is what messages call it.
  CsvText(std::vector<std::byte> bytes, std::string name, char separator)
      : bytes_(std::move(bytes)), name_(std::move(name)), separator_(separator) {
    if (separator == '"' || separator == '.' || separator == '-' || separator == '+' || is_line_end(separator) ||
        (separator >= '0' && separator <= '9') || separator == '\0')
      throw Error(joined({name_, ": its separator cannot be ", shown(std::string_view(&separator, 1))}));
    bytes_.push_back(std::byte{'\n'});  // so that every field ends before the text does
    at_ = reinterpret_cast<const char*>(bytes_.data());
    end_ = at_ + bytes_.size();
    if (std::string_view(at_, bytes_.size()).starts_with("\xEF\xBB\xBF")) at_ += 3;
  }
  CsvText(const CsvText&) = delete;  // places would point into the original
  CsvText& operator=(const CsvText&) = delete;

  /// Where a walk stands, at the beginning of a row.
  struct Place {
    const char* at;
    std::int64_t line;
  };
  Place place() const { return {at_, line_}; }
  void go_to(const Place& place) {
    at_ = place.at;
    line_ = row_line_ = place.line;
    column_ = 0;
  }

  /// Bytes that have not been walked through.
  std::int64_t bytes_left() const { return end_ - at_; }
  /// An estimate of the rows that have not been walked through.
  std::int64_t rows_left() const {
    const std::int64_t feeds = std::count(at_, end_, '\n');
    return feeds > 1 ? feeds : 1 + std::count(at_, end_, '\r');
  }

  /// Goes to the next line that is not empty; false where there is none.
  bool next_row() {
    column_ = 0;
    while (at_ < end_ && is_line_end(*at_)) end_line();
    row_line_ = line_;
    return at_ < end_;
  }

  /// The next field of the row.
  CsvField next() {
    ++column_;
    skip_blanks();
    const char* first = at_;
    const char* last;
    if (*at_ == '"') {
      first = ++at_;
      while (*at_ != '"' || at_[1] == '"') {  // two quotes in a row stand for one
        if (is_line_end(*at_)) fail("its closing quote is missing on this line");
        at_ += *at_ == '"' ? 2 : 1;
      }
      last = at_++;
      skip_blanks();
      if (*at_ != separator_ && !is_line_end(*at_)) fail("something follows its closing quote");
    } else {
      while (*at_ != separator_ && !is_line_end(*at_)) ++at_;
      last = at_;
    }
    while (last > first && is_blank(last[-1])) --last;
    CsvField field{std::string_view(first, static_cast<std::size_t>(last - first)), *at_ != separator_};
    if (field.ends_row)
      end_line();
    else
      ++at_;
    return field;
  }

  /// Reads the fields that are nothing but one to three digits, at most 255, with a separator directly behind: nearly
  /// all of a picture. Stops at the first other one, or after `most`; returns how many.
  std::int64_t plain_bytes(std::uint8_t* to, std::int64_t most) {
    const auto digit = [](char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)) - unsigned{'0'}; };
    const char* at = at_;
    std::int64_t done = 0;
    for (; done < most; ++done) {
      unsigned value = digit(*at), next = 0;
      if (value > 9) break;
      const char* behind = at + 1;  // a digit is never the last byte: that is a line's end
      if ((next = digit(*behind)) <= 9) {
        value = value * 10 + next;
        if ((next = digit(*++behind)) <= 9) {
          value = value * 10 + next;
          ++behind;
        }
      }
      if (value > 255 || *behind != separator_) break;
      to[done] = static_cast<std::uint8_t>(value);
      at = behind + 1;
    }
    at_ = at;
    column_ += done;
    return done;
  }

  /// Throws: "FILE:LINE: column COLUMN: what", of the field that was read last.
  [[noreturn, gnu::noinline, gnu::cold]] void fail(std::string_view what) const {
    throw Error(joined({name_, ":", row_line_, ": column ", column_, ": ", what}));
  }
  /// Throws: "FILE:LINE: what", of the row of the field that was read last.
  [[noreturn, gnu::noinline, gnu::cold]] void fail_row(std::string_view what) const {
    throw Error(joined({name_, ":", row_line_, ": ", what}));
  }

  /// What messages call the text.
  const std::string& name() const { return name_; }
  /// The number of the row's line, from 1.
  std::int64_t row_line() const { return row_line_; }

  /// A field in a message: in quotes, short, in plain characters.
  [[gnu::cold]] static std::string shown(std::string_view text) {
    constexpr std::size_t most = 24;
    std::string out = "'";
    for (const char c : text.substr(0, most)) out += c >= ' ' && c <= '~' ? c : '?';
    return out + (text.size() > most ? "...'" : "'");
  }

 private:
  static bool is_line_end(char c) { return c == '\n' || c == '\r'; }
  bool is_blank(char c) const { return (c == ' ' || c == '\t') && c != separator_; }
  void skip_blanks() {
    while (is_blank(*at_)) ++at_;
  }
  void end_line() {
    at_ += *at_ == '\r' && at_[1] == '\n' ? 2 : 1;  // the last byte is no CR
    ++line_;
  }

  std::vector<std::byte> bytes_;
  std::string name_;
  char separator_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::int64_t line_ = 1;
  std::int64_t row_line_ = 1;
  std::int64_t column_ = 0;  // of the field that was read last, from 1
};

}  // namespace strata::detail
