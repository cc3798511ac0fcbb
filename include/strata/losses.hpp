// All losses.
#pragma once

#include <strata/loss/binary_cross_entropy.hpp>
#include <strata/loss/cross_entropy.hpp>
#include <strata/loss/kl_divergence.hpp>
#include <strata/loss/mean_squared_error.hpp>
#include <strata/loss/negative_log_likelihood.hpp>
