// Reading safetensors: every rule of the format, its message, and values of every type.
#include <strata/io/safetensors/read.hpp>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "io/folder.hpp"
#include "io/safetensors/sample.hpp"

using strata::Error;
using namespace strata::safetensors;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string accepted = "nothing was thrown";

std::string error_of(std::vector<std::byte> bytes) {
  return message_of<Error>([&] { File::parse(std::move(bytes), "weights.safetensors"); });
}

std::string error_of(std::string_view header, std::size_t data_bytes) {
  return error_of(file_bytes(header, data_bytes));
}

/// A header with tensors 'a', 'b', ... of type U8, one per pair of offsets.
std::string bytes_at(const std::vector<std::pair<int, int>>& offsets) {
  std::string out = "{";
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const auto [begin, end] = offsets[i];
    out += std::string(i > 0 ? "," : "") + "\"" + static_cast<char>('a' + i) + "\":{\"dtype\":\"U8\",\"shape\":[" +
           std::to_string(end - begin) + "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) +
           "]}";
  }
  return out + "}";
}

std::string one(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return "{\"conv_1/kernel\":{\"dtype\":" + std::string(dtype) + ",\"shape\":" + std::string(shape) +
         ",\"data_offsets\":" + std::string(offsets) + "}}";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(safetensors_read)

BOOST_AUTO_TEST_CASE(a_plain_file) {
  const File file =
      File::parse(file_bytes(R"({"__metadata__":{"z":"1","a":"2"},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},)"
                             R"("a":{"data_offsets":[0,4],"shape":[2,1],"dtype":"I16"}}   )",
                             6));
  BOOST_REQUIRE(file.tensors().size() == 2u);
  BOOST_TEST(file.tensors()[0].name == "a");  // in the order of the data
  BOOST_TEST(file.tensors()[1].name == "b");
  BOOST_TEST((file.tensors()[0].dtype == DType::i16));
  BOOST_TEST(file.tensors()[0].shape == (std::vector<std::int64_t>{2, 1}), boost::test_tools::per_element());
  BOOST_TEST(file.values<std::int16_t>("a") == (std::vector<std::int16_t>{0x0100, 0x0302}),
             boost::test_tools::per_element());
  BOOST_TEST(file.values<std::uint8_t>("b") == (std::vector<std::uint8_t>{4, 5}), boost::test_tools::per_element());
  BOOST_TEST(file.find("c") == nullptr);
  BOOST_TEST(file.find("") == nullptr);
  BOOST_TEST(file.metadata().size() == 2u);
  BOOST_TEST(file.metadata()[0].first == "z");  // in the order of the file
  BOOST_TEST(*file.metadata("a") == "2");
  BOOST_TEST(file.metadata("b") == nullptr);
}

BOOST_AUTO_TEST_CASE(what_the_format_allows) {
  BOOST_TEST(error_of("{}", 0) == accepted);
  BOOST_TEST(error_of("{} \n\t", 0) == accepted);
  BOOST_TEST(error_of(R"({"__metadata__":{}})", 0) == accepted);
  BOOST_TEST(error_of(one("\"F32\"", "[]", "[0,4]"), 4) == accepted);
  BOOST_TEST(error_of(one("\"F32\"", "[3,0,5]", "[0,0]"), 0) == accepted);
  BOOST_TEST(error_of(bytes_at({{0, 0}, {0, 4}, {4, 4}, {4, 8}, {8, 8}}), 8) == accepted);
  BOOST_TEST(error_of(bytes_at({{4, 8}, {8, 8}, {0, 4}, {4, 4}, {0, 0}}), 8) == accepted);
  BOOST_TEST(error_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"note":[{"x":-1.5e3}]}})", 1) == accepted);
}

