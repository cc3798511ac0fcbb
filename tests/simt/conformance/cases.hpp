// One small kernel for each primitive, whose results on a GPU must be those of the machine.
#pragma once

#include <simt/keywords.hpp>
#include <strata/cuda/launch.hpp>
#include <strata/cuda/primitives.hpp>
#include <strata/cuda/random.cuh>

#include <cstring>
#include <type_traits>

namespace conformance {
inline namespace STRATA_SIDE {

using namespace strata::cuda;

/// Words that each case may read and write.
inline constexpr unsigned in_words = 4096, out_words = 4096;

/// Threads of a case, in two blocks.
inline constexpr unsigned threads = 128;

/// The kernel of a case: Case::run(in, own), where `own` are the thread's 16 words of the result.
template <class Case>
__global__ void kernel(const unsigned* in, unsigned* out) {
  Case::run(in, out + (block_index().x * threads + thread_rank()) * 16);
}

STRATA_DEVICE float as_float(unsigned bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
STRATA_DEVICE unsigned as_bits(float x) {
  unsigned bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

/// A number from -8 to 8, or one in [-1, 1), of a random word.
STRATA_DEVICE float small_integer(unsigned word) { return static_cast<float>(static_cast<int>(word % 17) - 8); }
STRATA_DEVICE float fraction(unsigned word) { return static_cast<float>(word >> 8) * 0x1p-23f - 1.0f; }

struct Places {
  STRATA_DEVICE static void run(const unsigned*, unsigned* own) {
    own[0] = thread_index().x;
    own[1] = block_index().x;
    own[2] = block_size().x;
    own[3] = grid_size().x;
    own[4] = lane();
    own[5] = warp();
  }
};

struct Shuffles {
  STRATA_DEVICE static void run(const unsigned* in, unsigned* own) {
    const unsigned value = in[thread_rank()];
    own[0] = shuffle_xor(value, 9);
    own[1] = shuffle_down(value, 5);
    own[2] = shuffle(value, lane() * 3 % 32);
    own[3] = vote(value % 3 == 0);
    const double wide = shuffle_xor(static_cast<double>(value) * 1e10, 16);
    std::memcpy(own + 4, &wide, sizeof wide);
    if (lane() % 2 == 0) own[6] = shuffle(value, 30, 0x55555555);
    sync_warp();
  }
};

struct Reductions {
  STRATA_DEVICE static void run(const unsigned* in, unsigned* own) {
    const float value = fraction(in[thread_rank()]);
    own[0] = as_bits(warp_reduce<Sum>(value));
    own[1] = as_bits(block_reduce<Sum, threads>(value));
    own[2] = as_bits(block_reduce<Sum, threads>(value * value));
    own[3] = as_bits(block_reduce<Maximum, threads>(value));
  }
};

struct Memory {
  STRATA_DEVICE static void run(const unsigned* in, unsigned* own) {
    store(own, load<4>(in + 4 * thread_rank()));
    store(own + 4, load<2>(in + 2 * thread_rank()));
    store(own + 6, load<1>(in + thread_rank()));
    const auto* bytes = reinterpret_cast<const unsigned char*>(in + thread_rank());
    store(reinterpret_cast<unsigned char*>(own + 6), load<2>(bytes + 2));
    store(reinterpret_cast<unsigned char*>(own + 6) + 2, load<1>(bytes));
    auto& total = shared<unsigned>();
    if (thread_rank() == 0) total = 0;
    sync_block();
    atomic_add(&total, in[thread_rank()] % 1000);
    sync_block();
    own[7] = total;
  }
};

template <int Bytes>
struct Copies {
  STRATA_DEVICE static void run(const unsigned* in, unsigned* own) {
    constexpr unsigned words = Bytes / 4;
    auto* const tile = dynamic_shared<unsigned>();
    const unsigned t = thread_rank();
    for (unsigned stage = 0; stage < 2; ++stage) {
      copy_async<Bytes>(tile + (stage * threads + t) * words, in + (stage * threads + t) * words,
                        (t + stage) % (words + 1) * 4);
      commit_copies();
    }
    wait_copies<1>();
    sync_block();
    for (unsigned i = 0; i < words; ++i) own[i] = tile[(threads - 1 - t) * words + i];
    wait_copies<0>();
    sync_block();
    for (unsigned i = 0; i < words; ++i) own[4 + i] = tile[(2 * threads - 1 - t) * words + i];
  }
};

struct Tf32 {
  STRATA_DEVICE static void run(const unsigned* in, unsigned* own) {
    for (unsigned i = 0; i < 8; ++i) {
      unsigned bits = in[8 * thread_rank() + i];
      if (i == 0) bits |= 0x7f800000;                       // not a number, or infinite
      if (i == 1) bits = (bits & 0x80000000) | 0x7f7fffff;  // rounds to infinity
      if (i == 2) bits = (bits & 0xffffe000) | 0x1000;      // a tie
      const bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
      own[i] = is_nan ? (to_tf32(as_float(bits)) & 0x7fffffff) > 0x7f800000 : to_tf32(as_float(bits));
    }
  }
};

template <int Matrices, Turned Turn>
struct Loads {
  STRATA_DEVICE static void run(const unsigned* in, unsigned* own) {
    struct alignas(16) Rows {
      unsigned word[threads][4];
    };
    auto& rows = shared<Rows>();
    for (unsigned i = 0; i < 4; ++i) rows.word[thread_rank()][i] = in[thread_rank() * 4 + i];
    sync_block();
    unsigned r[Matrices];
    load_matrices<Matrices, Turn>(r, rows.word[thread_rank()]);
    for (int i = 0; i < Matrices; ++i) own[i] = r[i];
  }
};

enum class Type { tf32, bf16 };

/// With small integers every order of the sum gives the same bits.
template <Type T, bool Integers>
struct Products {
  STRATA_DEVICE static void run(const unsigned* in, unsigned* own) {
    const unsigned* const words = in + 16 * thread_rank();
    const auto number = [&](unsigned i) { return Integers ? small_integer(words[i]) : fraction(words[i]); };
    const auto factor = [&](unsigned i) {
      if constexpr (T == Type::tf32)
        return to_tf32(number(i));
      else
        return as_bits(number(i)) >> 16 | (as_bits(number(15 - i)) & 0xffff0000);
    };
    const unsigned a[4] = {factor(0), factor(1), factor(2), factor(3)}, b[2] = {factor(4), factor(5)};
    float c[4] = {number(6), number(7), number(8), number(9)};
    if constexpr (T == Type::tf32)
      mma_m16n8k8_tf32(c, a, b);
    else
      mma_m16n8k16_bf16(c, a, b);
    for (int i = 0; i < 4; ++i) own[i] = as_bits(c[i]);
  }
};

/// A case by its name, how to launch it, and how far floats may lie apart; 0 asks for equal bits.
struct Case {
  const char* name;
  void (*launch)(Stream, const unsigned* in, unsigned* out);
  float tolerance = 0;
};

template <class C>
void launch_case(Stream stream, const unsigned* in, unsigned* out) {
  launch<kernel<C>>({.grid = {2}, .block = {threads}, .shared_bytes = 2 * threads * 16, .stream = stream}, in, out);
}

inline void launch_random_words(Stream stream, const unsigned* in, unsigned* out) {
  random_words(stream, {strata::philox::Key(5), 0, strata::philox::Stream::dropout, 3}, in, 7, 4, 1000, out);
}

inline constexpr Case cases[] = {
    {"thread, block, lane, warp", launch_case<Places>},
    {"shuffles, vote", launch_case<Shuffles>},
    {"reductions", launch_case<Reductions>},
    {"load, store, atomic_add", launch_case<Memory>},
    {"copy_async of 4 bytes", launch_case<Copies<4>>},
    {"copy_async of 8 bytes", launch_case<Copies<8>>},
    {"copy_async of 16 bytes", launch_case<Copies<16>>},
    {"to_tf32", launch_case<Tf32>},
    {"load_matrices 1", launch_case<Loads<1, Turned::no>>},
    {"load_matrices 1, turned", launch_case<Loads<1, Turned::yes>>},
    {"load_matrices 2", launch_case<Loads<2, Turned::no>>},
    {"load_matrices 2, turned", launch_case<Loads<2, Turned::yes>>},
    {"load_matrices 4", launch_case<Loads<4, Turned::no>>},
    {"load_matrices 4, turned", launch_case<Loads<4, Turned::yes>>},
    {"mma tf32, integers", launch_case<Products<Type::tf32, true>>},
    {"mma bf16, integers", launch_case<Products<Type::bf16, true>>},
    {"mma tf32, fractions", launch_case<Products<Type::tf32, false>>, 1e-5f},
    {"mma bf16, fractions", launch_case<Products<Type::bf16, false>>, 1e-5f},
    {"random_words", launch_random_words},
};
inline constexpr int case_count = sizeof cases / sizeof *cases;

}  // namespace STRATA_SIDE

/// Random words for a case to read.
inline unsigned input_word(unsigned i) { return strata::philox::word({strata::philox::Key(1)}, 0, i); }

/// The case of this number on the machine, into out_words words.
void run_on_machine(int number, const unsigned* in, unsigned* out);

}  // namespace conformance
