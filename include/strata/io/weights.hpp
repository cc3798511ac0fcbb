// What a safetensors file says about a network and holds of its tensors, and whether both fit the program's network.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <strata/core/config.hpp>
#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/io/text.hpp>
#include <strata/plan/architecture.hpp>
#include <strata/plan/view.hpp>

namespace strata::detail {

/// Keys of the metadata. All values are text; numbers are decimal.
namespace metadata_key {
inline constexpr const char* format = "strata_format";         ///< version of what is told here
inline constexpr const char* version = "strata_version";       ///< of the library that wrote the file
inline constexpr const char* architecture = "architecture";    ///< architecture_text
inline constexpr const char* preprocessing = "preprocessing";  ///< preprocessing_text
inline constexpr const char* fingerprint = "fingerprint";      ///< of both
inline constexpr const char* seed = "seed";                    ///< the model's
inline constexpr const char* optimizer = "optimizer";          ///< this and the following in checkpoints only
inline constexpr const char* slots = "optimizer_moments";
inline constexpr const char* steps = "steps";
inline constexpr const char* epochs = "epochs";
inline constexpr const char* epochs_before = "epochs_before_optimizer";  ///< 0 where it is missing
}  // namespace metadata_key

inline constexpr std::uint64_t weights_format = 1;

/// Differences that one message tells.
inline constexpr std::size_t most_differences = 8;

/// A tensor of an arena as a file holds it.
struct StoredTensor {
  std::string name{};
  const Segment* segment = nullptr;

  std::vector<std::int64_t> shape() const {
    const Parameter& p = segment->parameter;
    return {p.extents.begin(), p.extents.begin() + p.rank};
  }
  std::size_t size() const { return static_cast<std::size_t>(segment->parameter.size()); }
};

/// The tensors of a network, or, for what an optimizer keeps, those that are trained; `prefix` goes before their names.
[[gnu::cold]] inline std::vector<StoredTensor> stored_tensors(const NetworkView& net, const std::string& prefix = {},
                                                              bool trainable_only = false) {
  const std::vector<std::string> names = tensor_names(net);
  std::vector<StoredTensor> out;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!trainable_only || net.segments[i].parameter.trainable) out.push_back({prefix + names[i], &net.segments[i]});
  return out;
}

/// Throws unless all values are finite.
inline void check_finite(const std::string& name, std::span<const float> values, const char* advice) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw Error(
          joined({"tensor ", shown(name), " holds ", std::to_string(values[i]), " at element ", i, "; ", advice}));
}

/// Appends views of the tensors, which lie in `floats` in the arena's layout. Throws where a value is not finite.
[[gnu::cold]] inline void append_views(std::vector<safetensors::TensorView>& to,
                                       const std::vector<StoredTensor>& tensors, const float* floats) {
  for (const StoredTensor& t : tensors) {
    const std::span<const float> values(floats + t.segment->offset, t.size());
    check_finite(t.name, values, "training diverged, and such a file is of no use");
    to.push_back(safetensors::view(t.name, t.shape(), values));
  }
}

/// Copies the tensors from a file, which check_tensors has found there, into `floats`, in the arena's layout. Throws
/// where a tensor is of another type, or a value is not finite.
[[gnu::cold]] inline void copy_tensors(const safetensors::File& file, const std::vector<StoredTensor>& tensors,
                                       float* floats) {
  for (const StoredTensor& t : tensors) {
    const std::span<float> values(floats + t.segment->offset, t.size());
    safetensors::detail::check_type<float>(*file.find(t.name));
    safetensors::detail::copy_elements<float>(*file.find(t.name), values);
    check_finite(t.name, values, "the file is damaged, or its training diverged");
  }
}

[[gnu::noinline, gnu::cold]] inline void add_metadata(safetensors::Metadata& to, const char* key,
                                                      std::initializer_list<TextPiece> value) {
  to.emplace_back(key, joined(value));
}

/// What a file tells about the network it is saved from.
[[gnu::cold]] inline safetensors::Metadata network_metadata(const NetworkView& net) {
  safetensors::Metadata metadata;
  add_metadata(metadata, metadata_key::format, {weights_format});
  add_metadata(metadata, metadata_key::version,
               {STRATA_VERSION / 10000, ".", STRATA_VERSION / 100 % 100, ".", STRATA_VERSION % 100});
  add_metadata(metadata, metadata_key::architecture, {architecture_text(net)});
  add_metadata(metadata, metadata_key::preprocessing, {preprocessing_text(net)});
  add_metadata(metadata, metadata_key::fingerprint, {fingerprint(net)});
  return metadata;
}

/// The metadata's whole number for `key`, from 0 to `most`. Throws where there is none.
[[gnu::cold]] inline std::uint64_t metadata_number(const safetensors::File& file, const char* key, std::uint64_t most) {
  const std::string* text = file.metadata(key);
  std::uint64_t value = 0;
  if (text) {
    const char* end = text->data() + text->size();
    const auto [at, error] = std::from_chars(text->data(), end, value);
    if (!text->empty() && at == end && error == std::errc() && value <= most) return value;
  }
  throw Error(joined({"the metadata's ", shown(key), " is ", text ? shown(*text) : "missing",
                      "; a whole number from 0 to ", most, " is expected"}));
}

