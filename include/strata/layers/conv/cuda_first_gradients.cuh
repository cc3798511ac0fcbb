// The gradients of a first convolution's parameters, through the pooling behind it.
//
//     dkernel[k, f] = sum over all pixels p of patch[p, k] dz[p, f],   dbias[f] = sum of dz[p, f]
//
// where dz, the gradient of the convolution's pixels, is made of that of the pooled values on the way and stands
// nowhere in memory: 4 bytes a pooled value and filter are read, the winner's byte, and 4 a pixel of the image.
//
// A thread keeps the sums of a few filters and all taps in registers and walks over windows. A block takes rounds of
// windows, one behind the other, and fetches the rows of an image that those in it look at into shared memory, as many
// as it has room for. The window's patch is read from there, once for all its pixels and filters. The block adds its
// threads' sums in halves, in shared memory; a second launch adds the blocks' sums in their order. How many blocks
// there are follows from the shape and the batch alone. The products are those of plain floats, in any precision.
#pragma once

#include <strata/cuda/produced.hpp>
#include <strata/cuda/product.cuh>
#include <strata/layers/conv/cuda_window_patch.cuh>

#include <algorithm>
#include <numeric>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The policy: the convolution and its group.
///
/// A thread takes a packet of neighbouring filters. Where layers behind the pooling draw random numbers, and the
/// filters are a multiple of 64, it takes four filters 16 apart instead, which share an evaluation of Philox
/// (visit.hpp).
template <class C, class G>
struct FirstGradientSpec {
  using conv = C;
  using group = G;
  using windows = Windows<G>;
  using layers = AtReduced<G>;
  static constexpr bool before_at_pixels = G::works(G::before, G::reduction_or_end) && !G::backward_at_reduced;
  static constexpr std::int64_t dy_stride = Value<G, G::size>::stride;
  static constexpr unsigned threads = 256;

  static constexpr int most_filters = std::max(1, 64 / C::taps);  ///< of a thread: its sums are to fit the registers
  static constexpr bool is_spread = layers::is_positional && C::filters % 64 == 0 && most_filters >= 4;
  static constexpr int packets = is_spread ? 4 : 1, apart = 16;
  static constexpr int width =
      is_spread ? 1
                : std::gcd(neighbours(C::filters, layers::has_tensors || BeforeReduction<G>::has_tensors),
                           most_filters >= 4   ? 4
                           : most_filters >= 2 ? 2
                                               : 1);
  static constexpr int filters = packets * width;                              ///< of a thread
  static constexpr int across = std::min<int>(C::filters / filters, threads);  ///< threads side by side
  static constexpr unsigned column_blocks = (C::filters / filters + across - 1) / across;
  static constexpr int rows = C::taps + 1;  ///< of sums, the bias' the last

  static constexpr int windows_of_sample = windows::rows * windows::columns;
  static constexpr int most_down = static_cast<int>(threads) / across;
  static constexpr int rounds = (windows_of_sample + most_down - 1) / most_down;  ///< of a sample

  /// Windows of a round: as few as make no more rounds, but multiples of four, which begin with a sector in memory.
  static constexpr int down =
      std::min(most_down, static_cast<int>(strata::detail::round_up((windows_of_sample + rounds - 1) / rounds, 4)));

  static constexpr int shared_sums = rows * filters * across * (down / 2);
  template <int Rounds>
  using Staged = StagedRows<C, windows, Rounds * down>;

  /// Rounds whose rows of the image a block holds at once.
  template <int Rounds = rounds>
  static constexpr int most_rounds() {
    if constexpr (Staged<Rounds>::floats <= most_staged)
      return Rounds;
    else
      return most_rounds<(Rounds > 64 ? Rounds / 2 : Rounds - 1)>();
  }
  static constexpr int rounds_at_once = most_rounds();
  using Rows = Staged<rounds_at_once>;
  static constexpr int shared_floats = std::max(shared_sums, Rows::floats);
  static_assert(shared_floats * 4 <= 48 * 1024);

