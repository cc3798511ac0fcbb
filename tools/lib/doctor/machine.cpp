// The build that this program is part of, and the processor it runs on.
#include "ask.hpp"
#include "library.hpp"

#include <build.hpp>

#include <strata/core/backend.hpp>
#include <strata/cpu/pool.hpp>

#include <sstream>

namespace doctor {

static Part ask_cublas() {
  Library library(build::cublas);
  std::size_t (*version)();
  if (!library.find(version, "cublasLtGetVersion")) return {.there = false, .about = library.problem()};
  const std::size_t v = version();  // 130100 is 13.1.0
  return {.there = true,
          .about = std::to_string(v / 10000) + '.' + std::to_string(v / 100 % 100) + '.' + std::to_string(v % 100)};
}

Toolkit ask_build() {
  Toolkit toolkit{.built_with = build::with_cuda,
                  .why_not = build::why_no_cuda,
                  .version = build::toolkit,
                  .nvcc = build::nvcc,
                  .architectures = {},
                  .cublas = {}};
  std::istringstream names(build::architectures);
  for (std::string name; names >> name;) toolkit.architectures.push_back(name);
  if (build::with_cuda) toolkit.cublas = ask_cublas();
  return toolkit;
}

static std::string name_of(strata::Isa isa) {
  switch (isa) {
    case strata::Isa::neon:
      return "neon";
    case strata::Isa::avx2:
      return "avx2";
    case strata::Isa::avx512:
      return "avx512";
    case strata::Isa::generic:
      break;
  }
  return "generic";
}

/// The widest of the engine's instruction sets that this processor has, by the same conditions as core/backend.hpp.
static strata::Isa best_of_processor() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    return strata::Isa::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return strata::Isa::avx2;
#endif
  return strata::native_isa;
}

Processor ask_processor() {
  const strata::cpu::Pool pool;
  return {.instructions = name_of(strata::native_isa), .best = name_of(best_of_processor()), .threads = pool.threads()};
}

}  // namespace doctor
