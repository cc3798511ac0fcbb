// Decoded pictures in a file: the same samples as in memory, made once, and again where anything changed.
#ifdef STRATA_WITH_STB
#define STB_IMAGE_IMPLEMENTATION
#endif
#include <strata/data/image_folder.hpp>
#include <strata/strata.hpp>

#include "../io/folder.hpp"
#include "picture_files.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

using namespace strata;
namespace fs = std::filesystem;

#ifdef STRATA_WITH_STB

namespace {

constexpr Shape shape = Shape::image(4, 6, 3);

struct Pets {
  Folder folder;
  std::string name = folder.file("pets");
  ImageFolderOptions options{.skips_broken = true, .cache = folder.file("made/cache")};

  Pets() {
    for (const char* c : {"/a", "/b"}) fs::create_directories(name + c);
    for (int i = 0; i < 9; ++i) picture(i, static_cast<char>(i));
    put(name + "/a/3.png", "broken");
    put(name + "/b/8.png", "");
  }
  void picture(int i, char value) const {
    put(name + (i < 5 ? "/a/" : "/b/") + std::to_string(i) + ".png", picture_files::flat_png(3, 3, value));
  }
  ImageFolder read() const { return read_image_folder(name, shape, options); }
  /// The only file of the cache.
  std::string file() const {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(options.cache)) files.push_back(entry.path().string());
    BOOST_REQUIRE(files.size() == 1);
    return files[0];
  }
};

bool same(const ImageFolder& a, const ImageFolder& b) {
  const auto equal = [](const auto& x, const auto& y) { return std::equal(x.begin(), x.end(), y.begin(), y.end()); };
  return equal(a.data.bytes(), b.data.bytes()) && equal(a.data.labels(), b.data.labels()) && a.files == b.files &&
         a.skipped == b.skipped && a.classes == b.classes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(picture_cache)

BOOST_AUTO_TEST_CASE(holds_what_memory_would) {
  const Pets pets;
  ImageFolderOptions in_memory = pets.options;
  in_memory.cache.clear();
  const ImageFolder memory = read_image_folder(pets.name, shape, in_memory), made = pets.read();
  BOOST_TEST(memory.data.size() == 7);
  BOOST_TEST(memory.skipped.size() == 2u);
  BOOST_TEST(same(memory, made));
  BOOST_TEST(made.data.reads_ahead());
  BOOST_TEST(!memory.data.reads_ahead());
  made.data.expect(6);
  const auto time = fs::last_write_time(pets.file());
  const ImageFolder found = pets.read();
  BOOST_TEST(same(memory, found));
  BOOST_TEST((fs::last_write_time(pets.file()) == time));
  fs::remove(pets.file());
  BOOST_TEST(same(memory, found));  // a mapped file lives on
}

BOOST_AUTO_TEST_CASE(a_model_learns_the_same_from_it) {
  using Net = Network<Seq<Flatten, Dense<2>, Softmax<>>, Input<4, 6, 3>>;
  const Pets pets;
  ImageFolderOptions in_memory = pets.options;
  in_memory.cache.clear();
  const auto learnt = [](const Dataset& data) {
    Model<Net> model{seed(1)};
    fit(model, data, Adam{}, {.epochs = 3, .batch = 3, .progress = Progress::silent});
    return std::vector<float>(std::as_const(model).parameters().begin(), std::as_const(model).parameters().end());
  };
  const std::vector<float> mapped = learnt(pets.read().data);
  BOOST_TEST((mapped == learnt(read_image_folder(pets.name, shape, in_memory).data)));
  const Model<Net> untrained{seed(1)};
  BOOST_TEST(!std::equal(mapped.begin(), mapped.end(), untrained.parameters().begin()));
}

BOOST_AUTO_TEST_CASE(is_made_again_where_a_picture_changed) {
  const Pets pets;
  const ImageFolder before = pets.read();
  pets.picture(2, 99);
  fs::last_write_time(pets.name + "/a/2.png", fs::file_time_type::clock::now() + std::chrono::seconds(5));
  BOOST_TEST(int{pets.read().data.image(2).bytes[0]} == 99);
  BOOST_TEST(int{before.data.image(2).bytes[0]} == 2);
  fs::remove(pets.name + "/a/2.png");
  BOOST_TEST(pets.read().data.size() == 6);
  pets.picture(3, 3);
  BOOST_TEST(pets.read().data.size() == 7);
  pets.file();
}

BOOST_AUTO_TEST_CASE(another_shape_has_a_file_of_its_own) {
  const Pets pets;
  pets.read();
  const std::size_t size = read_image_folder(pets.name, Shape::image(2, 2, 1), pets.options).data.bytes().size();
  BOOST_TEST(size == 7u * 4);
  BOOST_TEST(pets.read().data.size() == 7);
  BOOST_TEST(std::distance(fs::directory_iterator(pets.options.cache), {}) == 2);
}

BOOST_AUTO_TEST_CASE(broken_pictures_are_refused_from_the_cache_too) {
  const Pets pets;
  pets.read();
  ImageFolderOptions strict = pets.options;
  strict.skips_broken = false;
  const auto what = [&] { return message_of<Error>([&] { read_image_folder(pets.name, shape, strict); }); };
  BOOST_TEST(what().find("a/3.png") != std::string::npos);
  fs::remove_all(pets.options.cache);
  BOOST_TEST(what().find("a/3.png") != std::string::npos);
  BOOST_TEST(fs::is_empty(pets.options.cache));  // nothing half made stays
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_made_again) {
  const Pets pets;
  ImageFolderOptions in_memory = pets.options;
  in_memory.cache.clear();
  const ImageFolder wanted = read_image_folder(pets.name, shape, in_memory);
  pets.read();
  const std::string whole = get(pets.file());
  const std::size_t samples = 7u * 72;
  for (std::size_t length = 0; length < whole.size(); length += length < samples ? 50 : 1) {
    put(pets.file(), whole.substr(0, length));
    BOOST_TEST_CONTEXT(length) BOOST_TEST(same(wanted, pets.read()));
  }
  for (std::size_t at = samples; at < whole.size(); ++at) {
    // Behind the samples, reasons are text, and a wrong number is found.
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x80);
    put(pets.file(), damaged);
    const ImageFolder read = pets.read();
    BOOST_TEST(read.data.size() == 7);
    BOOST_TEST(read.skipped.size() == 2u);
  }
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_made) {
  Pets pets;
  put(pets.folder.file("text"), "");
  pets.options.cache = pets.folder.file("text") + "/cache";
  BOOST_TEST(message_of<Error>([&] { pets.read(); }).find("cannot be made a folder") != std::string::npos);
}

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)

