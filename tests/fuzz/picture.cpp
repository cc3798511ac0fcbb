// An entry for libFuzzer; not part of the build:
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -DSTRATA_WITH_STB -I include -I tests
//       tests/fuzz/picture.cpp
//   ./a.out -max_len=4096 -timeout=20 -rss_limit_mb=4096 CORPUS (a small file of each kind is a good first one)
#define STB_IMAGE_IMPLEMENTATION
#include <strata/data/image_file.hpp>

#include <cstdint>
#include <vector>

#include "data/hostile_pictures.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> file(bytes, bytes + size);
  mend_png(file);
  read_hostile_picture(file);
  return 0;
}
