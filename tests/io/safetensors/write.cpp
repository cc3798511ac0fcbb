// Writing safetensors: the bytes, the checks before, and what a failure leaves behind.
#include <strata/io/safetensors/write.hpp>

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <csignal>

#include "io/folder.hpp"
#include "io/safetensors/sample.hpp"

using strata::Error;
using namespace strata::safetensors;

namespace {

const float values[] = {1, 2, 3, 4, 5, 6};

TensorView tensor(std::string name, std::vector<std::int64_t> shape) {
  return view<float>(std::move(name), std::move(shape), values);
}

std::string error_of(const Metadata& metadata, const std::vector<TensorView>& tensors) {
  return message_of<Error>([&] { serialize(metadata, tensors); });
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(safetensors_write)

BOOST_AUTO_TEST_CASE(the_bytes) {
  const std::vector<TensorView> tensors{tensor("conv_1/kernel", {2, 3})};
  const std::string found = text_of(serialize({{"format", "strata"}}, tensors));
  std::string header = R"({"__metadata__":{"format":"strata"},"conv_1/kernel":{"dtype":"F32","shape":[2,3],)"
                       R"("data_offsets":[0,24]}})";
  while (header.size() % 8 != 0) header += ' ';
  BOOST_TEST(found == std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header +
                          text_of(std::as_bytes(std::span(values))));
  BOOST_TEST(text_of(serialize({}, {})) == std::string("\x08\0\0\0\0\0\0\0{}      ", 16));
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  const Sample sample;
  const std::vector<std::byte> bytes = serialize(sample.metadata, sample.tensors);
  const File file = File::parse(bytes);
  sample.check(file);
  BOOST_TEST((file.metadata() == sample.metadata));
  BOOST_TEST((serialize(file.metadata(), file.tensors()) == bytes));
  BOOST_TEST(file.tensors()[0].name == "f64");  // wider elements first, else in the order given
  BOOST_TEST(file.tensors()[1].name == "i64");
  BOOST_TEST(file.tensors()[3].name == "conv_1/kernel");
  for (const TensorView& t : file.tensors()) {
    const auto offset = t.data.data() - file.tensors()[0].data.data();
    BOOST_TEST(offset % bytes_per_element(t.dtype) == 0, t.name);
  }

  const Folder folder;
  write(folder.file("x"), sample.metadata, sample.tensors);
  BOOST_TEST((strata::read_file(folder.file("x")) == bytes));
  sample.check(File::read(folder.file("x")));
  BOOST_TEST(folder.names().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_file_can_be_written_over_itself_with_types_unknown_to_strata) {
  const Folder folder;
  const std::string path = folder.file("x");
  const auto bytes = file_bytes(R"({"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}   )", 2);
  put(path, text_of(bytes));
  const File file = File::read(path);
  write(path, file.metadata(), file.tensors());
  BOOST_TEST((strata::read_file(path) == bytes));
}

BOOST_AUTO_TEST_CASE(nothing_wrong_is_written) {
  BOOST_TEST(error_of({}, {tensor("a", {5})}) ==
             "safetensors: cannot write: tensor 'a' is F32 of shape [5], which needs 20 bytes, but its data has 24");
  BOOST_TEST(contains(error_of({}, {tensor("a", {-2, -3})}), "no possible size"));
  BOOST_TEST(contains(error_of({}, {tensor("a", {INT64_MAX, 3})}), "no possible size"));
  BOOST_TEST(
      contains(error_of({}, {tensor("a", {6}), tensor("b", {6}), tensor("a", {2, 3})}), "name 'a' is given twice"));
  BOOST_TEST(contains(error_of({}, {tensor("__metadata__", {6})}), "the format keeps that name"));
  BOOST_TEST(contains(error_of({}, {tensor("\xFF", {6})}), "the tensor name '\\xff' is not valid UTF-8"));
  BOOST_TEST(contains(error_of({{"k", "1"}, {"k", "2"}}, {}), "the metadata's key 'k' is given twice"));
  BOOST_TEST(contains(error_of({{"\xFF", ""}}, {}), "the metadata's key '\\xff' is not valid UTF-8"));
  BOOST_TEST(contains(error_of({{"k", "\xFF"}}, {}), "the metadata's value '\\xff' is not valid UTF-8"));
  TensorView other = tensor("a", {6});
  other.dtype = DType::other;
  BOOST_TEST(contains(error_of({}, {other}), "other_dtype ''"));
  other.other_dtype = "F32";
  BOOST_TEST(contains(error_of({}, {other}), "other_dtype 'F32'"));
  other.dtype = DType::f32;
  other.other_dtype = "F8_E4M3";
  BOOST_TEST(contains(error_of({}, {other}), "other_dtype 'F8_E4M3'"));
  BOOST_TEST(contains(error_of({{"k", std::string(max_header_bytes, 'x')}}, {}), "the format allows 100000000"));
}

BOOST_AUTO_TEST_CASE(a_failure_leaves_the_old_file_and_no_other) {
  const Folder folder;
  const std::string path = folder.file("x");
  put(path, "old");
  const std::vector<float> many(100000);
  const std::vector<TensorView> large{view<float>("a", {100000}, many)}, wrong{tensor("a", {5})};

  BOOST_TEST(contains(message_of<Error>([&] { write(path, {}, wrong); }),
                      "safetensors: " + path + ": cannot write: tensor 'a'"));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string full = message_of<Error>([&] { write(path, {}, large); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_DFL);
  BOOST_TEST(contains(full, path + ": cannot write"), full);
  BOOST_TEST(contains(full, "File too large"), full);
  BOOST_TEST(get(path) == "old");
  BOOST_TEST(folder.names().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
