// openblas: what sgemm reaches on this machine, as a line of JSON; the limit that frameworks on a BLAS have.
#include <cblas.h>

#include "../cell.hpp"
#include "environment.hpp"

#include <vector>

int main(int argc, char** argv) {
  bench::be_at_your_best(argv);
  bench::Cell cell = bench::parse(argc, argv);
  constexpr int n = 2048;
  openblas_set_num_threads(cell.threads);
  const std::vector<float> a(n * n, .5f), b(n * n, .25f);
  std::vector<float> c(n * n);
  const bench::Times times = bench::measure(cell.seconds, [&] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.data(), n, b.data(), n, 0, c.data(), n);
  });
  const double work = 2e-9 * n * n * n;
  std::printf(
      "{\"who\":\"openblas\",\"work\":\"sgemm\",\"size\":%d,\"threads\":%d,\"gflops\":%.4g,\"best_gflops\":%.4g,"
      "\"mode\":\"%s\"}\n",
      n, cell.threads, work / times.median, work / times.best, openblas_get_corename());
}