/// The lines of a text. A text from a file is cut at a megabyte, which no network's takes.
[[gnu::cold]] inline std::vector<std::string_view> lines_of(std::string_view text) {
  text = text.substr(0, std::size_t{1} << 20);
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// A line of a file's architecture, fit for a terminal.
[[gnu::cold]] inline std::string shown_line(std::string_view line) {
  std::string text = shown(line, 200);
  text.erase(text.rfind('\''), 1);
  return text.substr(1);
}

/// How the architecture that a file tells differs from the program's, a line for each operation that differs:
///
///     file: dense 4096 to 10; program: dense 4096 to 5, layer 6
///
/// What both have in common at the beginning and the end is left out, so that a layer too many is one difference.
[[gnu::cold]] inline std::string architecture_difference(std::string_view file_text, const NetworkView& net) {
  const std::string program_text = architecture_text(net);
  const std::vector<std::string_view> file = lines_of(file_text), program = lines_of(program_text);
  const std::size_t least = std::min(file.size(), program.size());
  std::size_t same = 0, same_at_end = 0;
  while (same < least && file[same] == program[same]) ++same;
  while (same_at_end < least - same && file[file.size() - 1 - same_at_end] == program[program.size() - 1 - same_at_end])
    ++same_at_end;
  const std::size_t file_end = file.size() - same_at_end, program_end = program.size() - same_at_end;

  // Line 0 is the input, line k + 1 operation k; people count layers from 1.
  auto layer = [&](std::size_t line) { return net.operations[line - 1].layer + 1; };
  auto head = [](std::string_view line) { return line.substr(0, line.find(',')); };
  std::string text;
  std::size_t told = 0, differences = 0;
  for (std::size_t i = same; i < std::max(file_end, program_end); ++i) {
    const bool in_file = i < file_end, in_program = i < program_end;
    if (in_file && in_program && file[i] == program[i]) continue;
    if (++differences > most_differences) continue;
    ++told;
    // Where the shapes tell the difference, the attributes only distract.
    const bool heads = in_file && in_program && head(file[i]) != head(program[i]);
    append(text, {"\n  file: ", in_file ? shown_line(heads ? head(file[i]) : file[i]) : "nothing", "; program: "});
    if (in_program) {
      append(text, {heads ? head(program[i]) : program[i]});
      if (i > 0) append(text, {", layer ", layer(i)});
    } else {
      const std::size_t before = std::min(i, program_end);
      append(text, {"nothing"});
      if (before > 1) append(text, {", after layer ", layer(before - 1)});
    }
  }
  if (differences > told) append(text, {"\n  and ", differences - told, " more"});
  return text;
}

/// Throws where a file says that its network takes pixels in another way.
[[gnu::cold]] inline void check_preprocessing(const safetensors::File& file, const NetworkView& net) {
  const std::string* preprocessing = file.metadata(metadata_key::preprocessing);
  if (preprocessing && *preprocessing != preprocessing_text(net))
    throw Error(joined({"the file's network takes its input differently:\n  file: ", shown_line(*preprocessing),
                        "; program: ", preprocessing_text(net), "\ngive Input<...> the preprocessing of the file"}));
}

/// Throws unless the metadata of a file, as far as it has any of strata's, suit the network.
[[gnu::cold]] inline void check_network(const safetensors::File& file, const NetworkView& net) {
  if (file.metadata(metadata_key::format)) {
    const std::uint64_t format = metadata_number(file, metadata_key::format, UINT64_MAX);
    if (format != weights_format)
      throw Error(joined({"the file is of strata's format ", format, "; this version reads format ", weights_format}));
  }
  const std::string* architecture = file.metadata(metadata_key::architecture);
  if (architecture && *architecture != architecture_text(net))
    throw Error(joined({"the file was saved from another architecture:", architecture_difference(*architecture, net)}));
  check_preprocessing(file, net);
  const std::string* preprocessing = file.metadata(metadata_key::preprocessing);
  const std::string* own = file.metadata(metadata_key::fingerprint);
  if (architecture && preprocessing && own && *own != fingerprint(net))
    throw Error(joined({"the file's fingerprint is ", shown(*own), ", but its architecture and preprocessing give '",
                        fingerprint(net), "'; the file is damaged"}));
}

/// Throws unless the file holds these tensors in their shapes, and no other.
[[gnu::cold]] inline void check_tensors(const safetensors::File& file, const std::vector<StoredTensor>& expected) {
  std::string text;
  std::size_t differences = 0, known = 0;
  auto differs = [&](const std::string& what) {
    if (++differences <= most_differences) append(text, {"\n  ", what});
  };
  for (const StoredTensor& t : expected) {
    const safetensors::TensorView* found = file.find(t.name);
    const safetensors::TensorView wanted{.name = t.name, .shape = t.shape()};
    known += found != nullptr;
    if (!found)
      differs("there is no " + shown(t.name) + ", " + safetensors::detail::described(wanted));
    else if (found->shape != wanted.shape)
      differs(shown(t.name) + " is " + safetensors::detail::described(*found) + ", expected " +
              safetensors::detail::described(wanted));
  }
  // Names are unique, so this loop sees few tensors before it has told of enough that are too many.
  std::size_t left = file.tensors().size() - known;
  for (std::size_t i = 0; left > 0 && differences < most_differences; ++i) {
    const safetensors::TensorView& t = file.tensors()[i];
    bool is_known = false;
    for (const StoredTensor& e : expected) is_known = is_known || e.name == t.name;
    if (is_known) continue;
    differs(shown(t.name) + " is " + safetensors::detail::described(t) + ", which the network does not have");
    --left;
  }
  differences += left;
  if (differences > most_differences) append(text, {"\n  and ", differences - most_differences, " more"});
  if (differences > 0) throw Error(joined({"the file's tensors are not those of the network:", text}));
}

}  // namespace strata::detail
