// What became of a file's tensors and of a network's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <strata/core/text.hpp>
#include <strata/io/text.hpp>

namespace strata {

/// A tensor that was loaded.
struct ImportedTensor {
  std::string from{};          ///< its name in the file
  std::string to{};            ///< and in the network
  std::string shape{};         ///< in the file
  bool is_transposed = false;  ///< PyTorch's axes became strata's
  bool is_permuted = false;    ///< features of a flattened image, by channels there, by pixels here
  std::string less{};          ///< the file's tensor that was taken off: the bias of a layer that has none here
};

/// What import_weights did, by the tensors' names.
struct ImportReport {
  std::vector<ImportedTensor> loaded{};   ///< of the file and the network
  std::vector<std::string> kept{};        ///< of the network alone: they keep the values that they had
  std::vector<std::string> skipped{};     ///< of the file alone
  std::string preprocessing{};            ///< what the network does with pixels
  bool is_preprocessing_checked = false;  ///< whether the file says the same; else it says nothing
};

namespace detail {

[[gnu::cold]] inline std::string some_names(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < 4; ++i) {
    std::string name = shown(names[i]);
    append(text, {i == 0 ? "" : ", ", name.substr(1, name.rfind('\'') - 1)});
  }
  return names.size() > 4 ? text + ", ..." : text;
}

}  // namespace detail

/// One line: "26 tensors loaded (16 transposed), 4 keep their values (dense_1/kernel, ...), 2 of the file are skipped
/// (...)".
[[gnu::cold]] inline std::string summary(const ImportReport& report) {
  std::string text = joined({report.loaded.size(), " tensors loaded"});
  const auto turned = std::count_if(report.loaded.begin(), report.loaded.end(),
                                    [](const ImportedTensor& t) { return t.is_transposed || t.is_permuted; });
  if (turned > 0) append(text, {" (", static_cast<long>(turned), " transposed)"});
  if (!report.kept.empty())
    append(text, {", ", report.kept.size(), " keep their values (", detail::some_names(report.kept), ")"});
  if (!report.skipped.empty())
    append(text, {", ", report.skipped.size(), " of the file are skipped (", detail::some_names(report.skipped), ")"});
  return text;
}

/// A table with a line for each tensor, and the summary:
///
///     block1_conv1/kernel  <-  features.0.weight [64, 3, 3, 3]  transposed
///     dense_1/bias         --  keeps its values
///                          --  classifier.6.bias is skipped
[[gnu::cold]] inline std::string to_string(const ImportReport& report) {
  std::size_t own = 0, theirs = 0;
  const auto source = [](const ImportedTensor& t) {
    const std::string name = detail::shown(t.from);
    return joined({name.substr(1, name.rfind('\'') - 1), " ", t.shape});
  };
  for (const ImportedTensor& t : report.loaded) {
    own = std::max(own, t.to.size());
    theirs = std::max(theirs, source(t).size());
  }
  for (const std::string& name : report.kept) own = std::max(own, name.size());
  std::string text;
  const auto padded = [](const std::string& word, std::size_t width) {
    return word + std::string(width - word.size(), ' ');
  };
  for (const ImportedTensor& t : report.loaded) {
    std::string how = t.is_transposed ? "transposed" : "";
    if (t.is_permuted) append(how, {how.empty() ? "" : ", ", "by pixels"});
    if (!t.less.empty()) append(how, {how.empty() ? "" : ", ", "less ", detail::shown(t.less)});
    append(text, {padded(t.to, own), "  <-  ", how.empty() ? source(t) : padded(source(t), theirs) + "  " + how, "\n"});
  }
  for (const std::string& name : report.kept) append(text, {padded(name, own), "  --  keeps its values\n"});
  constexpr std::size_t most = 100;  // a hostile file has as many as it likes
  for (std::size_t i = 0; i < report.skipped.size() && i < most; ++i) {
    const std::string name = detail::shown(report.skipped[i]);
    append(text, {padded("", own), "  --  ", name.substr(1, name.rfind('\'') - 1), " is skipped\n"});
  }
  if (report.skipped.size() > most) append(text, {padded("", own), "  --  and more\n"});
  append(text,
         {summary(report), "\npixels: ", report.preprocessing,
          report.is_preprocessing_checked ? ", as the file says"
                                          : ". The file does not say what its network is used to: see that it is this",
          "\n"});
  return text;
}

}  // namespace strata
