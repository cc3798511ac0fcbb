// Stands in for layers/compiled_once.hpp: each program compiles all that it uses.
#pragma once
