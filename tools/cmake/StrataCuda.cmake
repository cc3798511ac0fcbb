# strata_link_cuda(target): what strata::cuda is, in a build of strata and in an installed package: strata::strata, the
# libraries that the CUDA backend calls, and C++20 for nvcc, which CMake before 3.26 cannot ask of it by a feature. CUDA's
# run time is not here: whoever links CUDA code gets it by CUDA_RUNTIME_LIBRARY, and two of them in one program disagree.
function(strata_link_cuda target)
  target_link_libraries(${target} INTERFACE strata::strata CUDA::cublasLt CUDA::cublas)
  target_compile_options(${target} INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>)
endfunction()
