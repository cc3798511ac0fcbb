// R12: a linear convolution and two dense layers, trained by Adam.
#include <reference_models.hpp>

#include "networks.cuh"

int main(int count, char** words) {
  using reference::R12;
  using strata::Tf32;
  std::vector<bench::Cell> cells;
  for (const int batch : {32, 128}) cells.push_back(bench::train<R12, Tf32>("R12", batch, strata::Adam{}));
  for (const int batch : {1, 256}) cells.push_back(bench::predict<R12, Tf32>("R12", batch));
  return bench::answer(count, words, cells);
}
