// A file is read whole, or an error says why; a file is written whole, or the old one stays.
#include <strata/core/file.hpp>

#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "io/folder.hpp"

using strata::Error;
using strata::FileWriter;
using strata::read_file;

namespace {

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

using Names = std::vector<std::string>;

/// Files of this process cannot grow beyond so many bytes while this lives, as if the disk were full.
struct FullDisk {
  rlimit before{};
  explicit FullDisk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);  // the write shall fail, not the process
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit now = before;
    now.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_DFL);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(file)

BOOST_AUTO_TEST_CASE(reads_every_length) {
  const Folder folder;
  for (const std::size_t n : {0u, 1u, 65534u, 65535u, 65536u, 65537u, 131072u, 200000u}) {
    std::string text(n, '\0');
    for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<char>(i * 7 % 251);
    put(folder.file("x"), text);
    BOOST_TEST((text_of(read_file(folder.file("x"))) == text), "length " << n);
  }
}

BOOST_AUTO_TEST_CASE(reads_a_pipe_and_files_that_hide_their_size) {
  const Folder folder;
  const std::string pipe = folder.file("pipe"), text(300000, 'p');
  BOOST_REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  std::thread writer([&] { put(pipe, text); });
  const std::vector<std::byte> bytes = read_file(pipe);
  writer.join();
  BOOST_TEST((text_of(bytes) == text));
  if (std::filesystem::exists("/proc/self/maps")) BOOST_TEST(read_file("/proc/self/maps").size() > 0u);
}

BOOST_AUTO_TEST_CASE(names_what_cannot_be_read) {
  const Folder folder;
  const auto error = [](const std::string& path) { return message_of<Error>([&] { read_file(path); }); };
  BOOST_TEST(error(folder.file("none")) == folder.file("none") + ": cannot open: No such file or directory");
  BOOST_TEST(contains(error(folder.path.string()), "cannot read: Is a directory"));
}

BOOST_AUTO_TEST_CASE(writes_and_replaces) {
  const Folder folder;
  for (const std::string& text : {std::string("first"), std::string(100000, 'x'), std::string()}) {
    FileWriter writer(folder.file("x"));
    writer.write(std::string_view(text).substr(0, text.size() / 2));
    writer.write(std::string_view(text).substr(text.size() / 2));
    writer.commit();
    BOOST_TEST((get(folder.file("x")) == text));
    BOOST_TEST(folder.names() == Names{"x"}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(the_old_file_is_there_until_commit_and_stays_without_it) {
  const Folder folder;
  put(folder.file("x"), "old");
  {
    FileWriter writer(folder.file("x"));
    writer.write(std::string(100000, 'n'));
    BOOST_TEST(get(folder.file("x")) == "old");
    BOOST_TEST(folder.names().size() == 2u);
  }
  BOOST_TEST(get(folder.file("x")) == "old");
  BOOST_TEST(folder.names() == Names{"x"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_old_file_and_no_other) {
  const Folder folder;
  put(folder.file("x"), "old");
  for (const std::size_t n : {100u, 1000000u}) {  // the first fails when the buffer is written out, in commit()
    const std::string text(n, 'n');
    std::string error;
    {
      const FullDisk full(50);
      error = message_of<Error>([&] {
        FileWriter writer(folder.file("x"));
        writer.write(text);
        writer.commit();
      });
    }
    BOOST_TEST(contains(error, folder.file("x") + ": cannot write"), error);
    BOOST_TEST(contains(error, "File too large"), error);
    BOOST_TEST(get(folder.file("x")) == "old");
    BOOST_TEST(folder.names() == Names{"x"}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_file_with_a_gap_cannot_be_committed) {
  const Folder folder;
  FileWriter writer(folder.file("x"));
  std::string first;
  {
    const FullDisk full(50);
    first = message_of<Error>([&] { writer.write(std::string(1000000, 'n')); });
  }
  BOOST_TEST(contains(first, "cannot write"));
  BOOST_CHECK_THROW(writer.write("more"), Error);
  BOOST_CHECK_THROW(writer.commit(), Error);
  BOOST_TEST(!std::filesystem::exists(folder.file("x")));
}

BOOST_AUTO_TEST_CASE(names_what_cannot_be_written) {
  const Folder folder;
  const auto error = [](const std::string& path) {
    return message_of<Error>([&] {
      FileWriter writer(path);
      writer.write("x");
      writer.commit();
    });
  };
  BOOST_TEST(error(folder.file("none/x")) ==
             folder.file("none/x") + ": cannot create a file in its folder: No such file or directory");
  std::filesystem::create_directory(folder.path / "taken");
  BOOST_TEST(contains(error(folder.file("taken")), "taken: cannot write"));
  BOOST_TEST(folder.names() == Names{"taken"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(two_writers_and_leftovers_do_not_disturb_each_other) {
  const Folder folder;
  put(folder.file("x.tmp0"), "left by a killed program");
  FileWriter first(folder.file("x")), second(folder.file("x"));
  first.write("first");
  second.write("second");
  second.commit();
  BOOST_TEST(get(folder.file("x")) == "second");
  first.commit();
  BOOST_TEST(get(folder.file("x")) == "first");
  BOOST_TEST(get(folder.file("x.tmp0")) == "left by a killed program");
  BOOST_TEST(folder.names().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
