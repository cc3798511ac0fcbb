// The order of a file's layers by their names, for files that keep none.
//
// The safetensors package sorts tensors by their names' letters, which puts classifier before features and 10 before 2.
// So the names' first words, before any number, make queues ("features.10" waits among "features", "conv2d_1" among
// "conv"), in each of which numbers count as numbers. A queue holds kernels of one rank, or normalisations: "bn1" and
// "conv1" need no common order. A file that says that it keeps its model's order is one queue.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <strata/io/import/layers.hpp>

namespace strata::detail {

/// Which of two names comes first, numbers by their value. Returns below, at or above 0.
[[gnu::cold]] inline int compare_numbered(std::string_view a, std::string_view b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto number = [&](std::string_view& text) {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n])) ++n;
    std::string_view digits = text.substr(0, n);
    text.remove_prefix(n);
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return digits;
  };
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view x = number(a), y = number(b);
      if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
      if (const int order = x.compare(y); order != 0) return order;
    } else {
      if (a.front() != b.front()) return a.front() < b.front() ? -1 : 1;
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return (a.empty() ? 0 : 1) - (b.empty() ? 0 : 1);
}

/// Layers of a file, of which the next is `layers[used]`.
struct LayerQueue {
  std::string word{};
  LayerKind kind = LayerKind::other;
  std::size_t rank = 0;
  std::vector<const FileLayer*> layers{};
  std::size_t used = 0;
  std::size_t last_use = 0;  ///< the network's layer, counted from 1, that took the last one

  bool is_empty() const { return used == layers.size(); }
  const FileLayer* head() const { return is_empty() ? nullptr : layers[used]; }
};

/// The most queues that are looked through: a file with more has names that tell nothing.
inline constexpr std::size_t most_queues = 256;

[[gnu::cold]] inline std::vector<LayerQueue> queues_of(const std::vector<FileLayer>& layers, bool in_order) {
  std::vector<LayerQueue> queues;
  for (const FileLayer& layer : layers) {
    const std::size_t end = in_order ? 0 : layer.name.find_first_of("0123456789");
    std::string word = layer.name.substr(0, end);
    while (!word.empty() && (word.back() == '_' || word.back() == '.' || word.back() == '/')) word.pop_back();
    const auto belongs = [&](const LayerQueue& q) {
      return in_order || (q.word == word && q.kind == layer.kind && q.rank == layer.rank);
    };
    auto at = std::find_if(queues.begin(), queues.end(), belongs);
    if (at == queues.end()) {
      if (queues.size() == most_queues)
        throw Error(joined({"its layers' names begin in more than ", most_queues,
                            " ways, so that they tell no order; say which are which in ImportOptions::names"}));
      queues.push_back({.word = std::move(word), .kind = layer.kind, .rank = layer.rank});
      at = queues.end() - 1;
    }
    at->layers.push_back(&layer);
  }
  if (!in_order)
    for (LayerQueue& q : queues) {
      const std::vector<std::size_t> sorted =
          sorted_places(q.layers.size(), q.layers.data(), [](const void* array, std::size_t a, std::size_t b) {
            const auto* all = static_cast<const FileLayer* const*>(array);
            const int order = compare_numbered(all[a]->name, all[b]->name);
            return order != 0 ? order < 0 : a < b;
          });
      std::vector<const FileLayer*> ordered;
      for (const std::size_t i : sorted) ordered.push_back(q.layers[i]);
      q.layers = std::move(ordered);
    }
  return queues;
}

}  // namespace strata::detail
