// Report: a run's folder of numbers and pictures, and a page that shows them. strata.hpp does not include it.
#pragma once

#include <strata/data/split.hpp>
#include <strata/model/scores.hpp>
#include <strata/report/filters.hpp>
#include <strata/report/report.hpp>
