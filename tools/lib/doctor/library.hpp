// A shared library that may be missing, loaded when the program runs.
#pragma once

#include <dlfcn.h>

#include <string>

namespace doctor {

class Library {
 public:
  explicit Library(const char* file) : handle_(dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) problem_ = dlerror();
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  // Never closed: a driver may have begun threads.

  explicit operator bool() const { return handle_ != nullptr; }

  /// The loader's words, where the library could not be loaded or lacked a function.
  const std::string& problem() const { return problem_; }

  /// Sets `function`; false where the library lacks it.
  template <class Function>
  bool find(Function*& function, const char* name) {
    function = handle_ == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(handle_, name));
    if (function == nullptr && problem_.empty()) problem_ = std::string("it lacks ") + name;
    return function != nullptr;
  }

 private:
  void* handle_;
  std::string problem_;
};

}  // namespace doctor
