// Whether AddressSanitizer is at work.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define SIMT_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIMT_ADDRESS_SANITIZER 1
#endif
#endif
#if !defined(SIMT_ADDRESS_SANITIZER)
#define SIMT_ADDRESS_SANITIZER 0
#endif

namespace simt {

inline constexpr bool address_sanitizer = SIMT_ADDRESS_SANITIZER;

}  // namespace simt
