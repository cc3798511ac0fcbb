// Inflating gzip data piece by piece, when built with zlib.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/storage.hpp>
#include <strata/core/text.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#ifdef STRATA_WITH_ZLIB
#include <zlib.h>

#include <limits>
#endif

namespace strata::detail {

/// Whether these bytes begin like a gzip file (RFC 1952).
inline bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

/// Bytes that are read into memory of the caller's, so that no more comes out than was asked for, whatever the data
/// hold: a gzip stream's, inflated, or plain ones.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills `out` and returns how many bytes there were: fewer than asked for only at the end of the data, when their
  /// checksums are right. Damaged or truncated data throw strata::Error.
  virtual std::size_t read(std::span<std::byte> out) = 0;
};

/// Makes a ZlibGunzip, or is null where no part of the program was built with STRATA_WITH_ZLIB. A pointer, so that
/// parts built with and without it can be linked together: every function has one definition, and either build finds
/// zlib.
inline Owned<ByteSource> (*open_with_zlib)(std::span<const std::byte> data, const std::string& name) = nullptr;

/// Opens gzip data; `name` is what messages call them. The data outlive the result.
inline Owned<ByteSource> open_gzip(std::span<const std::byte> data, const std::string& name) {
  if (open_with_zlib) return open_with_zlib(data, name);
  throw Error(joined({name, ": is compressed by gzip, and this program was built without zlib. Unpack it (gunzip ",
                      name, "), or build with -DSTRATA_WITH_ZLIB and -lz"}));
}

#ifdef STRATA_WITH_ZLIB

class ZlibGunzip final : public ByteSource {
 public:
  ZlibGunzip(std::span<const std::byte> data, const std::string& name) : rest_(data), name_(name) {
    constexpr int gzip_only = 16;
    if (inflateInit2(&stream_, MAX_WBITS + gzip_only) != Z_OK) throw Error(joined({name_, ": zlib does not start"}));
  }
  ZlibGunzip(const ZlibGunzip&) = delete;
  ZlibGunzip& operator=(const ZlibGunzip&) = delete;
  ~ZlibGunzip() override { inflateEnd(&stream_); }

  std::size_t read(std::span<std::byte> out) override {
    std::size_t filled = 0;
    while (filled < out.size()) {
      if (member_ended_) {
        if (rest_.empty()) break;
        inflateReset(&stream_);  // several gzip members in a row are one file (RFC 1952, 2.2)
        member_ended_ = false;
      }
      const std::size_t room = std::min(out.size() - filled, most);
      const std::size_t offered = std::min(rest_.size(), most);
      // zlib's interface takes a pointer to bytes that it does not change.
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest_.data()));
      stream_.avail_in = static_cast<uInt>(offered);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
      stream_.avail_out = static_cast<uInt>(room);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      const std::size_t got = room - stream_.avail_out;
      const std::size_t taken = offered - stream_.avail_in;
      filled += got;
      rest_ = rest_.subspan(taken);
      if (status == Z_STREAM_END) {
        member_ended_ = true;
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        throw Error(joined({name_, ": its gzip data are damaged: ", stream_.msg ? stream_.msg : "zlib refuses them"}));
      } else if (got == 0 && taken == 0) {
        throw Error(joined({name_, ": its gzip data end too early"}));
      }
    }
    return filled;
  }

 private:
  static constexpr std::size_t most = std::numeric_limits<uInt>::max();

  std::span<const std::byte> rest_;
  std::string name_;
  z_stream stream_{};
  bool member_ended_ = false;
};

inline const bool zlib_is_registered = [] {
  open_with_zlib = [](std::span<const std::byte> data, const std::string& name) -> Owned<ByteSource> {
    return Owned<ByteSource>(new ZlibGunzip(data, name));
  };
  return true;
}();

#endif

}  // namespace strata::detail
