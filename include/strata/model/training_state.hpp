// Where the training of a model stands.
#pragma once

#include <strata/core/buffer.hpp>

#include <cstdint>
#include <string>

namespace strata {

/// What a second `fit` and a checkpoint go on from.
struct TrainingState {
  std::string optimizer;    ///< what the slots are: the optimizer's name, or its state_name(); empty before training
  int slots = 0;            ///< moments for each parameter
  AlignedBuffer moments;    ///< slots times the trainable part of the arena, in its layout
  std::int64_t steps = 0;   ///< steps that the slots have seen
  std::int64_t epochs = 0;  ///< epochs completed since the beginning
  std::int64_t epochs_before = 0;  ///< of them, those before the slots' first step: schedules begin behind them
};

}  // namespace strata
