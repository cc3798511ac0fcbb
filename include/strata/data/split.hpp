// Parts of a data set by seed: shuffled, and so that every part holds each class in the same share.
//
// A part depends on the data's labels, the sizes and the seed alone: it is the same on every machine.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/permutation.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace strata {

/// How many samples each class has, label_count() numbers. Throws Error where there are no labels.
[[gnu::cold]] inline std::vector<std::int64_t> label_counts(const Dataset& data) {
  if (data.classes() == 0) throw Error("label_counts: the data set has no labels");
  std::vector<std::int64_t> counts(static_cast<std::size_t>(data.label_count()));
  for (std::int64_t i = 0; i < data.size(); ++i) ++counts[static_cast<std::size_t>(data.label(i))];
  return counts;
}

namespace detail {

/// The order in which data sets are split, apart from those in which epochs of training shuffle.
inline Permutation split_order(std::int64_t samples, std::uint64_t seed) {
  return Permutation(static_cast<std::uint64_t>(samples), seed, std::uint64_t{1} << 63);
}

/// Appends the rows of `from` that are asked for, each of `width` values.
template <class T>
[[gnu::cold]] std::vector<T> gathered(std::span<const T> from, std::span<const std::int64_t> rows, std::int64_t width) {
  std::vector<T> to;
  if (from.empty()) return to;
  to.reserve(rows.size() * static_cast<std::size_t>(width));
  for (const std::int64_t row : rows) {
    const std::span<const T> values =
        from.subspan(static_cast<std::size_t>(row * width), static_cast<std::size_t>(width));
    to.insert(to.end(), values.begin(), values.end());
  }
  return to;
}

/// The place of every sample in the order of classes, in the split's order within a class: sample by sample. Whoever
/// takes places at even distances takes the same share of each class, to one sample.
[[gnu::cold]] inline std::vector<std::int64_t> places_by_class(const Dataset& data, const Permutation& order) {
  std::vector<std::int64_t> next = label_counts(data);
  std::int64_t begin = 0;
  for (std::int64_t& n : next) begin += std::exchange(n, begin);
  std::vector<std::int64_t> places(static_cast<std::size_t>(data.size()));
  for (std::uint64_t i = 0; i < order.size(); ++i) {
    const std::uint64_t sample = order(i);
    places[sample] = next[static_cast<std::size_t>(data.label(static_cast<std::int64_t>(sample)))]++;
  }
  return places;
}

}  // namespace detail

/// The samples of these indices, in their order, with what belongs to them. They are copied, since a data set's samples
/// lie one behind the other. Throws Error where an index names no sample.
[[gnu::cold]] inline Dataset subset(const Dataset& data, std::span<const std::int64_t> indices) {
  for (const std::int64_t i : indices)
    if (i < 0 || i >= data.size())
      throw Error(joined({"subset: there is no sample ", i, " among ", data.size(), "; samples count from 0"}));
  const auto with_pixels = [&](auto pixels) {
    if (data.classes() == 0) return Dataset::own(data.shape(), std::move(pixels));
    if (!data.targets().empty())
      return Dataset::own(data.shape(), data.classes(), std::move(pixels),
                          detail::gathered(data.targets(), indices, data.classes()));
    return Dataset::own(data.shape(), data.classes(), std::move(pixels), detail::gathered(data.labels(), indices, 1));
  };
  return data.holds_bytes() ? with_pixels(detail::gathered(data.bytes(), indices, data.shape().size()))
                            : with_pixels(detail::gathered(data.floats(), indices, data.shape().size()));
}

/// Shuffles and splits into {train, validation}, of the sizes that Dataset::split gives; throws as it does. The samples
/// are copied once, and both parts are views of that copy.
[[gnu::cold]] inline Dataset::Split split(const Dataset& data, double validation_fraction, std::uint64_t seed) {
  const std::int64_t train = data.split(validation_fraction).train.size();
  const Permutation order = detail::split_order(data.size(), seed);
  std::vector<std::int64_t> indices;
  for (std::uint64_t i = 0; i < order.size(); ++i) indices.push_back(static_cast<std::int64_t>(order(i)));
  const Dataset shuffled = subset(data, indices);
  return {shuffled.take(train), shuffled.drop(train)};
}