BOOST_AUTO_TEST_CASE(the_frame) {
  BOOST_TEST(error_of(std::vector<std::byte>{}) ==
             "safetensors: weights.safetensors: the file has 0 bytes, and 8 are needed for the header's length alone; "
             "it is truncated or no safetensors file");
  BOOST_TEST(contains(error_of(std::vector<std::byte>(7)), "the file has 7 bytes"));
  BOOST_TEST(contains(error_of(std::vector<std::byte>(8)), "does not begin with '{'"));
  std::vector<std::byte> bytes = file_bytes("{}", 0);
  bytes[0] = std::byte{3};
  BOOST_TEST(
      contains(error_of(bytes), "the header's length is given as 3 bytes, and only 2 follow; the file is truncated"));
  bytes[3] = std::byte{6};
  BOOST_TEST(contains(error_of(bytes), "given as 100663299 bytes, and the format allows 100000000"));
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = std::byte{0xFF};
  BOOST_TEST(contains(error_of(bytes), "given as 18446744073709551615 bytes"));
  const std::uint64_t limit = max_header_bytes;  // exactly the limit passes this check and fails the next
  std::memcpy(bytes.data(), &limit, 8);
  BOOST_TEST(contains(error_of(bytes), "and only 2 follow"));
}

BOOST_AUTO_TEST_CASE(the_header_is_json) {
  BOOST_TEST(contains(error_of(" {}", 0), "does not begin with '{'"));
  BOOST_TEST(contains(error_of("[]", 0), "does not begin with '{'"));
  BOOST_TEST(contains(error_of("{\"a\":\xFF}", 0), "header: invalid UTF-8 at byte 5"));
  BOOST_TEST(contains(error_of("{} x", 0), "header: expected the end of the JSON text, found 'x' at byte 3"));
  BOOST_TEST(
      contains(error_of("{", 0), "header: expected a string in double quotes, found the end of the text at byte 1"));
  BOOST_TEST(contains(error_of(std::string("{}\0", 3), 0), "found '\\x00' at byte 2"));
  const std::string tensor = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  BOOST_TEST(contains(error_of("{" + tensor + "," + tensor + "}", 1), "the key 'a' appears twice"));
  BOOST_TEST(contains(error_of(R"({"a":{"x":)" + std::string(100, '[') + "}}", 0), "tensor 'a': nested more than 32"));
}

BOOST_AUTO_TEST_CASE(metadata_is_text_to_text) {
  BOOST_TEST(contains(error_of(R"({"__metadata__":{"a":1}})", 0), "__metadata__: expected a string"));
  BOOST_TEST(contains(error_of(R"({"__metadata__":{"a":null}})", 0), "__metadata__: expected a string"));
  BOOST_TEST(contains(error_of(R"({"__metadata__":["a"]})", 0), "__metadata__: expected an object"));
  BOOST_TEST(contains(error_of(R"({"__metadata__":{"a":"1","a":"2"}})", 0), "__metadata__: the key 'a' appears twice"));
  BOOST_TEST(contains(error_of(R"({"__metadata__":{},"__metadata__":{}})", 0), "the key '__metadata__' appears twice"));
}

BOOST_AUTO_TEST_CASE(a_tensor_has_dtype_shape_and_offsets) {
  BOOST_TEST(error_of(R"({"conv_1/kernel":{"dtype":"U8","shape":[1]}})", 1) ==
             "safetensors: weights.safetensors: header: tensor 'conv_1/kernel': data_offsets is missing");
  BOOST_TEST(contains(error_of(R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", 1), "tensor 'a': shape is missing"));
  BOOST_TEST(contains(error_of(R"({"a":{"shape":[1],"data_offsets":[0,1]}})", 1), "tensor 'a': dtype is missing"));
  BOOST_TEST(contains(error_of(R"({"a":["U8",[1],[0,1]]})", 1), "tensor 'a': expected an object"));
  BOOST_TEST(contains(error_of(one("8", "[1]", "[0,1]"), 1), "expected a string"));
  BOOST_TEST(contains(error_of(one("\"\"", "[1]", "[0,1]"), 1), "dtype is empty"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "1", "[0,1]"), 1), "expected an array"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "[-1]", "[0,1]"), 1), "not negative"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "[1.0]", "[0,1]"), 1), "without point or exponent"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "[1e0]", "[0,1]"), 1), "without point or exponent"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "[9223372036854775808]", "[0,1]"), 1), "larger than 2^63 - 1"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "[1]", "[0]"), 1), "data_offsets has 1 numbers, expected two"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "[1]", "[]"), 1), "data_offsets has 0 numbers, expected two"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "[1]", "[0,1,2]"), 1), "data_offsets has more than two numbers"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "[1]", "[-1,0]"), 1), "not negative"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "[1],\"shape\":[1]", "[0,1]"), 1), "the key 'shape' appears twice"));
}

