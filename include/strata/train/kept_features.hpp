// Where the features of a run's frozen layers lie: in memory, or in files that later runs find again.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/core/bytes.hpp>
#include <strata/core/file.hpp>
#include <strata/core/hash.hpp>
#include <strata/core/mapped_file.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/fingerprint.hpp>
#include <strata/plan/architecture.hpp>
#include <strata/plan/view.hpp>
#include <strata/train/options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata::detail {

/// The version of images that are not changed.
inline constexpr int as_they_are = -1;

/// What the frozen front of a network makes of the samples of a run: of the training images, in each version that its
/// epochs take in turn, and of the validation images. A template, so that networks without a frozen front do not
/// compile any of it.
template <class Net>
class RunFeatures {
 public:
  /// The features of a data set, sample behind sample.
  class Values {
   public:
    Values() = default;
    explicit Values(AlignedBuffer memory) : memory_(std::move(memory)), values_(memory_.floats()) {}
    explicit Values(MappedFile file)
        : file_(std::move(file)), values_(reinterpret_cast<const float*>(file_.bytes().data())) {}

    const float* data() const { return values_; }

   private:
    AlignedBuffer memory_;
    MappedFile file_;
    const float* values_ = nullptr;
  };

  /// Takes features in the order of their samples. What is not finished leaves nothing behind.
  class Writer {
   public:
    /// Room for so many bytes: in the file at `path`, or in memory where there is none.
    Writer(std::string path, std::size_t bytes) : path_(std::move(path)) {
      if (path_.empty())
        memory_ = AlignedBuffer(bytes);
      else
        file_.emplace(path_);
    }

    void append(const float* values, std::size_t bytes) {
      if (file_)
        file_->write(std::as_bytes(std::span(values, bytes / sizeof(float))));
      else
        std::memcpy(memory_.data() + written_, values, bytes);
      written_ += bytes;
    }

    Values finish() {
      if (!file_) return Values(std::move(memory_));
      file_->commit();
      return Values(MappedFile(path_));
    }

   private:
    std::string path_;
    std::optional<FileWriter> file_;
    AlignedBuffer memory_;
    std::size_t written_ = 0;
  };

  /// A run, and what computes its features: `bytes` are those of a sample, `backend` names the kernels. What is
  /// referred to outlives this.
  struct Of {
    std::span<const float> arena;
    std::string backend;
    std::size_t bytes;
    const Dataset& training;
    const Dataset& validation;
    const FitOptions& options;
    std::uint64_t seed;
    std::int64_t first_epoch;     ///< counted from 0
    std::size_t room = SIZE_MAX;  ///< of a GPU, for one version and the validation images
  };

  explicit RunFeatures(const Of& run)
      : run_(run),
        changes_(run.options.augment.works()),
        versions_(static_cast<std::size_t>(
            std::min<std::int64_t>(changes_ ? run.options.augment.versions : 1, run.options.epochs))) {}

  /// Bytes of all that the run keeps.
  std::size_t bytes() const { return run_.bytes * static_cast<std::size_t>(samples()); }

  /// Samples whose features are computed, those in several versions as often.
  std::int64_t samples() const { return versions() * run_.training.size() + run_.validation.size(); }

  /// Whether features are kept: where they fit, and save this run an epoch, or a later run.
  bool are_kept() const { return run_.options.features.wanted && versions() > 0 && saves() && fits() && fits_gpu(); }

  /// Whether all are there.
  bool are_made() const { return made_; }

  /// One line for people: whether the frozen layers run once or in every epoch, and why.
  [[gnu::cold]] std::string about() const {
    const KeptFeatures& how = run_.options.features;
    if (!how.wanted || (run_.options.epochs == 1 && how.folder.empty())) return {};
    constexpr const char* each = "The frozen layers run in every epoch";
    const std::string size = readable_bytes(bytes());
    if (versions() == 0)
      return joined({each, ", since the images are changed at random; augment.versions would keep some of each."});
    if (!saves()) return joined({each, ": there are no more epochs than versions of the images."});
    if (!fits())
      return joined({each, ": their features would take ", size,
                     ", above features.most_bytes; features.folder would keep them in files."});
    if (!fits_gpu()) return joined({each, ": their features, ", size, ", do not fit the GPU's memory."});
    std::string text = "The frozen layers run once";
    if (changes_) append(text, {" for each of ", versions(), " versions of the images"});
    if (how.folder.empty()) return joined({text, ": their features, ", size, ", are kept for all epochs."});
    return joined({text, " at most: their features, ", size, ", are kept in ", how.folder, "."});
  }

