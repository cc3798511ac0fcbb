// strata: neural networks whose architecture is a type. Include this and nothing else.
#pragma once

#include <strata/plan/diagnosis.hpp>  // first: a wrong network is reported from here, and compilers print the way here

#include <strata/core/config.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/mnist.hpp>
#include <strata/data/synthetic_digits.hpp>
#include <strata/layers.hpp>
#include <strata/losses.hpp>
#include <strata/model/evaluate.hpp>
#include <strata/model/files.hpp>
#include <strata/model/model.hpp>
#include <strata/model/predict.hpp>
#include <strata/model/predictor.hpp>
#include <strata/plan/describe.hpp>
#include <strata/plan/network.hpp>
#include <strata/train/fit.hpp>
#include <strata/train/optimizers.hpp>

#if defined(__CUDACC__)
#include <strata/cuda.hpp>
#endif