BOOST_AUTO_TEST_CASE(the_size_fits_shape_and_type) {
  BOOST_TEST(contains(error_of(one("\"F32\"", "[2,3]", "[0,20]"), 20),
                      "tensor 'conv_1/kernel' is F32 of shape [2, 3], which needs 24 bytes, but its data has 20"));
  BOOST_TEST(
      contains(error_of(one("\"F32\"", "[]", "[0,0]"), 0), "of shape [], which needs 4 bytes, but its data has 0"));
  for (const char* shape :
       {"[4294967296,4294967296]", "[9223372036854775807]", "[9223372036854775807,3]", "[4294967296,4294967296,0]"}) {
    BOOST_TEST(contains(error_of(one("\"F32\"", shape, "[0,0]"), 0), "no possible size"));
  }
  BOOST_TEST(contains(error_of(one("\"U8\"", "[1,2,3,4,5,6,7,8,9,10]", "[0,1]"), 1), "7, 8, ... (10 axes)], which"));
}

BOOST_AUTO_TEST_CASE(offsets_cover_the_data_once) {
  BOOST_TEST(error_of(one("\"F32\"", "[300]", "[0,1200]"), 1000) ==
             "safetensors: weights.safetensors: tensor 'conv_1/kernel' ends at byte 1200, the file has 1000 bytes of "
             "data; the file is truncated");
  BOOST_TEST(contains(error_of(bytes_at({{0, 4}, {4, 6}}), 5), "'b' ends at byte 6, the file has 5 bytes of data"));
  BOOST_TEST(contains(error_of(one("\"U8\"", "[1]", "[2,1]"), 2), "begins at byte 2 and ends before, at byte 1"));
  BOOST_TEST(
      contains(error_of(one("\"U8\"", "[1]", "[18446744073709551615,18446744073709551615]"), 1), "ends at byte 18446"));
  BOOST_TEST(contains(error_of(bytes_at({{0, 4}, {3, 6}}), 6),
                      "tensor 'b' begins at byte 3, inside tensor 'a', which ends at byte 4"));
  BOOST_TEST(contains(error_of(bytes_at({{0, 4}, {0, 4}}), 4), "tensor 'b' begins at byte 0, inside tensor 'a'"));
  BOOST_TEST(contains(error_of(bytes_at({{0, 4}, {2, 2}}), 4), "tensor 'b' begins at byte 2, inside tensor 'a'"));
  BOOST_TEST(contains(error_of(bytes_at({{0, 4}, {5, 6}}), 6),
                      "bytes 4 to 5 of the data, before tensor 'b', belong to no tensor"));
  BOOST_TEST(contains(error_of(bytes_at({{1, 4}}), 4), "bytes 0 to 1 of the data, before tensor 'a'"));
  BOOST_TEST(contains(error_of(bytes_at({{0, 4}}), 6),
                      "bytes 4 to 6 of the data, at the end of the file, belong to no tensor"));
  BOOST_TEST(contains(error_of("{}", 1), "bytes 0 to 1 of the data, at the end"));
}

BOOST_AUTO_TEST_CASE(an_unknown_type_is_an_error_only_for_who_wants_its_numbers) {
  const File file = File::parse(
      file_bytes(
          R"({"new":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]},"old":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}})",
          5),
      "w");
  BOOST_TEST((file.find("new")->dtype == DType::other));
  BOOST_TEST(file.find("new")->other_dtype == "F8_E4M3");
  BOOST_TEST(file.find("new")->data.size() == 4u);
  BOOST_TEST(file.values<std::uint8_t>("old").at(0) == 4);
  BOOST_TEST(message_of<Error>([&] { file.values<float>("new"); }) ==
             "safetensors: w: tensor 'new' is 'F8_E4M3' of shape [4], expected F32, F16 or BF16; convert it where the "
             "file is made");
  const File huge =
      File::parse(file_bytes(R"({"x":{"dtype":"F4","shape":[4611686018427387904],"data_offsets":[0,1]}})", 1));
  BOOST_CHECK_THROW(huge.values<float>("x"), Error);  // and no attempt at so much memory
}

