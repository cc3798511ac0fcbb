// Folders of pictures: labels, order, sizes, and everything that can be wrong with them.
#ifdef STRATA_WITH_STB
#define STB_IMAGE_IMPLEMENTATION
#endif
#include <strata/data/image_folder.hpp>

#include "picture_files.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace strata;
using picture_files::flat_png;
namespace fs = std::filesystem;

#ifdef STRATA_WITH_STB

namespace {

/// A folder that is there as long as the test.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("strata_image_folder_" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }

  void put(const std::string& name, const std::string& bytes) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << bytes;
  }
  std::string name() const { return path.string(); }
};

auto says(const std::string& what) {
  return [what](const Error& e) {
    const bool good = std::string(e.what()).find(what) != std::string::npos;
    if (!good) BOOST_TEST_MESSAGE("it says: " << e.what());
    return good;
  };
}

constexpr Shape shape = Shape::image(4, 6, 3);

// Who may read everything cannot be refused.
boost::test_tools::assertion_result is_no_root(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result no(::geteuid() != 0);
  no.message() << "permissions do not bind root";
  return no;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(image_folder)

BOOST_AUTO_TEST_CASE(labels_and_order_are_those_of_the_names) {
  const Folder folder;
  folder.put("dog/2.png", flat_png(3, 3, 20));
  folder.put("dog/10.PNG", flat_png(8, 2, 10));
  folder.put("cat/x.png", flat_png(4, 6, 30));
  folder.put("cat/notes.txt", "no picture");
  folder.put("cat/.hidden.png", "neither");
  folder.put("readme.txt", "not a class");
  const ImageFolder found = read_image_folder(folder.name(), shape, {.threads = 3});
  const std::vector<std::string> classes{"cat", "dog"};
  BOOST_TEST(found.classes == classes, boost::test_tools::per_element());
  BOOST_REQUIRE(found.data.size() == 3);
  BOOST_TEST((found.data.shape() == shape));
  const int labels[] = {0, 1, 1}, values[] = {30, 10, 20};
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(found.data.label(i) == labels[i]);
    for (const std::uint8_t byte : found.data.image(i).bytes) BOOST_REQUIRE(byte == values[i]);
  }
  BOOST_TEST(found.files[1].ends_with("10.PNG"));
  BOOST_TEST(found.skipped.empty());
}

BOOST_AUTO_TEST_CASE(test_pictures_take_the_labels_of_the_training) {
  const Folder folder;
  folder.put("b/1.png", flat_png(2, 2, 1));
  const ImageFolder found = read_image_folder(folder.name(), shape, {.classes = {"a", "b", "c"}});
  BOOST_TEST(found.data.label(0) == 1);
  BOOST_TEST(found.data.classes() == 3);
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape, {.classes = {"a"}}), Error,
                        says("is none of the 1 classes"));
}

BOOST_AUTO_TEST_CASE(a_broken_picture_is_named_and_refused_or_left_out) {
  const Folder folder;
  folder.put("a/1.png", flat_png(2, 2, 1));
  folder.put("a/2.png", flat_png(2, 2, 2).substr(0, 40));
  folder.put("a/3.jpg", "");
  folder.put("a/4.png", flat_png(2, 2, 4));
  BOOST_CHECK_THROW(read_image_folder(folder.name(), shape), Error);
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape, {.threads = 1}), Error, says("a/2.png"));
  const ImageFolder found = read_image_folder(folder.name(), shape, {.skips_broken = true});
  BOOST_REQUIRE(found.data.size() == 2);
  BOOST_TEST(found.data.image(1).bytes[0] == 4);
  BOOST_TEST(found.files[1].ends_with("4.png"));
  BOOST_REQUIRE(found.skipped.size() == 2u);
  BOOST_TEST(found.skipped[0].find("2.png") != std::string::npos);
  BOOST_TEST(found.skipped[1].find("3.jpg") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_picture_by_another_name_is_read_by_what_it_is) {
  const Folder folder;
  folder.put("a/1.jpg", flat_png(2, 2, 50));
  BOOST_TEST(read_image_folder(folder.name(), shape).data.image(0).bytes[0] == 50);
}

BOOST_AUTO_TEST_CASE(folders_that_hold_nothing) {
  const Folder folder;
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape), Error, says("holds no folder"));
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name() + "/none", shape), Error, says("cannot be read"));
  folder.put("a/text.txt", "text");
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape), Error, says("holds no PNG, JPEG or BMP file"));
  folder.put("a/1.png", "broken");
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape, {.skips_broken = true}), Error,
                        says("none of its pictures"));
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), Shape::vector(9)), Error, says("height x width"));
}

BOOST_AUTO_TEST_CASE(the_first_broken_picture_is_the_one_that_is_named) {
  const Folder folder;
  for (int i = 10; i < 40; ++i)
    folder.put("a/" + std::to_string(i) + ".png", i < 13 || i % 2 == 0 ? flat_png(40, 40, 1) : std::string("broken"));
  for (int repeat = 0; repeat < 20; ++repeat)
    BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape, {.threads = 4}), Error, says("a/13.png"));
}

// A row of pixels is missing, which shows when all others are unpacked: the larger, the later.
BOOST_AUTO_TEST_CASE(the_first_broken_picture_is_named_whoever_finds_its_own_first) {
  const auto lacking = [](std::uint32_t side) {
    return picture_files::png(side, side, 8, 0, std::string(std::size_t{side} * (side - 1), 1));
  };
  for (const bool first_is_late : {false, true}) {
    const Folder folder;
    folder.put("a/1.png", lacking(first_is_late ? 3000 : 1000));
    folder.put("a/2.png", lacking(first_is_late ? 1000 : 3000));
    for (int repeat = 0; repeat < 4; ++repeat)
      BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape, {.threads = 2}), Error, says("a/1.png"));
  }
}

