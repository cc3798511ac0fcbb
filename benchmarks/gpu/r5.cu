// R5: a tuned convolutional net, trained by Adam.
#include <reference_models.hpp>

#include "networks.cuh"

int main(int count, char** words) {
  using reference::R5;
  using strata::Tf32;
  std::vector<bench::Cell> cells{bench::train<R5, Tf32>("R5", 256, strata::Adam{.learning_rate = 1e-3})};
  for (const int batch : {1, 32, 256, 1024}) cells.push_back(bench::predict<R5, Tf32>("R5", batch));
  return bench::answer(count, words, cells);
}
