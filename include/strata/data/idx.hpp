// IDX files, the format of MNIST: arrays of numbers with a big-endian header.
//
//     byte 0, 1   0
//     byte 2      type of a number: 08 unsigned byte, 09 signed byte, 0b 16-bit, 0c 32-bit integer, 0d float, 0e double
//     byte 3      number of axes d
//     d x 4       their sizes, unsigned and big-endian, the slowest axis first
//     then        the numbers, big-endian, and nothing behind them
//
// Yann LeCun's description: http://yann.lecun.com/exdb/mnist. Images are 00 00 08 03 (n x height x width), labels
// 00 00 08 01 (n).
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/shape.hpp>
#include <strata/core/storage.hpp>
#include <strata/core/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/gzip.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata::idx {

/// The type of an array's numbers, as the header's third byte has it.
enum class Type : std::uint8_t { u8 = 0x08, i8 = 0x09, i16 = 0x0b, i32 = 0x0c, f32 = 0x0d, f64 = 0x0e };

/// Bytes of one number.
constexpr int size_of(Type type) {
  switch (type) {
    case Type::u8:
    case Type::i8:
      return 1;
    case Type::i16:
      return 2;
    case Type::i32:
    case Type::f32:
      return 4;
    case Type::f64:
      return 8;
  }
  return 0;
}

/// "unsigned bytes", "32-bit floats", ...
constexpr const char* to_string(Type type) {
  switch (type) {
    case Type::u8:
      return "unsigned bytes";
    case Type::i8:
      return "signed bytes";
    case Type::i16:
      return "16-bit integers";
    case Type::i32:
      return "32-bit integers";
    case Type::f32:
      return "32-bit floats";
    case Type::f64:
      return "64-bit floats";
  }
  return "unknown numbers";
}

/// An array as the file holds it.
struct Array {
  Type type = Type::u8;
  std::vector<std::uint32_t> dims;   ///< sizes of the axes, the slowest first; at least one
  std::span<const std::byte> bytes;  ///< the numbers, still big-endian
  Storage storage;                   ///< what keeps `bytes` alive; empty when the caller of parse() does
  std::string name;                  ///< what messages call it: the file's path
};

/// The largest array that is unpacked from gzip, in bytes. What is larger is unpacked on disk, by hand: a file of a few
/// kilobytes must not be able to fill the memory.
inline constexpr std::uint64_t largest_unpacked = std::uint64_t{4} << 30;

}  // namespace strata::idx