BOOST_AUTO_TEST_CASE(samples_stay_in_order_around_those_left_out) {
  const Folder folder;
  for (int i = 10; i < 31; ++i)
    folder.put("a/" + std::to_string(i) + ".png",
               i % 3 == 0 ? std::string("broken") : flat_png(2, 2, static_cast<char>(i)));
  // Samples so large that a stretch holds four pictures.
  const Shape large = Shape::image(1500, 1500, 1);
  const ImageFolder found = read_image_folder(folder.name(), large, {.skips_broken = true, .threads = 1});
  BOOST_REQUIRE(found.data.size() == 14);
  for (std::int64_t i = 0; i < found.data.size(); ++i) {
    const int value = static_cast<int>(10 + i + i / 2);
    BOOST_TEST(int{found.data.image(i).bytes[0]} == value);
    BOOST_TEST(found.files[static_cast<std::size_t>(i)].ends_with(std::to_string(value) + ".png"));
  }
}

BOOST_AUTO_TEST_CASE(links_that_lead_nowhere) {
  const Folder folder;
  folder.put("a/1.png", flat_png(2, 2, 1));
  fs::create_symlink("2.png", folder.path / "a/2.png");  // to itself
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape), Error, says("2.png: cannot open: "));
  BOOST_TEST(read_image_folder(folder.name(), shape, {.skips_broken = true}).data.size() == 1);
  fs::create_directory_symlink("..", folder.path / "a/up.png");  // a folder, whatever its name
  BOOST_TEST(read_image_folder(folder.name(), shape, {.skips_broken = true}).data.size() == 1);
  fs::create_symlink("b", folder.path / "b");
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape), Error, says("/b: leads nowhere"));
  fs::remove(folder.path / "b");
  fs::create_symlink("gone", folder.path / "b");
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape), Error, says("/b: leads nowhere"));
  fs::remove(folder.path / "b");
  fs::create_directory_symlink(".", folder.path / "b");  // a class with a folder in it, and no picture
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape), Error, says("/b: holds no PNG, JPEG or BMP"));
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_not_waited_for) {
  const Folder folder;
  folder.put("a/1.png", flat_png(2, 2, 1));
  BOOST_REQUIRE(::mkfifo((folder.path / "a/2.png").c_str(), 0600) == 0);
  BOOST_TEST(read_image_folder(folder.name(), shape).data.size() == 1);
}

BOOST_AUTO_TEST_CASE(files_that_may_not_be_read, *boost::unit_test::precondition(is_no_root)) {
  const Folder folder;
  folder.put("a/1.png", flat_png(2, 2, 1));
  fs::permissions(folder.path / "a/1.png", fs::perms::none);
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape), Error, says("1.png: cannot open: Permission"));
  fs::permissions(folder.path / "a", fs::perms::none);
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape), Error, says("/a: cannot be read"));
  fs::permissions(folder.path / "a", fs::perms::owner_all);
}

BOOST_AUTO_TEST_CASE(names_that_are_not_utf8) {
  const Folder folder;
  folder.put("a/caf\xE9.png", flat_png(2, 2, 9));
  BOOST_TEST(read_image_folder(folder.name(), shape).data.image(0).bytes[0] == 9);
  folder.put("caf\xE9/1.png", flat_png(2, 2, 1));
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape), Error, says("is not UTF-8"));
}

BOOST_AUTO_TEST_CASE(random_parts_stand_side_by_side) {
  const Folder folder;
  folder.put("a/1.png", picture_files::png(1, 8, 8, 0, "01234567"));
  folder.put("b/1.png", flat_png(9, 9, 100));
  const ImageFolderOptions options{.crops = {.per_picture = 3, .seed = 5}};
  const ImageFolder found = read_image_folder(folder.name(), Shape::image(1, 4, 1), options);
  BOOST_REQUIRE(found.data.size() == 6);
  for (int i = 0; i < 6; ++i) BOOST_TEST(found.data.label(i) == i / 3);
  BOOST_TEST(found.files[2] == found.files[0]);
  for (const std::uint8_t byte : found.data.bytes().subspan(12)) BOOST_TEST(byte == 100);
  const auto same = [](std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    return std::equal(a.begin(), a.end(), b.begin());
  };
  BOOST_TEST(!(same(found.data.image(0).bytes, found.data.image(1).bytes) &&
               same(found.data.image(0).bytes, found.data.image(2).bytes)));
  const ImageFolder again = read_image_folder(folder.name(), Shape::image(1, 4, 1), options);
  BOOST_TEST(same(found.data.bytes(), again.data.bytes()));
  BOOST_CHECK_THROW(read_image_folder(folder.name(), shape, {.crops = {.per_picture = 1, .least_area = 2}}), Error);
}

BOOST_AUTO_TEST_CASE(more_than_there_may_be) {
  const Folder folder;
  folder.put("a/1.png", flat_png(2, 2, 1));
  folder.put("a/2.png", flat_png(2, 2, 1));
  BOOST_CHECK_EXCEPTION(read_image_folder(folder.name(), shape, {.most_bytes = 100}), Error, says("raise most_bytes"));
}

BOOST_AUTO_TEST_SUITE_END()

#else

BOOST_AUTO_TEST_CASE(image_folder, *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                       boost::test_tools::assertion_result r(false);
                       r.message() << "skipped: built without stb_image";
                       return r;
                     })) {}

#endif
