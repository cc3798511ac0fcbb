// The names of a network's classes, as its file holds them: a JSON list of strings in the metadata.
// stored_class_names.hpp reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <strata/core/error.hpp>
#include <strata/core/score.hpp>
#include <strata/core/text.hpp>
#include <strata/io/json.hpp>
#include <strata/io/text.hpp>

namespace strata {

namespace detail {

/// Throws unless each of these can be the name of a class.
[[gnu::cold]] inline void check_each_name(std::span<const std::string> names) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  for (const std::string& name : names) {
    bool good = !name.empty() && find_invalid_utf8(name) == std::string::npos;
    for (const char c : name) good = good && !is_control(c);
    if (!good)
      throw Error(joined(
          {"the class name ", shown(name), " cannot be: a name is UTF-8 without control characters, and not empty"}));
  }
}

}  // namespace detail

/// Throws Error unless these can be the names of the classes that so many outputs tell apart (one output tells two):
/// one for each, of UTF-8 without control characters. Two classes may have one name, as ImageNet's cranes have.
[[gnu::cold]] inline void check_class_names(std::span<const std::string> names, int outputs) {
  const int classes = detail::class_count(outputs);
  if (names.size() != static_cast<std::size_t>(classes))
    throw Error(joined({names.size(), " class names for a network that tells ", classes, " classes apart",
                        names.empty() ? "" : "; the first is ", names.empty() ? "" : detail::shown(names.front())}));
  detail::check_each_name(names);
}

namespace detail {

/// The key of the metadata.
inline constexpr const char* class_names_key = "class_names";

/// `["cat", "dog"]`.
[[gnu::cold]] inline std::string class_names_text(std::span<const std::string> names) {
  std::string text = "[";
  for (const std::string& name : names) {
    if (text.size() > 1) text += ", ";
    json::append_quoted(text, name);
  }
  return text + "]";
}

}  // namespace detail
}  // namespace strata
