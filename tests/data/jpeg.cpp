// The segments of a JPEG file: where it ends, which way up it is, and whether its Huffman tables can be.
#include <strata/data/jpeg.hpp>

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int v : values) text += static_cast<char>(v);
  return text;
}

auto facts(const std::string& file) { return strata::detail::jpeg_facts(std::as_bytes(std::span<const char>(file))); }

// A DHT segment with one table of these counts of codes by length, and as many symbols.
std::string huffman(std::initializer_list<int> counts, int symbols) {
  std::string table = bytes({0});
  for (const int count : counts) table += static_cast<char>(count);
  table.resize(17, '\0');
  table.append(static_cast<std::size_t>(symbols), 'x');
  const int length = static_cast<int>(table.size()) + 2;
  return bytes({0xFF, 0xC4, length >> 8, length & 0xFF}) + table;
}

const std::string start = bytes({0xFF, 0xD8}), end = bytes({0xFF, 0xD9});
const std::string scan = bytes({0xFF, 0xDA, 0, 3, 1}) + "pixels" + bytes({0xFF, 0, 0xFF, 0xD3}) + "pixels";

}  // namespace

BOOST_AUTO_TEST_SUITE(jpeg)

BOOST_AUTO_TEST_CASE(is_known_by_its_first_bytes) {
  BOOST_TEST(facts(start + end).has_value());
  for (const std::string& other : {std::string(), start, std::string("\x89PNG\r\n"), std::string("\xFF\xD8 text")})
    BOOST_TEST(!facts(other).has_value());
}

BOOST_AUTO_TEST_CASE(is_complete_when_its_last_segment_ends_it) {
  BOOST_TEST(facts(start + scan + end)->complete);
  BOOST_TEST(facts(start + scan + scan + bytes({0xFF, 0xFF}) + end + "whatever follows")->complete);
  BOOST_TEST(!facts(start + scan)->complete);
  BOOST_TEST(!facts(start + scan + bytes({0xFF}))->complete);
  BOOST_TEST(!facts(start + bytes({0xFF, 0xE0, 0, 5, 0xFF, 0xFF, 0xD9}) + scan)->complete);  // an end within a segment
  BOOST_TEST(!facts(start + bytes({0xFF, 0xE0, 0, 1}) + end)->complete);                     // a length of 1 cannot be
  BOOST_TEST(!facts(start + bytes({0xFF, 0xE0, 0, 90}) + end)->complete);                    // nor one beyond the file
}

BOOST_AUTO_TEST_CASE(is_sound_when_its_tables_are_prefix_codes) {
  BOOST_TEST(facts(start + huffman({0, 1, 5, 1, 1, 1, 1, 1, 1}, 12) + scan + end)->sound);  // T.81, table K.3
  BOOST_TEST(facts(start + huffman({2}, 2) + scan + end)->sound);
  BOOST_TEST(!facts(start + huffman({3}, 3) + scan + end)->sound);         // a third code of one bit
  BOOST_TEST(!facts(start + huffman({1, 2, 1}, 4) + scan + end)->sound);   // nothing is left for three bits
  BOOST_TEST(!facts(start + huffman({0, 1, 5}, 5) + scan + end)->sound);   // a symbol short
  BOOST_TEST(!facts(start + scan + huffman({3}, 3) + scan + end)->sound);  // between two scans
  BOOST_TEST(facts(start + huffman({0, 0, 0, 0, 0, 0, 0, 0, 200, 56}, 256) + end)->sound);
  BOOST_TEST(!facts(start + huffman({0, 0, 0, 0, 0, 0, 0, 0, 200, 57}, 257) + end)->sound);  // symbols are bytes
}

BOOST_AUTO_TEST_SUITE_END()
