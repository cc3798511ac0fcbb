// Folding for inference: affine layers (batch normalisation) become part of a linear neighbour's parameters, and layers
// that do nothing in inference (dropout) leave the network.
//
// With y = s x + t for each channel:
//     behind a linear layer z = w x + b:    w' = w s,  b' = b s + t       (s, t of the layer's own channel)
//     in front of one:                      b' = b + sum of t w,  w' = s w  (s, t of the input's channel)
// An affine layer folds backward where a linear layer comes directly before it, else forward where one without padding
// comes directly behind it, else it stays.
#pragma once

#include <strata/core/type_list.hpp>
#include <strata/plan/network.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace strata {
namespace detail {

/// What becomes of an operation.
struct Fold {
  enum class Kind { keep, drop, into_previous, into_next };
  Kind kind = Kind::keep;
  int target = -1;  ///< the linear operation that it becomes part of
};

template <class Op>
inline constexpr bool is_linear = false;
template <class Op>
requires requires { Op::is_linear; }
inline constexpr bool is_linear<Op> = Op::is_linear;

template <class Op>
inline constexpr bool takes_affine_input = false;
template <class Op>
requires requires { Op::takes_affine_input; }
inline constexpr bool takes_affine_input<Op> = Op::takes_affine_input;

template <class Op>
inline constexpr bool is_affine = requires {
  typename Op::Affine;
};

/// The fate of every operation of a network.
template <class Net, class Operations = typename Net::operations>
struct fold_plan;

template <class Net, class... Ops>
struct fold_plan<Net, type_list<Ops...>> {
  static constexpr int size = static_cast<int>(sizeof...(Ops));
  static constexpr std::array<Fold, sizeof...(Ops)> folds = [] {
    const bool linear[] = {is_linear<Ops>..., false}, affine[] = {is_affine<Ops>..., false};
    const bool open[] = {takes_affine_input<Ops>..., false};
    const Role roles[] = {Ops::role(Mode::inference)..., Role::normaliser};
    std::array<Fold, sizeof...(Ops)> folds{};
    int before = -1;  // the linear operation directly before k, operations that leave not counted
    for (int k = 0; k < size; ++k) {
      Fold& fold = folds[static_cast<std::size_t>(k)];
      if (roles[k] == Role::identity) {
        fold.kind = Fold::Kind::drop;
      } else if (affine[k]) {
        int next = k + 1;
        while (next < size && (roles[next] == Role::identity || roles[next] == Role::reshape)) ++next;
        if (before >= 0)
          fold = {Fold::Kind::into_previous, before};
        else if (next < size && open[next])
          fold = {Fold::Kind::into_next, next};
      } else {
        before = linear[k] ? k : -1;
      }
    }
    return folds;
  }();

  static constexpr int kept = [] {
    int n = 0;
    for (const Fold& f : folds) n += f.kind == Fold::Kind::keep;
    return n;
  }();

  /// Indices of the operations that stay.
  static constexpr std::array<int, static_cast<std::size_t>(kept)> indices = [] {
    std::array<int, static_cast<std::size_t>(kept)> at{};
    std::size_t n = 0;
    for (int k = 0; k < size; ++k)
      if (folds[static_cast<std::size_t>(k)].kind == Fold::Kind::keep) at[n++] = k;
    return at;
  }();

  static constexpr bool is_target(int k) {
    for (const Fold& f : folds)
      if (f.target == k) return true;
    return false;
  }
};

/// An operation as it stands in the folded network: a target of folds has a bias.
template <class Op, bool Target>
struct folded_operation {
  using type = Op;
};

template <class Op>
struct folded_operation<Op, true> {
  using type = typename Op::with_bias;
};

/// A network of which nothing would be left stays as it is.
template <class Net, class Indices>
struct folded_network {
  using type = Net;
};

template <class Net, int... I>
requires(sizeof...(I) > 0) struct folded_network<Net, std::integer_sequence<int, I...>> {
  using plan = fold_plan<Net>;
  using type = Network<Seq<typename folded_operation<type_at<plan::indices[I], typename Net::operations>,
                                                     plan::is_target(plan::indices[I])>::type...>,
                       typename Net::input>;
};

/// Where an affine operation's scale and shift come from.
using AffineSource = void (*)(const float* arena, const std::int64_t* offsets, int channel, double& scale,
                              double& shift);

template <class Op>
constexpr AffineSource affine_source() {
  if constexpr (is_affine<Op>)
    return [](const float* arena, const std::int64_t* offsets, int channel, double& scale, double& shift) {
      const auto a = Op::affine(arena, offsets, channel);
      scale = a.scale;
      shift = a.shift;
    };
  else
    return nullptr;
}

}  // namespace detail

