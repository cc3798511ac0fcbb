// What strata computes with the files of make_weights.py --full, against what Keras and PyTorch computed; see
// check_full_vgg16, which compiles and runs it: full_vgg16 DIR.
#include <strata/model/transfer.hpp>
#include <strata/strata.hpp>
#include <strata/zoo/vgg16.hpp>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

using namespace strata;

namespace {

struct Normalised : zoo::Vgg16Blocks<zoo::VggConvBatchNormTorch> {};
template <class Base>
struct Logits : Seq<Base, Flatten, Named<"fc", Seq<Dense<4096, ReLU>, Dropout<50>, Dense<4096, ReLU>, Dropout<50>>>,
                    Named<"predictions", Dense<1000>>> {};

std::string folder;
int failures = 0;

template <class Net>
void compare(const std::string& file, const std::string& expected_name) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(Net::input_shape.size()));
  std::uint32_t state = 7;
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
  const std::vector<float> expected =
      safetensors::File::read(folder + "/weights_expected.bin").template values<float>(expected_name);
  Model<Net> model{seed(1), threads(0)};
  const auto start = std::chrono::steady_clock::now();
  const ImportReport report = import_weights(model, folder + "/" + file);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const std::vector<float> seen = predict(model, Dataset::view(Net::input_shape, bytes));
  double apart = 0, norm = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = static_cast<double>(seen[i]) - static_cast<double>(expected[i]);
    apart += d * d;
    norm += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
  }
  const double relative = std::sqrt(apart / norm);
  const bool good = seen.size() == expected.size() && relative <= 1e-4 && report.kept.empty();
  failures += !good;
  std::printf("%-28s %-18s %zu values, off by %.2e of the norm; read in %.1f s; %s\n  %s\n", file.c_str(),
              expected_name.c_str(), seen.size(), relative, seconds.count(), good ? "good" : "WRONG",
              summary(report).c_str());
}

template <class Base, class Preprocessing>
void both(const std::string& file, const std::string& name) {
  compare<Network<Logits<Base>, Input<224, 224, 3, Preprocessing>>>(file, name + "/logits");
  compare<Network<Base, Input<256, 256, 3, Preprocessing>>>(file, name + "/features");
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::puts("full_vgg16 DIR"), 2;
  folder = arguments[1];
  try {
    both<zoo::Vgg16Base, Torch>("torch.safetensors", "torch");
    both<Normalised, Torch>("torch_bn.safetensors", "torch_bn");
    for (const char* file : {"keras_h5", "keras_weights_h5", "keras_keras"})
      both<zoo::Vgg16Base, Caffe>(file + std::string(".safetensors"), "keras");
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  return failures;
}
