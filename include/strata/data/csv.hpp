// Pictures in comma-separated text: a row for each, its label and its pixels from 0 to 255. So Kaggle hands MNIST out.
//
//     label,pixel0,pixel1, ... ,pixel783
//     5,0,0, ... ,0
//
//     Dataset all = csv::load("train.csv");
//     auto [train, validation] = split(all, .3, 42);        // data/split.hpp
//     std::puts(to_string(csv::check("train.csv")).c_str());
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/text.hpp>
#include <strata/data/csv_rows.hpp>
#include <strata/data/csv_text.hpp>
#include <strata/data/dataset.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::csv {

/// What check() counts.
struct Contents {
  bool header = false;                     ///< whether the first row holds names
  std::int64_t rows = 0;                   ///< without the header
  std::int64_t columns = 0;                ///< with the label's
  std::vector<std::string> names;          ///< the header's fields; empty without one
  std::vector<std::int64_t> missing;       ///< fields without a value, for each column
  std::vector<std::int64_t> label_counts;  ///< rows of each label; empty without labels

  /// Fields without a value in all columns.
  std::int64_t missing_values() const {
    std::int64_t sum = 0;
    for (const std::int64_t n : missing) sum += n;
    return sum;
  }
};

/// Reads pictures from a file's bytes; `name` is what messages call it. As load() does.
[[gnu::noinline]] inline Dataset parse(std::vector<std::byte> bytes, const std::string& name = "CSV data",
                                       const Options& options = {}) {
  detail::CsvRows rows(std::move(bytes), name, options);
  const Shape shape = rows.shape();
  const std::int64_t width = rows.pixels(), label = rows.label_column();
  // A pixel takes two bytes at least, so that memory is bounded by the file's size.
  const std::int64_t expected = std::min(rows.text().rows_left(), rows.text().bytes_left() / 2 / width + 1);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(expected * width));
  std::vector<std::int32_t> labels;
  labels.reserve(label >= 0 ? static_cast<std::size_t>(expected) : 0);
  std::int64_t count = 0;
  for (; rows.text().next_row(); ++count) {
    const auto begin = static_cast<std::size_t>(count * width);
    if (pixels.size() < begin + static_cast<std::size_t>(width))
      pixels.resize(pixels.size() * 2 + static_cast<std::size_t>(width));
    rows.read(pixels.data() + begin, [&](std::int64_t column, std::string_view field) -> std::uint8_t {
      if (column != label) return rows.pixel(field);
      labels.push_back(rows.label(field));
      return 0;
    });
  }
  if (count == 0) throw Error(joined({name, ": has no row under its header"}));
  pixels.resize(static_cast<std::size_t>(count * width));
  if (label < 0) return Dataset::own(shape, std::move(pixels));
  const int classes = options.classes > 0 ? options.classes : *std::max_element(labels.begin(), labels.end()) + 1;
  return Dataset::own(shape, classes, std::move(pixels), std::move(labels));
}

/// Reads pictures from a file, plain or (when built with STRATA_WITH_ZLIB) compressed by gzip. Pixels become bytes.
///
/// Throws strata::Error with line and column, both from 1, where a row has another number of columns than the first, a
/// pixel is no whole number from 0 to 255, a label none below `classes`, or a value is missing.
[[gnu::cold]] inline Dataset load(const std::string& path, const Options& options = {}) {
  return parse(detail::read_csv_file(path), path, options);
}