/// The same, with each class in both parts in the share it has in the whole, to one sample: scikit-learn's `stratify`.
/// Throws Error where there are no labels.
[[gnu::cold]] inline Dataset::Split stratified_split(const Dataset& data, double validation_fraction,
                                                     std::uint64_t seed) {
  const std::int64_t train = data.split(validation_fraction).train.size(), n = data.size(), validation = n - train;
  const Permutation order = detail::split_order(n, seed);
  const std::vector<std::int64_t> places = detail::places_by_class(data, order);
  std::vector<std::int64_t> indices, others;
  for (std::uint64_t i = 0; i < order.size(); ++i) {
    // Of n places, `validation` are taken where the running share passes a whole number.
    const std::int64_t place = places[order(i)];
    const bool validates = (place + 1) * validation / n > place * validation / n;
    (validates ? others : indices).push_back(static_cast<std::int64_t>(order(i)));
  }
  indices.insert(indices.end(), others.begin(), others.end());
  const Dataset shuffled = subset(data, indices);
  return {shuffled.take(train), shuffled.drop(train)};
}

/// The samples' indices in k parts, shuffled, of one size and with one share of each class, to one sample:
/// scikit-learn's StratifiedKFold. Throws Error where there are no labels, or unless 2 <= k <= data.size().
[[gnu::cold]] inline std::vector<std::vector<std::int64_t>> folds(const Dataset& data, int k, std::uint64_t seed) {
  if (k < 2 || k > data.size())
    throw Error(
        joined({"folds: ", k, " folds of ", data.size(), " samples; each takes one, and there are at least 2"}));
  const Permutation order = detail::split_order(data.size(), seed);
  const std::vector<std::int64_t> places = detail::places_by_class(data, order);
  std::vector<std::vector<std::int64_t>> parts(static_cast<std::size_t>(k));
  for (std::uint64_t i = 0; i < order.size(); ++i)
    parts[static_cast<std::size_t>(places[order(i)] % k)].push_back(static_cast<std::int64_t>(order(i)));
  return parts;
}

/// A data set in k folds for cross-validation: fold i validates, the others train.
///
/// The samples are copied twice, however many folds there are: fold behind fold, and once more, so that the folds that
/// train are always one stretch, which begins behind the fold that validates. All sets are views of that copy and may
/// be used by several threads.
class Folds {
 public:
  /// Folds as folds() makes them; throws as it does.
  [[gnu::cold]] Folds(const Dataset& data, int k, std::uint64_t seed) {
    std::vector<std::int64_t> order;
    for (const std::vector<std::int64_t>& part : folds(data, k, seed)) {
      begins_.push_back(static_cast<std::int64_t>(order.size()));
      order.insert(order.end(), part.begin(), part.end());
    }
    begins_.push_back(data.size());
    const auto again = static_cast<std::size_t>(begins_[begins_.size() - 2]);  // nothing trains on the last one twice
    order.reserve(order.size() + again);
    for (std::size_t i = 0; i < again; ++i) order.push_back(order[i]);
    samples_ = subset(data, order);
  }

  /// The number of folds.
  int size() const { return static_cast<int>(begins_.size()) - 1; }
  /// What fold i validates on, for 0 <= i < size().
  Dataset validation(int i) const { return samples_.slice(begin(i), begin(i + 1) - begin(i)); }
  /// What trains when fold i validates: all other samples.
  Dataset train(int i) const { return samples_.slice(begin(i + 1), begins_.back() - (begin(i + 1) - begin(i))); }

 private:
  [[gnu::cold]] std::int64_t begin(int i) const {
    if (i < 0 || i > size()) throw Error(joined({"Folds: there is no fold ", i, " among ", size()}));
    return begins_[static_cast<std::size_t>(i)];
  }

  std::vector<std::int64_t> begins_;  // of each fold, and the end
  Dataset samples_;
};

}  // namespace strata
