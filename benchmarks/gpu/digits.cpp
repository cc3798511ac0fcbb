// Trains R1 and R12 on digits and tells how well they do, a line of JSON each. nvcc compiles it for the GPU, another
// compiler for the CPU.
//
//     digits FOLDER|drawn EPOCHS RUNS
//
// FOLDER holds MNIST, uncompressed; `drawn` takes drawn digits, 20,000 and 4,000. All RUNS begin with one seed: their
// hashes are of all parameters' bits, and equal.
#include <reference_models.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

using namespace strata;

#if defined(__CUDACC__)
using Backend = Cuda<Tf32>;
#else
using Backend = Cpu<>;
#endif

struct Digits {
  Dataset train, test;
};

Digits digits(const std::string& where) {
  if (where == "drawn") return {synthetic_digits(20'000, 1), synthetic_digits(4'000, 1, 20'000)};
  auto [train, test] = mnist::load(where);
  return {std::move(train), std::move(test)};
}

/// FNV-1a of the parameters' bits.
std::uint64_t hash_of(std::span<const float> values) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const float v : values) hash = (hash ^ detail::same_bits<std::uint32_t>(v)) * 0x100000001b3u;
  return hash;
}

/// What training came to.
struct Trained {
  double accuracy = 0;
  std::uint64_t hash = 0;
};

template <class Net, class Optimizer>
Trained train(const Digits& data, const Optimizer& optimizer, int batch, int epochs) {
  constexpr std::uint64_t number = 42;
  Model<Net, Backend> model{seed(number), threads(static_cast<int>(std::thread::hardware_concurrency()))};
  fit(model, data.train, optimizer, {.epochs = epochs, .batch = batch, .progress = Progress::silent});
  const std::span<const float> parameters = std::as_const(model).parameters();
  return {evaluate(model, data.test).accuracy, hash_of(parameters)};
}

template <class Net, class Optimizer>
void run(const char* name, const char* where, const Digits& data, const Optimizer& optimizer, int batch, int epochs,
         int runs) {
  for (int r = 0; r < runs; ++r) {
    const auto begin = std::chrono::steady_clock::now();
    const Trained t = train<Net>(data, optimizer, batch, epochs);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf(
        "{\"net\": \"%s\", \"data\": \"%s\", \"epochs\": %d, \"run\": %d, \"accuracy\": %.4f, "
        "\"hash\": \"%016llx\", \"seconds\": %.2f}\n",
        name, std::strcmp(where, "drawn") == 0 ? "drawn" : "MNIST", epochs, r, t.accuracy,
        static_cast<unsigned long long>(t.hash), took.count());
    std::fflush(stdout);
  }
}

}  // namespace

int main(int count, char** words) try {
  if (count != 4) {
    std::puts("digits FOLDER|drawn EPOCHS RUNS");
    return 2;
  }
#if defined(__CUDACC__)
  if (std::string why; cuda::device_count(&why) == 0) {
    std::printf("{\"skipped\": \"there is no GPU (%s)\"}\n", why.c_str());
    return 77;
  }
#endif
  const Digits data = digits(words[1]);
  const int epochs = std::atoi(words[2]), runs = std::atoi(words[3]);
  run<reference::R1>("R1", words[1], data, SGD{.learning_rate = 0.01, .momentum = 0.9}, 32, epochs, runs);
  run<reference::R12>("R12", words[1], data, Adam{.learning_rate = 1e-3}, 128, epochs, runs);
  return 0;
} catch (const std::exception& e) {
  std::printf("{\"error\": \"%s\"}\n", e.what());
  return 1;
}
