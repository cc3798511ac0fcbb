#include "report.hpp"
#include "verdict.hpp"

#include <strata/core/bytes.hpp>

namespace doctor {

static void line(std::string& text, std::string name, const std::string& value) {
  name.resize(12, ' ');
  text += "  " + name + value + '\n';
}

static std::string about_gpu(const Gpu& gpu, const Toolkit& toolkit) {
  std::string text = gpu.name + ", sm_" + std::to_string(gpu.architecture()) + ", " +
                     strata::detail::readable_bytes(gpu.memory) + ", " + std::to_string(gpu.multiprocessors) +
                     " multiprocessors; ";
  if (gpu.architecture() < oldest_architecture) return text + "too old";
  if (!toolkit.built_with) return text + "suits strata";
  switch (code_for(gpu, toolkit.architectures)) {
    case Code::machine:
      return text + "this build has its machine code";
    case Code::compiled_at_start:
      return text + "this build has PTX for it";
    case Code::none:
      break;
  }
  return text + "this build has no code for it";
}

static std::string conclusion(const std::string& name, const Verdict& verdict) {
  std::string text = "  " + name + ": ";
  text += verdict.runs ? verdict.what : "no, because " + verdict.why;
  if (!verdict.advice.empty()) text += "\n    " + verdict.advice;
  return text + '\n';
}

static std::string about_part(const Part& part) { return (part.there ? "yes (" : "no (") + part.about + ')'; }

std::string as_text(const Facts& facts) {
  const Toolkit& toolkit = facts.toolkit;
  const Driver& driver = facts.driver;
  const Processor& processor = facts.processor;
  std::string text = "strata " + facts.strata + " on this machine\n\n";

  line(text, "processor",
       processor.best + ", of which this build uses " + processor.instructions + "; " +
           std::to_string(processor.threads) + (processor.threads == 1 ? " core" : " cores"));
  if (toolkit.built_with) {
    line(text, "toolkit", "CUDA " + toolkit.version + ", " + toolkit.nvcc);
    std::string names;
    for (const std::string& name : toolkit.architectures) names += (names.empty() ? "" : ", ") + name;
    line(text, "built for", names);
    line(text, "cuBLAS", toolkit.cublas.there ? toolkit.cublas.about : "no (" + toolkit.cublas.about + ')');
  } else {
    line(text, "toolkit", "none (" + toolkit.why_not + ')');
  }
  if (!driver.there) {
    line(text, "driver", "none (" + driver.problem + ')');
  } else {
    line(text, "driver",
         (driver.version.empty() ? "" : driver.version + ", ") + "for CUDA " + cuda_version(driver.cuda) +
             (driver.problem.empty() ? "" : " (" + driver.problem + ')'));
    for (std::size_t i = 0; i < driver.gpus.size(); ++i)
      line(text, "GPU " + std::to_string(i), about_gpu(driver.gpus[i], toolkit));
  }
  line(text, "zlib", about_part(facts.zlib));
  line(text, "stb_image", about_part(facts.stb));

  text += "\nWhat will run where\n";
  return text + conclusion("CPU", judge_cpu(facts)) + conclusion("CUDA", judge_cuda(facts));
}

}  // namespace doctor
