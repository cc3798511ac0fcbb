// A confusion matrix as text, and the classification report as scikit-learn prints it, so that people recognise it.
#pragma once

#include <strata/metrics/confusion_matrix.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>

namespace strata {
namespace detail {

/// How many characters a text of UTF-8 has: bytes that continue one do not count.
inline std::size_t characters(const std::string& text) {
  std::size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
  return n;
}

/// Appends text to a line, with blanks before it where it is narrower than `width` characters.
[[gnu::noinline, gnu::cold]] inline void append_right(std::string& line, const std::string& text, std::size_t width) {
  const std::size_t n = characters(text);
  if (n < width) line.append(width - n, ' ');
  line += text;
}

/// Appends one line: the name, then columns of 9 characters. An accuracy is a line without precision and recall.
[[gnu::noinline, gnu::cold]] inline void append_report_line(std::string& text, const std::string& name,
                                                            std::size_t width, int digits, bool is_accuracy,
                                                            const ClassScore& s) {
  append_right(text, name, width);
  text += ' ';  // two blanks before the first column: this one and its own
  for (const double* value : {&s.precision, &s.recall, &s.f1}) {
    char number[64] = "";
    if (!is_accuracy || value == &s.f1) std::snprintf(number, sizeof number, "%.*f", digits, *value);
    text += ' ';
    append_right(text, number, 9);
  }
  text += ' ';
  append_right(text, std::to_string(s.support), 9);
  text += '\n';
}

}  // namespace detail

/// Precision, recall, F1 and support of every class, then accuracy and the means over classes: the text of
/// scikit-learn's classification_report(y_true, y_pred, labels=range(classes), digits=digits, zero_division=0),
/// character by character. `names` are what classes are called, their numbers where there are too few; `digits`, from 0
/// to 17, follow the decimal point.
[[gnu::cold]] inline std::string classification_report(const ConfusionMatrix& confusion, int digits = 2,
                                                       std::span<const std::string> names = {}) {
  digits = std::clamp(digits, 0, 17);
  const auto name = [&](int c) {
    const auto at = static_cast<std::size_t>(c);
    return at < names.size() ? names[at] : std::to_string(c);
  };
  std::size_t width = std::max<std::size_t>(12, static_cast<std::size_t>(digits));  // of "weighted avg"
  for (int c = 0; c < confusion.classes; ++c) width = std::max(width, detail::characters(name(c)));

  std::string text(width + 1, ' ');
  for (const char* heading : {"precision", "recall", "f1-score", "support"}) {
    text += ' ';
    detail::append_right(text, heading, 9);
  }
  text += "\n\n";
  const auto line = [&](const std::string& of, const ClassScore& score, bool is_accuracy = false) {
    detail::append_report_line(text, of, width, digits, is_accuracy, score);
  };
  for (int c = 0; c < confusion.classes; ++c) line(name(c), confusion.score(c));
  text += "\n";
  line("accuracy", {.f1 = confusion.accuracy(), .support = confusion.samples()}, true);
  line("macro avg", confusion.macro_average());
  line("weighted avg", confusion.weighted_average());
  return text;
}

/// The counts as a table.
[[gnu::cold]] inline std::string to_string(const ConfusionMatrix& confusion) {
  std::size_t width = 5;  // of the widest number, which one blank at least sets apart
  for (const std::int64_t n : confusion.counts) width = std::max(width, std::to_string(n).size());
  std::string text = "confusion: rows are labels, columns predictions\n        ";
  const auto cell = [&](const std::string& number) {
    text += ' ';
    detail::append_right(text, number, width);
  };
  for (int c = 0; c < confusion.classes; ++c) cell(std::to_string(c));
  text += "\n";
  for (int c = 0; c < confusion.classes; ++c) {
    detail::append_right(text, std::to_string(c), 8);
    for (int p = 0; p < confusion.classes; ++p) cell(std::to_string(confusion.count(c, p)));
    text += "\n";
  }
  return text;
}

}  // namespace strata
