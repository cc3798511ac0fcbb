// A file's tensors in a network's arena: all is checked first, then all is written.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/io/import/layers.hpp>
#include <strata/io/import/layout.hpp>
#include <strata/io/import/match.hpp>
#include <strata/io/import/report.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/io/weights.hpp>
#include <strata/plan/architecture.hpp>
#include <strata/plan/view.hpp>

namespace strata::detail {

/// The metadata's key by which a file says that its tensors lie in its model's order; its value then is "model".
inline constexpr const char* order_key = "tensor_order";

/// By the names of tensors: the way for files of strata's own, whose names are the network's.
[[gnu::cold]] inline std::vector<TensorMatch> match_own_names(const safetensors::File& file,
                                                              const std::vector<const safetensors::TensorView*>& theirs,
                                                              const std::vector<OwnLayer>& own) {
  std::vector<TensorMatch> matches;
  for (const OwnLayer& layer : own)
    for (const StoredTensor& t : layer.tensors) {
      const safetensors::TensorView* found = file.find(t.name);
      bool is_wanted = false;
      for (const safetensors::TensorView* view : theirs) is_wanted = is_wanted || view == found;
      if (found == nullptr || !is_wanted) continue;
      const safetensors::TensorView wanted{.name = t.name, .shape = t.shape()};
      if (found->shape != wanted.shape)
        throw Error(joined({shown(t.name), " is ", safetensors::detail::described(*found), ", and the network's is ",
                            safetensors::detail::described(wanted),
                            "; put the network's layer into a Named block where it is another"}));
      matches.push_back({found, &layer, &t});
    }
  return matches;
}

/// Throws unless a network's batch normalisations add what the file's do.
[[gnu::cold]] inline void check_epsilon(const NetworkView& net, const std::vector<TensorMatch>& matches,
                                        Framework framework, double told) {
  const double wanted = told > 0 ? told : framework == Framework::torch ? 1e-5 : 1e-3;
  for (const TensorMatch& m : matches) {
    if (m.layer->kind != LayerKind::normalisation) continue;
    const Operation& op = *net.operations[m.layer->operation].operation;
    double numerator = 0, denominator = 0;
    for (int i = 0; i < op.attribute_count; ++i) {
      if (op.attributes[i].name == std::string_view("epsilon numerator"))
        numerator = static_cast<double>(op.attributes[i].value);
      if (op.attributes[i].name == std::string_view("epsilon denominator"))
        denominator = static_cast<double>(op.attributes[i].value);
    }
    if (denominator == 0 || std::abs(numerator / denominator - wanted) <= 1e-6 * wanted) continue;
    throw Error(joined({shown(m.layer->name), " adds ", exact_text(numerator / denominator),
                        " to the variance, and the file's normalisation ", exact_text(wanted),
                        told > 0                        ? " as told"
                        : framework == Framework::torch ? " as PyTorch's do"
                                                        : " as Keras' do",
                        "; write BatchNorm<Epsilon<1, ", static_cast<long long>(std::llround(1 / wanted)),
                        ">>, or tell ImportOptions::epsilon"}));
  }
}

/// Throws where a tensor's values are no weights.
[[gnu::cold]] inline void check_values(const safetensors::TensorView& t, std::size_t size, bool is_variance) {
  safetensors::detail::check_type<float>(t);
  for (std::size_t i = 0; i < size; ++i) {
    const float value = float_at(t, i);
    if (std::isfinite(value) && !(is_variance && value < 0)) continue;
    throw Error(joined({"tensor ", shown(t.name), " holds ", std::to_string(value), " at element ", i,
                        is_variance && value < 0 ? ", and a variance is none below 0" : "",
                        "; the file is damaged, or its training diverged"}));
  }
}

[[gnu::cold]] inline bool begins_with_any(const std::string& name, const std::vector<std::string>& prefixes) {
  for (const std::string& p : prefixes)
    if (name.starts_with(p)) return true;
  return false;
}

/// Reads what a file has of a network into `arena`. Throws before anything is changed.
[[gnu::cold]] inline ImportReport import_weights(const safetensors::File& file, const NetworkView& net,
                                                 const ImportOptions& options, float* arena) {
  const std::string* preprocessing = file.metadata(metadata_key::preprocessing);
  check_preprocessing(file, net);
  std::vector<const safetensors::TensorView*> wanted;
  for (const safetensors::TensorView& t : file.tensors())
    if (!begins_with_any(t.name, options.skip) && !is_counter(t.name)) wanted.push_back(&t);

  const std::vector<OwnLayer> own = layers_of(net);
  const bool is_own = file.metadata(metadata_key::architecture) != nullptr;
  std::vector<TensorMatch> matches;
  Framework framework = Framework::keras;
  if (is_own && options.names.empty()) {
    matches = match_own_names(file, wanted, own);
  } else if (!wanted.empty()) {
    framework = options.framework != Framework::automatic ? options.framework
                : is_own                                  ? Framework::keras
                                                          : framework_of(wanted);
    const std::vector<FileLayer> theirs = layers_of(wanted, framework);
    Matcher matcher(theirs, own, framework);
    const std::string* order = file.metadata(order_key);
    if (!options.names.empty())
      matcher.by_table(options.names);
    else if (matcher.share_names())
      matcher.by_name();
    else
      matcher.by_order(order != nullptr && *order == "model");
    matcher.check_biases();
    matches = std::move(matcher.matches);
    if (!is_own) check_epsilon(net, matches, framework, options.epsilon);
  }
  if (matches.empty())
    throw Error(joined({"it has no tensor of the network; its first is ",
                        wanted.empty() ? std::string("none") : shown(wanted.front()->name), ", the network's is ",
                        own.empty() ? std::string("none") : shown(own.front().tensors.front().name)}));

  ImportReport report{.preprocessing = preprocessing_text(net), .is_preprocessing_checked = preprocessing != nullptr};
  std::vector<std::string> used, loaded;
  for (const TensorMatch& m : matches) {
    check_values(*m.from, m.to->size(), m.to->segment->parameter.name == std::string_view("moving_variance"));
    if (m.less != nullptr) check_values(*m.less, m.to->size(), false);
    const ForeignAxes axes = framework == Framework::torch ? torch_axes(*m.layer, *m.to) : ForeignAxes{};
    const std::string shape = safetensors::detail::described(*m.from);
    const bool is_convolution = m.from->shape.size() == 4;
    report.loaded.push_back({.from = m.from->name,
                             .to = m.to->name,
                             .shape = shape.substr(shape.rfind('[')),
                             .is_transposed = axes.is_transposed() || (is_convolution && axes.is_permuted()),
                             .is_permuted = axes.is_permuted() && !is_convolution,
                             .less = m.less != nullptr ? m.less->name : ""});
    used.push_back(m.from->name);
    if (m.less != nullptr) used.push_back(m.less->name);
    loaded.push_back(m.to->name);
  }
  if (const std::string* twice = find_twice(loaded)) throw Error(joined({"names speaks twice of ", shown(*twice)}));
  std::sort(used.begin(), used.end());
  std::sort(loaded.begin(), loaded.end());
  for (const safetensors::TensorView& t : file.tensors())
    if (!std::binary_search(used.begin(), used.end(), t.name)) report.skipped.push_back(t.name);
  for (const OwnLayer& layer : own)
    for (const StoredTensor& t : layer.tensors)
      if (!std::binary_search(loaded.begin(), loaded.end(), t.name)) report.kept.push_back(t.name);

  for (const TensorMatch& m : matches) {
    float* to = arena + m.to->segment->offset;
    const auto size = static_cast<std::int64_t>(m.to->size());
    copy_axes(*m.from, framework == Framework::torch ? torch_axes(*m.layer, *m.to) : ForeignAxes{1, size, 1, 1}, to);
    for (std::int64_t i = 0; m.less != nullptr && i < size; ++i)
      to[i] -= float_at(*m.less, static_cast<std::size_t>(i));
  }
  return report;
}

}  // namespace strata::detail
