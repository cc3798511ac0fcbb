// Runs kernels without a GPU. Include it before a kernel's file; simt/README.md says how a test reads.
#pragma once

#include <simt/global.hpp>
#include <simt/keywords.hpp>
#include <simt/machine/machine.hpp>
#include <simt/machine/traffic.hpp>