  /// Finds or makes all of them, before the first step. `compute(data, version, writer)` gives the features of one of
  /// the run's data sets to the writer, the images as they are or in a version, and says whether it did all. False
  /// where it did not.
  template <class Compute>
  bool make(Compute compute) {
    if (made_) return true;
    for (std::int64_t e = run_.first_epoch; e < run_.first_epoch + versions(); ++e)
      if (!have(version_of(e), run_.training, changes_ ? run_.options.augment.version_of(e) : as_they_are, compute))
        return false;
    made_ = run_.validation.empty() || have(of_validation_, run_.validation, as_they_are, compute);
    return made_;
  }

  /// Of the training images in an epoch, counted from 0, and of the validation images.
  const float* of_epoch(std::int64_t epoch) { return version_of(epoch).data(); }
  const float* of_validation() const { return of_validation_.data(); }

  /// Whether epochs take different ones.
  bool take_turns() const { return versions() > 1; }

 private:
  std::int64_t versions() const { return static_cast<std::int64_t>(versions_.size()); }
  bool in_files() const { return !run_.options.features.folder.empty(); }
  bool saves() const { return in_files() || run_.options.epochs > versions(); }
  bool fits() const { return in_files() || bytes() <= run_.options.features.most_bytes; }
  bool fits_gpu() const {
    return run_.bytes * static_cast<std::size_t>(run_.training.size() + run_.validation.size()) <= run_.room;
  }

  /// Versions take turns, and a run shorter than a turn has those of its epochs alone.
  Values& version_of(std::int64_t epoch) {
    return versions_[static_cast<std::size_t>(epoch - run_.first_epoch) % versions_.size()];
  }

  /// Finds the features of a data set in their file, or makes them.
  template <class Compute>
  bool have(Values& to, const Dataset& data, int version, Compute& compute) {
    const std::size_t size = run_.bytes * static_cast<std::size_t>(data.size());
    const std::string path = in_files() ? path_of(data, version) : std::string();
    if (!path.empty() && file_exists(path)) {
      MappedFile file(path);
      if (file.bytes().size() != size)
        throw Error(joined({path, ": holds ", file.bytes().size(), " bytes, but the features of ", data.size(),
                            " samples take ", size, "; delete it"}));
      to = Values(std::move(file));
      return true;
    }
    Writer writer(path, size);
    if (!compute(data, version, writer)) return false;
    to = writer.finish();
    return true;
  }

  /// The file of a data set's features. Its name says all that they depend on: the frozen front, its weights and what
  /// computes it, the samples, and how these are changed.
  [[gnu::cold]] std::string path_of(const Dataset& data, int version) const {
    const NetworkView net = view_of<Net>();
    int front = 0;
    while (net.operations[static_cast<std::size_t>(front)].is_frozen()) ++front;
    const std::string architecture = architecture_text(net);
    std::size_t end = 0;
    for (int line = 0; line <= front; ++line) end = architecture.find('\n', end) + 1;  // the input, and the front
    constexpr int format = 2;  // another wherever a kernel computes other bits than before
    Hash hash;
    hash.add(format).add(run_.backend).add(run_.bytes);
    hash.add(std::string_view(architecture).substr(0, end)).add(preprocessing_text(net));
    for (const Segment& s : net.segments)
      if (s.operation < front)
        hash.add(run_.arena.subspan(static_cast<std::size_t>(s.offset), static_cast<std::size_t>(s.parameter.size())));
    hash.add(fingerprint(data)).add(version);
    if (version != as_they_are) {
      const Augmentation& a = run_.options.augment;
      for (const double x :
           {a.rotation, a.shift_x, a.shift_y, a.shear, a.zoom, a.elastic, a.contrast, a.brightness, a.fill_value})
        hash.add(x);
      for (const int x : {a.crop, int{a.flip_x}, int{a.flip_y}, a.elastic_cells, static_cast<int>(a.fill)}) hash.add(x);
      hash.add(run_.seed);
    }
    return joined({run_.options.features.folder, "/", hash.text(), ".features"});
  }

  Of run_;
  bool changes_;
  std::vector<Values> versions_;
  Values of_validation_;
  bool made_ = false;
};

}  // namespace strata::detail