BOOST_AUTO_TEST_CASE(values_convert_only_without_loss) {
  const Sample sample;
  const File file = File::parse(serialize(sample.metadata, sample.tensors), "w");
  const auto floats = [&](const char* name) { return file.values<float>(name); };
  BOOST_TEST(floats("f16") == (std::vector<float>{1, -2, 65504, 0x1p-24f}), boost::test_tools::per_element());
  BOOST_TEST(floats("bf16") == (std::vector<float>{1, -2}), boost::test_tools::per_element());
  BOOST_TEST(floats("scalar") == std::vector<float>{42}, boost::test_tools::per_element());
  BOOST_TEST(floats("empty").empty());
  BOOST_TEST(std::signbit(floats("conv_1/bias")[0]));
  BOOST_TEST(file.values<double>("f64")[1] == -1e300);
  BOOST_TEST(file.values<std::int64_t>("i64")[0] == INT64_MIN);
  BOOST_TEST(file.values<std::uint64_t>("u64")[1] == UINT64_MAX);
  for (const char* name : {"f64", "i32", "u8", "bool"}) BOOST_CHECK_THROW(floats(name), Error);
  BOOST_CHECK_THROW(file.values<double>("scalar"), Error);
  BOOST_CHECK_THROW(file.values<std::int32_t>("u32"), Error);
  BOOST_TEST(
      message_of<Error>([&] { file.values<float>("i32"); }) ==
      "safetensors: w: tensor 'i32' is I32 of shape [2], expected F32, F16 or BF16; convert it where the file is made");

  std::vector<float> two(2), three(3);
  file.copy_to<float>("conv_1/bias", two);
  BOOST_TEST(std::isinf(two[1]));
  BOOST_TEST(
      message_of<Error>([&] { file.copy_to<float>("conv_1/bias", three); }) ==
      "safetensors: w: tensor 'conv_1/bias' is F32 of shape [2], which does not fit the 3 elements that it is to "
      "be copied to");
}

BOOST_AUTO_TEST_CASE(every_half_is_widened_exactly) {
  int wrong = 0;
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const int exponent = static_cast<int>(bits >> 10 & 31), fraction = static_cast<int>(bits & 1023);
    const float sign = bits & 0x8000 ? -1.0f : 1.0f;
    const float found = detail::float_from_f16(half);
    const float expected = exponent == 31  ? (fraction == 0 ? sign * INFINITY : NAN)
                           : exponent == 0 ? sign * std::ldexp(static_cast<float>(fraction), -24)
                                           : sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    const bool same =
        std::isnan(expected) ? std::isnan(found) : found == expected && std::signbit(found) == std::signbit(expected);
    wrong += !same;
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(data_at_odd_addresses) {
  const std::string header = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                             R"("b":{"dtype":"F64","shape":[2],"data_offsets":[1,17]}})";
  std::vector<std::byte> bytes = file_bytes(header, 17);
  const double expected[] = {1.5, -2.5};
  std::memcpy(bytes.data() + 8 + header.size() + 1, expected, 16);
  const File file = File::parse(std::move(bytes));
  BOOST_TEST(file.values<double>("b") == (std::vector<double>{1.5, -2.5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_missing_tensor_and_a_moved_file) {
  File file = File::parse(
      file_bytes(bytes_at({{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8}, {8, 9}}), 9), "w");
  BOOST_TEST(message_of<Error>([&] { file.tensor("x"); }) ==
             "safetensors: w: there is no tensor 'x'; the file has 9: 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', ...");
  BOOST_TEST(message_of<Error>([&] { File::parse(file_bytes("{}", 0)).tensor("x"); }) ==
             "safetensors: there is no tensor 'x'; the file has none");
  const File moved = std::move(file);
  BOOST_TEST(moved.values<std::uint8_t>("i").at(0) == 8);
  BOOST_TEST(moved.tensor("c").data.data() == moved.tensor("a").data.data() + 2);
}

BOOST_AUTO_TEST_CASE(files_by_path) {
  const Folder folder;
  BOOST_TEST(contains(message_of<Error>([&] { File::read(folder.file("none")); }), "none: cannot open: No such file"));
  put(folder.file("x"), "PK\x03\x04 this is some other file");
  BOOST_TEST(contains(message_of<Error>([&] { File::read(folder.file("x")); }),
                      "safetensors: " + folder.file("x") + ": the header's length is given as"));
}

BOOST_AUTO_TEST_SUITE_END()
