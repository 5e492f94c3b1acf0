// Kernels that are wrong on purpose, so that the tests see that a wrong one is found.
#ifndef AGR4J_WRONG_KERNELS_H
#define AGR4J_WRONG_KERNELS_H
#include "fibers.h"

namespace wrong {

const int HALF_OF_THEM = THREADS / 2;

// A GPU may wait here for ever for the threads that went past.
inline void barrierOfSome(const void*, const void*) {
  if (threadIdx.x < HALF_OF_THEM) {
    __syncthreads();
  }
}

inline void barrierAfterSomeReturned(const void*, const void*) {
  __syncthreads();
  if (threadIdx.x >= HALF_OF_THEM) {
    return;
  }
  __syncthreads();
}

inline void shuffleOfSome(const void*, const void*) {
  if (threadIdx.x % WARP < WARP / 2) {
    __shfl_down_sync(0xffffffffu, 1, 1);
  }
}

inline void misalignedLoad(const void* block, const void*) {
  const float* odd = static_cast<const float*>(block) + 1;
  const float4 x = *reinterpret_cast<const float4*>(odd);
  (void)x;
}

// What all of them may do.
inline void barriersOfAll(const void*, const void*) {
  __syncthreads();
  if (threadIdx.x < WARP) {
    __shfl_down_sync(0xffffffffu, 1, 1);
  }
  __syncthreads();
}

const device::Kernel KERNELS[] = {
    {"barrier of some", barrierOfSome},
    {"barrier after some returned", barrierAfterSomeReturned},
    {"shuffle of some", shuffleOfSome},
    {"misaligned load", misalignedLoad},
    {"barriers of all", barriersOfAll},
};

}  // namespace wrong

#endif
