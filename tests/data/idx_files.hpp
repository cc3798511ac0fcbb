// IDX data made in memory, plain and compressed, and a folder to put files in.
#pragma once

#include <strata/core/error.hpp>
#include <strata/data/idx.hpp>

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace idx_files {

using Bytes = std::vector<std::byte>;

// A header and `payload` numbered bytes.
inline Bytes make(strata::idx::Type type, std::initializer_list<std::uint32_t> dims, std::size_t payload) {
  Bytes file = {std::byte{0}, std::byte{0}, static_cast<std::byte>(type), static_cast<std::byte>(dims.size())};
  for (std::uint32_t size : dims) {
    for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<std::byte>(size >> shift & 255));
  }
  for (std::size_t i = 0; i < payload; ++i) file.push_back(static_cast<std::byte>(i & 255));
  return file;
}

inline Bytes images(std::uint32_t n, std::uint32_t height, std::uint32_t width) {
  return make(strata::idx::Type::u8, {n, height, width}, std::size_t{n} * height * width);
}

inline Bytes labels(std::initializer_list<int> values) {
  Bytes file = make(strata::idx::Type::u8, {static_cast<std::uint32_t>(values.size())}, 0);
  for (int value : values) file.push_back(static_cast<std::byte>(value));
  return file;
}

#ifdef STRATA_WITH_ZLIB

inline Bytes gzip(std::span<const std::byte> data) {
  z_stream stream{};
  BOOST_REQUIRE_EQUAL(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Bytes out(deflateBound(&stream, static_cast<uLong>(data.size())) + 32);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BOOST_REQUIRE_EQUAL(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

#endif

// A folder of its own below the system's temporary one, removed at the end.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("strata_test_" + std::to_string(std::random_device{}()))) {
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

  std::string write(const std::string& name, std::span<const std::byte> bytes) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    const std::string at = *this / name;
    std::FILE* file = std::fopen(at.c_str(), "wb");
    BOOST_REQUIRE(file);
    if (!bytes.empty()) BOOST_REQUIRE_EQUAL(std::fwrite(bytes.data(), 1, bytes.size(), file), bytes.size());
    BOOST_REQUIRE_EQUAL(std::fclose(file), 0);
    return at;
  }

 private:
  std::filesystem::path path_;
};

// Expects strata::Error with all of `words` in its message.
template <class Function>
void refuses(Function function, std::initializer_list<std::string> words) {
  try {
    function();
    BOOST_ERROR("nothing was thrown");
  } catch (const strata::Error& error) {
    const std::string message = error.what();
    for (const std::string& word : words) {
      BOOST_TEST(message.find(word) != std::string::npos, "'" << word << "' is missing in: " << message);
    }
  }
}

}  // namespace idx_files
