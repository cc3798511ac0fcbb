// All optimizers.
#pragma once

#include <strata/train/optimizer/adadelta.hpp>
#include <strata/train/optimizer/adagrad.hpp>
#include <strata/train/optimizer/adam.hpp>
#include <strata/train/optimizer/adamw.hpp>
#include <strata/train/optimizer/averaged.hpp>
#include <strata/train/optimizer/decayed.hpp>
#include <strata/train/optimizer/nadam.hpp>
#include <strata/train/optimizer/rmsprop.hpp>
#include <strata/train/optimizer/sgd.hpp>
