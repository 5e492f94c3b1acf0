// Runs kernels of fused_step.cu on the host, so that they can be tested without a GPU.
//
// The threads of a thread block are fibers that take turns, and give way at barriers and shuffles
// only. In which order thread blocks and threads run follows from a seed: what depends on it is a
// race. A barrier that not all threads reach, those that have returned included, a shuffle of an
// exited lane, and a vector access that is not aligned are errors.
#ifndef AGR4J_HOST_DEVICE_H
#define AGR4J_HOST_DEVICE_H

#include <cmath>
#include <csetjmp>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <ucontext.h>

#define __device__
#define __global__
#define __launch_bounds__(n)
#define __shared__ static

namespace device {

struct Index {
  unsigned x;
};

extern std::string error;
void fail(const char* what);
void syncThreads();
double shuffleDown(double value, int offset);

inline void requireAligned(const void* address, unsigned bytes) {
  if (reinterpret_cast<std::uintptr_t>(address) % bytes != 0) {
    fail("a vector access is not aligned");
  }
}

// A vector type: reading one from memory and writing one to memory require its alignment.
template <typename E, int N>
struct Vector;

template <typename E>
struct Vector<E, 4> {
  E x, y, z, w;
  Vector() {}
  Vector(const Vector& from) : x(from.x), y(from.y), z(from.z), w(from.w) {
    requireAligned(&from, 4 * sizeof(E));
  }
  Vector& operator=(const Vector& from) {
    requireAligned(this, 4 * sizeof(E));
    x = from.x;
    y = from.y;
    z = from.z;
    w = from.w;
    return *this;
  }
};

template <typename E>
struct Vector<E, 2> {
  E x, y;
  Vector() {}
  Vector(const Vector& from) : x(from.x), y(from.y) { requireAligned(&from, 2 * sizeof(E)); }
  Vector& operator=(const Vector& from) {
    requireAligned(this, 2 * sizeof(E));
    x = from.x;
    y = from.y;
    return *this;
  }
};

template <typename To, typename From>
To bitsAs(From from) {
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

}  // namespace device

extern device::Index threadIdx;
extern device::Index blockIdx;
extern device::Index gridDim;

typedef device::Vector<float, 4> float4;
typedef device::Vector<double, 2> double2;

inline int min(int a, int b) { return a < b ? a : b; }
inline double __longlong_as_double(long long x) { return device::bitsAs<double>(x); }
inline long long __double_as_longlong(double x) { return device::bitsAs<long long>(x); }
inline float __int_as_float(int x) { return device::bitsAs<float>(x); }
inline int __float_as_int(float x) { return device::bitsAs<int>(x); }
inline void __syncthreads() { device::syncThreads(); }
inline void __threadfence() {}
inline double __shfl_down_sync(unsigned, double value, int offset) {
  return device::shuffleDown(value, offset);
}

inline unsigned atomicAdd(unsigned* at, unsigned value) {
  const unsigned before = *at;
  *at += value;
  return before;
}

inline unsigned long long atomicMin(unsigned long long* at, unsigned long long value) {
  const unsigned long long before = *at;
  *at = value < before ? value : before;
  return before;
}

#endif
