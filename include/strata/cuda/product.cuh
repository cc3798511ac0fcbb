// A tiled product on tensor cores: the one main loop behind convolutions and dense layers.
//
//     C = A B        C: rows x columns, sums over the depth
//
// A block makes a tile of C, `rows` x `columns` of it, from tiles of A and B that are `depth` deep; each of its warps
// makes a part of the tile in registers. While one pair of tiles is multiplied, the next stages - 1 are on their way
// from global to shared memory. Traffic of a block for each 2 * rows * columns * depth FLOP: 4 depth (rows + columns)
// bytes of global memory; with 64 x 64 that is 16 FLOP a byte, with 128 x 64 21.
//
// What A and B are is said by types that tell where in memory their floats lie (product_copy.hpp), so that the patches
// of an image or a turned kernel are never copied. What becomes of C is said by a type too, the epilogue: it is called
// once for each float of C, by neighbouring threads for neighbouring floats, behind the loop.
//
// The depth, or the rows, may be split into parts, each with its blocks. Every sum has a fixed order: within a tile the
// tensor cores', then tile after tile. Nothing depends on when a block or a thread runs.
#pragma once

#include <strata/cuda/launch.hpp>
#include <strata/cuda/multiply.hpp>
#include <strata/cuda/product_copy.hpp>

#include <algorithm>

