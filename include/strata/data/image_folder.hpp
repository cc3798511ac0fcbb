// Folders of pictures, one for each class: train/cat/1.png, train/dog/2.jpg.
//
// A program that uses this is built with -DSTRATA_WITH_STB: see image_file.hpp.
#pragma once

#include <strata/data/image_file.hpp>
#include <strata/data/resize.hpp>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace strata {

/// How a folder of pictures is read.
struct ImageFolderOptions {
  std::vector<std::string> classes{};  ///< their names, in the order of labels; none: the folders, sorted
  Fit fit = Fit::stretch;              ///< to pictures of other proportions
  Resample resampling = Resample::bilinear;
  bool skips_broken = false;                      ///< leave out what cannot be read, and tell; else throw
  std::size_t most_bytes = std::size_t{8} << 30;  ///< of all pictures together, decoded
  int threads = 0;                                ///< that decode; 0: one for each core
};

/// What a folder held.
struct ImageFolder {
  Dataset data;                      ///< bytes, all of one shape, with labels
  std::vector<std::string> classes;  ///< by label
  std::vector<std::string> files;    ///< by sample
  std::vector<std::string> skipped;  ///< a line for each picture that was left out: which, and why
};

namespace detail {

namespace fs = std::filesystem;

inline bool is_picture_name(const fs::path& path) {
  std::string end = path.extension().string();
  for (char& c : end) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return end == ".png" || end == ".jpg" || end == ".jpeg" || end == ".bmp";
}

/// The entries of a folder for which `wanted` holds, sorted by name; hidden ones do not count.
template <class Wanted>
std::vector<fs::path> sorted_entries(const fs::path& folder, Wanted wanted) {
  std::error_code error;
  std::vector<fs::path> entries;
  fs::directory_iterator at(folder, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error))
    if (at->path().filename().string().front() != '.' && wanted(*at)) entries.push_back(at->path());
  if (error) throw Error(joined({folder.string(), ": cannot be read: ", error.message()}));
  std::sort(entries.begin(), entries.end());
  return entries;
}

inline bool is_folder(const fs::directory_entry& e) {
  std::error_code ignored;
  return e.is_directory(ignored);
}

/// Calls f(i) for i from 0 to n - 1 in several threads. f throws nothing.
template <class F>
void in_threads(std::size_t n, int threads, F f) {
  const auto wanted =
      threads > 0 ? static_cast<std::size_t>(threads) : std::max(1u, std::thread::hardware_concurrency());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i; (i = next.fetch_add(1)) < n;) f(i);
  };
  std::vector<std::thread> others;
  for (std::size_t t = 1; t < std::min(wanted, n); ++t) others.emplace_back(work);
  work();
  for (std::thread& t : others) t.join();
}

}  // namespace detail

/// Reads the PNG, JPEG and BMP files in the folders of `folder`, each of which is a class, as bytes of `shape`: a
/// network's input shape of 1 or 3 channels. Pictures are decoded in parallel, in the order of their names; other files
/// and hidden ones do not count.
///
///     const ImageFolder train = read_image_folder("pets/train", Net::input_shape);
///     const ImageFolder test = read_image_folder("pets/test", Net::input_shape, {.classes = train.classes});
///
/// Throws Error where there is no class or no picture, a class is not among the named ones, the pictures would take
/// more than most_bytes, and where a picture is broken, unless these are skipped.
inline ImageFolder read_image_folder(const std::string& folder, Shape shape, const ImageFolderOptions& options = {}) {
  namespace fs = std::filesystem;
  if (shape.rank != 3 || (shape.channels != 1 && shape.channels != 3))
    throw Error(joined({"read_image_folder: pictures become height x width x 1 or 3, and not ", to_string(shape)}));
  const std::vector<fs::path> folders = detail::sorted_entries(folder, detail::is_folder);
  if (folders.empty())
    throw Error(joined({folder, ": holds no folder; each class of pictures has a folder of its own in there"}));

  ImageFolder result;
  result.classes = options.classes;
  if (result.classes.empty())
    for (const fs::path& f : folders) result.classes.push_back(f.filename().string());
  std::vector<std::int32_t> labels;
  for (const fs::path& f : folders) {
    const auto found = std::find(result.classes.begin(), result.classes.end(), f.filename().string());
    if (found == result.classes.end())
      throw Error(joined({f.string(), ": is none of the ", result.classes.size(),
                          " classes that are expected, such as ", result.classes.front()}));
    const std::vector<fs::path> files =
        detail::sorted_entries(f, [](const fs::directory_entry& e) { return detail::is_picture_name(e.path()); });
    if (files.empty()) throw Error(joined({f.string(), ": holds no PNG, JPEG or BMP file"}));
    for (const fs::path& file : files) {
      result.files.push_back(file.string());
      labels.push_back(static_cast<std::int32_t>(found - result.classes.begin()));
    }
  }
  const auto size = static_cast<std::size_t>(shape.size());
  if (result.files.size() > options.most_bytes / size)
    throw Error(joined({folder, ": ", result.files.size(), " pictures of ", to_string(shape), " take more than ",
                        options.most_bytes >> 20, " MiB; make them smaller, or raise most_bytes"}));

  std::vector<std::uint8_t> pixels(result.files.size() * size);
  std::vector<std::string> broken(result.files.size());
  std::atomic<bool> gives_up{false};
  detail::in_threads(result.files.size(), options.threads, [&](std::size_t i) {
    if (gives_up) return;
    try {
      const Picture picture = fitted(read_picture(result.files[i]), shape, options.fit, options.resampling);
      std::copy(picture.bytes.begin(), picture.bytes.end(), pixels.begin() + static_cast<std::ptrdiff_t>(i * size));
    } catch (const std::exception& e) {
      broken[i] = e.what();
      if (broken[i].find(result.files[i]) == std::string::npos) broken[i] = joined({result.files[i], ": ", broken[i]});
      gives_up = !options.skips_broken;
    }
  });

  std::size_t kept = 0;
  for (std::size_t i = 0; i < broken.size(); ++i) {
    if (!broken[i].empty()) {
      if (!options.skips_broken) throw Error(broken[i]);
      result.skipped.push_back(std::move(broken[i]));
      continue;
    }
    if (kept != i) {
      std::copy_n(pixels.begin() + static_cast<std::ptrdiff_t>(i * size), size,
                  pixels.begin() + static_cast<std::ptrdiff_t>(kept * size));
      labels[kept] = labels[i];
      result.files[kept] = std::move(result.files[i]);
    }
    ++kept;
  }
  if (kept == 0)
    throw Error(joined({folder, ": none of its pictures can be read; the first: ", result.skipped.front()}));
  pixels.resize(kept * size);
  labels.resize(kept);
  result.files.resize(kept);
  result.data = Dataset::own(shape, static_cast<int>(result.classes.size()), std::move(pixels), std::move(labels));
  return result;
}

}  // namespace strata
