// Many files decoded in parallel, in memory that does not grow with their number.
#pragma once

#include <strata/core/in_threads.hpp>
#include <strata/data/crop.hpp>
#include <strata/data/image_file.hpp>
#include <strata/data/resize.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata::detail {

/// How each picture is brought to the shape of samples.
struct PictureShape {
  Shape shape;
  Fit fit = Fit::stretch;
  Resample resampling = Resample::bilinear;
  RandomCrops crops{};

  std::size_t per_picture() const { return crops.per_picture > 0 ? static_cast<std::size_t>(crops.per_picture) : 1; }
  /// Bytes that become of a file.
  std::size_t bytes() const { return static_cast<std::size_t>(shape.size()) * per_picture(); }

  /// Writes the samples of the picture that has number `number` among all.
  void write(const Picture& picture, std::uint64_t number, std::uint8_t* to) const {
    if (crops.per_picture == 0) {
      const Picture one = fitted(picture, shape, fit, resampling);
      std::copy(one.bytes.begin(), one.bytes.end(), to);
      return;
    }
    const Picture coloured = with_channels(picture, shape.channels);
    for (std::size_t k = 0; k < per_picture(); ++k) {
      const Picture one = random_resized_crop(coloured, shape.height, shape.width, crops,
                                              number * static_cast<std::uint64_t>(per_picture()) + k, resampling);
      to = std::copy(one.bytes.begin(), one.bytes.end(), to);
    }
  }
};

/// A file that could not be read: its place among the files, and why, with its name.
struct BrokenPicture {
  std::size_t file;
  std::string why;
};

/// Decodes files in `threads` threads (0: one for each core), a stretch of them at a time, and gives their samples to
/// `append(std::span<const std::uint8_t>)` in order, those that cannot be read left out and returned. Where they are
/// not to be skipped, the first of them is thrown as Error.
///
/// Besides a stretch, each thread holds the one picture that it decodes, at most 100 Mi pixels.
template <class Append>
std::vector<BrokenPicture> decode_pictures(const std::vector<std::string>& files, const PictureShape& to, int threads,
                                           bool skips_broken, Append append) {
  constexpr std::size_t stretch_bytes = std::size_t{8} << 20;
  const std::size_t size = to.bytes();
  const std::size_t stretch = std::min(files.size(), std::max(4 * threads_for(threads), stretch_bytes / size));
  std::vector<std::uint8_t> samples(stretch * size);
  std::vector<std::string> why(stretch);
  std::vector<BrokenPicture> broken;
  for (std::size_t begin = 0; begin < files.size(); begin += stretch) {
    const std::size_t count = std::min(stretch, files.size() - begin);
    std::atomic<std::size_t> first_broken{count};
    in_threads(count, threads, [&](std::size_t i) {
      why[i].clear();
      if (!skips_broken && i > first_broken) return;
      const std::string& file = files[begin + i];
      try {
        to.write(read_picture(file), begin + i, samples.data() + i * size);
      } catch (const std::exception& e) {
        why[i] = e.what();
        if (why[i].find(file) == std::string::npos) why[i] = joined({file, ": ", why[i]});
        for (std::size_t seen = first_broken; i < seen && !first_broken.compare_exchange_weak(seen, i);) {
        }
      }
    });
    if (!skips_broken && first_broken < count) throw Error(why[first_broken]);
    for (std::size_t i = 0, end = 0; i < count; i = end + 1) {
      for (end = i; end < count && why[end].empty();) ++end;
      if (end > i) append(std::span<const std::uint8_t>(samples.data() + i * size, (end - i) * size));
      if (end < count) broken.push_back({begin + end, std::move(why[end])});
    }
  }
  return broken;
}

}  // namespace strata::detail