// RLIMIT_DATA counts what a process has of private memory, its heap among it: 60 MiB of samples pass in 24 MiB.
BOOST_AUTO_TEST_CASE(memory_stays_bounded) {
  const Folder folder;
  const std::string name = folder.file("pets");
  fs::create_directories(name + "/a");
  const std::string picture = picture_files::flat_png(8, 8, 7);
  for (int i = 0; i < 80; ++i) put(name + "/a/" + std::to_string(i) + ".png", picture);
  const Shape large = Shape::image(512, 512, 3);

  std::ifstream status("/proc/self/statm");
  rlim_t pages = 0, field = 0;
  for (int i = 0; i < 6 && status >> field; ++i) pages = field;  // the sixth: data and stack
  rlimit before{}, bounded{};
  BOOST_REQUIRE(::getrlimit(RLIMIT_DATA, &before) == 0);
  bounded = before;
  bounded.rlim_cur = pages * 4096 + (24u << 20);
  BOOST_REQUIRE(::setrlimit(RLIMIT_DATA, &bounded) == 0);
  std::string in_memory = "nothing was thrown";
  std::int64_t sum = 0, size = 0;
  try {
    read_image_folder(name, large, {.threads = 1});
  } catch (const std::exception& e) {
    in_memory = e.what();
  }
  try {
    const ImageFolder mapped = read_image_folder(name, large, {.cache = folder.file("cache"), .threads = 1});
    size = mapped.data.size();
    for (const std::uint8_t byte : mapped.data.bytes()) sum += byte;
  } catch (const std::exception& e) {
    BOOST_TEST_MESSAGE(e.what());
  }
  ::setrlimit(RLIMIT_DATA, &before);
  BOOST_TEST(in_memory == "std::bad_alloc");
  BOOST_TEST(size == 80);
  BOOST_TEST(sum == 7 * 80 * large.size());
}

#endif

BOOST_AUTO_TEST_SUITE_END()

#else

BOOST_AUTO_TEST_CASE(needs_stb_image) {
  BOOST_TEST(message_of<Error>([] { read_picture("a.png"); }).find("built without stb_image") != std::string::npos);
}

#endif
