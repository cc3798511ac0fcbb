// Every kernel of cuda/advance.cuh, for tools/check_cuda.
//
// registers: advance_kernel 64
#include <strata/cuda/advance.cuh>
#include <strata/train/optimizers.hpp>
#include <strata/train/schedule.hpp>

using namespace strata;

template <class Step>
void advance_all(const cuda::Advance<Step>& what, const cuda::SampleRecords& records) {
  cuda::advance(nullptr, 32, what, records);
}

template <class Rule>
using Step = cuda::OptimizerStep<detail::Scheduled<Rule>>;
template void advance_all(const cuda::Advance<>&, const cuda::SampleRecords&);
template void advance_all(const cuda::Advance<Step<SGD>>&, const cuda::SampleRecords&);
template void advance_all(const cuda::Advance<Step<Adam>>&, const cuda::SampleRecords&);
template void advance_all(const cuda::Advance<Step<AdamW>>&, const cuda::SampleRecords&);
template void advance_all(const cuda::Advance<Step<Nadam>>&, const cuda::SampleRecords&);
template void advance_all(const cuda::Advance<Step<Averaged<Decayed<RMSprop>>>>&, const cuda::SampleRecords&);
