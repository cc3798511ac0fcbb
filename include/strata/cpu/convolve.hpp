// A convolution of one sample on register tiles: the one loop nest of Conv's forward and input gradient.
//
// A tile is M pixels of an output row times N vectors of filters. The taps of one kernel row lie side by side in the
// image, so without a border the sum over them and their channels is one loop. Padding costs nothing: rows outside the
// image are left out when the program runs, columns outside it when it compiles, since only the first and the last tile
// of a row meet them.
#pragma once

#include <strata/cpu/microkernel.hpp>

#include <algorithm>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// What a tile's code is made for: the kernel, and `step`, the distance of two of its rows in memory. A tile takes the
/// extents of the image when it runs, so that images of all sizes share it.
struct ConvolveKernel {
  int channels, filters;
  int height, width, stride;
  int step;
};

/// Columns that the taps of a tile want in front of the image and behind it.
struct Overhang {
  int before = 0, behind = 0;
  constexpr bool any() const { return before > 0 || behind > 0; }
};

/// Extents of a convolution: an image of height x width pixels and `channels`, with `top` rows and `left` columns of
/// zeros in front and as many behind as the outputs ask for; kernels of kernel_height x kernel_width, `stride` pixels
/// apart, to out_height x out_width x filters.
struct ConvolveShape {
  int height, width, channels, filters;
  int kernel_height, kernel_width, stride;
  int top, left;
  int out_height, out_width;

  /// What a tile is compiled for, with rows of the kernel `step` floats apart.
  constexpr ConvolveKernel kernel(int step) const {
    return {channels, filters, kernel_height, kernel_width, stride, step};
  }

  /// Output column and tap to input column.
  constexpr int column(int out, int tap) const { return out * stride + tap - left; }

  /// What the taps of the output columns [begin, end) want outside the image.
  constexpr Overhang overhang(int begin, int end) const {
    return {std::max(0, -column(begin, 0)), std::max(0, column(end - 1, kernel_width - 1) - (width - 1))};
  }
  /// True where they want nothing there.
  constexpr bool is_inside(int begin, int end) const { return !overhang(begin, end).any(); }
  constexpr bool has_borders() const {
    return top > 0 || !is_inside(0, out_width) || (out_height - 1) * stride + kernel_height - top > height;
  }
};

/// Filters in panels of whole vectors, the last one narrower, and how a kernel lies in memory: as rows of filters, one
/// for each tap and channel, or packed, panel by panel. Rows of a large kernel lie so far apart that a panel's pieces
/// of them fall into the same few sets of the L2 cache; packed they are one stream.
template <ConvolveShape S, int Vectors, bool Packed>
struct FilterPanels {
  static constexpr int rows = S.kernel_height * S.kernel_width * S.channels;
  static constexpr int vectors = (S.filters + lanes - 1) / lanes;
  static constexpr int whole = (vectors - 1) / Vectors;  // panels before the last one
  static constexpr int last = vectors - whole * Vectors;
  static constexpr int tail = S.filters - (vectors - 1) * lanes;

  /// Floats of a packed kernel.
  static constexpr std::int64_t packed_floats = std::int64_t{rows} * vectors * lanes;

  /// Where the panel of filters from `filter` on begins.
  static const float* panel(const float* w, int filter) { return w + (Packed ? std::int64_t{filter} * rows : filter); }

  /// Where row `row` of filter `filter` lies in a packed kernel, and behind it the rest of its vector.
  static constexpr std::int64_t place(int row, int filter) {
    const int p = filter / (Vectors * lanes), width = (p < whole ? Vectors : last) * lanes;
    return std::int64_t{p} * Vectors * lanes * rows + std::int64_t{row} * width + (filter - p * Vectors * lanes);
  }

  /// Share `part` of `parts` of packing a kernel.
  static void pack(const float* w, float* to, int part, int parts) {
    const int begin = static_cast<int>(std::int64_t{rows} * part / parts);
    const int end = static_cast<int>(std::int64_t{rows} * (part + 1) / parts);
    for (int row = begin; row < end; ++row)
      for_vectors<S.filters>([&](int filter, auto count) STRATA_INLINE {
        store(to + place(row, filter), load<count>(w + std::int64_t{row} * S.filters + filter));
      });
  }

