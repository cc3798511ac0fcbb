// Every layer of the library, one line each.
#pragma once

#include <strata/layers/avg_pool/avg_pool.hpp>
#include <strata/layers/batch_norm/batch_norm.hpp>
#include <strata/layers/channel_dropout/channel_dropout.hpp>
#include <strata/layers/conv/conv.hpp>
#include <strata/layers/dense/dense.hpp>
#include <strata/layers/dropout/dropout.hpp>
#include <strata/layers/elu/elu.hpp>
#include <strata/layers/flatten/flatten.hpp>
#include <strata/layers/gelu/gelu.hpp>
#include <strata/layers/global_avg_pool/global_avg_pool.hpp>
#include <strata/layers/global_max_pool/global_max_pool.hpp>
#include <strata/layers/leaky_relu/leaky_relu.hpp>
#include <strata/layers/log_softmax/log_softmax.hpp>
#include <strata/layers/max_pool/max_pool.hpp>
#include <strata/layers/relu/relu.hpp>
#include <strata/layers/sigmoid/sigmoid.hpp>
#include <strata/layers/silu/silu.hpp>
#include <strata/layers/softmax/softmax.hpp>
#include <strata/layers/tanh/tanh.hpp>
