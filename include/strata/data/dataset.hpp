// Samples of one shape with their labels, as a view that is cheap to copy and to slice.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/score.hpp>
#include <strata/core/shape.hpp>
#include <strata/core/storage.hpp>
#include <strata/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata {

/// One sample of a Dataset, as a view: `shape.size()` values, channels fastest, either as bytes or as floats.
struct Sample {
  Shape shape;
  std::span<const std::uint8_t> bytes;  ///< 0 to 255; empty when the sample holds floats
  std::span<const float> floats;        ///< empty when the sample holds bytes

  /// Number of values.
  std::int64_t size() const { return shape.size(); }
  /// Whether `bytes` is the span that is filled.
  bool holds_bytes() const { return floats.empty(); }
};

namespace detail {

template <class T>
inline constexpr bool is_vector = false;
template <class T, class Allocator>
inline constexpr bool is_vector<std::vector<T, Allocator>> = true;

// A forwarded argument that is a vector about to end: a view of it would dangle.
template <class Argument>
concept EndingVector = !std::is_reference_v<Argument> && is_vector<std::remove_cv_t<Argument>>;

}  // namespace detail

/// The values a sample can be made of: bytes, or floats.
template <class T>
concept PixelValue = std::is_same_v<T, std::uint8_t> || std::is_same_v<T, float>;

/// What a sample can be labelled with: an integer label, or a row of float targets.
template <class T>
concept LabelValue = std::is_same_v<T, std::int32_t> || std::is_same_v<T, float>;

/// n samples of one shape, and for each of them nothing, an integer label, or a row of targets.
///
/// Samples are bytes or floats, n x height x width x channels without gaps (NHWC). Labels are integers from 0 to
/// classes() - 1. Targets are n x classes() floats: one-hot, or probabilities; or one for each sample, which says by 0
/// or 1 which of two classes it is, for networks with one output.
///
/// A Dataset is a value that refers to storage: copies and slices share it and copy no sample. `view` leaves the
/// storage to the caller, who keeps it alive and unchanged; `own` takes it over, and it lives as long as the last copy
/// or slice. A Sample or a span taken from a Dataset lives no longer than that. Several threads may read one Dataset.
///
/// Sizes, the range of labels and the finiteness of targets are checked once, when the data set is made; what does not
/// fit throws strata::Error. Samples are not looked at, so that a view of a large mapped file costs nothing.
class Dataset {
 public:
  /// What keeps viewed memory alive, such as a std::shared_ptr; empty where the caller does.
  using Storage = strata::Storage;

  /// The two parts of split().
  struct Split;

  /// No samples. Stands for "none" where a data set is optional, such as the validation set of a training run.
  Dataset() = default;

  /// Samples without labels, for prediction. `pixels` holds n x shape.size() values; n follows from it.
  static Dataset view(Shape shape, std::span<const std::uint8_t> pixels, Storage storage = {}) {
    return Dataset(shape, 0, true, pixels, {}, {}, {}, std::move(storage));
  }
  static Dataset view(Shape shape, std::span<const float> pixels, Storage storage = {}) {
    return Dataset(shape, 0, false, {}, pixels, {}, {}, std::move(storage));
  }

  /// Samples with one integer label each, from 0 to classes - 1.
  static Dataset view(Shape shape, int classes, std::span<const std::uint8_t> pixels,
                      std::span<const std::int32_t> labels, Storage storage = {}) {
    return Dataset(shape, classes, true, pixels, {}, labels, {}, std::move(storage));
  }
  static Dataset view(Shape shape, int classes, std::span<const float> pixels, std::span<const std::int32_t> labels,
                      Storage storage = {}) {
    return Dataset(shape, classes, false, {}, pixels, labels, {}, std::move(storage));
  }

  /// Samples with a row of `classes` targets each, one-hot or probabilities.
  static Dataset view(Shape shape, int classes, std::span<const std::uint8_t> pixels, std::span<const float> targets,
                      Storage storage = {}) {
    return Dataset(shape, classes, true, pixels, {}, {}, targets, std::move(storage));
  }
  static Dataset view(Shape shape, int classes, std::span<const float> pixels, std::span<const float> targets,
                      Storage storage = {}) {
    return Dataset(shape, classes, false, {}, pixels, {}, targets, std::move(storage));
  }

  /// A view of a vector that ends with the statement would dangle: name the vector, or use `own`.
  template <class... Arguments>
  requires(detail::EndingVector<Arguments> || ...) static Dataset view(Shape, Arguments&&...) = delete;

  /// Takes the samples over; no labels.
  template <PixelValue Pixel>
  static Dataset own(Shape shape, std::vector<Pixel> pixels) {
    const std::span<const Pixel> samples(pixels.data(), pixels.size());
    return view(shape, samples, Storage::holding(std::move(pixels)));
  }

