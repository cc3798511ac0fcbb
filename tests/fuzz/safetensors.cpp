// An entry for libFuzzer; not part of the build:
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I include -I tests tests/fuzz/safetensors.cpp
//   ./a.out -max_len=4096 CORPUS (tests/golden/safetensors_python.bin is a good first file)
#include <cstdint>

#include "io/safetensors/hostile.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  read_hostile({bytes, bytes + size});
  return 0;
}
