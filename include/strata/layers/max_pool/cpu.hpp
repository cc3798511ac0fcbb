// MaxPool on the CPU. Training keeps, for each output, which pixel of its window won.
#pragma once

#include <strata/cpu/pooling.hpp>
#include <strata/layers/max_pool/max_pool.hpp>

namespace strata::cpu {
inline namespace STRATA_ISA {

/// The kernels of a layer L whose windows fold to maxima. Index holds the winner's number in its window, row by row.
template <class L, class Index>
struct maximum_kernel {
  typedef Index Indices __attribute__((vector_size(lanes * sizeof(Index))));

  template <Shape In>
  static constexpr std::int64_t kept_bytes() {
    return L::output(In).shape.size() * static_cast<std::int64_t>(sizeof(Index)) + sizeof(Indices);
  }

  /// The largest value so far and, in training, its place. A NaN wins, so that it is seen.
  template <bool Training>
  class Fold {
   public:
    template <int N>
    STRATA_INLINE void begin(const V (&x)[N], int at) {
      best_ = x[0];
      place_ = VI{} + at;
      unordered_ = VI{};
      fold<1>(x, at);
    }
    template <int N>
    STRATA_INLINE void add(const V (&x)[N], int at) {
      fold<0>(x, at);
    }
    STRATA_INLINE V result(int) const { return select(unordered_, broadcast(__builtin_nanf("")), best_); }

    template <int Lanes>
    STRATA_INLINE void keep(std::byte* kept, int index) const {
      const Indices narrow = narrowed<Indices>(place_);
      std::memcpy(kept + index * static_cast<int>(sizeof(Index)), &narrow, Lanes * sizeof(Index));
    }

   private:
    template <int First, int N>
    STRATA_INLINE void fold(const V (&x)[N], int at) {
      strata::detail::unroll<N>([&](auto i) STRATA_INLINE {
        if constexpr (i % 2 == 1 || i + 1 == N)  // one comparison finds the NaN of two values
          unordered_ |= are_unordered(x[i], x[i % 2 == 1 ? i - 1 : i]);
        if constexpr (i >= First) {
          if constexpr (Training) place_ = select(x[i] > best_, opaque(VI{} + (at + i)), place_);
          best_ = maximum(x[i], best_);
        }
      });
    }

    V best_;
    VI place_;
    VI unordered_;
  };

  /// The gradient of a window goes to the pixel that won.
  class Spread {
   public:
    template <int Lanes>
    STRATA_INLINE Spread(const std::byte* kept, int index, V dy, std::integral_constant<int, Lanes>, int) : dy_(dy) {
      Indices narrow{};
      std::memcpy(&narrow, kept + index * static_cast<int>(sizeof(Index)), Lanes * sizeof(Index));
      place_ = widened(narrow);
    }
    STRATA_INLINE V at(int place) const { return select(place_ == VI{} + place, dy_, V{}); }

   private:
    V dy_;
    VI place_;
  };

  /// dx of one sample, where gradient(index, count) gives dy of the outputs that begin at index.
  template <Shape In, class Gradient>
  static void backward(const std::byte* kept, float* dx, Gradient gradient) {
    constexpr Shape out = L::output(In).shape;
    constexpr int height = L::window(In).kernel.height, width = L::window(In).kernel.width;
    if constexpr (windows_tile<L, In>) {
      constexpr int row_floats = In.width * In.channels, seen = out.width * width * In.channels;
      for_windows<L, In>(0, out.height, [&](int from, int top, int left) STRATA_INLINE {
        float* to = dx + (top * In.width + left) * In.channels;
        for_vectors<In.channels>([&](int c, auto count) STRATA_INLINE {
          const Spread spread(kept, from + c, gradient(from + c, count), count, height * width);
          for (int i = 0; i < height; ++i)
            for (int j = 0; j < width; ++j)
              store<count>(to + (i * In.width + j) * In.channels + c, spread.at(i * width + j));
        });
      });
      if constexpr (seen < row_floats)
        for (int h = 0; h < out.height * height; ++h)
          std::memset(dx + h * row_floats + seen, 0, sizeof(float) * (row_floats - seen));
      if constexpr (out.height * height < In.height)
        std::memset(dx + out.height * height * row_floats, 0,
                    sizeof(float) * (In.height - out.height * height) * row_floats);
    } else {
      std::memset(dx, 0, sizeof(float) * static_cast<std::size_t>(In.size()));
      for_windows<L, In>(0, out.height, [&](int from, int top, int left) STRATA_INLINE {
        for_vectors<In.channels>([&](int c, auto count) STRATA_INLINE {
          const V dy = gradient(from + c, count);
          for (int lane = 0; lane < count; ++lane) {
            Index index;
            std::memcpy(&index, kept + (from + c + lane) * static_cast<int>(sizeof(Index)), sizeof(Index));
            dx[((top + index / width) * In.width + left + index % width) * In.channels + c + lane] += dy[lane];
          }
        });
      });
    }
  }
};

template <auto P, class... Options>
struct kernel<MaxPool<P, Options...>> : maximum_kernel<MaxPool<P, Options...>, typename MaxPool<P, Options...>::Index> {
};

}  // namespace STRATA_ISA
}  // namespace strata::cpu
