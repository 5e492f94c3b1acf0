// A stand-in for libcuda.so.1 that runs the kernels on the host: as much of the driver's API as
// CudaModule and NvidiaDevice call, so that these can be tried without a GPU.
#include <cstdio>
#include <cstdlib>

#include "fibers.h"

namespace {

const int SUCCESS = 0;
const int INVALID_VALUE = 1;
const int NOT_FOUND = 500;
const int LAUNCH_FAILED = 719;

typedef unsigned long long Address;

int nameOf(int error, const char** text) {
  *text = error == SUCCESS         ? "CUDA_SUCCESS"
          : error == INVALID_VALUE ? "CUDA_ERROR_INVALID_VALUE"
          : error == NOT_FOUND     ? "CUDA_ERROR_NOT_FOUND"
                                   : "CUDA_ERROR_LAUNCH_FAILED";
  return SUCCESS;
}

void* at(Address address) { return reinterpret_cast<void*>(address); }

}  // namespace

extern "C" {

int cuInit(unsigned) { return SUCCESS; }
int cuGetErrorName(int error, const char** text) { return nameOf(error, text); }
int cuGetErrorString(int error, const char** text) { return nameOf(error, text); }
int cuDriverGetVersion(int* version) { return *version = 11060, SUCCESS; }
int cuDeviceGet(int* device, int) { return *device = 0, SUCCESS; }
int cuDeviceGetAttribute(int* value, int, int) { return *value = 0, SUCCESS; }
int cuDeviceGetName(char* name, int length, int) {
  std::snprintf(name, length, "no GPU: the host in its place");
  return SUCCESS;
}
int cuDevicePrimaryCtxRetain(void** context, int) { return *context = context, SUCCESS; }
int cuCtxSetCurrent(void*) { return SUCCESS; }
int cuCtxSynchronize() { return SUCCESS; }
int cuEventCreate(void** event, unsigned) { return *event = event, SUCCESS; }
int cuEventRecord(void*, void*) { return SUCCESS; }
int cuEventSynchronize(void*) { return SUCCESS; }
int cuEventElapsedTime(float* milliseconds, void*, void*) { return *milliseconds = 1, SUCCESS; }
int cuMemGetInfo_v2(size_t* available, size_t* total) {
  return *available = *total = (size_t)1 << 29, SUCCESS;
}
int cuMemAlloc_v2(Address* address, size_t bytes) {
  *address = reinterpret_cast<Address>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  return SUCCESS;
}
int cuMemFree_v2(Address address) { return std::free(at(address)), SUCCESS; }
int cuMemcpyHtoD_v2(Address to, const void* from, size_t n) {
  return std::memcpy(at(to), from, n), SUCCESS;
}
int cuMemcpyDtoH_v2(void* to, Address from, size_t n) {
  return std::memcpy(to, at(from), n), SUCCESS;
}
int cuMemcpyDtoD_v2(Address to, Address from, size_t n) {
  return std::memmove(at(to), at(from), n), SUCCESS;
}
int cuMemsetD32_v2(Address to, unsigned word, size_t n) {
  for (size_t i = 0; i < n; i++) {
    static_cast<unsigned*>(at(to))[i] = word;
  }
  return SUCCESS;
}

int cuModuleLoadData(void** module, const void* image) {
  const std::string ptx(static_cast<const char*>(image));
  *module = module;
  return ptx.find(".version") == std::string::npos ? INVALID_VALUE : SUCCESS;
}

int cuModuleGetFunction(void** function, void*, const char* name) {
  *function = const_cast<device::Kernel*>(device::find(device::KERNELS, name));
  return *function == nullptr ? NOT_FOUND : SUCCESS;
}

int cuLaunchKernel(void* function, unsigned x, unsigned y, unsigned z, unsigned threads,
                   unsigned threadsY, unsigned threadsZ, unsigned, void*, void** parameters,
                   void** extra) {
  if (function == nullptr || y * z * threadsY * threadsZ != 1 || threads != THREADS ||
      extra != nullptr) {
    return INVALID_VALUE;
  }
  device::blockParameter = parameters[0];
  device::stepParameter = parameters[1];
  device::error.clear();
  device::launch(static_cast<device::Kernel*>(function), x, 1);
  if (!device::error.empty()) {
    std::fprintf(stderr, "%s\n", device::error.c_str());
    return LAUNCH_FAILED;
  }
  return SUCCESS;
}

}  // extern "C"