/// The network that inference runs in place of `Net`: the same input, output and predictions (up to rounding), without
/// the layers that fold away.
template <class Net>
using FoldedNetwork =
    typename detail::folded_network<Net, std::make_integer_sequence<int, detail::fold_plan<Net>::kept>>::type;

/// Writes the parameters of FoldedNetwork<Net> from those of Net. `to` is zeroed and has FoldedNetwork's layout. Sums
/// and products are in double and rounded once for each fold.
template <class Net>
void fold_parameters(const float* from, float* to) {
  using Folded = FoldedNetwork<Net>;
  using Plan = detail::fold_plan<Net>;
  static constexpr auto sources = []<class... Ops>(detail::type_list<Ops...>*) {
    return std::array<detail::AffineSource, sizeof...(Ops) + 1>{detail::affine_source<Ops>()..., nullptr};
  }(static_cast<typename Net::operations*>(nullptr));
  const auto segment_of = [](const auto& parameters, int operation) {
    return parameters.segments.data() + parameters.first[static_cast<std::size_t>(operation)];
  };
  const auto tensors_of = [](const auto& parameters, int operation) {
    return parameters.first[static_cast<std::size_t>(operation) + 1] -
           parameters.first[static_cast<std::size_t>(operation)];
  };

  if constexpr (Plan::kept == 0) return;  // no parameters either
  for (int n = 0; n < Plan::kept; ++n) {
    const int k = Plan::indices[static_cast<std::size_t>(n)];
    const Segment* source = segment_of(Net::parameters, k);
    const Segment* target = segment_of(Folded::parameters, n);
    for (int t = 0; t < tensors_of(Net::parameters, k); ++t)
      std::memcpy(to + target[t].offset, from + source[t].offset,
                  static_cast<std::size_t>(source[t].parameter.size()) * sizeof(float));
    if (!Plan::is_target(k)) continue;

    // The kernel as rows (inputs, channels fastest) by columns (outputs), and the bias behind it.
    const std::int64_t columns = target[1].parameter.size(), rows = target[0].parameter.size() / columns;
    float *kernel = to + target[0].offset, *bias = to + target[1].offset;
    auto fold = [&](detail::Fold::Kind kind, auto apply) {
      for (int j = 0; j < Plan::size; ++j) {
        const detail::Fold& f = Plan::folds[static_cast<std::size_t>(j)];
        if (f.target != k || f.kind != kind) continue;
        std::array<std::int64_t, 16> offsets{};
        for (int t = 0; t < tensors_of(Net::parameters, j); ++t)
          offsets[static_cast<std::size_t>(t)] = segment_of(Net::parameters, j)[t].offset;
        apply(Net::resolution.shapes[static_cast<std::size_t>(j)].channels, [&](int channel) {
          std::pair<double, double> affine;
          sources[static_cast<std::size_t>(j)](from, offsets.data(), channel, affine.first, affine.second);
          return affine;
        });
      }
    };
    fold(detail::Fold::Kind::into_next, [&](int channels, auto affine) {
      std::vector<double> sums(bias, bias + columns);
      for (std::int64_t i = 0; i < rows; ++i) {
        const auto [scale, shift] = affine(static_cast<int>(i % channels));
        for (std::int64_t o = 0; o < columns; ++o) {
          const auto w = static_cast<double>(kernel[i * columns + o]);
          sums[static_cast<std::size_t>(o)] += shift * w;
          kernel[i * columns + o] = static_cast<float>(scale * w);
        }
      }
      for (std::int64_t o = 0; o < columns; ++o) bias[o] = static_cast<float>(sums[static_cast<std::size_t>(o)]);
    });
    fold(detail::Fold::Kind::into_previous, [&](int, auto affine) {
      for (std::int64_t o = 0; o < columns; ++o) {
        const auto [scale, shift] = affine(static_cast<int>(o));
        for (std::int64_t i = 0; i < rows; ++i)
          kernel[i * columns + o] = static_cast<float>(static_cast<double>(kernel[i * columns + o]) * scale);
        bias[o] = static_cast<float>(static_cast<double>(bias[o]) * scale + shift);
      }
    });
  }
}

}  // namespace strata
