// What the frozen front of a network makes of every sample of a data set, computed once.
#pragma once

#include <strata/core/buffer.hpp>
#include <strata/core/text.hpp>
#include <strata/cpu/pool.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/loader.hpp>
#include <strata/train/options.hpp>
#include <strata/train/trainer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

namespace strata::detail {

/// Whether features of so many bytes, for which there is `room`, are computed once. One epoch gains nothing by them.
inline bool keeps_features(std::size_t bytes, const FitOptions& options, std::size_t room = SIZE_MAX) {
  return options.features.wanted && !options.augment.works() && options.epochs > 1 &&
         bytes <= options.features.most_bytes && bytes <= room;
}

/// One line for people: whether the frozen layers run once or in every epoch, and why.
[[gnu::cold]] inline std::string about_kept_features(std::size_t bytes, const FitOptions& options,
                                                     std::size_t room = SIZE_MAX) {
  const std::string size = joined({(bytes + (1 << 20) - 1) >> 20, " MiB"});
  if (options.epochs == 1 || !options.features.wanted) return {};
  if (options.augment.works()) return "The frozen layers run in every epoch, since the images are changed at random.";
  if (bytes > options.features.most_bytes)
    return joined(
        {"The frozen layers run in every epoch: their features would take ", size, ", above features.most_bytes."});
  if (bytes > room)
    return joined({"The frozen layers run in every epoch: their features, ", size, ", do not fit the GPU's memory."});
  return joined({"The frozen layers run once: their features, ", size, ", are kept for all epochs."});
}

/// The features of a data set under plan P's frozen groups, as `Executor` leaves them: sample i at i * stride.
///
/// They come from the same kernels with the same weights as those of a step, and a kernel's sums do not depend on what
/// else is in a batch: so a step that takes them from here ends with the same bits.
template <class Executor, class P>
class Features {
 public:
  static constexpr bool exist = P::frozen_groups > 0;
  static constexpr std::int64_t stride = Executor::features_stride;

  /// Bytes for a data set.
  static constexpr std::size_t bytes(std::int64_t samples) {
    return static_cast<std::size_t>(samples * stride) * sizeof(float);
  }

  /// Nothing was computed, and the layers themselves are to run.
  bool empty() const { return values_.size() == 0; }
  const float* of(std::int64_t sample) const { return values_.floats() + sample * stride; }

  /// Computes all, batch by batch; false, and nothing is kept, where a stop is asked for. `after_batch(done)` follows
  /// each.
  template <class AfterBatch>
  bool compute(cpu::Pool& pool, Executor& executor, float* arena, const Dataset& data, const FitOptions& options,
               AfterBatch after_batch) {
    const Loader<typename P::network::input> loader;
    AlignedBuffer values(bytes(data.size()));
    for (std::int64_t first = 0; first < data.size();) {
      if (stop_asked(options)) return false;
      const int n = static_cast<int>(std::min<std::int64_t>(executor.capacity(), data.size() - first));
      float* const input = executor.input(n);
      pool.run(n, [&](int i, int) { loader.load(data.image(first + i), input + i * Executor::input_stride); });
      executor.forward_to_features(arena, n);
      std::memcpy(values.floats() + first * stride, executor.features(n), bytes(n));
      first += n;
      after_batch(first);
    }
    values_ = std::move(values);
    return true;
  }

 private:
  AlignedBuffer values_;
};

}  // namespace strata::detail
