// R1: a simple convolutional net, trained by SGD with momentum.
#include <reference_models.hpp>

#include "networks.cuh"

int main(int count, char** words) {
  using reference::R1;
  using strata::Tf32;
  constexpr strata::SGD sgd{.learning_rate = 0.01, .momentum = 0.9};
  std::vector<bench::Cell> cells;
  for (const int batch : {32, 128, 1024}) cells.push_back(bench::train<R1, Tf32>("R1", batch, sgd));
  for (const int batch : {1, 32, 256, 1024}) cells.push_back(bench::predict<R1, Tf32>("R1", batch));
  return bench::answer(count, words, cells);
}
