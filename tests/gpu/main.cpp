// The main function of tests that run on a GPU. tests/gpu/README.md says how they are built.
//
// A program tells each case in a line, and ends with 0 where all passed, 1 where some failed, 77 where there is no GPU.
// A kernel that faults ends the program, with 3: it leaves CUDA of no use. --from goes on behind it.
#include <cuda_runtime_api.h>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using boost::test_tools::findings;

enum class Verdict { passed, failed, skipped };

Verdict run(const boost::unit_test::Case& c, std::string& note) {
  findings() = {};
  if (c.condition != nullptr)
    if (auto met = c.condition(0); !met) {
      note = met.message().str();
      return Verdict::skipped;
    }
  try {
    c.run();
  } catch (const boost::test_tools::Abandoned&) {
    note = "given up";
  } catch (const std::exception& e) {
    ++findings().failures;
    boost::test_tools::tell("", 0, e.what());
  }
  if (findings().failures > 0) return Verdict::failed;
  if (findings().checks == 0) {
    note = "checks nothing on a GPU";
    return Verdict::skipped;
  }
  return Verdict::passed;
}

int usage() {
  std::puts(
      "PROGRAM [--list] [--from N] [PART ...]\n\n"
      "Runs the test cases whose names contain one of the parts, from the N-th of all on (0 is the first).");
  return 2;
}

}  // namespace

void boost::test_tools::tell(const char* file, int line, const std::string& what) {
  if (*file != 0) std::printf("%s:%d: ", file, line);
  std::printf("%s", what.c_str());
  for (const std::string& context : findings().contexts) std::printf(" (%s)", context.c_str());
  std::printf("\n");
}

int main(int count, char** words) {
  const auto& cases = boost::unit_test::cases();
  std::vector<std::string_view> parts;
  std::size_t first = 0;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--list") {
      for (const auto& c : cases) std::printf("%s\n", c.name.c_str());
      return 0;
    }
    if (word == "--from" && i + 1 < count)
      first = std::strtoul(words[++i], nullptr, 10);
    else if (word.starts_with("-"))
      return usage();
    else
      parts.push_back(word);
  }
  int devices = 0;
  if (const cudaError_t status = cudaGetDeviceCount(&devices); status != cudaSuccess || devices == 0) {
    std::printf("skipped: there is no GPU (%s)\n", cudaGetErrorString(status));
    return 77;
  }
  int number[3] = {};
  for (std::size_t i = first; i < cases.size(); ++i) {
    const auto& c = cases[i];
    bool wanted = parts.empty();
    for (const std::string_view part : parts) wanted = wanted || c.name.find(part) != std::string::npos;
    if (!wanted) continue;
    const auto begin = std::chrono::steady_clock::now();
    std::string note;
    const Verdict verdict = run(c, note);
    ++number[static_cast<int>(verdict)];
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    static constexpr const char* said[] = {"passed", "FAILED", "skipped"};
    std::printf("%-7s %s, %d checks, %.2f s%s%s\n", said[static_cast<int>(verdict)], c.name.c_str(), findings().checks,
                took.count(), note.empty() ? "" : ": ", note.c_str());
    std::fflush(stdout);
    if (const cudaError_t status = cudaDeviceSynchronize(); status != cudaSuccess) {
      std::printf("stopped behind case %zu, %s: %s\n", i, c.name.c_str(), cudaGetErrorString(status));
      return 3;
    }
  }
  std::printf("%d passed, %d failed, %d skipped\n", number[0], number[1], number[2]);
  return number[1] > 0;
}