namespace strata::cuda {
inline namespace STRATA_SIDE {

/// The tile of a block, that of a warp, and pairs of tiles in shared memory.
template <int Rows, int Columns, int WarpRows, int WarpColumns, int Depth = 16, int Stages = 4>
struct ProductTiles {
  static constexpr int rows = Rows, columns = Columns, depth = Depth, stages = Stages;
  static constexpr int warp_rows = WarpRows, warp_columns = WarpColumns;
  static constexpr int row_warps = Rows / WarpRows, column_warps = Columns / WarpColumns;
  static constexpr unsigned threads = row_warps * column_warps * warp_size;
  static_assert(WarpRows % 16 == 0 && WarpColumns % 16 == 0 && Depth % 8 == 0 && Stages >= 2);
};

namespace detail {

/// Tiles no wider than they must be, and as high as leaves enough blocks to keep a GPU busy.
template <std::int64_t Rows, int Columns>
constexpr auto choose_product_tiles() {
  constexpr int columns = Columns <= 16 ? 16 : Columns <= 32 ? 32 : 64;
  constexpr int rows = Rows <= 32 ? 32 : Rows < 2048 ? 64 : 128;
  constexpr int warp_columns = columns == 64 ? 32 : 16;
  return ProductTiles < rows, columns, rows == 32 ? 16 : columns == 16 ? 16 : 32, warp_columns > {};
}

}  // namespace detail

/// The tiles for a product of about Rows rows and of Columns columns.
template <std::int64_t Rows, int Columns>
using product_tiles = decltype(detail::choose_product_tiles<Rows, Columns>());

/// What the parts of a product share.
enum class Parts {
  of_depth,  ///< each part is the sum over some of the depth
  of_rows    ///< each part has rows of its own, which its factors and the epilogue know
};

/// The policy of a product: A's and B's factors, the columns of C, the epilogue
///
///     struct Epilogue { void operator()(int part, int row, int column, float sum) const; };
///
/// the precision, the tiles, what parts are, and whether the sums of B's columns are wanted as well: the epilogue
/// receives them as one more row, in full precision.
template <class RowFactor, class ColumnFactor, int Columns, class Epilogue, class P, class Tiles,
          Parts PartsOf = Parts::of_depth, bool SumsColumns = false>
struct ProductSpec {
  using row_factor = RowFactor;
  using column_factor = ColumnFactor;
  using epilogue = Epilogue;
  using precision = P;
  using tiles = Tiles;
  static constexpr int columns = Columns;
  static constexpr Parts parts_of = PartsOf;
  static constexpr bool sums_columns = SumsColumns;
  static constexpr unsigned threads = Tiles::threads;

  using row_copies = FactorCopies<RowFactor, Tiles::rows, Tiles::depth, threads>;
  using column_copies = FactorCopies<ColumnFactor, Tiles::columns, Tiles::depth, threads>;
  using row_tile = typename row_copies::Tile;
  using column_tile = typename column_copies::Tile;
  static constexpr int stage_floats = row_tile::floats + column_tile::floats;

  /// The finished tile, its columns side by side: free of bank conflicts as it is written, 4 rows of 8 columns at once,
  /// and as it is read.
  using result_tile = ProductTile<Along::lines, Tiles::columns, Tiles::rows>;
  static constexpr int shared_bytes =
      4 * std::max(Tiles::stages * stage_floats, result_tile::floats + static_cast<int>(threads));
  static constexpr unsigned column_blocks = (Columns + Tiles::columns - 1) / Tiles::columns;
  static_assert(threads % Tiles::columns == 0);
};

/// The floats that one warp makes: c[i][j] is 16 x 8 of them, as mma_m16n8k8_tf32 spreads them.
template <class S>
struct WarpProduct {
  using T = typename S::tiles;
  using P = typename S::precision;
  static constexpr int down = T::warp_rows / 16, across = T::warp_columns / 8;

  unsigned row = warp() / T::column_warps * T::warp_rows, column = warp() % T::column_warps * T::warp_columns;
  float c[down][across][4] = {};

  /// Adds the product of two tiles.
  STRATA_DEVICE void add(const float* a, const float* b) {
    STRATA_UNROLL
    for (unsigned k = 0; k < T::depth; k += 8) {
      Factors<P, 2> columns[across];
      STRATA_UNROLL
      for (int j = 0; j < across; j += 2) {
        float x[4];
        S::column_tile::load_columns(x, b, column + static_cast<unsigned>(j) * 8, k);
        STRATA_UNROLL
        for (int i = 0; i < 4; ++i) columns[j + i / 2].set(i % 2, x[i]);
      }
      STRATA_UNROLL
      for (int i = 0; i < down; ++i) {
        float x[4];
        S::row_tile::load_rows(x, a, row + static_cast<unsigned>(i) * 16, k);
        Factors<P, 4> rows;
        STRATA_UNROLL
        for (int e = 0; e < 4; ++e) rows.set(e, x[e]);
        STRATA_UNROLL
        for (int j = 0; j < across; ++j) multiply_add(c[i][j], rows, columns[j]);
      }
    }
  }

  /// Writes the sums into the block's tile.
  STRATA_DEVICE void write(float* results) const {
    const unsigned first_row = row + lane() / 4, first_column = column + lane() % 4 * 2;
    STRATA_UNROLL
    for (unsigned i = 0; i < down * 2; ++i) {
      STRATA_UNROLL
      for (unsigned j = 0; j < across; ++j) {
        const float* pair = c[i / 2][j] + i % 2 * 2;
        store(results + S::result_tile::at(first_column + j * 8, first_row + i * 8),
              Packet<float, 2>{{pair[0], pair[1]}});
      }
    }
  }
};

/// Makes one tile of C in one part. The grid: tiles down, tiles across, parts.
template <class S>
__global__ void __launch_bounds__(S::threads) product_kernel(typename S::row_factor a, typename S::column_factor b,
                                                             typename S::epilogue epilogue, int rows, int depth) {
  using T = typename S::tiles;
  const unsigned thread = thread_index().x;
  const int part = static_cast<int>(block_index().z);
  const int first_row = static_cast<int>(block_index().x) * T::rows;
  const int first_column = static_cast<int>(block_index().y) * T::columns;

  // The steps of this part: tiles of depth first_step * T::depth and on.
  int steps = (depth + T::depth - 1) / T::depth, first_step = 0;
  if constexpr (S::parts_of == Parts::of_depth) {
    const int parts = static_cast<int>(grid_size().z), of_part = (steps + parts - 1) / parts;
    first_step = part * of_part;
    steps = steps - first_step < of_part ? steps - first_step : of_part;  // none, or below, in parts left over
  }

  float* const memory = dynamic_shared<float>();
  const typename S::row_copies row_copies(a, part, first_row, thread);
  const typename S::column_copies column_copies(b, part, first_column, thread);
  const auto stage_of = [&](int step) { return memory + static_cast<unsigned>(step) % T::stages * S::stage_floats; };
  const auto start = [&](int step) {
    if (step < steps) {
      row_copies.start(stage_of(step), (first_step + step) * T::depth);
      column_copies.start(stage_of(step) + S::row_tile::floats, (first_step + step) * T::depth);
    }
    commit_copies();
  };

  WarpProduct<S> product;
  float column_sum = 0;
  for (int step = 0; step < T::stages - 1; ++step) start(step);
  for (int step = 0; step < steps; ++step) {
    wait_copies<T::stages - 2>();  // this thread's part of `step` has landed,
    sync_block();                  // everybody's has, and the stage of step - 1 is free
    start(step + T::stages - 1);
    const float *a_tile = stage_of(step), *b_tile = a_tile + S::row_tile::floats;
    product.add(a_tile, b_tile);
    if constexpr (S::sums_columns)
      if (first_row == 0)
        for (unsigned k = thread / T::columns; k < T::depth; k += S::threads / T::columns)
          column_sum += b_tile[S::column_tile::at(thread % T::columns, k)];
  }

  // The tile of C goes where the stages were, then out in the order of memory.
  wait_copies<0>();
  sync_block();
  product.write(memory);
  if constexpr (S::sums_columns) memory[S::result_tile::floats + thread] = column_sum;
  sync_block();
  const auto is_inside = [&](int column) { return S::columns % T::columns == 0 || first_column + column < S::columns; };
  const int high = rows - first_row < T::rows ? rows - first_row : T::rows;
  for (int i = static_cast<int>(thread); i < high * T::columns; i += static_cast<int>(S::threads)) {
    const int row = i / T::columns, column = i % T::columns;
    if (is_inside(column))
      epilogue(part, first_row + row, first_column + column,
               memory[S::result_tile::at(static_cast<unsigned>(column), static_cast<unsigned>(row))]);
  }
  if constexpr (S::sums_columns)
    if (first_row == 0 && static_cast<int>(thread) < T::columns && is_inside(static_cast<int>(thread))) {
      float sum = memory[S::result_tile::floats + thread];
      for (unsigned i = 1; i < S::threads / T::columns; ++i)
        sum += memory[S::result_tile::floats + i * T::columns + thread];
      epilogue(part, rows, first_column + static_cast<int>(thread), sum);
    }
}

/// Computes `rows` rows of C, sums over `depth` floats, in `parts` parts.
template <class S>
void multiply(Stream stream, const typename S::row_factor& a, const typename S::column_factor& b,
              const typename S::epilogue& epilogue, int rows, int depth, int parts = 1) {
  const auto row_blocks = static_cast<unsigned>((rows + S::tiles::rows - 1) / S::tiles::rows);
  launch<product_kernel<S>>({.grid = {row_blocks, S::column_blocks, static_cast<unsigned>(parts)},
                             .block = {S::threads},
                             .shared_bytes = S::shared_bytes,
                             .stream = stream},
                            a, b, epilogue, rows, depth);
}

/// An epilogue that writes C where its rows are Pitch floats apart.
template <int Pitch>
struct MatrixRows {
  float* values;

  STRATA_DEVICE void operator()(int /*part*/, int row, int column, float sum) const {
    values[std::int64_t{row} * Pitch + column] = sum;
  }
};

// --- parts of the depth ----------------------------------------------------------------------------------------------

/// An epilogue that leaves the sums of each part in scratch, Columns in a row, the parts `pitch` floats apart.
template <int Columns>
struct PartialSums {
  float* partial;
  std::int64_t pitch;  ///< a multiple of 8, so that sectors do not straddle

  STRATA_DEVICE void operator()(int part, int row, int column, float sum) const {
    partial[part * pitch + std::int64_t{row} * Columns + column] = sum;
  }
};

/// The policy of what adds the parts: how many there are at most, the columns of C, and the epilogue, as in
/// ProductSpec.
template <int Count, int Columns, class Epilogue>
struct AddPartsSpec {
  using epilogue = Epilogue;
  static constexpr int parts = Count, columns = Columns;
  static constexpr unsigned threads = 256;

  /// Many parts are those of few floats: then several threads share a float, each with every so many parts of it.
  static constexpr unsigned sharers = Count >= 32 ? 8 : 1, floats = threads / sharers;
};

/// Adds the parts, `count` of them, in an order that follows from their number. Each is read once.
template <class S>
__global__ void __launch_bounds__(S::threads)
    add_parts_kernel(PartialSums<S::columns> parts, int count, std::int64_t floats, typename S::epilogue epilogue) {
  const unsigned place = thread_index().x % S::floats, sharer = thread_index().x / S::floats;
  const std::int64_t i = std::int64_t{block_index().x} * S::floats + place;
  const float* __restrict__ partial = parts.partial;
  float sum = 0;
  if (i < floats)
    for (int p = static_cast<int>(sharer); p < count; p += S::sharers) sum += partial[p * parts.pitch + i];
  if constexpr (S::sharers > 1) {
    auto& sums = shared<float[S::threads]>();
    sums[thread_index().x] = sum;
    sync_block();
    if (sharer > 0) return;
    for (unsigned s = 1; s < S::sharers; ++s) sum += sums[s * S::floats + place];
  }
  if (i < floats) epilogue(0, static_cast<int>(i / S::columns), static_cast<int>(i % S::columns), sum);
}

/// Adds the parts of `floats` floats of C.
template <class S>
void add_parts(Stream stream, const PartialSums<S::columns>& parts, std::int64_t floats,
               const typename S::epilogue& epilogue, int count = S::parts) {
  launch<add_parts_kernel<S>>(
      {.grid = {static_cast<unsigned>((floats + S::floats - 1) / S::floats)}, .block = {S::threads}, .stream = stream},
      parts, count, floats, epilogue);
}

}  // namespace STRATA_SIDE
}  // namespace strata::cuda
