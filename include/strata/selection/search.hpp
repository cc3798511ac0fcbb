// search: trials over architectures and hyper-parameters, in parallel, within a budget, resumable.
#pragma once

#include <strata/selection/candidates.hpp>
#include <strata/selection/points.hpp>
#include <strata/selection/results.hpp>
#include <strata/selection/trials.hpp>
#include <strata/train/options.hpp>
#include <strata/train/progress.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

namespace strata {

/// How a search runs.
struct SearchOptions {
  std::string file{};   ///< the table as CSV, written behind each trial; a later search goes on from it; empty: none
  Settings settings{};  ///< what else the trials depend on; a file of other settings is refused
  int threads = 0;      ///< trials at once, each on one thread; 0: one for each core
  double seconds = 0;   ///< a budget: what was not completed within it is left out; 0: none
  const std::atomic<bool>* stop = nullptr;  ///< where it becomes true, the search ends
  Progress progress = Progress::automatic;  ///< a line for each trial, unless silent
};

/// What a trial is given.
struct Trial {
  std::string name;               ///< "kernel 3, batch 32"
  Point point;                    ///< hyper-parameters
  std::uint64_t seed;             ///< the same for the same place in the search
  const std::atomic<bool>& stop;  ///< for fit's options: where it becomes true, the trial's outcome does not count

  double operator[](std::string_view hyper_parameter) const { return point[hyper_parameter]; }
};

/// Runs `run.operator()<Net>(trial)`, which returns an Outcome, for every candidate at every point:
///
///     SearchResults table = search(Candidates<Net<3>, Net<5>>{"kernel 3", "kernel 5"}, grid({{"batch", {32, 64}}}),
///         [&]<class Net>(const Trial& trial) -> Outcome {
///           return cross_validate<Net>(data, Adam{}, {.batch = static_cast<int>(trial["batch"])},
///                                      {.threads = 1, .stop = &trial.stop});
///         },
///         {.file = "kernels.csv", .settings = Settings().with("data", data).with("folds", 5), .seconds = 600});
///
/// Trials run on the cores at once; each should take one thread. Names must differ: a trial that the file already has
/// is not run again. So that it is the same trial, `settings` names all that trials depend on beside candidate and
/// point: data, folds, epochs, seeds. The file keeps them, and a search of others is refused it, with what differs.
/// A trial whose training diverged is in the table with the reason, and the others go on. Throws what else a trial
/// throws, behind the others that run have ended.
template <class... Nets, class Run>
[[gnu::cold]] SearchResults search(const Candidates<Nets...>& candidates, const std::vector<Point>& points,
                                   const Run& run, const SearchOptions& options = {}) {
  struct Asked {
    std::string name;
    std::size_t candidate;
    const Point* point;
    bool is_done = false;
    Outcome outcome{};
    std::string failure{};
  };
  std::vector<Asked> asked;
  for (std::size_t c = 0; c < candidates.count; ++c)
    for (const Point& p : points) {
      const std::string of_point = to_string(p);
      asked.push_back(
          {candidates.name(c) + (of_point.empty() || candidates.name(c).empty() ? "" : ", ") + of_point, c, &p});
      for (std::size_t k = 0; k + 1 < asked.size(); ++k)
        if (asked[k].name == asked.back().name)
          throw Error(joined({"search: two trials are called '", asked.back().name, "'; names tell them apart"}));
    }
  std::vector<TrialResult> others;  // rows of the file that this search does not ask for: they stay
  if (!options.file.empty() && detail::file_exists(options.file))
    for (TrialResult& t : detail::read_results(options.file, options.settings)) {
      bool is_asked = false;
      for (Asked& a : asked)
        if (a.name == t.name) {
          a.is_done = is_asked = true;
          a.outcome = t.outcome;
          a.failure = t.failure;
        }
      if (!is_asked) others.push_back(std::move(t));
    }
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < asked.size(); ++i)
    if (!asked[i].is_done) left.push_back(i);
  if (options.progress != Progress::silent && left.size() < asked.size())
    std::printf("%zu of %zu trials are in %s already\n", asked.size() - left.size(), asked.size(),
                options.file.c_str());

  std::mutex mutex;
  bool is_all = true;  // false where a bound of its own ended a trial
  std::size_t completed = asked.size() - left.size();
  const auto table = [&] {
    std::vector<TrialResult> rows = others;
    for (const Asked& a : asked)
      if (a.is_done) rows.push_back({a.name, a.outcome, a.failure});
    return rows;
  };
  SearchResults results;
  results.complete = detail::run_trials(
      static_cast<std::int64_t>(left.size()), {options.threads, options.seconds, options.stop},
      [&](std::int64_t k, const std::atomic<bool>& stop) {
        Asked& a = asked[left[static_cast<std::size_t>(k)]];
        const Trial trial{a.name, *a.point, static_cast<std::uint64_t>(left[static_cast<std::size_t>(k)]), stop};
        Outcome outcome;
        std::string failure;
        bool is_whole = true;
        try {
          candidates.visit(a.candidate, [&]<class Net>() { outcome = run.template operator()<Net>(trial); });
        } catch (const IncompleteTrial&) {
          is_whole = false;
        } catch (const TrainingDiverged& e) {
          outcome = detail::no_outcome();
          failure = e.what();
        }
        if (stop) return;
        const std::lock_guard lock(mutex);
        if (!is_whole) {
          is_all = false;
          return;
        }
        a.outcome = outcome;
        a.failure = failure;
        a.is_done = true;
        ++completed;
        if (!options.file.empty()) {
          FileWriter file{options.file};
          file.write(detail::results_csv(table(), options.settings));
          file.commit();
        }
        if (options.progress == Progress::silent) return;
        std::printf("trial %zu of %zu: %s  ", completed, asked.size(), a.name.c_str());
        if (failure.empty())
          std::printf("accuracy %.4f  loss %.4f  %.1f s\n", outcome.accuracy, outcome.loss, outcome.seconds);
        else
          std::printf("%s\n", failure.c_str());
        std::fflush(stdout);
      });
  results.complete = results.complete && is_all;
  for (Asked& a : asked)
    if (a.is_done) results.trials.push_back({std::move(a.name), a.outcome, std::move(a.failure)});
  return results;
}

/// The same for one network.
template <class Net, class Run>
[[gnu::cold]] SearchResults search(const std::vector<Point>& points, const Run& run,
                                   const SearchOptions& options = {}) {
  return search(Candidates<Net>{""}, points, run, options);
}

}  // namespace strata
