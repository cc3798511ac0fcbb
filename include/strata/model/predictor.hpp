// Predictor: a model's parameters made ready for prediction, shared by as many threads as want to predict.
#pragma once

#include <strata/core/storage.hpp>
#include <strata/core/text.hpp>
#include <strata/model/fold.hpp>
#include <strata/model/model.hpp>
#include <strata/model/predict.hpp>

#include <span>

namespace strata {

/// The predictor of a network that cannot be built, or has a layer without kernel, does nothing.
template <class Net, class Backend = Cpu<>, class Obstacle = detail::obstacle<Net, Backend>>
class Predictor {
 public:
  using network = std::conditional_t<detail::is_network<Net>, Net, Obstacle>;
  using backend = Backend;
  template <class... Arguments>
  explicit Predictor(Arguments&&...) {}
  Predictor share() const { return Predictor(0); }
};

/// What inference wants of a model: batch normalisation folded into its neighbours, dropout gone. It copies the
/// parameters, so the model may train on or end; predictions equal the model's up to rounding.
///
///     Predictor<Net> predictor{model};
///     std::array<float, 10> p = predict(predictor, image);
///
/// One thread at a time uses a predictor; `share` gives another thread one of its own, with the same parameters in
/// memory once. It runs on the calling thread alone unless it is given more threads.
template <class Net, class Backend>
class Predictor<Net, Backend, void> {
 public:
  using network = FoldedNetwork<Net>;
  using backend = Backend;
  using PredictionExecutor = cpu::Executor<Plan<network, Mode::inference, Backend>>;

  explicit Predictor(const Model<Net, Backend>& model, Threads t = threads(1)) : Predictor(model.parameters(), t) {}

  /// The predictor of parameters in the layout of `Net::parameters`; load_predictor makes one of a file. Throws Error
  /// where there are more or fewer of them.
  explicit Predictor(std::span<const float> parameters, Threads t = threads(1)) : Predictor(prepare(parameters), t) {}

  /// The same of a whole arena, which it keeps where nothing is to be folded.
  explicit Predictor(AlignedBuffer arena, Threads t = threads(1)) : Predictor(prepare(std::move(arena)), t) {}

  /// A predictor with a workspace of its own on the same parameters.
  Predictor share(Threads t = threads(1)) const { return Predictor(prepared_, t); }

  /// What an input is made of: height x width x channels values.
  static constexpr std::size_t inputs = static_cast<std::size_t>(network::input_shape.size());
  using Output = detail::output_array<network>;

  /// The output for one sample of floats, taken as they are (preprocessing is for bytes), or of bytes. For servers: no
  /// allocation, no exception, no check that the types have not made.
  Output operator()(std::span<const float, inputs> sample) noexcept {
    auto& executor = prediction(1);
    std::memcpy(executor.input(1), sample.data(), sample.size_bytes());
    return run(executor);
  }
  Output operator()(std::span<const std::uint8_t, inputs> sample) noexcept {
    auto& executor = prediction(1);
    loader_.load(Sample{network::input_shape, sample, {}}, executor.input(1));
    return run(executor);
  }

  /// The folded parameters, in the layout of `network::parameters`.
  std::span<const float> parameters() const {
    return {prepared_.arena, static_cast<std::size_t>(network::parameters.floats)};
  }

  cpu::Pool& pool() { return *pool_; }
  PredictionExecutor& prediction(int batch) {
    PredictionExecutor& executor = prediction_.of(*pool_, batch);
    executor.use_packed(prepared_.packed);
    return executor;
  }

 private:
  /// What all predictors of a model share.
  struct Prepared {
    const float* arena;
    const float* packed;
    Storage storage;
  };

  Predictor(Prepared prepared, Threads t) : prepared_(std::move(prepared)), pool_(new cpu::Pool(t.count)) {
    prediction(1);
  }

  [[gnu::cold]] static Prepared prepare(AlignedBuffer arena) {
    if constexpr (std::is_same_v<typename network::operations, typename Net::operations>)
      if (arena.size() == network::parameters.arena_bytes()) return pack(std::move(arena));
    constexpr auto floats = static_cast<std::size_t>(Net::parameters.floats);
    return prepare(std::span<const float>(arena.floats(), std::min(arena.size() / sizeof(float), floats)));
  }

  [[gnu::cold]] static Prepared prepare(std::span<const float> parameters) {
    if (parameters.size() != static_cast<std::size_t>(Net::parameters.floats))
      throw Error(joined({"Predictor: ", parameters.size(), " parameters are given, but the network has ",
                          Net::parameters.floats, ", gaps included"}));
    AlignedBuffer folded(network::parameters.arena_bytes());
    fold_parameters<Net>(parameters.data(), folded.floats());
    return pack(std::move(folded));
  }

  [[gnu::cold]] static Prepared pack(AlignedBuffer folded) {
    struct Buffers {
      AlignedBuffer arena;
      AlignedBuffer packed{static_cast<std::size_t>(PredictionExecutor::packed_floats) * sizeof(float)};
    };
    Buffers buffers{std::move(folded)};
    const float* arena = buffers.arena.floats();
    float* packed = buffers.packed.floats();
    if constexpr (PredictionExecutor::packed_floats > 0) {
      cpu::Pool pool;
      PredictionExecutor::pack(pool, arena, packed);
    }
    return {arena, packed, Storage::holding(std::move(buffers))};
  }

  Output run(PredictionExecutor& executor) noexcept {
    executor.forward(prepared_.arena, 1, {}, 0);
    Output output;
    std::memcpy(output.data(), executor.result(1), sizeof output);
    return output;
  }

  Prepared prepared_;
  Owned<cpu::Pool> pool_;
  Loader<typename Net::input> loader_;
  detail::Workspace<PredictionExecutor> prediction_;
};

}  // namespace strata
