// Every kernel of cuda/random.cuh, for tools/check_cuda.
//
// registers: random_words_kernel 32
#include <strata/cuda/random.cuh>

void draw_all(std::uint32_t* words) { strata::cuda::random_words(nullptr, {}, words, 0, 1, 64, words); }
