// CSV: what is right is read whatever its dialect, what is wrong is refused by file, line and column, and no mutation
// does harm.
#include <strata/data/csv.hpp>

#include <data/hostile_csv.hpp>
#include <data/idx_files.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace idx_files;
using namespace strata::csv;
using strata::Dataset;
using strata::Error;
using strata::Shape;

namespace {

// Exactly as long as the text, so that a sanitizer sees a read behind its end.
Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

Dataset read(std::string_view text, const Options& options = {}) { return parse(bytes_of(text), "d.csv", options); }

std::string message(std::string_view text, const Options& options = {}) {
  try {
    read(text, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

void holds(const Dataset& data, const std::vector<int>& labels, const std::vector<int>& pixels) {
  BOOST_TEST(data.labels() == labels, boost::test_tools::per_element());
  BOOST_TEST(data.bytes() == pixels, boost::test_tools::per_element());
}

const std::string plain = "label,a,b,c,d\n3,0,255,7,12\n9,1,20,254,0\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(csv)

BOOST_AUTO_TEST_CASE(reads_labels_and_pixels) {
  const Dataset data = read(plain);
  BOOST_TEST((data.shape() == Shape::image(2, 2, 1)));
  BOOST_TEST(data.classes() == 10);
  BOOST_TEST(data.size() == 2);
  holds(data, {3, 9}, {0, 255, 7, 12, 1, 20, 254, 0});
}

BOOST_AUTO_TEST_CASE(reads_every_dialect) {
  const std::vector<int> labels{3, 9}, pixels{0, 255, 7, 12, 1, 20, 254, 0};
  for (const char* text : {
           "3,0,255,7,12\n9,1,20,254,0",                   // no header, no newline at the end
           "3,0,255,7,12\r\n9,1,20,254,0\r\n",             // as Windows ends lines
           "label,a,b,c,d\r3,0,255,7,12\r9,1,20,254,0\r",  // as old Macs did
           "3,0,255,7,12\r9,1,20,254,0\r",                 //
           "\n\n3,0,255,7,12\n\r\n\n9,1,20,254,0\n\n\n",   // empty lines
           "\xEF\xBB\xBF"
           "3,0,255,7,12\n9,1,20,254,0\n",  // a byte order mark
           "\xEF\xBB\xBF"
           "label,1,2,3,4\n3,0,255,7,12\n9,1,20,254,0\n",                             //
           "\"label\",\"a,b\",\"b\"\"c\",\"c\",\"d\"\n3,0,255,7,12\n9,1,20,254,0\n",  // quotes, with separators inside
           "\"3\",\"0\",\"255\",\"7\",\"12\"\n9,\"1\",20,\"254\",\"0\"\n",            //
           " 3 ,0, 255,\t7 , \"12\" \n9,1,20 ,254,0 \n",                              // blanks
           "3.0,0,255.,7.00,012\n9,1.0,020,254,000.0\n",                              // as pandas writes floats
           "9.1,a,b,c,d\n3,0,255,7,12\n9,1,20,254,0\n",  // not detected below: a number where the label is
       }) {
    const bool forced = std::string_view(text).starts_with("9.1");
    holds(read(text, {.header = forced ? Header::present : Header::detect}), labels, pixels);
  }
  for (char separator : {';', '\t', ' ', '|'}) {
    std::string text = plain;
    std::replace(text.begin(), text.end(), ',', separator);
    holds(read(text, {.separator = separator}), labels, pixels);
  }
  holds(read("3, 0 ,1\n", {.separator = ','}), {3}, {0, 1});
  holds(read("3\t0\t1\t2\n", {.separator = '\t'}), {3}, {0, 1, 2});
}

BOOST_AUTO_TEST_CASE(the_header_is_detected_or_forced) {
  BOOST_TEST(read("label,0,1\n1,2,3\n").size() == 1);  // pandas names columns by numbers
  BOOST_TEST(read("0,1,label\n1,2,3\n", {.label_column = -1}).size() == 1);
  BOOST_TEST(read("a,b\n1,2\n", {.label_column = std::nullopt}).size() == 1);
  BOOST_TEST(read("0,1\n1,2\n", {.label_column = std::nullopt}).size() == 2);
  // The first row of a file without header, taken for one: what R6 did.
  holds(read("3,0,1\n4,2,3\n5,6,7\n", {.header = Header::present}), {4, 5}, {2, 3, 6, 7});
  BOOST_TEST(message("label,a,b\n1,2,3\n", {.header = Header::absent})
                 .starts_with("d.csv:1: column 1: 'label' is not a whole number, as labels are; if this row holds the "
                              "columns' names, "));
  // A damaged pixel in the first row does not make it a header.
  BOOST_TEST(message("1,2,x\n1,2,3\n").starts_with("d.csv:1: column 3: 'x' is not a whole number between 0 and 255"));
}

BOOST_AUTO_TEST_CASE(the_label_is_in_any_column_or_none) {
  for (int column : {0, 1, 2, 3, 4, -1, -2, -5}) {
    const Dataset data = read("5,6,7,8,9\n9,8,7,6,5\n", {.label_column = column});
    std::vector<int> first{5, 6, 7, 8, 9}, second{9, 8, 7, 6, 5};
    const auto at = column < 0 ? 5 + column : column;
    const std::vector<int> labels{first[static_cast<std::size_t>(at)], second[static_cast<std::size_t>(at)]};
    first.erase(first.begin() + at);
    second.erase(second.begin() + at);
    first.insert(first.end(), second.begin(), second.end());
    holds(data, labels, first);
  }
  const Dataset none = read("5,6,7,8\n9,8,7,6\n", {.label_column = std::nullopt});
  BOOST_TEST(none.classes() == 0);
  BOOST_TEST((none.shape() == Shape::image(2, 2, 1)));
  holds(none, {}, {5, 6, 7, 8, 9, 8, 7, 6});
  for (int column : {5, -6})
    BOOST_TEST(message("5,6,7,8,9\n", {.label_column = column}) ==
               "d.csv:1: there is no label column " + std::to_string(column) + " among 5 columns, which count from 0");
  BOOST_TEST(message("5;6\n", {.label_column = 1}) ==
             "d.csv:1: there is no label column 1 among 1 columns, which count from 0; is the separator right?");
  BOOST_TEST(message("5;6\n") == "d.csv:1: there is no pixel beside the label; is the separator right?");
}

BOOST_AUTO_TEST_CASE(the_shape_is_guessed_or_given) {
  const auto row = [](int pixels) {
    std::string text = "0";
    for (int i = 0; i < pixels; ++i) text += ",1";
    return text + "\n";
  };
  BOOST_TEST((read(row(784)).shape() == Shape::image(28, 28, 1)));
  BOOST_TEST((read(row(785)).shape() == Shape::vector(785)));
  BOOST_TEST((read(row(12)).shape() == Shape::vector(12)));
  BOOST_TEST((read(row(12), {.shape = Shape::image(2, 2, 3)}).shape() == Shape::image(2, 2, 3)));
  BOOST_TEST((read(row(784), {.shape = Shape::vector(784)}).shape() == Shape::vector(784)));
  BOOST_TEST(message(row(13), {.shape = Shape::image(2, 2, 3)}) ==
             "d.csv: rows of 13 pixels are no pictures of 2 x 2 x 3, which have 12");
}

BOOST_AUTO_TEST_CASE(labels_are_below_classes) {
  BOOST_TEST(message("1,2\n10,3\n") == "d.csv:2: column 1: the label is 10; labels of 10 classes go from 0 to 9");
  BOOST_TEST(message("1,2\n-1,3\n") == "d.csv:2: column 1: the label is -1; labels of 10 classes go from 0 to 9");
  BOOST_TEST(message("1,2\n1.5,3\n") == "d.csv:2: column 1: '1.5' is not a whole number, as labels are");
  BOOST_TEST(read("1,2\n25,3\n", {.classes = 26}).classes() == 26);
  BOOST_TEST(read("1,2\n25,3\n", {.classes = 0}).classes() == 26);
  BOOST_TEST(message("1,2\n65536,3\n", {.classes = 0}).find("65536; labels of 65536 classes") != std::string::npos);
  BOOST_TEST(message("1,2\n", {.classes = -1}).starts_with("d.csv: -1 classes; there are 1 to 65536, or 0"));
}

BOOST_AUTO_TEST_CASE(says_where_a_field_is_wrong) {
  // Row 17 of a file with a header stands on line 18, and on line 20 behind two empty lines.
  std::string text = "label,a,b,c,d\n";
  for (int i = 0; i < 16; ++i) text += "1,2,3,4,5\n";
  BOOST_TEST(message(text + "1,2,3,4,abc\n") == "d.csv:18: column 5: 'abc' is not a whole number between 0 and 255");
  BOOST_TEST(message(text + "\n\n1,x,3,4,5\n").starts_with("d.csv:20: column 2: 'x' is not"));
  for (const char* wrong :
       {"256", "-1", "0.5", "1e2", "1 2", "0x1", "99999999999999999999", "1.0.0", ".", "+1", "2,x"}) {
    const std::string field = wrong, shown = field == "2,x" ? "x" : field;
    const std::string column = field == "2,x" ? "4" : "3";
    BOOST_TEST(message(text + "1,2," + field + (field == "2,x" ? ",5\n" : ",4,5\n")) ==
               "d.csv:18: column " + column + ": '" + shown + "' is not a whole number between 0 and 255");
  }
  BOOST_TEST(message(text + "1,\xff\x01"
                            "0123456789012345678901234567890,3,4,5") ==
             "d.csv:18: column 2: '\?\?0123456789012345678901...' is not a whole number between 0 and 255");
  for (const char* end : {"\n", "\r\n", "\r"})
    BOOST_TEST(
        message(std::string("1,2") + end + "3,4" + end + end + "5,x" + end).starts_with("d.csv:4: column 2: 'x'"));
  const std::string missing = "the field is empty: a value is missing (csv::check counts them)";
  BOOST_TEST(message(text + "1,2,,4,5\n") == "d.csv:18: column 3: " + missing);
  BOOST_TEST(message(text + "1,2,3,4,\n") == "d.csv:18: column 5: " + missing);
  BOOST_TEST(message(text + ",2,3,4,5") == "d.csv:18: column 1: " + missing);
  BOOST_TEST(message(text + "1,2, \"\" ,4,5") == "d.csv:18: column 3: " + missing);
  BOOST_TEST(message(text + "1,2,3,NaN,5") ==
             "d.csv:18: column 4: 'NaN' says that a value is missing (csv::check counts them)");
  BOOST_TEST(message(text + "1,2,\"3,4,5\n6") == "d.csv:18: column 3: its closing quote is missing on this line");
  BOOST_TEST(message(text + "1,2,\"3\"4,5") == "d.csv:18: column 3: something follows its closing quote");
  BOOST_TEST(message(text + "1,2,3,4,\"") == "d.csv:18: column 5: its closing quote is missing on this line");
}

BOOST_AUTO_TEST_CASE(refuses_ragged_rows) {
  BOOST_TEST(message("label,a,b\n1,2,3\n1,2\n") == "d.csv:3: 2 columns, where line 1 has 3");
  BOOST_TEST(message("label,a,b\n1,2,3\n1,2,3,4,5\n") == "d.csv:3: 5 columns, where line 1 has 3");
  BOOST_TEST(message("\n1,2,3\n1\n") == "d.csv:3: 1 column, where line 2 has 3");
  BOOST_TEST(message("1,2,3\n1,2,3,\n") == "d.csv:2: 4 columns, where line 1 has 3");
  BOOST_TEST(message("1,2,3\n1,2,3,4\n", {.label_column = -1}) == "d.csv:2: 4 columns, where line 1 has 3");
  BOOST_TEST(message("1,2,3\n1,2\n", {.label_column = -1}) == "d.csv:2: 2 columns, where line 1 has 3");
}

BOOST_AUTO_TEST_CASE(refuses_nothing_at_all) {
  for (const char* text : {"", "\n\r\n", "\xEF\xBB\xBF"})
    BOOST_TEST(message(text) == "d.csv: is empty, where rows of numbers are expected");
  BOOST_TEST(message("label,a\n") == "d.csv: has no row under its header");
  for (char separator : {'\n', '\r', '"', '5', '.', '-', '\0'})
    BOOST_TEST(message(plain, {.separator = separator}).starts_with("d.csv: its separator cannot be '"));
  const Folder folder;
  refuses([&] { load(folder / "absent.csv"); }, {folder / "absent.csv", "No such file"});
  refuses([&] { load(folder.path()); }, {folder.path()});
  refuses([&] { load(folder.write("a.csv", bytes_of("1,2\n1,x\n"))); }, {folder / "a.csv" + ":2: column 2: 'x'"});
}

BOOST_AUTO_TEST_CASE(checks_and_counts) {
  const Contents good = check_bytes(bytes_of(plain));
  BOOST_TEST(good.header);
  BOOST_TEST(good.rows == 2);
  BOOST_TEST(good.columns == 5);
  BOOST_TEST(good.names == (std::vector<std::string>{"label", "a", "b", "c", "d"}), boost::test_tools::per_element());
  BOOST_TEST(good.missing_values() == 0);
  BOOST_TEST(good.label_counts == (std::vector<int>{0, 0, 0, 1, 0, 0, 0, 0, 0, 1}), boost::test_tools::per_element());

  const Contents bad = check_bytes(bytes_of("1,2,,4\n,NA,\"\",4\n1,null,3,\n2,5,6,7"), "b", {.classes = 0});
  BOOST_TEST(!bad.header);
  BOOST_TEST(bad.rows == 4);
  BOOST_TEST(bad.names.empty());
  BOOST_TEST(bad.missing == (std::vector<int>{1, 2, 2, 1}), boost::test_tools::per_element());
  BOOST_TEST(bad.missing_values() == 6);
  BOOST_TEST(bad.label_counts == (std::vector<int>{0, 2, 1}), boost::test_tools::per_element());
  BOOST_TEST(to_string(bad) ==
             "4 rows of 4 columns, no header; 6 values are missing\n  column 1: 1\n  column 2: 2\n  column 3: 2\n"
             "  column 4: 1\n  label 0: 0\n  label 1: 2\n  label 2: 1\n");
  BOOST_TEST(to_string(check_bytes(bytes_of("label,a\n0,\n"), "b", {.classes = 1})) ==
             "1 rows of 2 columns, under a header; 1 values are missing\n  column 2 (a): 1\n  label 0: 1\n");
  const Contents unlabelled = check_bytes(bytes_of("1,2\n"), "b", {.label_column = std::nullopt});
  BOOST_TEST(unlabelled.label_counts.empty());
  // What is wrong otherwise is refused all the same.
  refuses([] { check_bytes(bytes_of("1,2\n1,x\n"), "b"); }, {"b:2: column 2: 'x'"});
  refuses([] { check_bytes(bytes_of("label,a\n"), "b"); }, {"b: has no row under its header"});
  refuses([] { check_bytes(bytes_of("1,2\n1\n"), "b"); }, {"b:2: 1 column, where line 1 has 2"});
  const Folder folder;
  BOOST_TEST(check(folder.write("a.csv", bytes_of("1,\n"))).missing_values() == 1);
}

BOOST_AUTO_TEST_CASE(writes_what_it_reads) {
  const Folder folder;
  const std::string path = folder / "out.csv";
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 700; ++i) {  // more than one stretch of text
    labels.push_back(i % 7);
    for (int k = 0; k < 784; ++k) pixels.push_back(static_cast<std::uint8_t>((i * 31 + k * 7) % 256));
  }
  const Dataset data = Dataset::own(Shape::image(28, 28, 1), 10, pixels, labels);
  for (Header header : {Header::detect, Header::absent, Header::present})
    for (std::optional<int> column : {std::optional<int>(0), std::optional<int>(-1), std::optional<int>(3)}) {
      const Options options{.separator = ';', .header = header, .label_column = column};
      write(path, data, options);
      const Dataset again =
          load(path, options.header == Header::present ? options : Options{.separator = ';', .label_column = column});
      BOOST_TEST((again.shape() == data.shape()));
      BOOST_TEST(std::equal(again.bytes().begin(), again.bytes().end(), pixels.begin(), pixels.end()));
      BOOST_TEST(std::equal(again.labels().begin(), again.labels().end(), labels.begin(), labels.end()));
    }
  write(path, Dataset::own(Shape::image(1, 3, 1), std::vector<std::uint8_t>{0, 10, 255, 7, 8, 9}));
  std::vector<std::byte> file = strata::read_file(path);
  BOOST_TEST(std::string_view(reinterpret_cast<const char*>(file.data()), file.size()) ==
             "pixel0,pixel1,pixel2\n0,10,255\n7,8,9\n");
  write(path, data.take(1), {.header = Header::absent});
  file = strata::read_file(path);
  BOOST_TEST(std::string_view(reinterpret_cast<const char*>(file.data()), 10) == "0,0,7,14,2");

  // An old file stays where a new one cannot be made, and nothing is left aside.
  const Dataset floats = Dataset::own(Shape::vector(2), std::vector<float>{1, 2});
  refuses([&] { write(path, floats); }, {path, "not written", "floats"});
  refuses([&] { write(path, data, {.label_column = 785}); }, {path, "no label column 785 among 785"});
  BOOST_TEST(strata::read_file(path).size() == file.size());
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

// Whatever the bytes are, they are refused by name, or every row is there; and check agrees.
BOOST_AUTO_TEST_CASE(survives_mutations) {
  std::mt19937 random(1);
  const auto below = [&random](std::size_t n) { return random() % n; };
  const std::string_view hostile = ",\n\r\"\t 0159.-+eNa\0\xff\xEF\xBB\xBF;";
  int accepted = 0, refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = round % 2 ? plain : "\"1\",2,255\r\n3,4,5\r\n6,07,8";
    for (std::size_t k = 1 + below(3); k > 0 && !text.empty(); --k) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text[at] = hostile[below(hostile.size())];
          break;
        case 1:
          text.insert(at, 1, hostile[below(hostile.size())]);
          break;
        case 2:
          text.erase(at, 1 + below(3));
          break;
        default:
          text.resize(at);
      }
    }
    const Options options{.separator = below(8) ? ',' : ';',
                          .header = static_cast<Header>(below(3)),
                          .label_column = below(4) ? std::optional<int>(static_cast<int>(below(5)) - 2) : std::nullopt,
                          .classes = static_cast<int>(below(11))};
    (read_hostile_csv(bytes_of(text), options).empty() ? accepted : refused) += 1;
  }
  BOOST_TEST(accepted > 500, accepted);
  BOOST_TEST(refused > 5000, refused);
}

// Memory follows from the file's size: a wide first row and many short ones ask for none in advance.
BOOST_AUTO_TEST_CASE(a_small_file_cannot_ask_for_much_memory) {
  std::string text = "1";
  for (int i = 0; i < 400'000; ++i) text += ",1";
  text += std::string(400'000, '\n') + "1,1";  // 160 GB of pixels, were every line a row
  BOOST_TEST(message(text) == "d.csv:400001: 2 columns, where line 1 has 400001");
}

#ifdef STRATA_WITH_ZLIB

BOOST_AUTO_TEST_CASE(reads_gzip) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "3,0,255,7,12\n";
  const Dataset data = load(folder.write("a.csv.gz", gzip(bytes_of(text))));
  BOOST_TEST(data.size() == 5000);
  BOOST_TEST(data.bytes()[19998] == 7);
  holds(load(folder.write("b.csv.gz", gzip(bytes_of("1,2\n")))), {1}, {2});
  Bytes cut = gzip(bytes_of(text));
  cut.resize(cut.size() / 2);
  refuses([&] { load(folder.write("c.csv.gz", cut)); }, {"c.csv.gz: its gzip data end too early"});
}

#endif

BOOST_AUTO_TEST_SUITE_END()