  /// Calls f(first filter, vectors, lanes that count in the last one) for each panel; the latter two as constants.
  template <class F>
  STRATA_INLINE static void each(F f) {
    if constexpr (whole > 0)
      for (int p = 0; p < whole; ++p)
        f(p * Vectors * lanes, std::integral_constant<int, Vectors>{}, std::integral_constant<int, lanes>{});
    f(whole * Vectors * lanes, std::integral_constant<int, last>{}, std::integral_constant<int, tail>{});
  }
};

/// Tiles at the end of a row that are a pixel narrower than the others, so that none is moved back over its neighbour:
/// where that saves a sixteenth of the work, and a narrower tile costs less.
constexpr int narrower_tiles(int width, int pixels, int vectors) {
  const int tiles = (width + pixels - 1) / pixels, excess = tiles * pixels - width;
  const bool gains = excess * 16 >= width && tile_cost(pixels - 1, vectors) < tile_cost(pixels, vectors);
  return excess <= tiles && gains ? excess : 0;
}

/// The tile for rows of `width` outputs of `filters`, with the fewest cycles.
constexpr TileShape choose_row_tile(int width, int filters) {
  const int vectors = (filters + lanes - 1) / lanes;
  TileShape best;
  double least = 1e300;
  for (int n = 1; n <= std::min(vectors, 6); ++n)
    for (int m = 1; m <= width && m * n + n + 1 <= registers - 1; ++m) {
      const int tiles = (width + m - 1) / m, narrower = narrower_tiles(width, m, n);
      auto cycles_of = [&](int v) {
        return (tiles - narrower) * tile_cost(m, v) + (narrower > 0 ? narrower * tile_cost(m - 1, v) : 0);
      };
      const double price = narrower > 0 ? 1.03 : 1;  // of a second kind of tile to compile
      const double cycles = price * (vectors / n * cycles_of(n) + cycles_of(vectors % n));
      if (cycles < least) {
        least = cycles;
        best = {m, n};
      }
    }
  return best;
}

/// The tile of a convolution. (As integers: g++ 12 crashes on a constant structure that a lambda inside a template or
/// an alias reads.)
template <ConvolveShape S>
inline constexpr int tile_pixels = choose_row_tile(S.out_width, S.filters).rows;
template <ConvolveShape S>
inline constexpr int tile_vectors = choose_row_tile(S.out_width, S.filters).vectors;

/// The panels in which `convolve` takes a kernel, and whether it gains by having it packed.
template <ConvolveShape S>
inline constexpr bool packing_pays = std::int64_t{S.kernel_height} * S.kernel_width* S.channels* S.filters >= 100'000 &&
                                     (S.filters + lanes - 1) / lanes > tile_vectors<S>;

template <ConvolveShape S>
struct ConvolvePanels : FilterPanels<S, tile_vectors<S>, packing_pays<S>> {};

/// Of the M pixels of a tile, those for which tap `tap` lies inside the image: [low, high).
constexpr int low_pixel(const ConvolveKernel& k, Overhang o, int tap, int M) {
  int m = 0;
  while (m < M && m * k.stride + tap < o.before) ++m;
  return m;
}
constexpr int high_pixel(const ConvolveKernel& k, Overhang o, int tap, int M) {
  const int end = (M - 1) * k.stride + k.width - o.behind;
  int m = M;
  while (m > 0 && (m - 1) * k.stride + tap >= end) --m;
  return m;
}