/// Counts rows, columns, labels and missing values in a file's bytes. As check() does.
[[gnu::noinline]] inline Contents check_bytes(std::vector<std::byte> bytes, const std::string& name = "CSV data",
                                              const Options& options = {}) {
  detail::CsvRows rows(std::move(bytes), name, options);
  Contents contents{rows.has_header(), 0, rows.columns(), rows.names(), {}, {}};
  contents.missing.resize(static_cast<std::size_t>(rows.columns()));
  if (rows.label_column() >= 0) contents.label_counts.resize(static_cast<std::size_t>(options.classes));
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(rows.pixels()));
  for (; rows.text().next_row(); ++contents.rows) {
    rows.read(pixels.data(), [&](std::int64_t column, std::string_view field) -> std::uint8_t {
      if (detail::is_missing(field)) {
        ++contents.missing[static_cast<std::size_t>(column)];
        return 0;
      }
      if (column != rows.label_column()) return rows.pixel(field);
      const auto label = static_cast<std::size_t>(rows.label(field));
      if (label >= contents.label_counts.size()) contents.label_counts.resize(label + 1);
      ++contents.label_counts[label];
      return 0;
    });
  }
  if (contents.rows == 0) throw Error(joined({name, ": has no row under its header"}));
  return contents;
}

/// Reads a file as load() does, but counts missing values (empty fields, and NA, NaN, null and the like) instead of
/// refusing them. All else that load() refuses is refused.
[[gnu::cold]] inline Contents check(const std::string& path, const Options& options = {}) {
  return check_bytes(detail::read_csv_file(path), path, options);
}

/// The contents as people read them.
[[gnu::cold]] inline std::string to_string(const Contents& contents) {
  std::string text = joined({contents.rows, " rows of ", contents.columns, " columns, ",
                             contents.header ? "under a header; " : "no header; ", contents.missing_values(),
                             " values are missing\n"});
  int listed = 0;
  for (std::size_t c = 0; c < contents.missing.size(); ++c) {
    if (contents.missing[c] == 0) continue;
    if (++listed > 10) {
      text += "  and in other columns\n";
      break;
    }
    append(text, {"  column ", c + 1, contents.header ? " (" + contents.names[c] + ")" : "", ": ", contents.missing[c],
                  "\n"});
  }
  for (std::size_t label = 0; label < contents.label_counts.size(); ++label)
    append(text, {"  label ", label, ": ", contents.label_counts[label], "\n"});
  return text;
}

/// Writes pictures of bytes as load() reads them, under a header (label, pixel0, pixel1, ...) unless it is absent.
/// Separator and the label's column are those of the options; a data set without labels makes a file without them, and
/// targets are written as the label of the largest. The file is written aside and renamed when it is complete. Throws
/// strata::Error.
[[gnu::cold]] inline void write(const std::string& path, const Dataset& data, const Options& options = {}) {
  const std::int64_t width = data.shape().size();
  const bool labelled = data.classes() > 0 && options.label_column.has_value();
  const std::int64_t columns = width + labelled;
  const std::int64_t given = labelled ? *options.label_column : 0, label = given < 0 ? columns + given : given;
  if (!data.holds_bytes()) throw Error(joined({path, ": not written: the samples are floats, CSV holds bytes"}));
  if (label < 0 || label >= columns)
    throw Error(joined({path, ": not written: there is no label column ", given, " among ", columns, " columns"}));

  FileWriter file(path);
  std::string text;
  const auto row = [&](auto&& append_label, auto&& append_pixel) {
    for (std::int64_t column = 0, pixel = 0; column < columns; ++column) {
      if (column > 0) text += options.separator;
      if (labelled && column == label)
        append_label();
      else
        append_pixel(static_cast<std::size_t>(pixel++));
    }
    text += '\n';
    if (text.size() < std::size_t{1} << 20) return;
    file.write(text);
    text.clear();
  };
  if (options.header != Header::absent)
    row([&] { text += "label"; }, [&](std::size_t pixel) { append(text, {"pixel", pixel}); });
  std::array<std::string, 256> numbers;
  for (int value = 0; value < 256; ++value) numbers[static_cast<std::size_t>(value)] = joined({value});
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const Sample sample = data.image(i);
    row([&] { append(text, {data.label(i)}); }, [&](std::size_t pixel) { text += numbers[sample.bytes[pixel]]; });
  }
  file.write(text);
  file.commit();
}

}  // namespace strata::csv
