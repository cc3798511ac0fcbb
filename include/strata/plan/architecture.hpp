// The architecture as text, and its fingerprint: what a file of weights says about the network it belongs to.
#pragma once

#include <strata/core/text.hpp>
#include <strata/plan/view.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata {
namespace detail {

/// The shortest decimal number that reads back as x, with a point in every locale.
[[gnu::cold]] inline std::string exact_text(double x) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, x).ptr};
}

/// The attributes of an operation, each after a comma: ", filters 28, kernel 3 x 3, stride 1". Two neighbours called
/// "NAME height" and "NAME width" are told as one, and those that are 0 are left out.
[[gnu::cold]] inline std::string attributes_text(const Operation& op) {
  std::string text;
  for (int i = 0; i < op.attribute_count; ++i) {
    const Attribute& a = op.attributes[i];
    const std::string_view name = a.name;
    if (name.ends_with(" height") && i + 1 < op.attribute_count) {
      const std::string stem(name.substr(0, name.size() - std::string_view("height").size()));
      if (op.attributes[i + 1].name == stem + "width") {
        append(text, {", ", stem, a.value, " x ", op.attributes[++i].value});
        continue;
      }
    }
    if (a.value != 0) append(text, {", ", name, " ", a.value});
  }
  return text;
}

}  // namespace detail

/// The architecture, one line for each operation:
///
///     input 28 x 28 x 1
///     conv 28 x 28 x 1 to 26 x 26 x 28, filters 28, kernel 3 x 3, stride 1, 280 parameters
///     max_pool 26 x 26 x 28 to 13 x 13 x 28, window 2 x 2, stride 2
///
/// Networks of equal text compute the same function of the same parameters (a user's layers of one name and equal
/// attributes are taken for equal). How it was written does not matter: `Dense<10, ReLU>` is `Dense<10>, ReLU`.
[[gnu::cold]] inline std::string architecture_text(const NetworkView& net) {
  std::string text = "input " + to_string(net.shapes[0]) + "\n";
  std::size_t s = 0;
  for (std::size_t k = 0; k < net.operations.size(); ++k) {
    const detail::PlannedOperation& op = net.operations[k];
    append(text, {op.operation->name, " ", to_string(net.shapes[static_cast<std::size_t>(op.inputs[0])]), " to ",
                  to_string(net.shapes[static_cast<std::size_t>(op.output)]), detail::attributes_text(*op.operation)});
    std::int64_t parameters = 0;
    for (; s < net.segments.size() && net.segments[s].operation == static_cast<int>(k); ++s)
      parameters += net.segments[s].parameter.size();
    if (parameters > 0) append(text, {", ", parameters, " parameters"});
    text += "\n";
  }
  return text;
}

/// The preprocessing of bytes, with its numbers: "x / 255: scale 0.00392156862745098, offset 0". Where channels differ
/// each has its own scale and offset.
[[gnu::cold]] inline std::string preprocessing_text(const NetworkView& net) {
  const PreprocessingView& p = net.preprocessing;
  const int channels = net.shapes[0].channels;
  int told = 1;  // channels to tell: one where all are alike
  for (int c = 1; c < channels; ++c)
    if (p.scale(c) != p.scale(0) || p.offset(c) != p.offset(0)) told = channels;
  std::string text = p.name;
  for (int c = 0; c < told; ++c)
    append(text, {c == 0 ? ": scale " : "; scale ", detail::exact_text(p.scale(c)), ", offset ",
                  detail::exact_text(p.offset(c))});
  if (p.reverses_channels) text += "; channels reversed";
  return text;
}

/// A short name for architecture and preprocessing together: 16 hexadecimal digits of the 64-bit FNV-1a hash of both
/// texts (Fowler, Noll, Vo). Equal networks have equal fingerprints on every machine.
[[gnu::cold]] inline std::string fingerprint(const NetworkView& net) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : joined({architecture_text(net), preprocessing_text(net)}))
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[hash >> shift & 15];
  return digits;
}

/// The architecture of a Network as text.
template <class Net>
std::string architecture_text() {
  return architecture_text(view_of<Net>());
}

/// The fingerprint of a Network.
template <class Net>
std::string fingerprint() {
  return fingerprint(view_of<Net>());
}

}  // namespace strata
