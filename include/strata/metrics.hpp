// Measures of classifiers: reports, ROC and precision-recall curves, log loss. strata.hpp does not include them.
#pragma once

#include <strata/metrics/classification_report.hpp>
#include <strata/metrics/confusion_matrix.hpp>
#include <strata/metrics/log_loss.hpp>
#include <strata/metrics/precision_recall.hpp>
#include <strata/metrics/ranking.hpp>
#include <strata/metrics/roc.hpp>
#include <strata/metrics/scores.hpp>
#include <strata/metrics/top_k_accuracy.hpp>
#include <strata/model/scores.hpp>
