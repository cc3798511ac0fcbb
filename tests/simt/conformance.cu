// Compares every primitive on a GPU with its form for the CPU. tests/simt/conformance/run builds and starts it.
//
// registers: kernel 64
// registers: random_words_kernel 32
#include <cuda_runtime.h>
#include <simt/conformance/cases.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(status));
  std::exit(1);
}

std::vector<unsigned> run_on_gpu(const conformance::Case& c, const std::vector<unsigned>& in) {
  std::vector<unsigned> out(conformance::out_words);
  unsigned *device_in = nullptr, *device_out = nullptr;
  const std::size_t in_bytes = in.size() * 4, out_bytes = out.size() * 4;
  check(cudaMalloc(&device_in, in_bytes), "cudaMalloc");
  check(cudaMalloc(&device_out, out_bytes), "cudaMalloc");
  check(cudaMemcpy(device_in, in.data(), in_bytes, cudaMemcpyHostToDevice), "cudaMemcpy");
  check(cudaMemset(device_out, 0, out_bytes), "cudaMemset");
  c.launch(nullptr, device_in, device_out);
  check(cudaMemcpy(out.data(), device_out, out_bytes, cudaMemcpyDeviceToHost), c.name);
  check(cudaFree(device_in), "cudaFree");
  check(cudaFree(device_out), "cudaFree");
  return out;
}

bool agree(unsigned gpu, unsigned machine, float tolerance) {
  if (tolerance == 0 || gpu == machine) return gpu == machine;
  float a, b;
  std::memcpy(&a, &gpu, sizeof a);
  std::memcpy(&b, &machine, sizeof b);
  return std::abs(a - b) <= tolerance;
}

}  // namespace

int main() {
  int devices = 0;
  if (const cudaError_t status = cudaGetDeviceCount(&devices); status != cudaSuccess || devices == 0) {
    std::printf("skipped: this needs a GPU (%s)\n", cudaGetErrorString(status));
    return 77;
  }
  std::vector<unsigned> in(conformance::in_words);
  for (unsigned i = 0; i < conformance::in_words; ++i) in[i] = conformance::input_word(i);
  int failed = 0;
  for (int number = 0; number < conformance::case_count; ++number) {
    const conformance::Case& c = conformance::cases[number];
    const std::vector<unsigned> gpu = run_on_gpu(c, in);
    std::vector<unsigned> machine(conformance::out_words);
    conformance::run_on_machine(number, in.data(), machine.data());
    int different = 0;
    for (std::size_t i = 0; i < gpu.size(); ++i)
      if (!agree(gpu[i], machine[i], c.tolerance) && different++ == 0)
        std::printf("%s: word %zu of thread %zu is 0x%08x on the GPU, 0x%08x on the machine\n", c.name, i % 16, i / 16,
                    gpu[i], machine[i]);
    std::printf("%-28s %s\n", c.name, different == 0 ? "agrees" : "DIFFERS");
    failed += different != 0;
  }
  std::printf("%d of %d primitives agree\n", conformance::case_count - failed, conformance::case_count);
  return failed != 0;
}
