// What will run where: conclusions from the facts alone.
#pragma once

#include "facts.hpp"

namespace doctor {

/// The oldest GPUs that strata's kernels run on.
inline constexpr int oldest_architecture = 80;

/// How a GPU gets its code from a build.
enum class Code { machine, compiled_at_start, none };

/// Machine code runs on its own generation from its own number on: sm_80 on 8.0 to 8.9. PTX is compiled by the driver
/// for any later GPU. A name with a letter (90a) is for that one GPU.
Code code_for(const Gpu&, const std::vector<std::string>& architectures);

/// An answer, why, and what to do about it; `why` and `advice` may be empty.
struct Verdict {
  bool runs = false;
  std::string what;  ///< "avx2, 2 threads"; the GPU
  std::string why, advice;
};

Verdict judge_cpu(const Facts&);
Verdict judge_cuda(const Facts&);

/// "13.0" of 13000.
std::string cuda_version(int);

}  // namespace doctor
