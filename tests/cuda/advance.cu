// Every kernel of cuda/advance.cuh, for tools/check_cuda.
//
// registers: advance_kernel 40
#include <strata/cuda/advance.cuh>

void advance_all(const strata::cuda::Advance& what, const strata::cuda::SampleRecords& records) {
  strata::cuda::advance(nullptr, 32, what, records);
}
