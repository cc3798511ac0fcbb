// First values of all parameters, as a function of the seed.
#pragma once

#include <strata/core/philox.hpp>
#include <strata/plan/view.hpp>

#include <cmath>
#include <cstdint>

namespace strata {

/// Fills an arena with the first values that each parameter's initialiser asks for. Element e of tensor t takes its
/// random word from stream `initializer`, layer t, element e, so a tensor's values do not depend on the others.
inline void initialize(const NetworkView& net, float* arena, philox::Key key) {
  constexpr double pi = 3.14159265358979323846;
  std::uint32_t tensor = 0;
  for (const Segment& s : net.segments) {
    const Parameter& p = s.parameter;
    const double in = static_cast<double>(p.fan_in), out = static_cast<double>(p.fan_out);
    const std::int64_t n = p.size();
    float* to = arena + s.offset;
    // A number in (0, 1) for element e; `attempt` gives further ones.
    auto unit = [&](std::int64_t e, std::uint32_t attempt) __attribute__((noinline)) {  // ten rounds, once in a program
      const philox::Draw draw{key, attempt, philox::Stream::initializer, tensor};
      return (philox::word(draw, 0, static_cast<std::uint32_t>(e)) + 0.5) / 4294967296.0;
    };
    auto uniform = [&](double limit) {
      for (std::int64_t e = 0; e < n; ++e) to[e] = static_cast<float>((2 * unit(e, 0) - 1) * limit);
    };
    switch (p.initializer.kind) {
      case Initializer::Kind::zeros:
        for (std::int64_t e = 0; e < n; ++e) to[e] = 0;
        break;
      case Initializer::Kind::ones:
        for (std::int64_t e = 0; e < n; ++e) to[e] = 1;
        break;
      case Initializer::Kind::glorot_uniform:
        uniform(std::sqrt(6 / (in + out)));
        break;
      case Initializer::Kind::he_uniform:
        uniform(std::sqrt(6 / in));
        break;
      case Initializer::Kind::torch_uniform:
        uniform(1 / std::sqrt(in));
        break;
      case Initializer::Kind::uniform:
        uniform(p.initializer.limit);
        break;
      case Initializer::Kind::he_normal: {
        // 0.8796... is the deviation of a standard normal truncated at 2, so that the result has the one asked for.
        const double deviation = std::sqrt(2 / in) / 0.87962566103423978;
        for (std::int64_t e = 0; e < n; ++e)
          for (std::uint32_t attempt = 0;; attempt += 2) {
            const double z = std::sqrt(-2 * std::log(unit(e, attempt))) * std::cos(2 * pi * unit(e, attempt + 1));
            if (std::abs(z) > 2) continue;
            to[e] = static_cast<float>(z * deviation);
            break;
          }
        break;
      }
    }
    ++tensor;
  }
}

}  // namespace strata
