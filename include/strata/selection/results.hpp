// The table of a search: what each trial came to, as text and as a file that a later run goes on from.
#pragma once

#include <strata/core/file.hpp>
#include <strata/core/text.hpp>
#include <strata/selection/outcome.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

/// One trial of a search.
struct TrialResult {
  std::string name;  ///< the candidate and the point: "kernel 3, batch 32"
  Outcome outcome;
};

/// What a search returns: completed trials in the order in which they were asked for.
struct SearchResults {
  std::vector<TrialResult> trials;
  bool complete = true;  ///< false where a bound or a stop left some out

  /// The trial with the highest accuracy, the first of equals. There must be one.
  const TrialResult& best() const {
    return *std::max_element(trials.begin(), trials.end(), [](const TrialResult& a, const TrialResult& b) {
      return a.outcome.accuracy < b.outcome.accuracy;
    });
  }
};

/// The table as people read it, the best trial first.
[[gnu::cold]] inline std::string to_string(const SearchResults& results) {
  std::vector<const TrialResult*> order;
  for (const TrialResult& t : results.trials) order.push_back(&t);
  std::stable_sort(order.begin(), order.end(), [](const TrialResult* a, const TrialResult* b) {
    return a->outcome.accuracy > b->outcome.accuracy;
  });
  std::size_t width = 5;
  for (const TrialResult* t : order) width = std::max(width, t->name.size());
  std::string text;
  char line[160];
  const auto row = [&](std::string_view name, const char* format, auto... values) {
    std::snprintf(line, sizeof line, format, values...);
    append(text, {name, std::string(width - name.size(), ' '), std::string_view(line), "\n"});
  };
  const bool has_before =
      std::any_of(order.begin(), order.end(), [](const TrialResult* t) { return t->outcome.accuracy_before > 0; });
  const auto before = [&](const char* title) { return has_before ? title : ""; };
  row("trial", "  %s%8s  %9s  %8s  %9s  %9s  %8s", before("  before  "), "accuracy", "deviation", "loss", "train acc",
      "train loss", "seconds");
  for (const TrialResult* t : order) {
    const Outcome& o = t->outcome;
    char of_before[16] = "";
    if (has_before) std::snprintf(of_before, sizeof of_before, "%8.4f  ", o.accuracy_before);
    row(t->name, "  %s%8.4f  %9.4f  %8.4f  %9.4f  %10.4f  %8.1f", of_before, o.accuracy, o.deviation, o.loss,
        o.train_accuracy, o.train_loss, o.seconds);
  }
  return text;
}

namespace detail {

inline constexpr std::string_view results_header =
    "trial,accuracy,deviation,loss,accuracy_before,train_accuracy,train_loss,seconds\n";

/// The table as a file: its header, then a row for each trial, whose name stands in quotes.
[[gnu::cold]] inline std::string results_csv(const std::vector<TrialResult>& trials) {
  std::string text(results_header);
  char numbers[200];
  for (const TrialResult& t : trials) {
    const Outcome& o = t.outcome;
    std::snprintf(numbers, sizeof numbers, "\",%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.4g\n", o.accuracy, o.deviation, o.loss,
                  o.accuracy_before, o.train_accuracy, o.train_loss, o.seconds);
    text += '"';
    for (const char c : t.name) {
      if (c == '"') text += '"';
      text += c == '\n' ? ' ' : c;
    }
    text += numbers;
  }
  return text;
}

/// Reads such a file. Throws Error, with its line, where it is none.
[[gnu::cold]] inline std::vector<TrialResult> read_results(const std::string& path) {
  const std::vector<std::byte> bytes = read_file(path);
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!all.starts_with(results_header))
    throw Error(joined({path, ": is no table of a search: its first line is not '",
                        results_header.substr(0, results_header.size() - 1), "'; name another file"}));
  std::vector<TrialResult> trials;
  std::size_t at = results_header.size(), number = 2;
  for (; at < all.size(); ++number) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    std::string_view line = all.substr(at, end - at);
    at = end + 1;
    TrialResult t;
    std::size_t i = 1;
    bool is_good = !line.empty() && line[0] == '"';
    for (; is_good; ++i) {
      if (i >= line.size())
        is_good = false;
      else if (line[i] != '"')
        t.name += line[i];
      else if (i + 1 < line.size() && line[i + 1] == '"')
        t.name += line[i++];
      else
        break;
    }
    Outcome& o = t.outcome;
    for (double* to :
         {&o.accuracy, &o.deviation, &o.loss, &o.accuracy_before, &o.train_accuracy, &o.train_loss, &o.seconds}) {
      if (!is_good || ++i >= line.size() || line[i] != ',') {
        is_good = false;
        break;
      }
      const char* const begin = line.data() + i + 1;
      const auto read = std::from_chars(begin, line.data() + line.size(), *to);
      is_good = read.ec == std::errc();
      i = static_cast<std::size_t>(read.ptr - line.data()) - 1;
    }
    if (!is_good || i + 1 != line.size())
      throw Error(joined({path, ":", number, ": is no row of a search's table; mend or delete it"}));
    trials.push_back(std::move(t));
  }
  return trials;
}

}  // namespace detail
}  // namespace strata
