// What the trials of a search have in common: kept in its table, so that a later search goes on from its own only.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/fingerprint.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata {

/// What the trials of a search depend on beside their candidates and points:
///
///     Settings().with("data", train).with("folds", 5).with("epochs", 10).with("seed", 42)
class Settings {
 public:
  /// The same with one more. Throws Error where a name or a value has a semicolon or a line feed, or a name a space or
  /// is there already.
  [[gnu::cold]] Settings with(std::string_view name, std::string_view value) const {
    if (name.empty() || name.find_first_of(" ;\n") != name.npos || value.find_first_of(";\n") != value.npos)
      throw Error(joined({"Settings: '", name,
                          "' and its value must be of one line without semicolons, a name also "
                          "without spaces"}));
    if (("; " + text_).find(joined({"; ", name, " "})) != std::string::npos)
      throw Error(joined({"Settings: '", name, "' is there twice"}));
    Settings s = *this;
    append(s.text_, {text_.empty() ? "" : "; ", name, " ", value});
    return s;
  }
  Settings with(std::string_view name, const char* value) const { return with(name, std::string_view(value)); }

  Settings with(std::string_view name, std::integral auto value) const {
    return with(name, std::string_view(std::to_string(value)));
  }

  [[gnu::cold]] Settings with(std::string_view name, double value) const {
    char text[32];
    std::snprintf(text, sizeof text, "%.15g", value);
    return with(name, std::string_view(text));
  }

  /// The count of the samples and their fingerprint.
  [[gnu::cold]] Settings with(std::string_view name, const Dataset& data) const {
    return with(name, std::string_view(joined({data.size(), " samples ", fingerprint(data)})));
  }

  /// "folds 5; epochs 10".
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

namespace detail {

/// What differs between the settings of a table and those of a search: "epochs: 5 in the table, 10 now". Empty where
/// nothing does.
[[gnu::cold]] inline std::string difference(std::string_view of_table, std::string_view of_search) {
  using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;
  const auto pairs_of = [](std::string_view text) {
    Pairs pairs;
    while (!text.empty()) {
      const std::string_view one = text.substr(0, text.find(';'));
      const std::size_t space = one.find(' ') < one.size() ? one.find(' ') : one.size();
      pairs.emplace_back(one.substr(0, space), one.substr(space < one.size() ? space + 1 : space));
      text.remove_prefix(one.size());
      text.remove_prefix(text.size() < 2 ? text.size() : 2);
    }
    return pairs;
  };
  const auto value_of = [](const Pairs& pairs, std::string_view name) -> std::string {
    for (const auto& [known, value] : pairs)
      if (known == name) return value.empty() ? "nothing" : std::string(value);
    return "nothing";
  };
  const Pairs table = pairs_of(of_table), search = pairs_of(of_search);
  std::string text;
  const auto compare = [&](std::string_view name) {
    const std::string then = value_of(table, name), now = value_of(search, name);
    if (then != now) append(text, {text.empty() ? "" : "; ", name, ": ", then, " in the table, ", now, " now"});
  };
  for (const auto& [name, value] : search) compare(name);
  for (const auto& [name, value] : table)
    if (value_of(search, name) == "nothing") compare(name);
  return text;
}

}  // namespace detail
}  // namespace strata
