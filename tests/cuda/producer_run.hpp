// A producer's group on the machine that runs kernels: its memory, forward and backward, and what comes out.
#pragma once

#include <simt/simt.hpp>
#include <strata/cuda/backend.cuh>

#include <reference/tensor.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace cuda_test {

using strata::Shape;
using strata::cuda::GroupArgs;

/// A GroupSpec as values.
struct Group {
  std::string name;
  strata::Mode mode{};
  std::vector<Shape> shapes;  ///< by value of the group
  std::vector<bool> stores;   ///< by value of the group
  std::vector<strata::Parameter> tensors;
  strata::Requirements requirements{};
  void (*forward)(const GroupArgs&) = nullptr;
  void (*backward)(const GroupArgs&) = nullptr;
  void (*backward_without_input)(const GroupArgs&) = nullptr;
};

template <class P, strata::Mode M, class In, class... Ops>
Group group_of() {
  using G = strata::GroupSpec<strata::Cuda<P>, M, In, Ops...>;
  using Kernel = strata::cuda::kernel<typename G::template operation<G::producer>>;
  Group g;
  g.mode = M;
  g.shapes.assign(G::shapes.begin(), G::shapes.end());
  for (int v = 0; v <= G::size; ++v) g.stores.push_back(G::stores(v));
  g.requirements = Kernel::template requirements<G>();
  g.forward = &Kernel::template forward<G>;
  if constexpr (M == strata::Mode::training) {
    g.backward = &Kernel::template backward<G, true>;
    g.backward_without_input = &Kernel::template backward<G, false>;
  }
  g.name = std::string(P::name) + ", " + strata::to_string(In::shape);
  const auto add = [&](const char* name, const auto& attributes, const auto& parameters) {
    g.name += std::string(" -> ") + name;
    for (const strata::Attribute& a : attributes) g.name += " " + std::to_string(a.value);
    for (const strata::Parameter& p : parameters) g.tensors.push_back(p);
  };
  std::size_t v = 0;
  (add(Ops::name, Ops::attributes(), Ops::parameters(g.shapes[v++])), ...);
  return g;
}

/// A group and its memory. Everything that nobody wrote is NaN, and every array ends where its last sample does.
class Run {
 public:
  Run(const Group& group, int batch)
      : group_(group),
        batch_(batch),
        input_(floats(group.shapes.front())),
        output_(floats(group.shapes.back())),
        output_gradient_(floats(group.shapes.back())),
        input_gradient_(floats(group.shapes.front())),
        forward_scratch_(static_cast<std::size_t>(batch * group.requirements.forward_per_sample)),
        backward_scratch_(static_cast<std::size_t>(batch * group.requirements.backward_per_sample)),
        fixed_(static_cast<std::size_t>(group.requirements.fixed)),
        workspace_(place_saved()),
        arena_(place_tensors()),
        gradients_(arena_.size()),
        step_(1, 7u) {}

  static constexpr strata::philox::Key key{0x123456789abcdef};
  static constexpr std::uint32_t step = 7, layer = 5;

  void set_input(const reference::Tensor& x) { scatter(x, input_, group_.shapes.front()); }

  void set_parameter(std::size_t t, const reference::Tensor& p) {
    for (std::size_t i = 0; i < p.size(); ++i) arena_[offset(t) + i] = static_cast<float>(p.value[i]);
  }

  void forward() {
    GroupArgs a = args();
    a.scratch = forward_scratch_.data();
    group_.forward(a);
  }

  void backward(const reference::Tensor& dy, bool input_gradient = true) {
    scatter(dy, output_gradient_, group_.shapes.back());
    std::memset(static_cast<void*>(gradients_.data()), 0xff, gradients_.size() * 4);
    GroupArgs a = args();
    a.output_gradient = output_gradient_.data();
    a.input_gradient = input_gradient ? input_gradient_.data() : nullptr;
    a.gradients = gradients_.data();
    a.scratch = backward_scratch_.data();
    (input_gradient ? group_.backward : group_.backward_without_input)(a);
  }

  std::vector<float> output() const { return gather(output_, group_.shapes.back()); }
  std::vector<float> input_gradient() const { return gather(input_gradient_, group_.shapes.front()); }
  std::vector<float> gradient(std::size_t t) const {
    const float* begin = gradients_.data() + offset(t);
    return {begin, begin + group_.tensors[t].size()};
  }

 private:
  std::size_t floats(const Shape& s) const { return static_cast<std::size_t>(batch_ * strata::cuda::stride(s)); }
  std::size_t offset(std::size_t t) const { return static_cast<std::size_t>(offsets_[t]); }

  std::size_t place_saved() {
    std::int64_t bytes = 0;
    for (std::size_t v = 0; v < group_.stores.size(); ++v) {
      saved_.push_back(group_.stores[v] ? bytes : -1);
      if (group_.stores[v]) bytes += strata::detail::sample_bytes(group_.shapes[v]);
    }
    return static_cast<std::size_t>(bytes * batch_);
  }

  std::size_t place_tensors() {
    std::int64_t all = 0;
    for (const strata::Parameter& p : group_.tensors) {
      offsets_.push_back(all);
      all += strata::detail::round_up(p.size(), 16);
    }
    return static_cast<std::size_t>(all);
  }

  GroupArgs args() {
    GroupArgs a;
    a.batch = batch_;
    a.input = input_.data();
    a.output = output_.data();
    a.arena = arena_.data();
    a.offsets = offsets_.data();
    a.workspace = workspace_.data();
    a.saved = saved_.data();
    a.fixed = fixed_.data();
    a.key = key;
    a.step = step_.data();
    a.layer = layer;
    return a;
  }

  void scatter(const reference::Tensor& x, simt::Global<float>& to, const Shape& shape) const {
    std::memset(static_cast<void*>(to.data()), 0xff, to.size() * 4);
    const auto size = static_cast<std::size_t>(shape.size()),
               stride = static_cast<std::size_t>(strata::cuda::stride(shape));
    for (std::size_t i = 0; i < x.size(); ++i) to[i / size * stride + i % size] = static_cast<float>(x.value[i]);
  }

  /// The values, after a look at the gaps between samples: nobody may have written there.
  std::vector<float> gather(const simt::Global<float>& from, const Shape& shape) const {
    const auto size = static_cast<std::size_t>(shape.size()),
               stride = static_cast<std::size_t>(strata::cuda::stride(shape));
    std::vector<float> to;
    std::size_t written = 0;
    for (std::size_t i = 0; i < from.size(); ++i)
      if (i % stride < size)
        to.push_back(from[i]);
      else
        written += !std::isnan(from[i]);
    BOOST_TEST(written == 0u, "floats written between samples");
    return to;
  }

  const Group& group_;
  int batch_;
  std::vector<std::int64_t> saved_, offsets_;
  simt::Global<float> input_, output_, output_gradient_, input_gradient_;
  simt::Global<std::byte> forward_scratch_, backward_scratch_, fixed_, workspace_;
  simt::Global<float> arena_, gradients_;
  simt::Global<std::uint32_t> step_;
};

}  // namespace cuda_test
