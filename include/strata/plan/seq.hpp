// Seq and Repeat: how a network is written, and how the writing becomes one flat list of operations.
#pragma once

#include <strata/core/type_list.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <type_traits>

namespace strata {

/// A chain of layers, first to last. Elements are layers, Repeats and other Seqs, which flatten into the chain.
///
/// Naming a chain by deriving from it keeps errors and symbols short:
///
///     struct Digits : Seq<Conv<28, 3>, MaxPool<2>, Dense<128>, Dropout<20>, Softmax<10>> {};
template <class... Layers>
struct Seq {
  using sequence = Seq;
};

/// `Block` N times in a row, each time with parameters of its own. Block is a layer, a Seq or another Repeat.
template <int N, class Block>
struct Repeat {
  using repeated = Block;
  static constexpr int count = N;
};

/// A block that training leaves as it is: its parameters keep their values, and its layers behave as in inference
/// (dropout does nothing, batch normalisation takes its running averages). Block is a layer, a Seq or a Repeat.
///
/// It stands in front of the first layer that is trained, where neither a gradient nor memory for one is planned.
/// Weights, files and predictions are those of the network without it.
template <class Block>
struct Frozen {
  using block = Block;
  static constexpr int learning_rate_percent = 0;
};

/// A block whose parameters move slower, or faster: its learning rate is so many percent of the optimizer's.
template <int Percent, class Block>
struct LearningRate {
  using block = Block;
  static constexpr int learning_rate_percent = Percent;
};

/// The text of a template argument: Named<"block1", ...>.
template <std::size_t N>
struct BlockName {
  char text[N];

  constexpr BlockName(const char (&name)[N]) {  // not explicit: it is what a string literal becomes
    for (std::size_t i = 0; i < N; ++i) text[i] = name[i];
  }

  /// Whether it is letters, digits and underscores, and at least one of them.
  constexpr bool is_a_name() const {
    for (std::size_t i = 0; i + 1 < N; ++i) {
      const char c = text[i];
      if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return N > 1;
  }
};

/// A block with a name, which its layers and their tensors bear in files, plans and messages: the second convolution of
/// Named<"block3", ...> is block3_conv2, elsewhere it would be conv_6 or so. Block is a layer, a Seq or a Repeat.
/// Inside another named block the inner name counts. Names are letters, digits and underscores.
template <BlockName Name, class Block>
struct Named {
  using block = Block;
  static constexpr const char* name = Name.text;
  static constexpr bool is_well_named = Name.is_a_name();
};

/// Where a layer stands, counted from 1 as people count: `Place<3>` is the third element of the network,
/// `Place<3, 5, 2>` the second element of the fifth repetition (or, in a nested Seq, of the fifth element) of the
/// third. A Seq inside another adds one number, a Repeat adds the number of the repetition.
template <int... Path>
struct Place {};

namespace detail {

template <class T>
concept is_sequence = requires {
  typename T::sequence;
};

template <class T>
concept is_repeat = requires {
  typename T::repeated;
  { T::count } -> std::convertible_to<int>;
};

/// A block with a word on how it is trained: Frozen, LearningRate.
template <class T>
concept is_trained_as_told = requires {
  typename T::block;
  { T::learning_rate_percent } -> std::convertible_to<int>;
};

/// A layer that is written as one and works as several: Dense<10, ReLU> is Dense<10> and then ReLU.
template <class T>
concept has_expansion = requires {
  typename T::expansion;
};

/// A block with a name: Named.
template <class T>
concept is_named = requires {
  typename T::block;
  { T::name } -> std::convertible_to<const char*>;
};

/// What the blocks around a layer say of it.
struct Told {
  float learning_rate = 1;      ///< factor on the optimizer's
  const char* block = nullptr;  ///< the name of the innermost block that has one
  bool is_named = false;        ///< whether one has: sanitizers take the pointer's comparison for no constant
};

// A node of the written tree. Every node tells how many operations (leaves) it flattens to, how many layers the user
// wrote in it, which of those each leaf belongs to, what is told of each leaf, and the leaf of a given index. A
// repeated block is one node type.

/// The most operations that a network may have. Compilers limit the steps of a constant expression, and near this
/// number clang's limit is reached; a mistyped Repeat would otherwise keep a compiler busy for hours.
inline constexpr int most_operations = 2048;

/// The size of `count` nodes of `size` operations, or as much as already is too much.
constexpr int times(int count, int size) {
  return count > 2 * most_operations / (size > 0 ? size : 1) ? 2 * most_operations : count * size;
}

template <class T>
struct node {
  static constexpr int size = 1;
  static constexpr int layers = 1;
  static constexpr std::array<int, 1> layer_of{0};
  static constexpr std::array<Told, 1> told_of{};

  template <int K>
  using leaf = T;

  template <int K, int... Path>
  using written = type_list<T, Place<Path...>>;
};

constexpr int sum(std::initializer_list<int> numbers) {
  int total = 0;
  for (int n : numbers) total += n;
  return total;
}

template <class... Nodes>
struct chain {
  // Sums of lists, not fold expressions: clang folds no more than 256 operands.
  static constexpr int size = sum({Nodes::size..., 0});
  static constexpr int layers = sum({Nodes::layers..., 0});

