# How the tools configure and build. Sourced, not run; expects to be used from the top folder of the checkout.

if command -v ccache > /dev/null && [[ -z ${CMAKE_CXX_COMPILER_LAUNCHER+set} ]]; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_CUDA_COMPILER_LAUNCHER=ccache
  # What ccache asks for before it works with precompiled headers.
  export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_mtime,include_file_ctime}
fi

# An older build folder may belong to another compiler or another place of the checkout; CMake says what to do.
configure() { cmake --preset "$@"; }
build() { cmake --build --preset "$@"; }
