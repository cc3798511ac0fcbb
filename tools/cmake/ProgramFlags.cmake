# The target strata_program: how strata's own tests, examples and benchmarks are compiled. Nothing of it reaches a
# consumer.
include(CheckCXXCompilerFlag)

add_library(strata_program INTERFACE)
target_link_libraries(strata_program INTERFACE strata::strata)
target_compile_options(strata_program INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12's optimiser sees overlapping and overrunning copies in std::string's operator+ where there are none.
  target_compile_options(strata_program INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(STRATA_WERROR)
  target_compile_options(strata_program INTERFACE -Werror)
endif()
if(STRATA_NATIVE)
  check_cxx_compiler_flag(-march=native STRATA_HAVE_MARCH_NATIVE)
  if(STRATA_HAVE_MARCH_NATIVE)
    target_compile_options(strata_program INTERFACE -march=native)
  endif()
endif()