  struct position {
    int element = 0;
    int offset = 0;
  };

  static constexpr std::array<position, static_cast<std::size_t>(size)> where = [] {
    std::array<position, static_cast<std::size_t>(size)> at{};
    const int sizes[] = {Nodes::size..., 0};
    std::size_t k = 0;
    for (int e = 0; e < static_cast<int>(sizeof...(Nodes)); ++e)
      for (int i = 0; i < sizes[e]; ++i) at[k++] = {e, i};
    return at;
  }();

  static constexpr std::array<int, static_cast<std::size_t>(size)> layer_of = [] {
    std::array<int, static_cast<std::size_t>(size)> of{};
    const int sizes[] = {Nodes::size..., 0};
    const int counts[] = {Nodes::layers..., 0};
    const int* inner[] = {Nodes::layer_of.data()..., nullptr};
    std::size_t k = 0;
    for (int e = 0, first = 0; e < static_cast<int>(sizeof...(Nodes)); first += counts[e], ++e)
      for (int i = 0; i < sizes[e]; ++i) of[k++] = first + inner[e][i];
    return of;
  }();

  static constexpr std::array<Told, static_cast<std::size_t>(size)> told_of = [] {
    std::array<Told, static_cast<std::size_t>(size)> of{};
    const int sizes[] = {Nodes::size..., 0};
    const Told* inner[] = {Nodes::told_of.data()..., nullptr};
    std::size_t k = 0;
    for (int e = 0; e < static_cast<int>(sizeof...(Nodes)); ++e)
      for (int i = 0; i < sizes[e]; ++i) of[k++] = inner[e][i];
    return of;
  }();

  template <int K>
  using leaf = typename type_at<where[K].element, type_list<Nodes...>>::template leaf<where[K].offset>;

  template <int K, int... Path>
  using written = typename type_at<where[K].element, type_list<Nodes...>>::template written<where[K].offset, Path...,
                                                                                            where[K].element + 1>;
};

template <class Sequence>
struct chain_of;

template <class... Ls>
struct chain_of<Seq<Ls...>> {
  using type = chain<node<Ls>...>;
};

template <class T>
requires is_sequence<T>
struct node<T> : chain_of<typename T::sequence>::type {
};

template <class T>
requires has_expansion<T>
struct node<T> {
  using inner = node<typename T::expansion>;
  static constexpr int size = inner::size;
  static constexpr int layers = 1;
  static constexpr std::array<int, static_cast<std::size_t>(size)> layer_of{};
  static constexpr auto told_of = inner::told_of;

  template <int K>
  using leaf = typename inner::template leaf<K>;

  template <int K, int... Path>
  using written = type_list<T, Place<Path...>>;
};

template <class T>
requires is_repeat<T> &&(T::count > 0)  // another count stays a leaf, which the walk refuses
    struct node<T> {
  using inner = node<typename T::repeated>;
  static constexpr int count = T::count;
  static constexpr int size = times(count, inner::size);
  static constexpr int layers = times(count, inner::layers);
  static constexpr std::array<int, static_cast<std::size_t>(size)> layer_of = [] {
    std::array<int, static_cast<std::size_t>(size)> of{};
    std::size_t k = 0;
    for (int r = 0; r < count; ++r)
      for (int i = 0; i < inner::size; ++i) of[k++] = r * inner::layers + inner::layer_of[static_cast<std::size_t>(i)];
    return of;
  }();

  static constexpr std::array<Told, static_cast<std::size_t>(size)> told_of = [] {
    std::array<Told, static_cast<std::size_t>(size)> of{};
    for (std::size_t k = 0; k < of.size(); ++k) of[k] = inner::told_of[k % inner::told_of.size()];
    return of;
  }();

  template <int K>
  using leaf = typename inner::template leaf<K % inner::size>;

  template <int K, int... Path>
  using written = typename inner::template written<K % inner::size, Path..., K / inner::size + 1>;
};

/// Stands in the tree as its block does: places in messages do not count it.
template <class T>
requires is_trained_as_told<T> &&(T::learning_rate_percent >= 0)  // another number stays a leaf, which the walk refuses
    struct node<T> : node<typename T::block> {
  using inner = node<typename T::block>;
  static constexpr auto told_of = [] {
    auto of = inner::told_of;
    for (Told& told : of) told.learning_rate *= static_cast<float>(T::learning_rate_percent) / 100;
    return of;
  }();
};

/// Likewise.
template <class T>
requires is_named<T> && T::is_well_named  // another stays a leaf, which the walk refuses
    struct node<T> : node<typename T::block> {
  using inner = node<typename T::block>;
  static constexpr auto told_of = [] {
    auto of = inner::told_of;
    for (Told& told : of)
      if (!told.is_named) {
        told.block = T::name;
        told.is_named = true;
      }
    return of;
  }();
};

template <class Node, class Indices>
struct leaves_of;

template <class Node, int... K>
struct leaves_of<Node, std::integer_sequence<int, K...>> {
  using type = type_list<typename Node::template leaf<K>...>;
};

/// The operations of a network in the order of execution, as one type_list.
template <class Net>
using leaves = typename leaves_of<node<Net>, std::make_integer_sequence<int, node<Net>::size>>::type;

}  // namespace detail
}  // namespace strata
