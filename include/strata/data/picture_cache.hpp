// Decoded pictures in a file, for folders that do not fit into memory decoded.
//
// Pictures are decoded once, in parallel, into a file that is mapped: what a data set refers to is then memory as any
// other, and everything that takes a Dataset, on either backend, works on it as it is. The operating system keeps what
// fits of it and drops the rest; a trainer asks for the next batch while it computes one. Decoding pictures anew for
// each epoch would need less disk, and the time of the first epoch in every other.
//
// The file: the samples from the first byte on; for each picture that was left out its number, the length of the
// reason, and the reason; then `Tail`. It is written aside and renamed, so there is a whole one or none.
#pragma once

#include <strata/core/file.hpp>
#include <strata/core/hash.hpp>
#include <strata/core/mapped_file.hpp>
#include <strata/data/picture_decoder.hpp>
#include <strata/data/picture_list.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace strata::detail {

/// Adds what becomes of each picture. It changes with what this version makes of a file, too.
inline Hash& add(Hash& hash, const PictureShape& to) {
  constexpr int version = 1;
  for (const int n : {version, to.shape.height, to.shape.width, to.shape.channels, static_cast<int>(to.fit),
                      static_cast<int>(to.resampling), to.crops.per_picture})
    hash.add(n);
  for (const double x : {to.crops.least_area, to.crops.most_area, to.crops.least_ratio, to.crops.most_ratio})
    hash.add(x);
  return hash.add(to.crops.seed);
}

/// The files, their sizes and when they were changed, as a number.
inline std::uint64_t hash_of(const std::vector<std::string>& files) {
  Hash hash;
  for (const std::string& file : files) {
    std::error_code ignored;
    hash.add(file.size()).add(file);
    hash.add(fs::file_size(file, ignored)).add(fs::last_write_time(file, ignored).time_since_epoch().count());
  }
  return hash.value();
}

/// Decoded pictures in a mapped file.
struct PictureCache {
  MappedFile file;
  std::size_t samples_size = 0;  ///< bytes
  std::vector<BrokenPicture> broken;

  std::span<const std::uint8_t> samples() const {
    return {reinterpret_cast<const std::uint8_t*>(file.bytes().data()), samples_size};
  }
};

/// The end of the file.
struct CacheTail {
  static constexpr std::uint64_t wanted_magic = 0x3173657274636970;  // "pictres1"
  std::uint64_t hash_of_files, samples_size, broken, magic;
};

/// What a file holds, or nothing where it is of other pictures or damaged.
inline std::optional<PictureCache> open_picture_cache(const std::string& path, std::uint64_t hash_of_files,
                                                      std::size_t files, std::size_t bytes_of_each) {
  if (!file_exists(path)) return std::nullopt;
  PictureCache cache{MappedFile(path), 0, {}};
  const std::span<const std::byte> bytes = cache.file.bytes();
  CacheTail tail;
  if (bytes.size() < sizeof tail) return std::nullopt;
  const std::size_t end = bytes.size() - sizeof tail;
  std::memcpy(&tail, bytes.data() + end, sizeof tail);
  if (tail.magic != CacheTail::wanted_magic || tail.hash_of_files != hash_of_files || tail.samples_size > end ||
      tail.broken > files || tail.samples_size != (files - tail.broken) * bytes_of_each)
    return std::nullopt;
  cache.samples_size = static_cast<std::size_t>(tail.samples_size);
  std::size_t at = cache.samples_size;
  const auto number = [&](std::uint64_t& to) {
    if (end - at < sizeof to) return false;
    std::memcpy(&to, bytes.data() + at, sizeof to);
    at += sizeof to;
    return true;
  };
  for (std::uint64_t i = 0, file = 0, length = 0, least = 0; i < tail.broken; ++i, least = file + 1) {
    if (!number(file) || !number(length) || file < least || file >= files || length > end - at) return std::nullopt;
    cache.broken.push_back(
        {static_cast<std::size_t>(file),
         std::string(reinterpret_cast<const char*>(bytes.data()) + at, static_cast<std::size_t>(length))});
    at += static_cast<std::size_t>(length);
  }
  if (at != end) return std::nullopt;
  return cache;
}

/// The decoded pictures of `folder`, from a file in the folder `cache`, which is made where it is missing or of other
/// pictures. One file stays for each folder and shape.
inline PictureCache cached_pictures(const std::string& folder, const std::string& cache,
                                    const std::vector<std::string>& files, const PictureShape& to, int threads,
                                    bool skips_broken) {
  std::error_code error;
  fs::create_directories(cache, error);
  if (error) throw Error(joined({cache, ": cannot be made a folder for decoded pictures: ", error.message()}));
  Hash place;
  add(place.add(fs::absolute(folder, error).lexically_normal().string()), to);
  const std::string path = (fs::path(cache) / (place.text() + ".pictures")).string();
  const std::uint64_t hash = hash_of(files);
  std::optional<PictureCache> found = open_picture_cache(path, hash, files.size(), to.bytes());
  if (!found) {
    FileWriter out(path);
    std::uint64_t size = 0;
    const std::vector<BrokenPicture> broken =
        decode_pictures(files, to, threads, skips_broken, [&](std::span<const std::uint8_t> samples) {
          out.write(std::as_bytes(samples));
          size += samples.size();
        });
    const auto number = [&](std::uint64_t n) { out.write(std::as_bytes(std::span<const std::uint64_t>(&n, 1))); };
    for (const BrokenPicture& b : broken) {
      number(b.file);
      number(b.why.size());
      out.write(b.why);
    }
    for (const std::uint64_t n : {hash, size, std::uint64_t{broken.size()}, CacheTail::wanted_magic}) number(n);
    out.commit();
    found = open_picture_cache(path, hash, files.size(), to.bytes());
    if (!found) throw Error(joined({path, ": was changed while it was written"}));
  }
  if (!skips_broken && !found->broken.empty()) throw Error(found->broken.front().why);
  return std::move(*found);
}

}  // namespace strata::detail
