#include "verdict.hpp"

#include <cctype>

namespace doctor {

static const std::string install_toolkit =
    "install CUDA's toolkit, 13 or later (https://developer.nvidia.com/cuda-downloads), and configure again";

Code code_for(const Gpu& gpu, const std::vector<std::string>& architectures) {
  Code code = Code::none;
  for (const std::string& name : architectures) {
    std::size_t digits = 0;
    while (digits < name.size() && std::isdigit(static_cast<unsigned char>(name[digits])) != 0) ++digits;
    if (digits == 0) return Code::machine;  // native, all, all-major: whatever the toolkit has
    const int number = std::stoi(name.substr(0, digits)), own = gpu.architecture();
    const bool real = !name.ends_with("-virtual"), ptx = !name.ends_with("-real");
    if (digits < name.size() && name[digits] != '-') {
      if (number == own) return Code::machine;
      continue;
    }
    if (real && number / 10 == gpu.major && number <= own) return Code::machine;
    if (ptx && number <= own) code = Code::compiled_at_start;
  }
  return code;
}

std::string cuda_version(int version) {
  return std::to_string(version / 1000) + '.' + std::to_string(version % 1000 / 10);
}

static std::string name_of(const Gpu& gpu) { return gpu.name + ", sm_" + std::to_string(gpu.architecture()); }

static Verdict no(std::string why, std::string advice) {
  return {.runs = false, .what = "", .why = std::move(why), .advice = std::move(advice)};
}

Verdict judge_cpu(const Facts& facts) {
  const Processor& p = facts.processor;
  Verdict verdict{.runs = true,
                  .what = p.instructions + ", " + std::to_string(p.threads) + (p.threads == 1 ? " thread" : " threads"),
                  .why = "",
                  .advice = ""};
  if (p.best != p.instructions)
    verdict.advice = "this processor has " + p.best + ": compile for it by -march=native (CMake: -DSTRATA_NATIVE=ON)";
  return verdict;
}

/// Why GPU `number` cannot run this build's kernels, or which way it will.
static Verdict judge_gpu(const Facts& facts, std::size_t number) {
  const Gpu& gpu = facts.driver.gpus[number];
  const std::string name = "GPU " + std::to_string(number) + " (" + name_of(gpu) + ")";
  if (gpu.architecture() < oldest_architecture)
    return no(name + " is too old: strata needs sm_" + std::to_string(oldest_architecture) + " (Ampere) or later",
              "run on the CPU, or on a newer GPU");
  const std::string recompile = "configure with -DSTRATA_CUDA_ARCHITECTURES=" + std::to_string(gpu.architecture());
  const Code code = code_for(gpu, facts.toolkit.architectures);
  if (code == Code::none) return no("this build has no code for " + name, recompile);
  if (code == Code::compiled_at_start && facts.driver.cuda < facts.runtime.version)
    return no("this build has no machine code for " + name + ", and the driver, for CUDA " +
                  cuda_version(facts.driver.cuda) + ", does not compile CUDA " + cuda_version(facts.runtime.version),
              recompile + ", or install a newer driver");
  return {.runs = true,
          .what = name,
          .why = "",
          .advice = code == Code::machine ? "" : "the first start compiles for this GPU; to save that, " + recompile};
}

Verdict judge_cuda(const Facts& facts) {
  const Driver& driver = facts.driver;
  if (!facts.toolkit.built_with) {
    if (!driver.there)
      return no("this build has none (" + facts.toolkit.why_not + "), and the machine has no driver",
                "for a GPU, install NVIDIA's driver first; then " + install_toolkit);
    bool usable = false;
    for (const Gpu& gpu : driver.gpus) usable = usable || gpu.architecture() >= oldest_architecture;
    return no("this build has none (" + facts.toolkit.why_not + ")",
              usable                ? "there is a GPU for it: " + install_toolkit + " with -DSTRATA_CUDA=AUTO"
              : driver.gpus.empty() ? "the driver finds no GPU either (" + driver.problem + ")"
                                    : judge_gpu(facts, 0).why);
  }
  const std::string asked =
      facts.runtime.problem.empty() ? std::string() : "cudaGetDeviceCount: " + facts.runtime.problem;
  if (!driver.there)
    return no("there is no driver (" + (asked.empty() ? "" : asked + "; ") + driver.problem + ")",
              "install NVIDIA's driver where there is a GPU (in a container, start it with --gpus all); "
              "programs run on the CPU meanwhile: --backend cpu");
  if (!driver.problem.empty())
    return no("the driver does not answer (" + driver.problem + ")", "see what nvidia-smi says");
  if (driver.gpus.empty()) return no("the driver finds no GPU", "see what nvidia-smi says, and CUDA_VISIBLE_DEVICES");
  if (driver.cuda / 1000 < facts.runtime.version / 1000)
    return no("the driver is too old: it runs CUDA " + cuda_version(driver.cuda) + ", this build is made by " +
                  cuda_version(facts.runtime.version) + (asked.empty() ? "" : " (" + asked + ")"),
              "install a newer driver, or build by a toolkit of CUDA " + std::to_string(driver.cuda / 1000));
  if (facts.runtime.gpus == 0)
    return no("the run time finds no GPU (" + (asked.empty() ? "no reason given" : asked) + ")",
              "see what nvidia-smi says");
  if (!facts.toolkit.cublas.there)
    return no("cuBLAS cannot be loaded (" + facts.toolkit.cublas.about + ")",
              "install it beside the toolkit, and name its folder in LD_LIBRARY_PATH");

  // Programs take GPU 0.
  Verdict verdict = judge_gpu(facts, 0);
  if (verdict.runs && !facts.runtime.kernel.empty())
    return no("no kernel runs: " + facts.runtime.kernel, "see what nvidia-smi says");
  for (std::size_t i = 1; i < driver.gpus.size() && !verdict.runs; ++i) {
    if (!judge_gpu(facts, i).runs) continue;
    verdict.advice = "GPU " + std::to_string(i) + " will do: set CUDA_VISIBLE_DEVICES=" + std::to_string(i);
    break;
  }
  return verdict;
}

}  // namespace doctor
