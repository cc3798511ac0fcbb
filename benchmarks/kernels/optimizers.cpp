// Optimizers: one pass over the arena, which reads weights, gradients and moments and writes weights and moments.
#include "register.hpp"

namespace bench {
namespace {

template <class Rule>
void add(const std::string& name, const Rule& rule, std::int64_t floats) {
  const int moments = rule.state_slots();
  const Work work{0, 4.0 * static_cast<double>(floats) * (3 + 2 * moments)};
  benchmark::RegisterBenchmark(("optimizer/" + name + "/" + std::to_string(floats)).c_str(), [=](benchmark::State&
                                                                                                     state) {
    const auto bytes = static_cast<std::size_t>(floats) * 4;
    const strata::AlignedBuffer weights(bytes), gradients(bytes), held(bytes * 2 + 64);
    for (std::int64_t i = 0; i < floats; ++i) gradients.floats()[i] = static_cast<float>(i % 31 - 15) * 1e-3f;
    std::int64_t step = 0;
    const double begin = detail::seconds();
    for (auto _ : state)
      strata::cpu::optimize(*machine.pool, rule, ++step, weights.floats(), gradients.floats(), held.floats(), floats);
    count(state, work, detail::seconds() - begin);
  })->UseRealTime();
}

}  // namespace

void add_optimizers() {
  for (const std::int64_t floats : {std::int64_t{542'240}, std::int64_t{8'391'440}}) {  // R1's, R13's
    add("sgd", strata::SGD{}, floats);
    add("momentum", strata::SGD{.momentum = .9}, floats);
    add("adam", strata::Adam{}, floats);
  }
}

}  // namespace bench
