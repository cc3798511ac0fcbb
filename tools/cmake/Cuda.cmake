# The CUDA backend: the target strata::cuda where there is a toolkit, and the language CUDA for strata's own programs.
#
# STRATA_CUDA=AUTO takes the toolkit that is there, ON insists on one, OFF leaves it out; one status line says how it
# ended. STRATA_WITH_CUDA says afterwards whether examples are compiled by nvcc, STRATA_CUDA_WHY_NOT why not.
#
# Included, not called: enable_language() works at the top of a file only.
include(StrataCuda)

set(STRATA_CUDA AUTO CACHE STRING "GPUs by CUDA: AUTO, ON or OFF")
set_property(CACHE STRATA_CUDA PROPERTY STRINGS AUTO ON OFF)
set(STRATA_CUDA_ARCHITECTURES "" CACHE STRING
    "GPUs that strata's own programs are compiled for, as CMAKE_CUDA_ARCHITECTURES has them (empty: that, else 80-real;90)")

# Machine code for sm_80 runs on all of 8.x, that for sm_90 on 9.0, and PTX of 9.0 is compiled on newer GPUs when the
# program starts. One architecture more costs every build; a newer one is only a faster first start.
set(strata_default_architectures 80-real 90)
set(strata_oldest_architecture 80)

# strata_find_nvcc(): sets STRATA_NVCC, or STRATA_CUDA_WHY_NOT where there is none. CMake's own ways to name it come first.
function(strata_find_nvcc)
  set(named "")
  if(CMAKE_CUDA_COMPILER)
    set(named CMAKE_CUDA_COMPILER)
    set(name ${CMAKE_CUDA_COMPILER})
  elseif(NOT "$ENV{CUDACXX}" STREQUAL "")
    set(named CUDACXX)
    set(name $ENV{CUDACXX})
  else()
    set(name nvcc)
  endif()
  find_program(found ${name} HINTS ${CUDAToolkit_ROOT} ENV CUDAToolkit_ROOT PATHS /usr/local/cuda PATH_SUFFIXES bin NO_CACHE)
  if(found)
    set(STRATA_NVCC ${found} PARENT_SCOPE)
  elseif(named)
    set(STRATA_CUDA_WHY_NOT "${named} is ${name}, which is not there" PARENT_SCOPE)
  else()
    set(STRATA_CUDA_WHY_NOT "nvcc is neither in PATH nor in /usr/local/cuda/bin" PARENT_SCOPE)
  endif()
endfunction()

# strata_code_flags(result architecture...): nvcc's flags for CMake's names 80, 80-real, 80-virtual, native, all, ...
function(strata_code_flags result)
  set(flags "")
  foreach(architecture IN LISTS ARGN)
    if(architecture MATCHES "^([0-9]+[af]?)(-real|-virtual)?$")
      set(number ${CMAKE_MATCH_1})
      set(kind "${CMAKE_MATCH_2}")
      if(NOT kind STREQUAL "-virtual")
        list(APPEND flags -gencode=arch=compute_${number},code=sm_${number})
      endif()
      if(NOT kind STREQUAL "-real")
        list(APPEND flags -gencode=arch=compute_${number},code=compute_${number})
      endif()
    else()
      list(APPEND flags -arch=${architecture})
    endif()
  endforeach()
  set(${result} "${flags}" PARENT_SCOPE)
endfunction()

