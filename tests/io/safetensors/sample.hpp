// The sample that strata and Python's safetensors package exchange: every type, awkward names, empty and scalar
// tensors.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <strata/io/safetensors.hpp>

/// The same sample stands in interop.py.
class Sample {
 public:
  strata::safetensors::Metadata metadata{
      {"format", "strata"}, {"line\n1", "quote \" backslash \\ \xC3\xA4 \xF0\x9F\x98\x80 \x01"}, {"", ""}};
  std::vector<strata::safetensors::TensorView> tensors;

  Sample() {
    using strata::safetensors::DType;
    std::vector<float> kernel;
    for (int i = 0; i < 18; ++i) kernel.push_back(static_cast<float>(i) / 8 - 1);
    add("conv_1/kernel", DType::f32, {3, 3, 1, 2}, kernel);
    add("conv_1/bias", DType::f32, {2}, std::vector<float>{-0.0f, std::numeric_limits<float>::infinity()});
    add("scalar", DType::f32, {}, std::vector<float>{42});
    add("empty", DType::f32, {0, 3}, std::vector<float>{});
    add("f64", DType::f64, {2}, std::vector<double>{0.1, -1e300});
    add("f16", DType::f16, {4}, std::vector<std::uint16_t>{0x3C00, 0xC000, 0x7BFF, 0x0001});
    add("bf16", DType::bf16, {2}, std::vector<std::uint16_t>{0x3F80, 0xC000});
    add("i64", DType::i64, {2}, limits<std::int64_t>());
    add("i32", DType::i32, {2}, limits<std::int32_t>());
    add("i16", DType::i16, {2}, limits<std::int16_t>());
    add("i8", DType::i8, {2}, limits<std::int8_t>());
    add("u64", DType::u64, {2}, limits<std::uint64_t>());
    add("u32", DType::u32, {2}, limits<std::uint32_t>());
    add("u16", DType::u16, {2}, limits<std::uint16_t>());
    add("u8", DType::u8, {2}, limits<std::uint8_t>());
    add("bool", DType::boolean, {3}, std::vector<std::uint8_t>{1, 0, 1});
    add("name \"\xC3\xA4\\\xF0\x9F\x98\x80\"\n\t\x01", DType::i8, {1}, std::vector<std::int8_t>{7});
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  /// Checks that `file` holds all of this, in any order, and nothing else.
  void check(const strata::safetensors::File& file) const {
    BOOST_TEST(file.tensors().size() == tensors.size());
    for (const auto& expected : tensors) {
      const auto* found = file.find(expected.name);
      BOOST_TEST_CONTEXT("tensor " << expected.name) {
        BOOST_REQUIRE(found);
        BOOST_TEST((found->dtype == expected.dtype));
        BOOST_TEST(found->shape == expected.shape, boost::test_tools::per_element());
        BOOST_TEST((std::vector(found->data.begin(), found->data.end()) ==
                    std::vector(expected.data.begin(), expected.data.end())));
      }
    }
    for (const auto& [key, value] : metadata) {
      BOOST_REQUIRE(file.metadata(key));
      BOOST_TEST(*file.metadata(key) == value);
    }
  }

 private:
  template <class T>
  static std::vector<T> limits() {
    return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
  }

  template <class T>
  void add(std::string name, strata::safetensors::DType dtype, std::vector<std::int64_t> shape, std::vector<T> values) {
    const auto bytes = std::as_bytes(std::span<const T>(values));
    storage_.emplace_back(bytes.begin(), bytes.end());
    tensors.push_back({std::move(name), dtype, std::move(shape), storage_.back(), {}});
  }

  std::vector<std::vector<std::byte>> storage_;
};

/// The bytes of a file with this header and so many bytes of data: 0, 1, 2, ...
inline std::vector<std::byte> file_bytes(std::string_view header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::vector<std::byte> out(8 + header.size() + data_bytes);
  std::memcpy(out.data(), &length, 8);
  if (length > 0) std::memcpy(out.data() + 8, header.data(), header.size());
  for (std::size_t i = 0; i < data_bytes; ++i) out[8 + header.size() + i] = static_cast<std::byte>(i & 0xFF);
  return out;
}