namespace strata::detail {

// "60000 x 28 x 28"
[[gnu::cold]] inline std::string sizes_text(const std::vector<std::uint32_t>& dims) {
  std::string text;
  for (std::size_t i = 0; i < dims.size() && i < 8; ++i) append(text, {i ? " x " : "", dims[i]});
  return dims.size() > 8 ? text + " x ..." : text;
}

struct IdxHeader {
  idx::Type type;
  std::vector<std::uint32_t> dims;
  std::uint64_t payload;  // bytes
};

// The bytes of a file that is not compressed, as far as they have not been read.
class PlainBytes final : public ByteSource {
 public:
  explicit PlainBytes(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::size_t read(std::span<std::byte> out) override {
    const std::size_t count = std::min(out.size(), rest_.size());
    std::copy_n(rest_.data(), count, out.data());
    rest_ = rest_.subspan(count);
    return count;
  }
  std::span<const std::byte> rest() const { return rest_; }

 private:
  std::span<const std::byte> rest_;
};

[[gnu::cold]] inline IdxHeader read_idx_header(ByteSource& source, const std::string& name) {
  const auto need = [&](std::array<std::byte, 4>& out) {
    if (source.read({out.data(), out.size()}) != out.size())
      throw Error(joined({name, ": ends inside the header of an IDX file"}));
  };
  std::array<std::byte, 4> magic{};
  need(magic);
  const auto type = static_cast<idx::Type>(magic[2]);
  const auto axes = std::to_integer<std::size_t>(magic[3]);
  if (magic[0] != std::byte{0} || magic[1] != std::byte{0} || idx::size_of(type) == 0 || axes == 0) {
    constexpr char hex[] = "0123456789abcdef";
    std::string found;
    for (std::byte b : magic) {
      found += ' ';
      found += hex[std::to_integer<std::size_t>(b >> 4)];
      found += hex[std::to_integer<std::size_t>(b & std::byte{15})];
    }
    throw Error(joined({name, ": is no IDX file: it begins with", found,
                        ", where 00 00, a type (08 to 0e) and a number of axes are expected, as in 00 00 08 03"}));
  }
  IdxHeader header{type, {}, static_cast<std::uint64_t>(idx::size_of(type))};
  bool fits = true, empty = false;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    std::array<std::byte, 4> big_endian{};
    need(big_endian);
    std::uint32_t size = 0;
    for (std::byte b : big_endian) size = size << 8 | std::to_integer<std::uint32_t>(b);
    header.dims.push_back(size);
    if (size == 0) {
      empty = true;
    } else if (header.payload > std::numeric_limits<std::uint64_t>::max() / size) {
      fits = false;
    } else {
      header.payload *= size;
    }
  }
  if (empty) header.payload = 0;
  if (!fits && !empty)
    throw Error(joined({name, ": its sizes multiply to more than 2^64 bytes: ", sizes_text(header.dims)}));
  return header;
}

// "FILE: its header says 60000 x 28 x 28 unsigned bytes (47040000 bytes), but "
[[gnu::cold]] inline std::string idx_header_says(const IdxHeader& header, const std::string& name) {
  return joined({name, ": its header says ", sizes_text(header.dims), " ", idx::to_string(header.type), " (",
                 header.payload, " bytes), but "});
}

[[gnu::cold]] inline idx::Array unpack_idx(std::span<const std::byte> file, const std::string& name) {
  const Owned<ByteSource> gunzip = open_gzip(file, name);
  IdxHeader header = read_idx_header(*gunzip, name);
  // Deflate makes at most 258 bytes of 2 bits: a header that asks for more is wrong, and gets no memory.
  if (header.payload / 1032 > file.size()) {
    throw Error(joined({idx_header_says(header, name), "its ", file.size(), " bytes cannot hold as much"}));
  }
  if (header.payload > idx::largest_unpacked) {
    throw Error(joined({idx_header_says(header, name), "gzip files are only read up to ", idx::largest_unpacked,
                        " bytes; unpack it with gunzip"}));
  }
  const auto size = static_cast<std::size_t>(header.payload);
  Owned<std::byte[]> storage;
  try {
    storage = Owned<std::byte[]>(
        new std::byte[size]);  // not zeroed: memory is used as data arrive, not as the header promises
  } catch (const std::bad_alloc&) {
    throw Error(joined({idx_header_says(header, name), "there is no memory for them"}));
  }
  const std::span<std::byte> payload(storage.get(), size);
  const std::size_t got = gunzip->read(payload);
  if (got != size) throw Error(joined({idx_header_says(header, name), got, " follow it"}));
  std::byte more{};
  if (gunzip->read({&more, 1}) != 0) throw Error(joined({idx_header_says(header, name), "more than that follows it"}));
  return {header.type, std::move(header.dims), payload, Storage::holding(std::move(storage)), name};
}

}  // namespace strata::detail