  static constexpr int most_parts = 264;  ///< two blocks for each of 132 multiprocessors
  static constexpr std::int64_t floats = std::int64_t{rows} * C::filters;
  static constexpr std::int64_t pitch = strata::detail::round_up(floats, 16);

  /// The first filter of the thread that stands `at` from the left.
  static STRATA_DEVICE int first_filter(int at) {
    if constexpr (is_spread)
      return at / apart * packets * apart + at % apart;
    else
      return at * width;
  }
};

/// The sums of one thread.
template <class S>
struct FirstGradientSums {
  using G = typename S::group;
  using W = typename S::windows;
  using C = typename S::conv;
  static constexpr int n = S::width;

  float values[S::rows][S::filters] = {};

  /// Adds the window that makes output (row, column) of its patch, for the filters from `filter` on.
  STRATA_DEVICE void add(const ChainArgs<G>& a, const float* dy, const typename W::Kept* kept,
                         const WindowPatch<C, W>& patch, unsigned sample, int row, int column, int filter) {
    const int output = (row * W::columns + column) * W::channels + filter, corner = W::corner(row, column) + filter;
    typename S::layers::template Words<n> words;
    STRATA_UNROLL
    for (int p = 0; p < S::packets; ++p) {
      const int index = output + p * S::apart;
      const Packet<float, n> d =
          S::layers::backward(a, sample, index, load<n>(dy + sample * S::dy_stride + index), words);
      Packet<typename W::Kept, n> winners{};
      if constexpr (W::keep) winners = detail::load_kept<n>(kept + sample * W::kept_stride + index);
      STRATA_UNROLL
      for (int i = 0; i < W::height; ++i) {
        STRATA_UNROLL
        for (int j = 0; j < W::width; ++j) {
          Packet<float, n> g;
          STRATA_UNROLL
          for (int k = 0; k < n; ++k) g[k] = W::kernel::share(d[k], winners[k], i * W::width + j, W::height * W::width);
          if constexpr (S::before_at_pixels)
            g = BeforeReduction<G>::backward(a, sample, corner + (i * W::image_width + j) * W::channels + p * S::apart,
                                             g);
          STRATA_UNROLL
          for (int k = 0; k < n; ++k) {
            STRATA_UNROLL
            for (int t = 0; t < C::taps; ++t) values[t][p * n + k] += patch.at(i, j, t) * g[k];
            values[C::taps][p * n + k] += g[k];
          }
        }
      }
    }
  }

  /// Adds the sums of the block's first Left rows of threads to those of the first one. Each round the lower half of
  /// them gives its sums to the upper one.
  template <int Left = S::down>
  STRATA_DEVICE void add_up(float* memory, int across, int down) {
    if constexpr (Left > 1) {
      constexpr int half = (Left + 1) / 2;
      float* const given = memory + across;
      if (down >= half && down < Left) give(given + (down - half) * S::across);
      sync_block();
      if (down < Left - half) take(given + down * S::across);
      sync_block();
      add_up<half>(memory, across, down);
    }
  }

 private:
  static constexpr int pitch = S::across * (S::down / 2);

  STRATA_DEVICE void give(float* to) const {
    STRATA_UNROLL
    for (int r = 0; r < S::rows; ++r) {
      STRATA_UNROLL
      for (int f = 0; f < S::filters; ++f) to[(r * S::filters + f) * pitch] = values[r][f];
    }
  }

  STRATA_DEVICE void take(const float* from) {
    STRATA_UNROLL
    for (int r = 0; r < S::rows; ++r) {
      STRATA_UNROLL
      for (int f = 0; f < S::filters; ++f) values[r][f] += from[(r * S::filters + f) * pitch];
    }
  }
};