  /// Takes the samples and their labels (std::int32_t) or targets (float) over.
  template <PixelValue Pixel, LabelValue Label>
  static Dataset own(Shape shape, int classes, std::vector<Pixel> pixels, std::vector<Label> labels) {
    struct Both {
      std::vector<Pixel> pixels;
      std::vector<Label> labels;
    };
    const std::span<const Pixel> samples(pixels.data(), pixels.size());
    const std::span<const Label> their(labels.data(), labels.size());
    return view(shape, classes, samples, their, Storage::holding(Both{std::move(pixels), std::move(labels)}));
  }

  /// The shape of one sample.
  Shape shape() const { return shape_; }
  /// The same samples, which come from disk: `begin` has the bytes from an address on read and does not wait for them.
  Dataset read_ahead_by(void (*begin)(const void* from, std::size_t bytes)) const {
    Dataset result = *this;
    result.read_ahead_ = begin;
    return result;
  }

  /// Whether samples come from disk, so that expect() pays.
  bool reads_ahead() const { return read_ahead_ != nullptr; }

  /// Says that sample i is wanted soon: where samples come from disk, this one is on its way then.
  void expect(std::int64_t i) const {
    if (!read_ahead_) return;
    const Sample sample = image(i);
    if (holds_bytes_)
      read_ahead_(sample.bytes.data(), sample.bytes.size_bytes());
    else
      read_ahead_(sample.floats.data(), sample.floats.size_bytes());
  }

  /// The number of samples.
  std::int64_t size() const { return size_; }
  /// Whether there is no sample.
  bool empty() const { return size_ == 0; }
  /// The number of classes, or of targets per sample; 0 without labels.
  int classes() const { return classes_; }
  /// How many labels there may be: label(i) goes from 0 to label_count() - 1. classes(), but 2 with one target a
  /// sample.
  int label_count() const { return targets_.empty() ? classes_ : detail::class_count(classes_); }

  /// Whether samples are bytes; else they are floats.
  bool holds_bytes() const { return holds_bytes_; }
  /// All samples, size() x shape().size() values; empty when they are floats.
  std::span<const std::uint8_t> bytes() const { return bytes_; }
  /// All samples, size() x shape().size() values; empty when they are bytes.
  std::span<const float> floats() const { return floats_; }
  /// The labels, size() of them; empty when there are targets, or nothing.
  std::span<const std::int32_t> labels() const { return labels_; }
  /// The targets, size() x classes() of them; empty when there are labels, or nothing.
  std::span<const float> targets() const { return targets_; }

  /// Sample i, as a view.
  Sample image(std::int64_t i) const {
    check_index(i);
    return {shape_, rows(bytes_, i, 1, shape_.size()), rows(floats_, i, 1, shape_.size())};
  }

  /// The label of sample i. With targets it is the class of the largest one, the first of equals, as Keras'
  /// categorical_accuracy takes it; a single target stands for class 1 above one half, else for class 0.
  std::int32_t label(std::int64_t i) const {
    check_index(i);
    if (classes_ == 0) throw Error("Dataset: this data set has no labels");
    if (!labels_.empty()) return labels_[static_cast<std::size_t>(i)];
    const std::span<const float> row = target(i);
    return detail::predicted_class(row.data(), classes_, 0.5f);
  }

  /// The classes() targets of sample i; empty without targets.
  std::span<const float> target(std::int64_t i) const {
    check_index(i);
    return rows(targets_, i, 1, classes_);
  }

  /// `count` samples from `first` on.
  [[gnu::cold]] Dataset slice(std::int64_t first, std::int64_t count) const {
    if (first < 0 || count < 0 || count > size_ || first > size_ - count) {
      throw Error(joined({"Dataset: a slice of ", count, " samples from sample ", first, " on does not lie within the ",
                          size_, " there are"}));
    }
    Dataset result = *this;
    result.size_ = count;
    result.bytes_ = rows(bytes_, first, count, shape_.size());
    result.floats_ = rows(floats_, first, count, shape_.size());
    result.labels_ = rows(labels_, first, count, 1);
    result.targets_ = rows(targets_, first, count, classes_);
    return result;
  }

  /// The first n samples. There must be as many.
  Dataset take(std::int64_t n) const { return slice(0, n); }

  /// All but the first n samples.
  Dataset drop(std::int64_t n) const { return slice(n, size_ - std::clamp<std::int64_t>(n, 0, size_)); }