/// One tile of output row `row` from column `column`, the bias included; O tells which of its taps meet a border.
template <ConvolveKernel K, int M, int N, Overhang O>
STRATA_INLINE inline void convolve_tile(Tile<M, N>& tile, const ConvolveShape& s, const float* x, const float* w,
                                        const float* bias, int row, int column) {
  for_tile<M, N>([&](int m, auto n) STRATA_INLINE { tile.c[m][n] = bias ? load(bias + n * lanes) : V{}; });
  const int y = row * K.stride - s.top;
  const int begin = std::max(0, -y), end = std::min(K.height, s.height - y);
  STRATA_NOUNROLL
  for (int i = begin; i < end; ++i) {
    const float* p = x + ((y + i) * s.width + column * K.stride - s.left) * K.channels;
    const float* q = w + i * K.width * K.channels * K.step;
    if constexpr (!O.any()) {
      multiply_add(
          tile, K.width * K.channels, [p](int m, int k) STRATA_INLINE { return p[m * K.stride * K.channels + k]; },
          [q](int k, int n) STRATA_INLINE { return load(q + k * K.step + n * lanes); });
    } else {
      strata::detail::unroll<K.width>([&](auto tap) STRATA_INLINE {
        constexpr int low = low_pixel(K, O, tap, M), high = high_pixel(K, O, tap, M);
        const float* pt = p + tap * K.channels;
        const float* qt = q + tap * K.channels * K.step;
        if constexpr (low < high)
          multiply_add<low, high>(
              tile, K.channels, [pt](int m, int k) STRATA_INLINE { return pt[m * K.stride * K.channels + k]; },
              [qt](int k, int n) STRATA_INLINE { return load(qt + k * K.step + n * lanes); });
      });
    }
  }
}

/// One tile and its stores; w is the panel of filters from `filter` on. Not inlined: a tile fills the register file,
/// and each kind of tile is one function.
template <ConvolveKernel K, int M, int N, int Tail, Overhang O, class Sink>
[[gnu::noinline]] void convolve_store(const ConvolveShape& s, const float* x, const float* w, const float* bias,
                                      int row, int column, int filter, const Sink& sink) {
  Tile<M, N> tile;
  convolve_tile<K, M, N, O>(tile, s, x, w, bias ? bias + filter : nullptr, row, column);
  const int index = (row * s.out_width + column) * K.filters + filter;
  for_tile<M, N>([&](int m, auto n) STRATA_INLINE {
    constexpr int count = n + 1 == N ? Tail : lanes;
    sink(index + m * K.filters + n * lanes, tile.c[m][n], std::integral_constant<int, count>{});
  });
}

/// How the tiles of a row follow each other: as wide as chosen, the last ones narrower or the last one moved back to
/// end with the row.
template <ConvolveShape S>
struct RowTiles {
  static constexpr int widest = tile_pixels<S>;
  static constexpr int count = (S.out_width + widest - 1) / widest;
  static constexpr int narrower = narrower_tiles(S.out_width, widest, tile_vectors<S>);
  static constexpr int wide = count - narrower;

  static constexpr int width(int t) { return t < wide ? widest : widest - 1; }
  /// The first output column of tile t.
  static constexpr int at(int t) {
    return narrower > 0 ? t * widest - std::max(0, t - wide) : std::min(t * widest, S.out_width - widest);
  }
};

/// y = convolution of x with w (kernel rows, columns, channels, filters; packed where packing_pays<S>), plus the bias
/// where it is not null, for the output rows [begin, end). Every vector of outputs goes to sink(index, V,
/// integral_constant<int, lanes>), panel by panel of filters; outputs that are computed twice have the same value.
/// Reads of w and bias may reach one vector beyond their ends.
template <ConvolveShape S, class Sink>
void convolve(const float* x, const float* w, const float* bias, int begin, int end, const Sink& sink) {
  using T = RowTiles<S>;
  static constexpr ConvolveShape shape = S;
  constexpr int tiles = T::count, last = tiles - 1;
  constexpr bool all_are_inside = S.is_inside(0, S.out_width);
  // Only the outer tiles meet a border, unless the tiles are narrower than it: then each gets a function of its own.
  constexpr bool inner_are_inside = tiles <= 2 || S.is_inside(T::at(1), T::at(last - 1) + T::width(last - 1));
  ConvolvePanels<S>::each([&](int filter, auto n, auto tail) STRATA_INLINE {
    constexpr ConvolveKernel kernel = S.kernel(packing_pays<S> ? n * lanes : S.filters);
    const float* panel = ConvolvePanels<S>::panel(w, filter);
    [[maybe_unused]] auto inner = [&](int row, int first, int behind) STRATA_INLINE {
      for (int t = first; t < std::min(T::wide, behind); ++t)
        convolve_store<kernel, T::widest, n, tail, Overhang{}>(shape, x, panel, bias, row, T::at(t), filter, sink);
      if constexpr (T::narrower > 0)
        for (int t = std::max(first, T::wide); t < behind; ++t)
          convolve_store<kernel, T::widest - 1, n, tail, Overhang{}>(shape, x, panel, bias, row, T::at(t), filter,
                                                                     sink);
    };
    [[maybe_unused]] auto outer = [&](int row, auto t) STRATA_INLINE {
      constexpr int at = T::at(t), width = T::width(t);
      convolve_store<kernel, width, n, tail, S.overhang(at, at + width)>(shape, x, panel, bias, row, at, filter, sink);
    };
    for (int row = begin; row < end; ++row) {
      if constexpr (all_are_inside) {
        inner(row, 0, tiles);
      } else if constexpr (inner_are_inside) {
        outer(row, std::integral_constant<int, 0>{});
        if constexpr (tiles > 2) inner(row, 1, last);
        if constexpr (tiles > 1) outer(row, std::integral_constant<int, last>{});
      } else {
        strata::detail::unroll<tiles>([&](auto t) STRATA_INLINE { outer(row, t); });
      }
    }
  });
}

