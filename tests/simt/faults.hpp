// Running a kernel that is wrong on purpose.
#pragma once

#include <simt/simt.hpp>

#include <string>

namespace simt_test {

/// What the machine says of run(); empty if nothing.
template <class Run>
std::string complaint(const Run& run) {
  try {
    run();
  } catch (const simt::Fault& fault) {
    return fault.what();
  }
  return "";
}

/// Whether all pieces stand in the text, in this order.
template <class... Pieces>
bool says(const std::string& text, const Pieces&... pieces) {
  std::size_t at = 0;
  return ((at = text.find(pieces, at), at != std::string::npos) && ...);
}

}  // namespace simt_test
