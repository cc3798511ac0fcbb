// What the frozen front of a network makes of every sample of a data set, on the CPU.
#pragma once

#include <strata/core/philox.hpp>
#include <strata/cpu/pool.hpp>
#include <strata/data/augmenting_loader.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/loader.hpp>
#include <strata/train/kept_features.hpp>
#include <strata/train/trainer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace strata::detail {

/// Computes the features of a data set by plan P's frozen groups, batch by batch, and gives them to `writer` as
/// `Executor` leaves them: sample i at i * features_stride. The images come as they are, or in one of the versions into
/// which `augmentation` changes them. False where a stop was asked for; `after_batch(done)` follows each batch.
///
/// They come from the same kernels with the same weights as those of a step, and a kernel's sums do not depend on what
/// else is in a batch: so a step that takes them from here ends with the same bits.
template <class P, class Executor, class Writer, class AfterBatch>
bool compute_features(cpu::Pool& pool, Executor& executor, float* arena, const Dataset& data, const FitOptions& options,
                      int version, philox::Key key, Writer& writer, AfterBatch after_batch) {
  using In = typename P::network::input;
  const Loader<In> loader;
  const AugmentingLoader<In> augmenting_loader(options.augment);
  for (std::int64_t first = 0; first < data.size();) {
    if (stop_asked(options)) return false;
    const int n = static_cast<int>(std::min<std::int64_t>(executor.capacity(), data.size() - first));
    float* const input = executor.input(n);
    pool.run(n, [&](int i, int) {
      const std::int64_t sample = first + i;
      float* const to = input + i * Executor::input_stride;
      if (version == as_they_are)
        loader.load(data.image(sample), to);
      else
        augmenting_loader.load(data.image(sample), version_draw(key, version), static_cast<std::uint32_t>(sample), to);
    });
    executor.forward_to_features(arena, n);
    writer.append(executor.features(n), static_cast<std::size_t>(n * Executor::features_stride) * sizeof(float));
    first += n;
    after_batch(first);
  }
  return true;
}

}  // namespace strata::detail
