// NVIDIA's driver by its own interface: libcuda.so.1 for the GPUs, libnvidia-ml.so.1 for its version. Numbers as in
// cuda.h.
#include "ask.hpp"
#include "library.hpp"

namespace doctor {

static constexpr int multiprocessor_count = 16, capability_major = 75, capability_minor = 76;  // CUdevice_attribute

static std::string version_of_driver() {
  Library library("libnvidia-ml.so.1");
  int (*init)();
  int (*version)(char*, unsigned);
  char text[96] = "";
  if (!library.find(init, "nvmlInit_v2") || !library.find(version, "nvmlSystemGetDriverVersion")) return "";
  return init() == 0 && version(text, sizeof text) == 0 ? text : "";
}

Driver ask_driver() {
  Driver driver;
  Library library("libcuda.so.1");
  int (*init)(unsigned);
  int (*cuda_version)(int*);
  int (*count_gpus)(int*);
  int (*get)(int*, int);
  int (*name)(char*, int, int);
  int (*memory)(std::size_t*, int);
  int (*attribute)(int*, int, int);
  int (*words)(int, const char**);
  const bool all = library.find(init, "cuInit") && library.find(cuda_version, "cuDriverGetVersion") &&
                   library.find(count_gpus, "cuDeviceGetCount") && library.find(get, "cuDeviceGet") &&
                   library.find(name, "cuDeviceGetName") && library.find(memory, "cuDeviceTotalMem_v2") &&
                   library.find(attribute, "cuDeviceGetAttribute") && library.find(words, "cuGetErrorString");
  if (!all) {
    driver.problem = library.problem();
    return driver;
  }
  driver.there = true;
  driver.version = version_of_driver();
  cuda_version(&driver.cuda);  // needs no cuInit

  const auto failed = [&](const char* call, int status) {
    if (status == 0) return false;
    const char* text = nullptr;
    words(status, &text);
    driver.problem = std::string(call) + ": " + (text != nullptr ? text : "error " + std::to_string(status));
    return true;
  };
  int count = 0;
  if (failed("cuInit", init(0)) || failed("cuDeviceGetCount", count_gpus(&count))) return driver;
  for (int i = 0; i < count; ++i) {
    Gpu gpu;
    int device = 0;
    char text[256] = "";
    if (failed("cuDeviceGet", get(&device, i)) || failed("cuDeviceGetName", name(text, sizeof text, device)) ||
        failed("cuDeviceTotalMem", memory(&gpu.memory, device)) ||
        failed("cuDeviceGetAttribute", attribute(&gpu.multiprocessors, multiprocessor_count, device)) ||
        failed("cuDeviceGetAttribute", attribute(&gpu.major, capability_major, device)) ||
        failed("cuDeviceGetAttribute", attribute(&gpu.minor, capability_minor, device)))
      return driver;
    gpu.name = text;
    driver.gpus.push_back(gpu);
  }
  return driver;
}

}  // namespace doctor
