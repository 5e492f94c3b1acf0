// The fibers of host_device.h, and a launch; included by host_device.cpp and driver_on_host.cpp.
#ifndef AGR4J_FIBERS_H
#define AGR4J_FIBERS_H
#include "host_device.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include "fused_step.cu"

device::Index threadIdx;
device::Index blockIdx;
device::Index gridDim;

namespace device {

std::string error;

const int COUNT = THREADS;
const size_t STACK = 128 * 1024;

enum State { READY, WAITING, DONE };

struct Fiber {
  ucontext_t start;
  jmp_buf here;
  bool started;
  State state;
};

Fiber fibers[COUNT];
ucontext_t launcher;
jmp_buf scheduler;
int current;
void (*body)(const void* block, const void* step);
const void* blockParameter;
const void* stepParameter;

int alive;           // threads of the block that have not returned
int arrived;         // of them, those that wait at the barrier
long barrier;        // how many barriers were passed
int inWarp[COUNT / WARP];
long shuffles[COUNT / WARP];
double lanes[COUNT];
long progress;

void fail(const char* what) {
  if (error.empty()) {
    error = what;
  }
}

void giveWay() {
  const int self = current;
  if (_setjmp(fibers[self].here) == 0) {
    _longjmp(scheduler, 1);
  }
  current = self;
  threadIdx.x = self;
}

void releaseIfAllArrived() {
  if (arrived > 0 && arrived == alive) {
    arrived = 0;
    barrier++;
    progress++;
  }
}

// Some GPUs let a barrier pass without the threads that have returned. That is not relied upon.
const char* const NOT_ALL = "a barrier or shuffle that not all threads reach";

void syncThreads() {
  if (alive < COUNT) {
    fail(NOT_ALL);
  }
  const long mine = barrier;
  arrived++;
  releaseIfAllArrived();
  while (barrier == mine) {
    giveWay();
  }
}

void syncWarp(int warp) {
  const long mine = shuffles[warp];
  if (++inWarp[warp] == WARP) {
    inWarp[warp] = 0;
    shuffles[warp]++;
    progress++;
  }
  while (shuffles[warp] == mine) {
    giveWay();
  }
}

double shuffleDown(double value, int offset) {
  const int self = current;
  lanes[self] = value;
  syncWarp(self / WARP);
  const double result = self % WARP + offset < WARP ? lanes[self + offset] : value;
  syncWarp(self / WARP);
  return result;
}

void fiber() {
  for (;;) {
    body(blockParameter, stepParameter);
    fibers[current].state = DONE;
    alive--;
    progress++;
    if (arrived > 0) {
      fail(NOT_ALL);
      releaseIfAllArrived();
    }
    giveWay();
  }
}

void resume(int i) {
  current = i;
  threadIdx.x = i;
  if (_setjmp(scheduler) == 0) {
    if (fibers[i].started) {
      _longjmp(fibers[i].here, 1);
    }
    fibers[i].started = true;
    setcontext(&fibers[i].start);
  }
}

void startFibers() {
  for (int i = 0; i < COUNT; i++) {
    getcontext(&fibers[i].start);
    fibers[i].start.uc_stack.ss_sp = std::malloc(STACK);
    fibers[i].start.uc_stack.ss_size = STACK;
    fibers[i].start.uc_link = nullptr;
    fibers[i].started = false;
    makecontext(&fibers[i].start, fiber, 0);
  }
}

// One thread block; returns false if its threads wait for each other for ever.
bool run(const std::vector<int>& order) {
  alive = COUNT;
  arrived = 0;
  std::memset(inWarp, 0, sizeof(inWarp));
  for (Fiber& f : fibers) {
    f.state = READY;
  }
  while (alive > 0) {
    const long before = progress;
    for (int i : order) {
      if (fibers[i].state != DONE) {
        resume(i);
      }
    }
    if (progress == before) {
      fail(NOT_ALL);
      startFibers();
      return false;
    }
  }
  return true;
}

template <typename T, void (*KERNEL)(Block<T>, Step)>
void call(const void* block, const void* step) {
  KERNEL(*static_cast<const Block<T>*>(block), *static_cast<const Step*>(step));
}

struct Kernel {
  const char* name;
  void (*body)(const void*, const void*);
};

const Kernel KERNELS[] = {
    {"norms_float", call<float, norms_float>},    {"adamw_float", call<float, adamw_float>},
    {"adan_float", call<float, adan_float>},      {"norms_double", call<double, norms_double>},
    {"adamw_double", call<double, adamw_double>}, {"adan_double", call<double, adan_double>},
};

template <int N>
const Kernel* find(const Kernel (&kernels)[N], const std::string& name) {
  for (const Kernel& kernel : kernels) {
    if (name == kernel.name) {
      return &kernel;
    }
  }
  return nullptr;
}

void launch(const Kernel* kernel, int threadBlocks, long seed) {
  if (kernel == nullptr) {
    fail("there is no such kernel");
    return;
  }
  body = kernel->body;
  static bool ready = false;
  if (!ready) {
    startFibers();
    ready = true;
  }
  std::vector<int> blocks(threadBlocks);
  std::vector<int> threads(COUNT);
  std::iota(blocks.begin(), blocks.end(), 0);
  std::iota(threads.begin(), threads.end(), 0);
  if (seed != 0) {
    std::mt19937_64 random(seed);
    std::shuffle(blocks.begin(), blocks.end(), random);
    std::shuffle(threads.begin(), threads.end(), random);
  }
  gridDim.x = threadBlocks;
  for (int block : blocks) {
    blockIdx.x = block;
    if (!run(threads)) {
      return;
    }
  }
}

}  // namespace device

#endif