# strata_probe_nvcc(nvcc): sets STRATA_CUDA_WHY_NOT where nvcc does not compile a kernel as strata's are.
function(strata_probe_nvcc nvcc)
  strata_code_flags(code ${CMAKE_CUDA_ARCHITECTURES})
  set(flags -std=c++20 ${code})
  if(CMAKE_CUDA_HOST_COMPILER)
    list(APPEND flags -ccbin=${CMAKE_CUDA_HOST_COMPILER})
  elseif(NOT "$ENV{CUDAHOSTCXX}" STREQUAL "")
    list(APPEND flags -ccbin=$ENV{CUDAHOSTCXX})
  endif()
  if(STRATA_CUDA_PROBED STREQUAL "${nvcc};${flags}")
    return()
  endif()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/CMakeFiles/strata_probe.cu CONTENT [[
#include <concepts>
template <int N> struct Spec { static constexpr int n = N; };
template <class S> requires std::same_as<S, Spec<S::n>> __global__ void kernel(float* x) { x[threadIdx.x] = S::n; }
void launch(float* x) { kernel<Spec<3>><<<1, 32>>>(x); }
]] @ONLY)
  execute_process(COMMAND ${nvcc} ${flags} -c strata_probe.cu -o strata_probe.o
                  WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/CMakeFiles
                  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(status EQUAL 0)
    set(STRATA_CUDA_PROBED "${nvcc};${flags}" CACHE INTERNAL "The compiler and flags that are known to work")
    return()
  endif()
  string(STRIP "${output}" output)
  string(REGEX REPLACE "\n.*" "" first_line "${output}")
  string(REPLACE ";" " " flags "${flags}")
  if(first_line STREQUAL "")
    set(first_line "it ends with ${status} and says nothing")
  endif()
  set(STRATA_CUDA_WHY_NOT "${nvcc} ${flags} does not compile a kernel: ${first_line}" PARENT_SCOPE)
endfunction()

# strata_refuse_old_architectures(): an error beats hundreds of lines by ptxas.
function(strata_refuse_old_architectures)
  foreach(architecture IN LISTS CMAKE_CUDA_ARCHITECTURES)
    if(architecture MATCHES "^([0-9]+)" AND CMAKE_MATCH_1 LESS strata_oldest_architecture)
      message(FATAL_ERROR "strata's kernels need sm_${strata_oldest_architecture} or later, and "
                          "'${architecture}' is among the architectures (${CMAKE_CUDA_ARCHITECTURES}). "
                          "Set STRATA_CUDA_ARCHITECTURES, or STRATA_CUDA=OFF.")
    endif()
  endforeach()
endfunction()

# --- is there a toolkit? ---------------------------------------------------------------------------------------------

set(STRATA_WITH_CUDA OFF)
set(STRATA_CUDA_WHY_NOT "")
if(NOT STRATA_CUDA)
  set(STRATA_CUDA_WHY_NOT "STRATA_CUDA is off")
elseif(CMAKE_CROSSCOMPILING)
  set(STRATA_CUDA_WHY_NOT "this build is for another processor")
else()
  strata_find_nvcc()
endif()

# --- a compiler that works, for strata's own programs ----------------------------------------------------------------

if(STRATA_BUILD_EXAMPLES AND NOT STRATA_CUDA_WHY_NOT)
  if(STRATA_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES ${STRATA_CUDA_ARCHITECTURES})
  elseif(NOT CMAKE_CUDA_ARCHITECTURES AND NOT "$ENV{CUDAARCHS}" STREQUAL "")
    set(CMAKE_CUDA_ARCHITECTURES $ENV{CUDAARCHS})
  elseif(NOT CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES ${strata_default_architectures})
  endif()
  strata_refuse_old_architectures()
  strata_probe_nvcc(${STRATA_NVCC})
  if(NOT STRATA_CUDA_WHY_NOT)
    set(CMAKE_CUDA_COMPILER ${STRATA_NVCC})
    enable_language(CUDA)
    set(STRATA_WITH_CUDA ON)
  endif()
endif()

# --- the libraries ---------------------------------------------------------------------------------------------------

if(NOT STRATA_CUDA_WHY_NOT)
  if(NOT DEFINED CUDAToolkit_ROOT AND NOT CMAKE_CUDA_COMPILER_LOADED)
    cmake_path(GET STRATA_NVCC PARENT_PATH CUDAToolkit_ROOT)
  endif()
  find_package(CUDAToolkit QUIET)
  if(TARGET CUDA::cublasLt)
    add_library(strata_cuda INTERFACE)
    add_library(strata::cuda ALIAS strata_cuda)
    strata_link_cuda(strata_cuda)
  else()
    set(STRATA_WITH_CUDA OFF)
    set(STRATA_CUDA_WHY_NOT "${STRATA_NVCC} has no cuBLAS beside it")
  endif()
endif()

if(NOT STRATA_CUDA_WHY_NOT)
  set(strata_built_for "")
  if(STRATA_WITH_CUDA)
    set(strata_built_for ", for ${CMAKE_CUDA_ARCHITECTURES}")
  endif()
  message(STATUS "strata: GPUs: yes (CUDA ${CUDAToolkit_VERSION}, ${STRATA_NVCC}${strata_built_for})")
elseif(STRATA_CUDA STREQUAL "AUTO" OR NOT STRATA_CUDA)
  message(STATUS "strata: GPUs: no (CUDA: ${STRATA_CUDA_WHY_NOT})")
else()
  message(FATAL_ERROR "strata: STRATA_CUDA is ${STRATA_CUDA}, but ${STRATA_CUDA_WHY_NOT}.\n"
                      "CUDA's toolkit, 13 or later, has nvcc and cuBLAS; name another nvcc by -DCMAKE_CUDA_COMPILER=PATH, "
                      "or leave GPUs out by -DSTRATA_CUDA=OFF.")
endif()
