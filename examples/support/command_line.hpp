// Reading a command line: a table of options, the words that were given, clear words where they are wrong.
#pragma once

#include <strata/core/text.hpp>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace example {

using strata::append;
using strata::joined;

/// Wrong use of a program: what() says what was wrong and what to do. The exit status for it is 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One option, as the help shows it.
struct Option {
  enum class Takes { nothing, one_value, many_values };
  const char* name;         ///< "--epochs"
  const char* value;        ///< what it takes: "N"; empty for a switch
  const char* help;         ///< a line feed begins a new line
  std::string preset = {};  ///< what holds without it; empty where nothing does
  Takes takes = Takes::one_value;
};

/// Options that belong together.
struct OptionGroup {
  const char* title;
  std::vector<Option> options;
};

/// One option as it was given.
struct GivenOption {
  std::string name;
  std::string value;
};

namespace detail {

/// Letters to insert, remove or exchange to make one word of another (Levenshtein 1966).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t exchanged = corner + (a[i - 1] != b[j - 1]);
      corner = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, exchanged});
    }
  }
  return row.back();
}

inline const Option* find_option(const std::vector<OptionGroup>& groups, const std::string& name) {
  for (const OptionGroup& group : groups)
    for (const Option& option : group.options)
      if (option.name == name) return &option;
  return nullptr;
}

/// "; did you mean '--epochs'?" where an option is near enough to the unknown word, or begins with it.
[[gnu::cold]] inline std::string suggestion(const std::vector<OptionGroup>& groups, const std::string& word) {
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(word.size() / 3, 2) + 1;
  for (const OptionGroup& group : groups) {
    for (const Option& option : group.options) {
      const bool begins = word.size() > 3 && std::string_view(option.name).starts_with(word);
      const std::size_t distance = begins ? 0 : edit_distance(word, option.name);
      if (distance >= least) continue;
      least = distance;
      nearest = option.name;
    }
  }
  if (nearest.empty()) return "; see --help";
  return joined({"; did you mean '", nearest, "'?"});
}

[[noreturn]] inline void refuse(const std::string& name, const std::string& wanted, const std::string& value) {
  throw UsageError(joined({name, " wants ", wanted, ", got '", value, "'; see --help"}));
}

}  // namespace detail

/// The options on the command line, in order: `--name value`, `--name=value`, `--switch`, `--name value value ...`.
/// Throws UsageError for unknown options, missing values, options given twice and words that belong to no option.
[[gnu::cold]] inline std::vector<GivenOption> parse(int argc, char** argv, const std::vector<OptionGroup>& groups) {
  std::vector<GivenOption> given;
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto is_option = [](const std::string& word) { return word.starts_with("--") || word == "-h"; };
  for (std::size_t i = 0; i < words.size();) {
    const std::string word = words[i++];
    if (!is_option(word)) {
      const bool one_dash = word.starts_with("-") && word.size() > 1;
      throw UsageError(joined(
          {"'", word, "' belongs to no option", one_dash ? detail::suggestion(groups, "-" + word) : "; see --help"}));
    }
    const std::size_t equals = word.find('=');
    const std::string name = word == "-h" ? "--help" : word.substr(0, equals);
    const Option* const option = detail::find_option(groups, name);
    if (!option) throw UsageError(joined({"unknown option '", name, "'", detail::suggestion(groups, name)}));
    const bool again = std::any_of(given.begin(), given.end(), [&](const GivenOption& g) { return g.name == name; });
    if (again && option->takes == Option::Takes::one_value) throw UsageError(joined({name, " is given twice"}));
    if (option->takes == Option::Takes::nothing) {
      if (equals != std::string::npos) throw UsageError(joined({name, " takes no value"}));
      given.push_back({name, ""});
      continue;
    }
    const std::size_t before = given.size();
    if (equals != std::string::npos)
      given.push_back({name, word.substr(equals + 1)});
    else
      while (i < words.size() && !is_option(words[i]) &&
             (given.size() == before || option->takes == Option::Takes::many_values))
        given.push_back({name, words[i++]});
    if (given.size() == before || given.back().value.empty())
      throw UsageError(joined({name, " wants ", option->value, " behind it; see --help"}));
  }
  return given;
}

/// A whole number from `least` to `most`, where `wanted` says that in words. Throws UsageError.
[[gnu::cold]] inline std::int64_t whole_number(const GivenOption& given, std::int64_t least, std::int64_t most,
                                               const std::string& wanted) {
  char* end = nullptr;
  errno = 0;
  const std::int64_t number = std::strtoll(given.value.c_str(), &end, 10);
  const bool is_number = given.value.find_first_not_of("+-0123456789") == std::string::npos && *end == 0;
  if (!is_number || errno != 0 || number < least || number > most) detail::refuse(given.name, wanted, given.value);
  return number;
}

/// A number above 0, such as 0.001 or 1e-3. Throws UsageError.
[[gnu::cold]] inline double positive_number(const GivenOption& given) {
  char* end = nullptr;
  const double number = std::strtod(given.value.c_str(), &end);
  if (*end != 0 || !std::isfinite(number) || number <= 0) detail::refuse(given.name, "a number above 0", given.value);
  return number;
}

/// The help: usage, what the program does, and the options in columns with their defaults.
[[gnu::cold]] inline std::string help_text(const std::string& program, const std::string& summary,
                                           const std::vector<OptionGroup>& groups) {
  std::size_t left = 0;
  for (const OptionGroup& group : groups)
    for (const Option& o : group.options) left = std::max(left, std::strlen(o.name) + std::strlen(o.value) + 1);
  const std::string margin(left + 4, ' ');
  std::string text = joined({summary, "\n\nUsage: ", program, " [OPTION]...\n"});
  for (const OptionGroup& group : groups) {
    append(text, {"\n", group.title, "\n"});
    for (const Option& option : group.options) {
      std::string names = joined({"  ", option.name, " ", option.value});
      names.resize(margin.size(), ' ');
      std::string help = option.help;
      if (!option.preset.empty()) append(help, {" [", option.preset, "]"});
      for (std::size_t at = 0; (at = help.find('\n', at)) != std::string::npos; at += margin.size() + 1)
        help.insert(at + 1, margin);
      append(text, {names, help, "\n"});
    }
  }
  return text;
}

}  // namespace example
