// What strata_doctor knows of a machine and of the build that it is part of. Nothing here asks anybody.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace doctor {

/// An optional part: there, with a word about it, or not, with the reason.
struct Part {
  bool there = false;
  std::string about;
};

/// CUDA as this build knows it.
struct Toolkit {
  bool built_with = false;  ///< examples are compiled by nvcc
  std::string why_not;
  std::string version, nvcc;
  std::vector<std::string> architectures;  ///< as CMake names them: 80-real (machine code), 90-virtual (PTX), 90 (both)
  Part cublas;
};

/// A GPU as the driver tells of it.
struct Gpu {
  std::string name;
  int major = 0, minor = 0;  ///< 9 and 0 for sm_90
  int multiprocessors = 0;
  std::size_t memory = 0;  ///< bytes

  int architecture() const { return 10 * major + minor; }
};

/// NVIDIA's driver, asked without the toolkit, so that a machine without one hears of its GPUs.
struct Driver {
  bool there = false;
  std::string problem;  ///< why it lists no GPUs, in its own words
  std::string version;  ///< such as 580.65.06; empty where unknown
  int cuda = 0;         ///< the newest CUDA that it runs: 13000 for 13.0
  std::vector<Gpu> gpus;
};

/// CUDA's run time, asked as strata's programs ask it.
struct Runtime {
  bool asked = false;
  int version = 0;  ///< 13000 for 13.0
  int gpus = 0;
  std::string problem;  ///< cudaGetDeviceCount's words
  std::string kernel;   ///< why a kernel of this build does not run on GPU 0; empty where it ran
};

struct Processor {
  std::string instructions;  ///< what this build uses: generic, neon, avx2, avx512
  std::string best;          ///< what the processor has
  int threads = 0;           ///< what a model takes by default: the cores this process may use
};

struct Facts {
  std::string strata;  ///< its version
  Toolkit toolkit;
  Driver driver;
  Runtime runtime;
  Processor processor;
  Part zlib, stb;
};

}  // namespace doctor
