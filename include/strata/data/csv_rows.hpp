// Rows of a label and pixels in comma-separated text: which field is what, and whether it is right.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/shape.hpp>
#include <strata/core/text.hpp>
#include <strata/data/csv_text.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::csv {

/// Whether the first row holds the columns' names.
enum class Header {
  detect,   ///< it does where the label's field, or every field, is no number
  present,  ///< it does, whatever it looks like: the first row is skipped
  absent    ///< it is a row like the others
};

/// What a file looks like. Each has a default.
struct Options {
  char separator = ',';
  Header header = Header::detect;
  std::optional<int> label_column = 0;  ///< from 0, or from the end: -1 is the last; std::nullopt where there is none
  int classes = 10;                     ///< labels go from 0 to classes - 1; 0: up to the largest there is
  std::optional<Shape> shape{};         ///< of a picture; without it, a square where the pixels make one, or a vector
};

/// The most classes that labels may ask for where Options::classes is 0.
inline constexpr int most_classes = 65536;

}  // namespace strata::csv

namespace strata::detail {

/// A file's rows: its header behind it, its columns known, every field's meaning by its column.
class CsvRows {
 public:
  CsvRows(std::vector<std::byte> bytes, const std::string& name, const csv::Options& options)
      : options_(options), text_(std::move(bytes), name, options.separator) {
    if (options.classes < 0 || options.classes > csv::most_classes)
      throw Error(joined({name, ": ", options.classes, " classes; there are 1 to ", csv::most_classes,
                          ", or 0 for as many as the labels ask for"}));
    if (!text_.next_row()) throw Error(joined({name, ": is empty, where rows of numbers are expected"}));
    const CsvText::Place first = text_.place();
    std::vector<std::string_view> fields;
    for (bool ends = false; !ends;) {
      const CsvField field = text_.next();
      fields.push_back(field.text);
      ends = field.ends_row;
    }
    columns_ = static_cast<std::int64_t>(fields.size());
    first_line_ = text_.row_line();
    find_label();
    has_header_ =
        options.header == csv::Header::present || (options.header == csv::Header::detect && is_header(fields));
    if (has_header_)
      names_.assign(fields.begin(), fields.end());
    else
      text_.go_to(first);
  }

  CsvText& text() { return text_; }
  bool has_header() const { return has_header_; }
  const std::vector<std::string>& names() const { return names_; }
  std::int64_t columns() const { return columns_; }
  /// The label's column, or -1.
  std::int64_t label_column() const { return label_; }
  std::int64_t pixels() const { return columns_ - (label_ >= 0); }

  /// The next field of a row, `column` of which have been read. Throws where the row ends too early or goes on too far.
  CsvField next(std::int64_t column) {
    const CsvField field = text_.next();
    if (field.ends_row != (column + 1 == columns_)) refuse_length(field.ends_row, column + 1);
    return field;
  }

  /// Reads a row into `to`, nearly all of its pixels by plain_bytes. The label's field, and what is no plain pixel, go
  /// to `field(column, text)`, whose answer is the pixel.
  template <class Field>
  void read(std::uint8_t* to, Field field) {
    for (std::int64_t column = 0; column < columns_; ++column) {
      if (column != label_) {  // the last column is left to next(), which sees that the row ends there
        const std::int64_t plain = text_.plain_bytes(to, (column < label_ ? label_ : columns_ - 1) - column);
        to += plain;
        column += plain;
      }
      const std::uint8_t value = field(column, next(column).text);
      if (column != label_) *to++ = value;
    }
  }

  /// What a pixel's field says.
  std::uint8_t pixel(std::string_view field) const {
    const std::optional<std::int64_t> value = whole_number(field);
    if (!value || *value < 0 || *value > 255) refuse(field, "is not a whole number between 0 and 255");
    return static_cast<std::uint8_t>(*value);
  }

  /// What a label's field says.
  std::int32_t label(std::string_view field) const {
    const std::int64_t classes = options_.classes > 0 ? options_.classes : csv::most_classes;
    const std::optional<std::int64_t> value = whole_number(field);
    if (!value) refuse(field, "is not a whole number, as labels are");
    if (*value < 0 || *value >= classes)
      text_.fail(joined({"the label is ", *value, "; labels of ", classes, " classes go from 0 to ", classes - 1}));
    return static_cast<std::int32_t>(*value);
  }

  /// The shape of a picture.
  [[gnu::cold]] Shape shape() const {
    if (options_.shape) {
      if (options_.shape->size() == pixels()) return *options_.shape;
      throw Error(joined({text_.name(), ": rows of ", pixels(), " pixels are no pictures of ",
                          to_string(*options_.shape), ", which have ", options_.shape->size()}));
    }
    const auto side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(pixels()))));
    if (std::int64_t{side} * side == pixels()) return Shape::image(side, side, 1);
    return Shape::vector(static_cast<int>(pixels()));
  }

 private:
  [[gnu::cold]] void find_label() {
    if (options_.label_column) {
      const int column = *options_.label_column;
      label_ = column < 0 ? columns_ + column : column;
      if (label_ < 0 || label_ >= columns_)
        text_.fail_row(joined({"there is no label column ", column, " among ", columns_, " columns, which count from 0",
                               columns_ == 1 ? "; is the separator right?" : ""}));
    }
    if (pixels() < 1) text_.fail_row("there is no pixel beside the label; is the separator right?");
    if (columns_ > std::numeric_limits<std::int32_t>::max()) text_.fail_row("there are more than 2^31 - 1 columns");
  }

  [[gnu::cold]] bool is_header(const std::vector<std::string_view>& fields) const {
    const auto is_name = [](std::string_view field) { return !is_missing(field) && !looks_numeric(field); };
    if (label_ >= 0 && is_name(fields[static_cast<std::size_t>(label_)])) return true;
    return std::all_of(fields.begin(), fields.end(), is_name);
  }

  [[noreturn, gnu::noinline, gnu::cold]] void refuse(std::string_view field, std::string_view what) const {
    if (field.empty()) text_.fail("the field is empty: a value is missing (csv::check counts them)");
    if (is_missing(field))
      text_.fail(joined({CsvText::shown(field), " says that a value is missing (csv::check counts them)"}));
    const bool first = !has_header_ && text_.row_line() == first_line_;
    text_.fail(joined({CsvText::shown(field), " ", what,
                       first ? "; if this row holds the columns' names, say so by Header::present" : ""}));
  }

  [[noreturn, gnu::noinline, gnu::cold]] void refuse_length(bool ended, std::int64_t columns) {
    while (!ended) {
      ended = text_.next().ends_row;
      columns += 1;
    }
    text_.fail_row(
        joined({columns, columns == 1 ? " column" : " columns", ", where line ", first_line_, " has ", columns_}));
  }

  csv::Options options_;
  CsvText text_;
  std::vector<std::string> names_;
  std::int64_t columns_ = 0;
  std::int64_t label_ = -1;
  std::int64_t first_line_ = 1;
  bool has_header_ = false;
};

}  // namespace strata::detail
