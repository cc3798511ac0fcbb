# The target strata_program: how strata's own tests, examples and benchmarks are compiled. Nothing of it reaches a
# consumer.
include(CheckCXXCompilerFlag)

# strata_program_flags(flag...): for C++, strata_cuda_program_flags(flag...): for nvcc, which hands its host compiler
# what stands behind -Xcompiler=.
function(strata_program_flags)
  target_compile_options(strata_program INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${ARGN}>")
endfunction()
function(strata_cuda_program_flags)
  target_compile_options(strata_program INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:${ARGN}>")
endfunction()

add_library(strata_program INTERFACE)
target_link_libraries(strata_program INTERFACE strata::strata)
# nvcc's host compiler sees text that nvcc has rewritten, with casts, shadows and line numbers that nobody wrote: -Wall
# and -Wextra stay quiet about these, and g++ and clang see the headers as they are.
strata_program_flags(-Wall -Wextra -Wpedantic -Wconversion -Wshadow)
strata_cuda_program_flags(-std=c++20 -Xcompiler=-Wall,-Wextra)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12's optimiser sees overlapping and overrunning copies in std::string's operator+ where there are none.
  set(false_alarms -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  strata_program_flags(${false_alarms})
  list(JOIN false_alarms "," false_alarms)
  strata_cuda_program_flags(-Xcompiler=${false_alarms})
endif()
if(STRATA_WERROR)
  strata_program_flags(-Werror)
  strata_cuda_program_flags("SHELL:-Werror all-warnings")
endif()
if(STRATA_NATIVE)
  check_cxx_compiler_flag(-march=native STRATA_HAVE_MARCH_NATIVE)
  if(STRATA_HAVE_MARCH_NATIVE)
    strata_program_flags(-march=native)
    strata_cuda_program_flags(-Xcompiler=-march=native)
  endif()
endif()