namespace strata::idx {

/// Reads an array from a file's bytes; gzip is recognised by its first two bytes. Unless they were compressed, the
/// result is a view into `file`, which `storage` or the caller keeps alive. `name` is what messages call it.
///
/// Throws strata::Error unless header and contents agree to the byte.
[[gnu::cold]] inline Array parse(std::span<const std::byte> file, const std::string& name = "IDX data",
                                 Storage storage = {}) {
  if (detail::is_gzip(file)) return detail::unpack_idx(file, name);
  detail::PlainBytes source(file);
  detail::IdxHeader header = detail::read_idx_header(source, name);
  const std::span<const std::byte> rest = source.rest();
  if (rest.size() != header.payload) {
    throw Error(joined({detail::idx_header_says(header, name), rest.size(), " follow it"}));
  }
  return {header.type, std::move(header.dims), rest, std::move(storage), name};
}

/// Reads an array from a file, plain or (when built with STRATA_WITH_ZLIB) compressed by gzip. Throws strata::Error.
[[gnu::cold]] inline Array read(const std::string& path) {
  std::vector<std::byte> file = read_file(path);
  const std::span<const std::byte> bytes(file.data(), file.size());
  return parse(bytes, path, Storage::holding(std::move(file)));
}

/// Images without labels: unsigned bytes, n x height x width, or n x height x width x channels, or n x features for
/// vectors. No byte is copied. Throws strata::Error.
[[gnu::cold]] inline Dataset to_dataset(const Array& images) {
  const auto expect = [&images](bool right, const std::string& what) {
    if (right) return;
    throw Error(
        joined({images.name, ": holds ", detail::sizes_text(images.dims), " ", to_string(images.type), "; ", what}));
  };
  expect(images.type == Type::u8, "images are unsigned bytes");
  const std::size_t axes = images.dims.size();
  expect(axes >= 2 && axes <= 4, "images have 3 axes (n x height x width), or 4 with channels, or 2 for vectors");
  std::uint64_t values = 1;
  std::array<int, 4> size{1, 1, 1, 1};
  for (std::size_t axis = 1; axis < axes; ++axis) {
    constexpr std::uint64_t most = std::numeric_limits<std::int32_t>::max();
    values *= images.dims[axis];
    expect(values >= 1 && values <= most, "an image has between 1 and 2^31 - 1 values");
    size[axis] = static_cast<int>(images.dims[axis]);
  }
  const Shape shape = axes == 2 ? Shape::vector(size[1]) : Shape::image(size[1], size[2], size[3]);
  // unsigned char, which std::uint8_t is, may look at the bytes of anything.
  const auto* pixels = reinterpret_cast<const std::uint8_t*>(images.bytes.data());
  return Dataset::view(shape, std::span(pixels, images.bytes.size()), images.storage);
}

/// Images with their labels: one axis of n unsigned bytes from 0 to classes - 1. Pixels are not copied; labels are
/// widened. Throws strata::Error.
[[gnu::cold]] inline Dataset to_dataset(const Array& images, const Array& labels, int classes) {
  const Dataset pixels = to_dataset(images);
  if (labels.type != Type::u8 || labels.dims.size() != 1) {
    throw Error(joined({labels.name, ": holds ", detail::sizes_text(labels.dims), " ", to_string(labels.type),
                        "; labels are one axis of unsigned bytes"}));
  }
  if (static_cast<std::int64_t>(labels.bytes.size()) != pixels.size()) {
    throw Error(joined({images.name, " holds ", pixels.size(), " images, ", labels.name, " ", labels.bytes.size(),
                        " labels; they do not belong together"}));
  }
  struct Both {
    Storage images;
    std::vector<std::int32_t> labels;
  };
  std::vector<std::int32_t> values(labels.bytes.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::to_integer<std::int32_t>(labels.bytes[i]);
  const std::span<const std::int32_t> wide(values.data(), values.size());
  try {
    return Dataset::view(pixels.shape(), classes, pixels.bytes(), wide,
                         Storage::holding(Both{images.storage, std::move(values)}));
  } catch (const Error& error) {
    throw Error(joined({labels.name, ": ", error.what()}));
  }
}

/// Images with their labels from two files, as read() and to_dataset() take them. MNIST, Fashion-MNIST and KMNIST have
/// 10 classes; EMNIST has up to 62.
[[gnu::cold]] inline Dataset load(const std::string& images_path, const std::string& labels_path, int classes = 10) {
  const Array images = read(images_path);
  return to_dataset(images, read(labels_path), classes);
}

}  // namespace strata::idx
