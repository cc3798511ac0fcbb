// IDX: what is right is read without a copy, what is wrong is refused by name, and no mutation does harm.
#include <strata/data/idx.hpp>

#include <data/idx_files.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <span>
#include <string>
#include <vector>

using namespace idx_files;
using strata::Dataset;
using strata::Error;
using strata::Shape;
using strata::idx::Array;
using strata::idx::Type;

namespace {

// Whatever parse accepts is consistent, and every byte can be read.
unsigned long long consistent_sum(const Array& array) {
  unsigned long long size = static_cast<unsigned long long>(size_of(array.type)), sum = 0;
  for (std::uint32_t n : array.dims) size *= n;
  BOOST_REQUIRE_GE(array.dims.size(), 1u);
  BOOST_REQUIRE_EQUAL(size, array.bytes.size());
  for (std::byte b : array.bytes) sum += std::to_integer<unsigned>(b);
  return sum;
}

// Changes a few bytes, most of them in the header, or the length.
Bytes mutated(Bytes bytes, std::mt19937& random) {
  const auto below = [&random](std::size_t n) { return random() % n; };
  for (std::size_t k = 1 + below(4); k > 0 && !bytes.empty(); --k) {
    const std::size_t at = below(below(2) ? bytes.size() : std::min<std::size_t>(bytes.size(), 20));
    switch (below(6)) {
      case 0:
        bytes[at] = static_cast<std::byte>(below(256));
        break;
      case 1:
        bytes[at] ^= static_cast<std::byte>(1u << below(8));
        break;
      case 2:
        bytes[at] = std::byte{255};
        break;
      case 3:
        bytes[at] = std::byte{0};
        break;
      case 4:
        bytes.resize(at);
        break;
      default:
        bytes.insert(bytes.end(), below(40), static_cast<std::byte>(below(256)));
    }
  }
  return bytes;
}

struct Outcome {
  int accepted = 0;
  int refused = 0;
};

Outcome fuzz(const Bytes& valid, int rounds, unsigned seed) {
  std::mt19937 random(seed);
  Outcome outcome;
  unsigned long long sum = 0;
  for (int round = 0; round < rounds; ++round) {
    const Bytes bytes = mutated(valid, random);
    // Exactly as long as the data, so that a sanitizer sees a read behind their end.
    const std::vector<std::byte> exact(bytes.begin(), bytes.end());
    try {
      const Array array = strata::idx::parse(exact);
      sum += consistent_sum(array);
      ++outcome.accepted;
      const Dataset data = to_dataset(array);
      for (std::uint8_t pixel : data.bytes()) sum += pixel;
    } catch (const Error& error) {
      BOOST_REQUIRE(std::string(error.what()).starts_with("IDX data"));
      ++outcome.refused;
    }
  }
  BOOST_TEST(sum > 0u);
  return outcome;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(idx)

BOOST_AUTO_TEST_CASE(reads_images_and_labels) {
  const Folder folder;
  const Bytes file = images(3, 4, 5);
  const std::string images_path = folder.write("images", file), labels_path = folder.write("labels", labels({2, 0, 9}));
  const Dataset data = strata::idx::load(images_path, labels_path);
  BOOST_TEST((data.shape() == Shape::image(4, 5, 1)));
  BOOST_TEST(data.size() == 3);
  BOOST_TEST(data.classes() == 10);
  BOOST_TEST(data.label(0) == 2);
  BOOST_TEST(data.label(2) == 9);
  for (std::size_t i = 0; i < 60; ++i) BOOST_TEST(data.bytes()[i] == i);
}

BOOST_AUTO_TEST_CASE(reads_every_type_and_number_of_axes) {
  for (Type type : {Type::u8, Type::i8, Type::i16, Type::i32, Type::f32, Type::f64}) {
    const Bytes file = make(type, {2, 3, 1, 2}, 12 * static_cast<std::size_t>(size_of(type)));
    const Array array = strata::idx::parse(file);
    BOOST_TEST((array.type == type));
    BOOST_TEST((array.dims == std::vector<std::uint32_t>{2, 3, 1, 2}));
    BOOST_TEST(array.bytes.size() == 12u * static_cast<unsigned>(size_of(type)));
    BOOST_TEST((array.bytes.data() == file.data() + 20), "a view, not a copy");
  }
  BOOST_TEST(strata::idx::parse(make(Type::u8, {7}, 7)).dims.size() == 1u);
  BOOST_TEST(strata::idx::parse(make(Type::f64, {5, 0, 4294967295u, 4294967295u, 4294967295u}, 0)).bytes.empty());
}

BOOST_AUTO_TEST_CASE(makes_data_sets_of_vectors_and_of_several_channels) {
  const Bytes vectors = make(Type::u8, {3, 7}, 21), colour = make(Type::u8, {2, 4, 5, 3}, 120);
  BOOST_TEST((to_dataset(strata::idx::parse(vectors)).shape() == Shape::vector(7)));
  const Dataset data = to_dataset(strata::idx::parse(colour));
  BOOST_TEST((data.shape() == Shape::image(4, 5, 3)));
  BOOST_TEST(data.size() == 2);
  BOOST_TEST(data.classes() == 0);
  BOOST_TEST((reinterpret_cast<const std::byte*>(data.bytes().data()) == colour.data() + 20), "a view, not a copy");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_idx_file) {
  const Bytes good = images(2, 3, 3);
  const auto with = [&good](std::size_t at, int value) {
    Bytes bytes = good;
    bytes[at] = static_cast<std::byte>(value);
    return bytes;
  };
  refuses([&] { strata::idx::parse(with(0, 0x89), "f"); }, {"f: is no IDX file", "89 00 08 03", "00 00 08 03"});
  refuses([&] { strata::idx::parse(with(1, 1)); }, {"no IDX file"});
  refuses([&] { strata::idx::parse(with(2, 0x0a)); }, {"no IDX file", "00 00 0a 03"});
  refuses([&] { strata::idx::parse(with(2, 0)); }, {"no IDX file"});
  refuses([&] { strata::idx::parse(with(3, 0)); }, {"no IDX file"});
}

BOOST_AUTO_TEST_CASE(refuses_every_truncation_and_trailing_bytes) {
  const Bytes good = images(2, 3, 3);
  for (std::size_t length = 0; length < good.size(); ++length) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
    refuses([&] { strata::idx::parse(cut, "cut"); }, {"cut: ", length < 16 ? "ends inside the header" : "follow it"});
  }
  Bytes longer = good;
  longer.push_back(std::byte{0});
  refuses([&] { strata::idx::parse(longer, "f"); }, {"f: its header says 2 x 3 x 3 unsigned bytes (18 bytes)", "19"});
}

BOOST_AUTO_TEST_CASE(refuses_sizes_that_overflow_or_exceed_the_file) {
  constexpr std::uint32_t most = 4294967295u;
  refuses([] { strata::idx::parse(make(Type::u8, {most, most, most}, 9)); }, {"more than 2^64"});
  refuses([] { strata::idx::parse(make(Type::f64, {most, most}, 9)); }, {"more than 2^64"});
  // 2^32 x 2^32 would wrap to 0, 2^31 x 2^31 x 4 likewise.
  refuses([] { strata::idx::parse(make(Type::i32, {2147483648u, 2147483648u}, 0)); }, {"more than 2^64"});
  refuses([] { strata::idx::parse(make(Type::u8, {most, most}, 9)); }, {"18446744065119617025 bytes", "9 follow"});
  refuses([] { strata::idx::parse(make(Type::u8, {60000, 28, 28}, 784)); }, {"47040000", "784 follow"});
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_image) {
  refuses([] { to_dataset(strata::idx::parse(make(Type::f32, {2, 3, 3}, 72))); }, {"32-bit floats", "unsigned bytes"});
  refuses([] { to_dataset(strata::idx::parse(make(Type::u8, {5}, 5))); }, {"holds 5 unsigned bytes", "3 axes"});
  refuses([] { to_dataset(strata::idx::parse(make(Type::u8, {1, 1, 1, 1, 1}, 1))); }, {"3 axes"});
  refuses([] { to_dataset(strata::idx::parse(make(Type::u8, {5, 0, 3}, 0))); }, {"between 1 and 2^31 - 1"});
  refuses([] { to_dataset(strata::idx::parse(make(Type::u8, {0, 65536, 65536}, 0))); }, {"between 1 and 2^31 - 1"});
  refuses(
      [] {
        to_dataset(strata::idx::parse(make(Type::u8, {0, 4294967295u, 4294967295u, 4294967295u}, 0)));
      },
      {"between 1 and 2^31 - 1"});
}

BOOST_AUTO_TEST_CASE(refuses_labels_that_do_not_belong) {
  const Folder folder;
  const std::string three = folder.write("three", images(3, 2, 2));
  const auto load = [&](const Bytes& bytes, int classes = 10) {
    return strata::idx::load(three, folder.write("labels", bytes), classes);
  };
  refuses([&] { load(labels({1, 2})); }, {"three holds 3 images", "labels 2 labels"});
  refuses([&] { load(labels({1, 2, 10})); }, {"labels: ", "sample 2 is 10", "0 to 9"});
  refuses([&] { load(labels({1, 2, 3}), 3); }, {"sample 2 is 3"});
  refuses([&] { load(images(3, 1, 1)); }, {"labels: holds 3 x 1 x 1", "one axis"});
  refuses([&] { load(make(Type::i8, {3}, 3)); }, {"signed bytes"});
  refuses([&] { load(labels({1, 2, 3}), 0); }, {"0 classes"});
  BOOST_TEST(load(labels({1, 2, 200}), 256).label(2) == 200);
}

BOOST_AUTO_TEST_CASE(names_the_file_that_cannot_be_read) {
  const Folder folder;
  refuses([&] { strata::idx::read(folder / "absent"); }, {folder / "absent", "No such file"});
  refuses([&] { strata::idx::read(folder.path()); }, {folder.path()});
  refuses([&] { strata::idx::read(folder.write("empty", {})); }, {"empty: ends inside the header"});
}

BOOST_AUTO_TEST_CASE(survives_mutations) {
  const Outcome outcome = fuzz(images(3, 4, 5), 20000, 1);
  BOOST_TEST(outcome.accepted > 500, outcome.accepted);
  BOOST_TEST(outcome.refused > 5000, outcome.refused);
}

// Recognised without zlib too: the message says what to do.
BOOST_AUTO_TEST_CASE(says_how_to_read_gzip_without_zlib) {
  auto* const with_zlib = strata::detail::open_with_zlib;
  strata::detail::open_with_zlib = nullptr;
  const Bytes compressed = {std::byte{0x1f}, std::byte{0x8b}, std::byte{8}};
  refuses([&] { strata::idx::parse(compressed, "a.gz"); }, {"a.gz: ", "gunzip a.gz", "STRATA_WITH_ZLIB"});
  strata::detail::open_with_zlib = with_zlib;
#ifndef STRATA_WITH_ZLIB
  BOOST_TEST(with_zlib == nullptr);
  std::puts("skipped: the tests of gzip files, since this was built without STRATA_WITH_ZLIB");
#endif
}

#ifdef STRATA_WITH_ZLIB

BOOST_AUTO_TEST_CASE(reads_gzip_by_its_contents) {
  const Folder folder;
  const Bytes plain = images(40, 28, 28), compressed = gzip(plain);
  const Array array = strata::idx::read(folder.write("no_ending", compressed));
  BOOST_TEST((array.dims == std::vector<std::uint32_t>{40, 28, 28}));
  BOOST_TEST(std::equal(array.bytes.begin(), array.bytes.end(), plain.begin() + 16, plain.end()));
  BOOST_TEST(strata::idx::read(folder.write("plain.gz", plain)).bytes.size() == 40u * 784u);
  BOOST_TEST(strata::idx::parse(gzip(make(Type::u8, {0, 3}, 0))).bytes.empty());
}

// RFC 1952: several members in a row are one file.
BOOST_AUTO_TEST_CASE(reads_gzip_of_several_members) {
  const Bytes plain = images(4, 5, 5);
  Bytes file;
  for (std::size_t begin : {0u, 3u, 10u, 50u, 116u}) {
    const std::size_t end = begin == 0 ? 3 : begin == 3 ? 10 : begin == 10 ? 50 : plain.size();
    const Bytes member = gzip(std::span(plain).subspan(begin, end - begin));
    file.insert(file.end(), member.begin(), member.end());
  }
  const Array array = strata::idx::parse(file);
  BOOST_TEST(std::equal(array.bytes.begin(), array.bytes.end(), plain.begin() + 16, plain.end()));
}

BOOST_AUTO_TEST_CASE(refuses_damaged_gzip) {
  const Bytes good = gzip(images(4, 28, 28));
  for (std::size_t length = 2; length < good.size(); ++length) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
    refuses([&] { strata::idx::parse(cut, "cut"); }, {"cut: its gzip data end too early"});
  }
  for (std::size_t from_end : {1u, 4u, 5u, 8u}) {  // the length, then the checksum
    Bytes bad = good;
    bad[bad.size() - from_end] ^= std::byte{1};
    refuses([&] { strata::idx::parse(bad, "bad"); },
            {"bad: its gzip data are damaged", from_end < 5 ? "length" : "data check"});
  }
  Bytes trailing = good;
  trailing.push_back(std::byte{'x'});
  refuses([&] { strata::idx::parse(trailing, "t"); }, {"t: its gzip data"});
  Bytes twice = good;
  twice.insert(twice.end(), good.begin(), good.end());
  refuses([&] { strata::idx::parse(twice, "t"); }, {"t: its header says", "more than that follows"});
}

