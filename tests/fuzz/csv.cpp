// An entry for libFuzzer; not part of the build:
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I include -I tests tests/fuzz/csv.cpp
//   ./a.out -only_ascii=1 -max_len=512 CORPUS
#include <cstdint>

#include "data/hostile_csv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  for (const std::optional<int> label : {std::optional<int>(0), std::optional<int>(-1), std::optional<int>()})
    read_hostile_csv({bytes, bytes + size}, {.label_column = label});
  return 0;
}
