// Choosing architectures and hyper-parameters: cross-validation, searches, the range test. strata.hpp does not include
// it.
#pragma once

#include <strata/selection/candidates.hpp>
#include <strata/selection/cross_validate.hpp>
#include <strata/selection/learning_rate_range_test.hpp>
#include <strata/selection/points.hpp>
#include <strata/selection/results.hpp>
#include <strata/selection/search.hpp>
#include <strata/selection/settings.hpp>