/// A convolution without borders and the pooling behind it, whose windows of Height x Width tile the outputs, for the
/// pooled rows [begin, end): a tile is Height rows of outputs high, and its values fold in registers. Outputs that no
/// window covers are not computed. The sink gives `before(V)`, `Fold`, and takes (index, Fold, count).
template <ConvolveShape S, int Height, int Width, class Sink>
struct convolve_pooled {
  static constexpr int pooled_width = S.out_width / Width;

  struct Shape {
    int windows, vectors;
  };
  /// The fewest steps for a row of windows; a tile is whole windows wide and Height rows high.
  static constexpr Shape shape = [] {
    constexpr int vectors = (S.filters + lanes - 1) / lanes;
    Shape best{1, 1};
    double least = 1e300;
    for (int n = 1; n <= std::min(vectors, 4); ++n)
      for (int windows = 1; windows <= pooled_width; ++windows) {
        const int m = windows * Width * Height;
        if (m * n + n + 1 > registers - 1 && !(windows == 1 && n == 1)) continue;
        const double steps =
            (pooled_width + windows - 1) / windows * (vectors / n * tile_cost(m, n) + tile_cost(m, vectors % n));
        if (steps < least) {
          least = steps;
          best = {windows, n};
        }
      }
    return best;
  }();
  static constexpr int windows = shape.windows, columns = windows * Width, M = columns * Height;

  template <int N, int Tail>
  [[gnu::noinline]] static void tile(const float* x, const float* w, const float* bias, int row, int column, int filter,
                                     const Sink& sink) {
    Tile<M, N> tile;
    for_tile<M, N>([&](int m, auto n) STRATA_INLINE { tile.c[m][n] = bias ? load(bias + filter + n * lanes) : V{}; });
    const float* p = x + (row * Height * S.width + column * Width) * S.stride * S.channels;
    const float* q = w + filter;
    STRATA_NOUNROLL
    for (int i = 0; i < S.kernel_height; ++i) {
      multiply_add(
          tile, S.kernel_width * S.channels,
          [p](int m, int k)
              STRATA_INLINE { return p[(m / columns * S.width + m % columns) * S.stride * S.channels + k]; },
          [q](int k, int n) STRATA_INLINE { return load(q + k * S.filters + n * lanes); });
      p += S.width * S.channels;
      q += S.kernel_width * S.channels * S.filters;
    }
    const int index = (row * pooled_width + column) * S.filters + filter;
    strata::detail::unroll<windows>([&](auto window) STRATA_INLINE {
      strata::detail::unroll<N>([&](auto n) STRATA_INLINE {
        constexpr int count = n + 1 == N ? Tail : lanes;
        emit<columns, window * Width, n, count>(tile, index + window * S.filters + n * lanes, sink);
      });
    });
  }

