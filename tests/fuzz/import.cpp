// An entry for libFuzzer; not part of the build:
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I include -I tests tests/fuzz/import.cpp
//   ./a.out -max_len=8192 CORPUS (a file with the tensors of hostile_weights::good() is a good first one)
#include <cstdint>

#include "model/hostile_weights.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  hostile_weights::read_hostile_weights({bytes, bytes + size});
  return 0;
}
