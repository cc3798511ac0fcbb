// Stands in for layers/compiled_once_cuda.hpp: each program compiles all that it uses.
#pragma once