  /// Folds the window whose first output is column `First` of vector n of a tile, `Columns` outputs wide.
  template <int Columns, int First, int n, int Count, class T>
  STRATA_INLINE static void emit(const T& tile, int index, const Sink& sink) {
    typename Sink::Fold fold;
    strata::detail::unroll<Height>([&](auto i) STRATA_INLINE {
      V values[Width];
      strata::detail::unroll<Width>([&](auto j)
                                        STRATA_INLINE { values[j] = sink.before(tile.c[i * Columns + First + j][n]); });
      if constexpr (i == 0)
        fold.begin(values, 0);
      else
        fold.add(values, i * Width);
    });
    sink(index, fold, std::integral_constant<int, Count>{});
  }

  /// True where a whole kernel of one vector of filters stays in registers beside a window's outputs. A tile that is
  /// one vector wide loads a scalar for each multiplication; here a scalar serves all the taps that meet its pixel.
  static constexpr int taps = S.kernel_height * S.kernel_width * S.channels;
  static constexpr bool keeps_kernel = shape.vectors == 1 && taps + Height * Width + 2 <= registers;

  /// A row of windows, one vector of filters. Each output sums its taps in the order of the other forms.
  template <int Tail>
  [[gnu::noinline]] static void row_of_windows(const float* x, const float* w, const float* bias, int row, int filter,
                                               const Sink& sink) {
    constexpr int patch_height = (Height - 1) * S.stride + S.kernel_height;
    constexpr int patch_width = (Width - 1) * S.stride + S.kernel_width;
    V kernel[taps];
    strata::detail::unroll<taps>([&](auto t) STRATA_INLINE { kernel[t] = load(w + t * S.filters + filter); });
    const V begin = bias ? load(bias + filter) : V{};
    const float* p = x + row * Height * S.stride * S.width * S.channels;
    int index = row * pooled_width * S.filters + filter;
    STRATA_NOUNROLL
    for (int column = 0; column < pooled_width; ++column) {
      Tile<Height * Width, 1> tile;
      for_tile<Height * Width, 1>([&](int m, auto n) STRATA_INLINE { tile.c[m][n] = begin; });
      strata::detail::unroll<patch_height * patch_width * S.channels>([&](auto place) STRATA_INLINE {
        constexpr int channel = place % S.channels, pixel = place / S.channels;
        multiply_pixel<pixel / patch_width, pixel % patch_width, channel>(
            tile, p[(pixel / patch_width * S.width + pixel % patch_width) * S.channels + channel], kernel,
            std::make_integer_sequence<int, Height * Width>{});
      });
      emit<Width, 0, 0, Tail>(tile, index, sink);
      p += Width * S.stride * S.channels;
      index += S.filters;
    }
  }

  /// Adds the pixel at (Row, Column) of a window's patch to those of its outputs M whose taps meet it.
  template <int Row, int Column, int Channel, int... M>
  STRATA_INLINE static void multiply_pixel(Tile<Height * Width, 1>& tile, float pixel, const V (&kernel)[taps],
                                           std::integer_sequence<int, M...>) {
    (multiply_tap<Row - M / Width * S.stride, Column - M % Width * S.stride, Channel>(tile.c[M][0], pixel, kernel),
     ...);
  }
  template <int Row, int Column, int Channel>
  STRATA_INLINE static void multiply_tap(V& sum, float pixel, const V (&kernel)[taps]) {
    if constexpr (Row >= 0 && Row < S.kernel_height && Column >= 0 && Column < S.kernel_width)
      sum += pixel * kernel[(Row * S.kernel_width + Column) * S.channels + Channel];
  }

  static void run(const float* x, const float* w, const float* bias, int begin, int end, const Sink& sink) {
    FilterPanels<S, shape.vectors, false>::each([&](int filter, auto n, auto tail) STRATA_INLINE {
      for (int row = begin; row < end; ++row)
        if constexpr (keeps_kernel) {
          row_of_windows<tail>(x, w, bias, row, filter, sink);
        } else {
          for (int column = 0; column < pooled_width; column += windows)
            tile<n, tail>(x, w, bias, row, std::min(column, pooled_width - windows), filter, sink);
        }
    });
  }
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