// A header cannot make it take memory that the file does not fill, and a bomb is not unpacked past the header's word.
BOOST_AUTO_TEST_CASE(refuses_gzip_bombs) {
  refuses(
      [] {
        strata::idx::parse(gzip(make(Type::u8, {4294967295u, 1024}, 100)), "b");
      },
      {"b: its header says", "cannot hold"});
  refuses([] { strata::idx::parse(gzip(make(Type::u8, {1000, 100}, 500)), "b"); }, {"b: ", "500 follow"});
  const Bytes zeros(std::size_t{32} << 20);
  Bytes bomb = make(Type::u8, {10}, 10);
  bomb.insert(bomb.end(), zeros.begin(), zeros.end());
  refuses([&] { strata::idx::parse(gzip(bomb), "b"); }, {"b: ", "more than that follows"});
  // A file large enough to hold more than is unpacked: its contents do not matter.
  Bytes large = gzip(make(Type::u8, {4294967295u, 2}, 10));
  large.resize(large.size() + (std::size_t{9} << 20));
  refuses([&] { strata::idx::parse(large, "b"); }, {"b: ", "only read up to 4294967296 bytes", "gunzip"});
}

BOOST_AUTO_TEST_CASE(survives_mutations_of_gzip) {
  BOOST_TEST(fuzz(gzip(images(3, 4, 5)), 5000, 2).refused > 4000);
  // Mutated inside, so that the checksums are right and the header lies.
  std::mt19937 random(3);
  const Bytes valid = images(3, 4, 5);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 1500; ++round) {
    try {
      consistent_sum(strata::idx::parse(gzip(mutated(valid, random))));
      ++accepted;
    } catch (const Error&) {
      ++refused;
    }
  }
  BOOST_TEST(accepted > 50);
  BOOST_TEST(refused > 500);
}

#endif

BOOST_AUTO_TEST_SUITE_END()
