// Every kernel of cuda/confusion.cuh, for tools/check_cuda.
//
// registers: confusion_kernel 24
#include <strata/cuda/confusion.cuh>

void confusion_all(const strata::cuda::SampleRecords& records, const std::int32_t* labels, unsigned* counts) {
  strata::cuda::count_confusion(nullptr, 32, records, labels, 10, counts);
}