  /// Splits into {train, validation}. As Keras' validation_split, the validation set is the last part, and training
  /// keeps floor(size() * (1 - validation_fraction)) samples: a data set sorted by class must be mixed before. Throws
  /// unless the fraction lies between 0 and 1 and both parts get a sample.
  Split split(double validation_fraction) const;

 private:
  Dataset(Shape shape, int classes, bool holds_bytes, std::span<const std::uint8_t> bytes,
          std::span<const float> floats, std::span<const std::int32_t> labels, std::span<const float> targets,
          Storage storage)
      : shape_(shape),
        classes_(classes),
        holds_bytes_(holds_bytes),
        bytes_(bytes),
        floats_(floats),
        labels_(labels),
        targets_(targets),
        storage_(std::move(storage)) {
    count_samples();
    if (!labels.empty() || !targets.empty() || classes != 0) check_labels();
  }

  [[gnu::cold]] void count_samples() {
    const auto [rank, height, width, channels] = shape_;
    const bool is_shape =
        (rank == 3 || (rank == 1 && height == 1 && width == 1)) && height > 0 && width > 0 && channels > 0;
    if (!is_shape || std::int64_t{height} * width > std::numeric_limits<std::int32_t>::max() / channels) {
      throw Error(
          joined({"Dataset: ", to_string(shape_), " is not the shape of a sample: it takes one or three sizes of at ",
                  "least 1, and at most 2^31 - 1 values"}));
    }
    const auto values = static_cast<std::int64_t>(holds_bytes_ ? bytes_.size() : floats_.size());
    if (values % shape_.size() != 0) {
      throw Error(joined({"Dataset: ", values, " values are no whole number of samples of ", to_string(shape_),
                          ", which take ", shape_.size(), " each"}));
    }
    size_ = values / shape_.size();
  }

  void check_labels() const {
    if (classes_ < 1) throw Error(joined({"Dataset: ", classes_, " classes; labels need at least one"}));
    const bool by_label = targets_.empty();
    const std::int64_t width = by_label ? 1 : classes_;
    const auto count = static_cast<std::int64_t>(by_label ? labels_.size() : targets_.size());
    if (count % width != 0 || count / width != size_) {
      throw Error(
          joined({"Dataset: ", count, by_label ? " labels for " : " targets for ", size_, " samples; ",
                  by_label ? std::string("one") : joined({classes_, ", one per class,"}), " each is expected"}));
    }
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (labels_[i] >= 0 && labels_[i] < classes_) continue;
      throw Error(joined({"Dataset: the label of sample ", i, " is ", labels_[i], "; labels of ", classes_,
                          " classes go from 0 to ", classes_ - 1}));
    }
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (std::isfinite(targets_[i])) continue;
      const auto columns = static_cast<std::size_t>(classes_);
      throw Error(joined({"Dataset: target ", i % columns, " of sample ", i / columns, " is ",
                          std::to_string(targets_[i]), "; targets are finite numbers"}));
    }
  }

  void check_index(std::int64_t i) const {
    if (i < 0 || i >= size_) refuse_index(i);
  }

  [[noreturn, gnu::noinline, gnu::cold]] void refuse_index(std::int64_t i) const {
    throw Error(joined({"Dataset: there is no sample ", i, " among ", size_, "; samples count from 0"}));
  }

  // `count` rows of `width` values from row `first` on; nothing where there is nothing to cut.
  template <class T>
  static std::span<const T> rows(std::span<const T> values, std::int64_t first, std::int64_t count,
                                 std::int64_t width) {
    if (values.empty()) return {};
    return values.subspan(static_cast<std::size_t>(first * width), static_cast<std::size_t>(count * width));
  }

  Shape shape_;
  int classes_ = 0;
  bool holds_bytes_ = true;
  std::int64_t size_ = 0;
  std::span<const std::uint8_t> bytes_;
  std::span<const float> floats_;
  std::span<const std::int32_t> labels_;
  std::span<const float> targets_;
  Storage storage_;
  void (*read_ahead_)(const void* from, std::size_t bytes) = nullptr;
};

struct Dataset::Split {
  Dataset train;
  Dataset validation;
};

[[gnu::cold]] inline Dataset::Split Dataset::split(double validation_fraction) const {
  if (!(validation_fraction > 0 && validation_fraction < 1)) {
    throw Error(joined(
        {"Dataset: a validation fraction of ", std::to_string(validation_fraction), "; it must lie between 0 and 1"}));
  }
  const auto train = static_cast<std::int64_t>(std::floor(static_cast<double>(size_) * (1 - validation_fraction)));
  if (train == 0 || train == size_) {
    throw Error(joined({"Dataset: ", size_, " samples do not split at a validation fraction of ",
                        std::to_string(validation_fraction), ": one part would be empty"}));
  }
  return {take(train), drop(train)};
}

}  // namespace strata
