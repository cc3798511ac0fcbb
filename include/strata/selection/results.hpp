// The table of a search: what each trial came to, as text and as a file that a later run goes on from.
#pragma once

#include <strata/core/file.hpp>
#include <strata/core/text.hpp>
#include <strata/selection/outcome.hpp>
#include <strata/selection/settings.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace strata {

/// One trial of a search.
struct TrialResult {
  std::string name;       ///< the candidate and the point: "kernel 3, batch 32"
  Outcome outcome;        ///< no numbers where it failed
  std::string failure{};  ///< why it came to nothing: its training diverged; empty where it did not
};

/// What a search returns: completed trials in the order in which they were asked for.
struct SearchResults {
  std::vector<TrialResult> trials;
  bool complete = true;  ///< false where a bound or a stop left some out

  /// The trial with the highest accuracy, the first of equals, among those that did not fail. Throws Error where there
  /// is none.
  [[gnu::cold]] const TrialResult& best() const {
    const TrialResult* best = nullptr;
    for (const TrialResult& t : trials)
      if (t.failure.empty() && (!best || t.outcome.accuracy > best->outcome.accuracy)) best = &t;
    if (!best) throw Error(joined({"search: none of ", trials.size(), " trials has a result; there is no best one"}));
    return *best;
  }
};

/// The table as people read it, the best trial first, and last those that failed, with the reason.
[[gnu::cold]] inline std::string to_string(const SearchResults& results) {
  std::vector<const TrialResult*> order;
  for (const TrialResult& t : results.trials) order.push_back(&t);
  std::stable_sort(order.begin(), order.end(), [](const TrialResult* a, const TrialResult* b) {
    if (!a->failure.empty() || !b->failure.empty()) return a->failure.empty() && !b->failure.empty();
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
    if (!t->failure.empty()) {
      append(text, {t->name, std::string(width - t->name.size(), ' '), "  ", t->failure, "\n"});
      continue;
    }
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
    "trial,accuracy,deviation,loss,accuracy_before,train_accuracy,train_loss,seconds,failure,settings\n";

/// Appends text in quotes.
[[gnu::cold]] inline void append_quoted(std::string& to, std::string_view text) {
  to += '"';
  for (const char c : text) {
    if (c == '"') to += '"';
    to += c == '\n' ? ' ' : c;
  }
  to += '"';
}

/// The table as a file: its header, then a row for each trial, whose name stands in quotes, as do the reason why it
/// failed and the settings that all of them have.
[[gnu::cold]] inline std::string results_csv(const std::vector<TrialResult>& trials, const Settings& settings) {
  std::string text(results_header);
  char numbers[200];
  for (const TrialResult& t : trials) {
    const Outcome& o = t.outcome;
    append_quoted(text, t.name);
    std::snprintf(numbers, sizeof numbers, ",%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.4g,", o.accuracy, o.deviation, o.loss,
                  o.accuracy_before, o.train_accuracy, o.train_loss, o.seconds);
    text += numbers;
    append_quoted(text, t.failure);
    text += ',';
    append_quoted(text, settings.text());
    text += '\n';
  }
  return text;
}

/// Reads the fields of a line, one behind the other; each tells whether the line has such a field there.
class ResultLine {
 public:
  explicit ResultLine(std::string_view line) : left_(line) {}

  bool comma() { return skip(','); }
  bool at_end() const { return left_.empty(); }

  bool quoted(std::string& to) {
    if (!skip('"')) return false;
    for (;;) {
      const std::size_t end = left_.find('"');
      if (end == left_.npos) return false;
      to += left_.substr(0, end);
      left_.remove_prefix(end + 1);
      if (!skip('"')) return true;
      to += '"';
    }
  }

  bool number(double& to) {
    const auto read = std::from_chars(left_.data(), left_.data() + left_.size(), to);
    left_.remove_prefix(static_cast<std::size_t>(read.ptr - left_.data()));
    return read.ec == std::errc();
  }

 private:
  bool skip(char c) {
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }

  std::string_view left_;
};

/// Reads the trials of such a file. Throws Error, with its line, where it is none or where its settings are others.
[[gnu::cold]] inline std::vector<TrialResult> read_results(const std::string& path, const Settings& settings) {
  const std::vector<std::byte> bytes = read_file(path);
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (all.starts_with("trial,accuracy,deviation,loss,accuracy_before,train_accuracy,train_loss,seconds\n"))
    throw Error(joined({path,
                        ": is a table of an older version, which does not tell the settings of its trials (data, "
                        "epochs, ...), so that no search can go on from it; move it away, or name another file"}));
  if (!all.starts_with(results_header))
    throw Error(joined({path, ": is no table of a search: its first line is not '",
                        results_header.substr(0, results_header.size() - 1), "'; name another file"}));
  std::vector<TrialResult> trials;
  std::size_t at = results_header.size(), number = 2;
  for (; at < all.size(); ++number) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    ResultLine line(all.substr(at, end - at));
    at = end + 1;
    TrialResult t;
    Outcome& o = t.outcome;
    std::string its_settings;
    bool is_good = line.quoted(t.name);
    for (double* to :
         {&o.accuracy, &o.deviation, &o.loss, &o.accuracy_before, &o.train_accuracy, &o.train_loss, &o.seconds})
      is_good = is_good && line.comma() && line.number(*to);
    is_good = is_good && line.comma() && line.quoted(t.failure) && line.comma() && line.quoted(its_settings);
    if (!is_good || !line.at_end())
      throw Error(joined({path, ":", number, ": is no row of a search's table; mend or delete it"}));
    if (const std::string what = difference(its_settings, settings.text()); !what.empty())
      throw Error(joined({path, ":", number, ": '", t.name, "' had other settings (", what,
                          "); give those of the table again, or name another file"}));
    trials.push_back(std::move(t));
  }
  return trials;
}

}  // namespace detail
}  // namespace strata
