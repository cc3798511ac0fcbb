// Every kernel of cuda/cross_entropy.cuh, for tools/check_cuda.
//
// registers: cross_entropy_kernel 40
#include <strata/cuda/cross_entropy.cuh>

using namespace strata::cuda;

template <int Classes>
void score(float* values, std::byte* records, const Truth& truth, unsigned* not_finite) {
  cross_entropy<Classes, (Classes + 15) / 16 * 16>(nullptr, 32, values, values,
                                                   {SampleRecords(records, 32), truth, not_finite});
}

void cross_entropy_all(float* values, std::byte* records, const Truth& truth, unsigned* not_finite) {
  score<2>(values, records, truth, not_finite);
  score<10>(values, records, truth, not_finite);
  score<100>(values, records, truth, not_finite);
  score<1000>(values, records, truth, not_finite);
}