/// The sums of one part of the rounds, for some filters. The grid: parts, filters.
template <class S>
__global__ void __launch_bounds__(S::threads)
    first_gradient_kernel(ChainArgs<typename S::group> a, const float* __restrict__ dy,
                          const typename S::windows::Kept* __restrict__ kept, const float* __restrict__ images,
                          ByteBatch bytes, PartialSums<S::conv::filters> partial, int rounds) {
  using C = typename S::conv;
  using W = typename S::windows;
  const int thread = static_cast<int>(thread_index().x), across = thread % S::across, down = thread / S::across;
  const int place = static_cast<int>(block_index().y) * S::across + across;
  const int filter = S::first_filter(place);
  const bool works = down < S::down && place * S::filters < C::filters;
  float* const memory = shared<float[S::shared_floats]>();
  FirstGradientSums<S> sums;
  typename S::Rows rows(memory);
  const std::int64_t part = block_index().x, parts = grid_size().x;
  const int last = static_cast<int>((part + 1) * rounds / parts);
  for (int round = static_cast<int>(part * rounds / parts); round < last;) {
    const int first = round % S::rounds;  // of the sample's
    const int end = detail::smaller_of(first / S::rounds_at_once * S::rounds_at_once + S::rounds_at_once,
                                       detail::smaller_of(S::rounds, first + last - round));
    const int last_window = detail::smaller_of(end * S::down, S::windows_of_sample);
    const auto sample = static_cast<unsigned>(round / S::rounds);
    sync_block();  // the last rows have been read
    rows.template fetch<S::threads>(images, bytes, sample, first * S::down, last_window);
    sync_block();
    if (works)
      for (int w = first * S::down + down; w < last_window; w += S::down) {
        const int row = w / W::columns, column = w % W::columns;
        sums.add(a, dy, kept, WindowPatch<C, W>(rows.patch(row, column)), sample, row, column, filter);
      }
    round += end - first;
  }
  sync_block();  // the sums go where the rows were
  sums.add_up(memory, across, down);
  if (!works || down > 0) return;
  STRATA_UNROLL
  for (int r = 0; r < S::rows; ++r) {
    float* const to = partial.partial + static_cast<int>(block_index().x) * partial.pitch + r * C::filters;
    STRATA_UNROLL
    for (int p = 0; p < S::packets; ++p) {
      Packet<float, S::width> row;
      STRATA_UNROLL
      for (int k = 0; k < S::width; ++k) row[k] = sums.values[r][p * S::width + k];
      store(to + filter + p * S::apart, row);
    }
  }
}

/// Bytes of scratch that first_gradients wants.
template <class L, class G>
inline constexpr std::int64_t first_gradient_bytes =
    4 * FirstGradientSpec<conv_numbers<L, G>, G>::most_parts* FirstGradientSpec<conv_numbers<L, G>, G>::pitch;

/// The gradients of the parameters of the convolution L, from that of the output of group G.
template <class L, class G>
void first_gradients(const GroupArgs& a) {
  using C = conv_numbers<L, G>;
  using S = FirstGradientSpec<C, G>;
  using gradients = ParameterGradients<C::taps, C::filters>;
  constexpr int first = G::first_tensor(G::producer);
  const PartialSums<C::filters> partial{reinterpret_cast<float*>(a.fixed), S::pitch};
  const int rounds = a.batch * S::rounds;
  const int parts = std::clamp((rounds + 1) / 2, 1, S::most_parts);  // two windows a thread, or more
  launch<first_gradient_kernel<S>>(
      {.grid = {static_cast<unsigned>(parts), S::column_blocks}, .block = {S::threads}, .stream = a.stream},
      ChainArgs<G>(a), static_cast<const float*>(a.output_gradient),
      reinterpret_cast<const typename S::windows::Kept*>(a.kept), a.input, a.bytes, partial, rounds);
  add_parts<AddPartsSpec<S::most_parts, C::filters, gradients>>(
      a.stream, partial, std::int64_t{C::taps + L::has_bias} * C::filters,
      {a.gradient(first), L::has_bias ? a.gradient(first + L::has_bias) : nullptr}, parts);
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
