// Tens of thousands of damaged files: each is read rightly or refused with an Error.
#include <boost/test/unit_test.hpp>
#include <random>
#include <set>

#include "io/safetensors/hostile.hpp"
#include "io/safetensors/sample.hpp"

namespace {

/// Damages files at random, always the same way for the same seed.
class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }

  std::string operator()(std::string file) {
    if (below(8) == 0) file = assembled();
    const std::size_t damages = below(4);
    // Most damage goes to the header, with its length set right again: else hardly any would get past the first check.
    if (below(4) != 0 && file.size() >= 8) {
      std::uint64_t length = 0;
      std::memcpy(&length, file.data(), 8);
      std::string header = file.substr(8, length);
      const std::string data = file.substr(std::min<std::size_t>(file.size(), 8 + header.size()));
      for (std::size_t i = 0; i <= damages; ++i) damage(header);
      if (below(2) == 0) header.append(below(9), ' ');
      length = header.size();
      std::string out(8, '\0');
      std::memcpy(out.data(), &length, 8);
      return out + header + data;
    }
    for (std::size_t i = 0; i <= damages; ++i) damage(file);
    return file;
  }

 private:
  std::string_view token() {
    static constexpr std::string_view tokens[] = {"{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ",",
                                                  ":",
                                                  "\"",
                                                  "\\",
                                                  "\\u0000",
                                                  "\\ud83d\\ude00",
                                                  "\\ud800",
                                                  "null",
                                                  "true",
                                                  "-1",
                                                  "-0",
                                                  "0",
                                                  "1",
                                                  "4",
                                                  "00",
                                                  "1.5",
                                                  "1e3",
                                                  "4294967296",
                                                  "9223372036854775807",
                                                  "9223372036854775808",
                                                  "18446744073709551615",
                                                  "18446744073709551616",
                                                  "\"__metadata__\":{},",
                                                  "\"dtype\":\"F32\",",
                                                  "\"U8\"",
                                                  "\"F8_E4M3\"",
                                                  "\"data_offsets\":[0,0],",
                                                  "\"shape\":[],",
                                                  "\"x\":[[{\"y\":[]}]],",
                                                  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
                                                  "\xC3\xA4",
                                                  "\xC3",
                                                  "\xED\xA0\x80",
                                                  "\x7F",
                                                  "\x01",
                                                  "  ",
                                                  "\n"};
    return tokens[below(std::size(tokens))];
  }

  /// A header with the right grammar and random numbers, and a random amount of data.
  std::string assembled() {
    static constexpr std::string_view types[] = {"U8", "I16", "F32", "F64", "F16", "BF16", "BOOL", "F4"};
    static constexpr std::string_view numbers[] = {"0", "1", "2", "3", "4", "8", "4294967296", "18446744073709551615"};
    std::string header = "{";
    std::size_t at = 0;
    for (std::size_t i = 0, n = below(5); i < n; ++i) {
      const std::size_t size = below(3) * 4;
      std::string shape = below(4) == 0 ? std::string(numbers[below(8)]) + ",2" : std::to_string(size / 4);
      std::string begin = std::to_string(at), end = std::to_string(at + size);
      if (below(8) == 0) begin = numbers[below(8)];
      if (below(8) == 0) end = numbers[below(8)];
      at += size;
      // One random number per statement: the order within an expression is the compiler's.
      const std::string name(1, static_cast<char>('a' + below(8)));
      const std::string type(below(2) == 0 ? types[below(8)] : "F32");
      header += std::string(i > 0 ? "," : "") + "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":[" + shape +
                "],\"data_offsets\":[" + begin + "," + end + "]}";
    }
    header += "}";
    const std::uint64_t length = header.size();
    std::string out(8, '\0');
    std::memcpy(out.data(), &length, 8);
    return out + header + std::string(below(8) == 0 ? below(20) : at, 'd');
  }

  void damage(std::string& text) {
    const std::size_t at = below(text.size()), size = 1 + below(below(4) == 0 ? 64 : 4);
    switch (text.empty() ? 3 : below(8)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 1:
        text[at] = static_cast<char>(random_() & 255);
        break;
      case 2:
        text.resize(at);
        break;
      case 3:
        text.insert(at, token());
        break;
      case 4:
        text.erase(at, size);
        break;
      case 5:
        text.replace(at, size, token());
        break;
      case 6:
        text.insert(below(text.size()), text.substr(at, 16 * size));
        break;  // a piece twice
      case 7:
        for (std::size_t i = at; i < text.size(); ++i) {
          if (text[i] < '0' || text[i] > '9') continue;
          text[i] = static_cast<char>('0' + below(10));
          break;
        }
        break;
      default:
        break;
    }
  }

  std::mt19937 random_;
};

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span<const char>(text));
  return {bytes.begin(), bytes.end()};
}

/// A message without its numbers and quoted parts: what kind of fault was found.
std::string kind_of(const std::string& message) {
  std::string out;
  bool quoted = false;
  for (const char c : message) {
    if (c == '\'') quoted = !quoted;
    if (!quoted && (c < '0' || c > '9')) out += c;
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(safetensors_fuzz)

BOOST_AUTO_TEST_CASE(damaged_files_are_read_or_refused) {
  const Sample sample;
  const std::vector<std::byte> whole = strata::safetensors::serialize(sample.metadata, sample.tensors);
  const std::vector<std::byte> few =
      strata::safetensors::serialize({{"a", "b"}}, std::span(sample.tensors).subspan(0, 3));
  std::vector<std::string> seeds;
  for (const auto& bytes : {whole, few, few, file_bytes("{}", 0)}) {
    seeds.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  Mutator mutate(20240229);
  std::size_t read = 0;
  constexpr std::size_t rounds = 80000;
  std::set<std::string> kinds;
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::string file = mutate(seeds[mutate.below(seeds.size())]);
    std::string error;
    BOOST_REQUIRE_NO_THROW(error = read_hostile(bytes_of(file)));
    if (error.empty()) {
      ++read;
    } else {
      kinds.insert(kind_of(error));
    }
  }
  // The damage reaches all parts of the reader: some files stay good, and the faults found are of many kinds.
  BOOST_TEST_MESSAGE(rounds << " files, " << read << " of them good, " << kinds.size() << " kinds of faults");
  BOOST_TEST(read > rounds / 50);
  BOOST_TEST(read < rounds / 2);
  BOOST_TEST(kinds.size() > 60u);
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused) {
  const Sample sample;
  const std::vector<std::byte> whole = strata::safetensors::serialize(sample.metadata, sample.tensors);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::string error = read_hostile({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)});
    if (error.empty()) BOOST_FAIL("a file cut to " << n << " of " << whole.size() << " bytes was read");
  }
  BOOST_TEST(read_hostile(whole) == "");
}

BOOST_AUTO_TEST_SUITE_END()
