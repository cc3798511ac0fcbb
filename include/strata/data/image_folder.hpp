// Folders of pictures, one for each class: train/cat/1.png, train/dog/2.jpg.
//
// A program that uses this is built with -DSTRATA_WITH_STB: see image_file.hpp.
#pragma once

#include <strata/data/picture_cache.hpp>
#include <strata/data/picture_decoder.hpp>
#include <strata/data/picture_list.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata {

/// How a folder of pictures is read.
struct ImageFolderOptions {
  std::vector<std::string> classes{};  ///< their names, in the order of labels; none: the folders, sorted
  Fit fit = Fit::stretch;              ///< to pictures of other proportions
  Resample resampling = Resample::bilinear;
  RandomCrops crops{};        ///< of each picture, instead of the whole; their samples stand side by side
  bool skips_broken = false;  ///< leave out what cannot be read, and tell; else throw
  std::string cache{};        ///< a folder for decoded pictures, which are then mapped from there; none: in memory
  std::size_t most_bytes = std::size_t{8} << 30;  ///< of all pictures together, decoded, in memory
  int threads = 0;                                ///< that decode; 0: one for each core
};

/// What a folder held.
struct ImageFolder {
  Dataset data;                      ///< bytes, all of one shape, with labels
  std::vector<std::string> classes;  ///< by label
  std::vector<std::string> files;    ///< by sample
  std::vector<std::string> skipped;  ///< a line for each picture that was left out: which, and why
};

/// Reads the PNG, JPEG and BMP files in the folders of `folder`, each of which is a class, as bytes of `shape`: a
/// network's input shape of 1 or 3 channels. Pictures are decoded in parallel, in the order of their names; other files
/// and hidden ones do not count, and what a file is, its bytes say and not its name.
///
///     const ImageFolder train = read_image_folder("pets/train", Net::input_shape);
///     const ImageFolder test = read_image_folder("pets/test", Net::input_shape, {.classes = train.classes});
///
/// Folders that do not fit into memory decoded are decoded once into a file of the folder `cache`, and so are any where
/// the next run shall begin at once. The file is made anew where a picture came, went, or changed its size or time;
/// it may be deleted at any time, and nothing else looks after it.
///
/// Throws Error where there is no class or no picture, a class is not among the named ones, the pictures would take
/// more than most_bytes of memory, and where a picture is broken (the first of them), unless these are skipped.
inline ImageFolder read_image_folder(const std::string& folder, Shape shape, const ImageFolderOptions& options = {}) {
  if (shape.rank != 3 || shape.size() < 1 || (shape.channels != 1 && shape.channels != 3))
    throw Error(joined({"read_image_folder: pictures become height x width x 1 or 3, and not ", to_string(shape)}));
  options.crops.check();
  const detail::PictureShape to{shape, options.fit, options.resampling, options.crops};
  detail::PictureList list = detail::list_pictures(folder, options.classes);

  std::vector<detail::BrokenPicture> broken;
  std::vector<std::uint8_t> samples;
  detail::PictureCache cache;
  if (options.cache.empty()) {
    if (list.files.size() > options.most_bytes / to.bytes())
      throw Error(joined({folder, ": ", list.files.size() * to.per_picture(), " pictures of ", to_string(shape),
                          " take more than ", options.most_bytes >> 20,
                          " MiB; name a folder for them (cache), make them smaller, or raise most_bytes"}));
    samples.reserve(list.files.size() * to.bytes());
    broken = detail::decode_pictures(
        list.files, to, options.threads, options.skips_broken,
        [&](std::span<const std::uint8_t> some) { samples.insert(samples.end(), some.begin(), some.end()); });
  } else {
    cache = detail::cached_pictures(folder, options.cache, list.files, to, options.threads, options.skips_broken);
    broken = std::move(cache.broken);
  }
  if (broken.size() == list.files.size())
    throw Error(joined({folder, ": none of its pictures can be read; the first: ", broken.front().why}));

  ImageFolder result;
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0, next = 0; i < list.files.size(); ++i) {
    if (next < broken.size() && broken[next].file == i) {
      result.skipped.push_back(std::move(broken[next++].why));
      continue;
    }
    labels.insert(labels.end(), to.per_picture(), list.labels[i]);
    result.files.insert(result.files.end(), to.per_picture(), list.files[i]);
  }
  result.classes = std::move(list.classes);
  const auto classes = static_cast<int>(result.classes.size());
  if (options.cache.empty()) {
    result.data = Dataset::own(shape, classes, std::move(samples), std::move(labels));
  } else {
    struct Kept {
      detail::PictureCache cache;
      std::vector<std::int32_t> labels;
    };
    const std::span<const std::uint8_t> pixels = cache.samples();
    const std::span<const std::int32_t> their(labels.data(), labels.size());
    result.data = Dataset::view(shape, classes, pixels, their,
                                Dataset::Storage::holding(Kept{std::move(cache), std::move(labels)}))
                      .read_ahead_by(&MappedFile::read_ahead);
  }
  return result;
}

}  // namespace strata
