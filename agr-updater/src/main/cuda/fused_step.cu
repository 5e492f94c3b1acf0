// One optimizer step with AGR over a block of tensors, in two launches.
//
//   norms_T   ‖g‖₁ of every tensor, and from it, on the device, what the step of that tensor needs
//   adamw_T   m, v and the update, in one pass
//   adan_T    m, d, n, the last gradient and the update, in one pass
//
// T is float or double. The formulas stand at AdamWAgr and AdanAgr, their order of operations is
// FloatChunk's and DoubleChunk's, and nothing is contracted (--fmad=false), so that an update has the
// same bits as on the CPU wherever ‖g‖₁ has.
//
// A thread block takes one item: a chunk of one tensor, or up to 8 whole small tensors, one a warp.
// Items depend on the tensors' sizes alone. Every sum is taken in an order that depends on indices
// alone, never on who comes first, so that results have the same bits on every run.
//
// NVRTC compiles this without any header; a host compiler does for the tests, with host_device.h.

namespace {

const int THREADS = 256;
const int WARP = 32;
const unsigned long long ALL_FINITE = ~0ull;
const unsigned FULL_MASK = 0xffffffffu;

// What is done on a gradient that is not finite.
const int FAIL = 0;
const int SKIP = 1;

// Flags of a step.
const int NEEDS_SUMS = 1;
const int PSI_IN_ALL_MOMENTS = 2;

// Flags of a plan.
const int PSI = 1;      // the first moment sees Ψ(g), as against g
const int RESTART = 2;  // the moments are forgotten
const int HOLD = 4;     // no step: the update is zero and the moments stay

// A thread block's part. length >= 0: elements start, ..., of one tensor. length < 0: the -length
// tensors from `tensor` on, one a warp.
struct Item {
  long long start;
  int length;
  int tensor;
};

struct Tensor {
  long long start;
  long long length;
  int firstItem;
  int items;
};

// The numbers of one tensor's step, written by the norms and read by the update.
struct Plan {
  double scale;           // Ψ(g) = g (1 − |g| scale inverse)
  double inverse;
  double step;            // η/(1−β₁ᵗ)
  double stepDifference;  // Adan: ηβ₂/(1−β₂ᵗ)
  double root;            // 1/√(1−βᵗ) of the second moment
  double t;
  long long flags;
};

// Layout shared with KernelPair.java: 14 addresses.
template <typename T>
struct Block {
  const Item* items;
  const Tensor* tensors;
  double* partials;             // of each item; used by tensors of several items
  unsigned* arrived;            // of each tensor: how many of its items are summed; 0 between steps
  double* sums;                 // of each tensor
  Plan* plans;                  // of each tensor
  unsigned long long* verdict;  // under FAIL: the lowest base + tensor that is not finite
  T* gradient;                  // becomes the update
  T* firstMoment;
  T* secondMoment;
  T* difference;    // Adan
  T* lastGradient;  // Adan
  T* steps;         // of each tensor
  T* skipped;       // of each tensor
};

// Layout shared with KernelPair.java: 10 doubles, 2 words.
struct Step {
  double learningRate;
  double beta1;
  double beta2;
  double beta3;
  double epsilon;
  double logFirst;       // ln β of the first moment
  double logDifference;  // ln β of Adan's difference
  double logSecond;      // ln β of the second moment
  double strength;
  double restartEvery;  // 0 is never
  unsigned long long verdictBase;
  int nonFinite;
  int flags;
};

template <typename T>
struct Arithmetic;  // the type that T is computed in, and how many T make 16 bytes

template <>
struct Arithmetic<float> {
  typedef float Number;
  static const int VECTOR = 4;
};

template <>
struct Arithmetic<double> {
  typedef double Number;
  static const int VECTOR = 2;
};

__device__ inline float widen(float x) { return x; }
__device__ inline double widen(double x) { return x; }
__device__ inline void store(float* to, float x) { *to = x; }
__device__ inline void store(double* to, double x) { *to = x; }

__device__ inline bool isAligned(const void* address) {
  return (reinterpret_cast<unsigned long long>(address) & 15) == 0;
}

// 16 bytes at an aligned address, in one transaction.
__device__ inline void load16(const float* from, float* x) {
  const float4 v = *reinterpret_cast<const float4*>(from);
  x[0] = v.x;
  x[1] = v.y;
  x[2] = v.z;
  x[3] = v.w;
}

__device__ inline void load16(const double* from, double* x) {
  const double2 v = *reinterpret_cast<const double2*>(from);
  x[0] = v.x;
  x[1] = v.y;
}

__device__ inline void store16(float* to, const float* x) {
  float4 v;
  v.x = x[0];
  v.y = x[1];
  v.z = x[2];
  v.w = x[3];
  *reinterpret_cast<float4*>(to) = v;
}

__device__ inline void store16(double* to, const double* x) {
  double2 v;
  v.x = x[0];
  v.y = x[1];
  *reinterpret_cast<double2*>(to) = v;
}

// ---- Sums ----

__device__ inline double infinity() { return __longlong_as_double(0x7ff0000000000000ll); }
__device__ inline double largest() { return __longlong_as_double(0x7fefffffffffffffll); }

// a + b of numbers >= 0, finite if both are: a sum beyond the largest double is that.
__device__ inline double add(double a, double b) {
  const double sum = a + b;
  return sum == infinity() && a < sum && b < sum ? largest() : sum;
}

__device__ inline double absolute(float x) { return fabsf(x); }
__device__ inline double absolute(double x) { return fabs(x); }

template <typename Number>
__device__ inline double plainSum(const Number* x, int n) {
  double sum = 0;
  for (int k = 0; k < n; k++) {
    sum = add(sum, absolute(x[k]));
  }
  return sum;
}

// Of 8 floats in pairs, off by 3 roundings at most: adding doubles is slow on most cards.
__device__ inline double sumOf8(const float* x) {
  const float sum = ((fabsf(x[0]) + fabsf(x[1])) + (fabsf(x[2]) + fabsf(x[3]))) +
                    ((fabsf(x[4]) + fabsf(x[5])) + (fabsf(x[6]) + fabsf(x[7])));
  return sum < infinity() ? (double)sum : plainSum(x, 8);
}

__device__ inline double sumOf8(const double* x) {
  const double sum = ((fabs(x[0]) + fabs(x[1])) + (fabs(x[2]) + fabs(x[3]))) +
                     ((fabs(x[4]) + fabs(x[5])) + (fabs(x[6]) + fabs(x[7])));
  return sum < infinity() ? sum : plainSum(x, 8);
}

// One thread's part of Σ|g| over `length` elements from g[start] on, shared by `threads` threads.
// Which element goes where depends on start and length, never on the address.
template <typename T>
__device__ double absoluteSum(const T* g, long long start, int length, int thread, int threads) {
  typedef typename Arithmetic<T>::Number Number;
  const int vector = Arithmetic<T>::VECTOR;
  const int loads = 8 / vector;
  const bool aligned = isAligned(g);  // then so is every index that is a multiple of `vector`
  double sum = 0;
  const int head = min(length, (int)(-start & (vector - 1)));
  if (thread < head) {
    sum = absolute(widen(g[start + thread]));
  }
  const T* body = g + start + head;
  const int vectors = (length - head) / vector;
  int i = thread;
  for (; i + (loads - 1) * threads < vectors; i += loads * threads) {
    Number x[8];
#pragma unroll
    for (int k = 0; k < loads; k++) {
      const T* from = body + (i + k * threads) * vector;
      if (aligned) {
        load16(from, x + k * vector);
      } else {
#pragma unroll
        for (int e = 0; e < vector; e++) {
          x[k * vector + e] = widen(from[e]);
        }
      }
    }
    sum = add(sum, sumOf8(x));
  }
  for (; i < vectors; i += threads) {
    for (int e = 0; e < vector; e++) {
      sum = add(sum, absolute(widen(body[i * vector + e])));
    }
  }
  const int tail = head + vectors * vector;
  if (thread < length - tail) {
    sum = add(sum, absolute(widen(g[start + tail + thread])));
  }
  return sum;
}

// Valid in lane 0.
__device__ inline double warpSum(double sum) {
#pragma unroll
  for (int offset = WARP / 2; offset > 0; offset /= 2) {
    sum = add(sum, __shfl_down_sync(FULL_MASK, sum, offset));
  }
  return sum;
}

// Valid in thread 0; all threads of the block call it.
__device__ inline double blockSum(double sum, double* shared) {
  sum = warpSum(sum);
  __syncthreads();  // shared may still be read from the call before
  if (threadIdx.x % WARP == 0) {
    shared[threadIdx.x / WARP] = sum;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int w = 1; w < THREADS / WARP; w++) {
      sum = add(sum, shared[w]);
    }
  }
  return sum;
}

// ---- From ‖g‖₁ to the numbers of a tensor's step; called by one thread ----

// A power of two that brings the divisor, and its inverse, into the range of the type.
__device__ inline double scaleOf(double divisor, float) {
  return divisor < 0x1p-100 ? 0x1p64 : divisor > 0x1p100 ? 0x1p-64 : 1;
}

__device__ inline double scaleOf(double divisor, double) {
  return divisor < 0x1p-1000 ? 0x1p100 : divisor > 0x1p1000 ? 0x1p-100 : 1;
}

// 1 / d, rounded down: then |g| / d never passes 1, and Ψ never flips a sign.
__device__ inline double inverseOf(double d, float) {
  const float inverse = (float)(1 / d);
  return inverse * d > 1 ? __int_as_float(__float_as_int(inverse) - 1) : inverse;
}

__device__ inline double inverseOf(double d, double) {
  const double inverse = 1 / d;
  return inverse * d > 1 ? __longlong_as_double(__double_as_longlong(inverse) - 1) : inverse;
}

// 1 − βᵗ
__device__ inline double biasCorrection(double t, double logBeta) { return -expm1(t * logBeta); }

template <typename T>
__device__ inline void plan(const Block<T>& b, const Step& s, int tensor, double sum) {
  typename Arithmetic<T>::Number number = 0;
  Plan p;
  p.t = widen(b.steps[tensor]);
  p.flags = 0;
  if (s.restartEvery > 0 && p.t >= s.restartEvery) {
    p.t = 0;
    p.flags |= RESTART;
  }
  p.t += 1;
  if (!(sum < infinity())) {
    if (s.nonFinite == FAIL) {
      atomicMin(b.verdict, s.verdictBase + tensor);
    } else if (s.nonFinite == SKIP) {
      p.flags |= HOLD;
    }
  }
  const bool identity = s.strength == 0 || sum == 0 || b.tensors[tensor].length <= 1;
  const double divisor = identity ? infinity() : sum / s.strength;
  if (divisor != infinity()) {
    p.flags |= PSI;
  }
  p.scale = scaleOf(divisor, number);
  p.inverse = inverseOf(divisor * p.scale, number);
  p.step = s.learningRate / biasCorrection(p.t, s.logFirst);
  p.stepDifference = s.learningRate * s.beta2 / biasCorrection(p.t, s.logDifference);
  p.root = 1 / sqrt(biasCorrection(p.t, s.logSecond));
  b.sums[tensor] = sum;
  b.plans[tensor] = p;
}

// Sums this thread block's item. Returns whether this thread has the whole ‖g‖₁ of a tensor, and
// then which and what; some thread has it for every tensor, in whichever thread block came last.
template <typename T>
__device__ inline bool sumItem(const Block<T>& b, const Step& s, int& tensor, double& sum) {
  __shared__ double shared[THREADS / WARP];
  __shared__ bool isLast;
  const bool needed = (s.flags & NEEDS_SUMS) != 0;
  const Item item = b.items[blockIdx.x];
  const int thread = threadIdx.x;
  tensor = item.tensor;
  sum = 0;

  if (item.length < 0) {
    tensor += thread / WARP;
    if (thread / WARP >= -item.length) {
      return false;
    }
    if (needed) {
      const Tensor t = b.tensors[tensor];
      sum = warpSum(absoluteSum(b.gradient, t.start, (int)t.length, thread % WARP, WARP));
    }
    return thread % WARP == 0;
  }

  const int firstItem = b.tensors[tensor].firstItem;
  const int items = b.tensors[tensor].items;
  if (!needed) {
    return thread == 0 && (int)blockIdx.x == firstItem;
  }
  sum = blockSum(absoluteSum(b.gradient, item.start, item.length, thread, THREADS), shared);
  if (items == 1) {
    return thread == 0;
  }
  // Whoever comes last adds the items up, in their order.
  if (thread == 0) {
    b.partials[blockIdx.x] = sum;
    __threadfence();
    isLast = atomicAdd(&b.arrived[tensor], 1u) == (unsigned)items - 1;
  }
  __syncthreads();
  if (!isLast) {
    return false;
  }
  __threadfence();
  const volatile double* partials = b.partials + firstItem;
  sum = 0;
  for (int i = thread; i < items; i += THREADS) {
    sum = add(sum, partials[i]);
  }
  sum = blockSum(sum, shared);
  if (thread == 0) {
    b.arrived[tensor] = 0;
  }
  return thread == 0;
}

template <typename T>
__device__ void norms(const Block<T>& b, const Step& s) {
  int tensor;
  double sum;
  if (sumItem(b, s, tensor, sum)) {
    plan(b, s, tensor, sum);
  }
}

// ---- The update ----

// A plan and a step in the type of the arithmetic.
template <typename Number>
struct Numbers {
  Number beta1, rest1, beta2, rest2, beta3, rest3, epsilon;
  Number scale, inverse, step, stepDifference, root;
  bool psi, psiInAll, restart, firstStep;

  __device__ Numbers(const Step& s, const Plan& p)
      : beta1(s.beta1),
        rest1(1 - s.beta1),
        beta2(s.beta2),
        rest2(1 - s.beta2),
        beta3(s.beta3),
        rest3(1 - s.beta3),
        epsilon(s.epsilon),
        scale(p.scale),
        inverse(p.inverse),
        step(p.step),
        stepDifference(p.stepDifference),
        root(p.root),
        psi((p.flags & PSI) != 0),
        psiInAll((s.flags & PSI_IN_ALL_MOMENTS) != 0),
        restart((p.flags & RESTART) != 0),
        firstStep(p.t == 1) {}

  __device__ Number psiOf(Number g) const {
    return psi ? g * (1 - magnitude(g) * scale * inverse) : g;
  }

  __device__ static float magnitude(float x) { return fabsf(x); }
  __device__ static double magnitude(double x) { return fabs(x); }
  __device__ static float squareRoot(float x) { return sqrtf(x); }
  __device__ static double squareRoot(double x) { return sqrt(x); }
};

template <typename T>
struct AdamW {
  typedef typename Arithmetic<T>::Number Number;
  static const int ARRAYS = 3;

  __device__ static void arrays(const Block<T>& b, T** a) {
    a[0] = b.gradient;
    a[1] = b.firstMoment;
    a[2] = b.secondMoment;
  }

  // g, m, v → update, m, v
  template <int N>
  __device__ static void element(const Numbers<Number>& c, Number (&x)[ARRAYS][N], int k) {
    Number& g = x[0][k];
    Number& m = x[1][k];
    Number& v = x[2][k];
    const Number psi = c.psiOf(g);
    const Number seen = c.psiInAll ? psi : g;
    m = c.beta1 * m + c.rest1 * psi;
    v = c.beta2 * v + c.rest2 * (seen * seen);
    g = c.step * m / (Numbers<Number>::squareRoot(v) * c.root + c.epsilon);
  }

};

template <typename T>
struct Adan {
  typedef typename Arithmetic<T>::Number Number;
  static const int ARRAYS = 5;

  __device__ static void arrays(const Block<T>& b, T** a) {
    a[0] = b.gradient;
    a[1] = b.firstMoment;
    a[2] = b.secondMoment;
    a[3] = b.difference;
    a[4] = b.lastGradient;
  }

  // g, m, n, d, last → update, m, n, d, last
  template <int N>
  __device__ static void element(const Numbers<Number>& c, Number (&x)[ARRAYS][N], int k) {
    Number& g = x[0][k];
    Number& m = x[1][k];
    Number& n = x[2][k];
    Number& d = x[3][k];
    Number& last = x[4][k];
    const Number psi = c.psiOf(g);
    const Number seen = c.psiInAll ? psi : g;
    const Number difference = c.firstStep ? 0 : seen - last;
    const Number ahead = seen + c.beta2 * difference;
    m = c.beta1 * m + c.rest1 * psi;
    d = c.beta2 * d + c.rest2 * difference;
    n = c.beta3 * n + c.rest3 * (ahead * ahead);
    last = seen;
    g = (c.step * m + c.stepDifference * d) /
        (Numbers<Number>::squareRoot(n) * c.root + c.epsilon);
  }

};

// N elements, `apart` from each other; apart == 1 promises 16-byte alignment where N is a vector.
// Held elements get a zero update and keep their moments, but for a restart.
template <typename T, typename Optimizer, int N, bool CONTIGUOUS>
__device__ inline void group(T* const* a, const Numbers<typename Optimizer::Number>& c, bool hold,
                             long long at, int apart) {
  typename Optimizer::Number x[Optimizer::ARRAYS][N];
#pragma unroll
  for (int row = 0; row < Optimizer::ARRAYS; row++) {
    if (hold || (c.restart && row > 0)) {
#pragma unroll
      for (int k = 0; k < N; k++) {
        x[row][k] = 0;
      }
    } else if (CONTIGUOUS) {
      load16(a[row] + at, x[row]);
    } else {
#pragma unroll
      for (int k = 0; k < N; k++) {
        x[row][k] = widen(a[row][at + k * apart]);
      }
    }
  }
  if (!hold) {
#pragma unroll
    for (int k = 0; k < N; k++) {
      Optimizer::template element<N>(c, x, k);
    }
  }
#pragma unroll
  for (int row = 0; row < Optimizer::ARRAYS; row++) {
    if (!hold || row == 0 || c.restart) {
      if (CONTIGUOUS) {
        store16(a[row] + at, x[row]);
      } else {
#pragma unroll
        for (int k = 0; k < N; k++) {
          store(&a[row][at + k * apart], x[row][k]);
        }
      }
    }
  }
}

// One thread's part of `length` elements from `start` on: 16 bytes at a time between the first and
// the last 16-byte boundary if the arrays have these in common, else 4 elements at a time, then
// what is left, one by one.
template <typename T, typename Optimizer>
__device__ inline void updateElements(const Block<T>& b,
                                      const Numbers<typename Optimizer::Number>& c, bool hold,
                                      long long start, int length, int thread, int threads) {
  const int vector = Arithmetic<T>::VECTOR;
  T* a[Optimizer::ARRAYS];
  Optimizer::arrays(b, a);
  const unsigned long long offset = reinterpret_cast<unsigned long long>(a[0] + start) & 15;
  bool together = true;
#pragma unroll
  for (int row = 1; row < Optimizer::ARRAYS; row++) {
    together =
        together && (reinterpret_cast<unsigned long long>(a[row] + start) & 15) == offset;
  }
  int head = 0;  // left at the start
  int grouped;   // then so many in groups
  if (together) {
    head = min(length, (int)((16 - offset) % 16 / sizeof(T)));
    grouped = (length - head) / vector * vector;
    for (int i = thread * vector; i < grouped; i += threads * vector) {
      group<T, Optimizer, vector, true>(a, c, hold, start + head + i, 1);
    }
  } else {
    grouped = length / (4 * threads) * (4 * threads);
    for (int i = thread; i < grouped; i += 4 * threads) {
      group<T, Optimizer, 4, false>(a, c, hold, start + i, threads);
    }
  }
  for (int i = thread; i < length - grouped; i += threads) {
    group<T, Optimizer, 1, false>(a, c, hold, start + i + (i < head ? 0 : grouped), 1);
  }
}

template <typename T>
__device__ void count(const Block<T>& b, int tensor, const Plan& p) {
  if (p.flags & HOLD) {
    store(&b.skipped[tensor], widen(b.skipped[tensor]) + 1);
    if (p.flags & RESTART) {
      store(&b.steps[tensor], 0);
    }
  } else {
    store(&b.steps[tensor], p.t);
  }
}

template <typename T, typename Optimizer>
__device__ void update(const Block<T>& b, const Step& s) {
  // Backwards: the norms went forwards, so the end of the gradient may still be in the cache.
  const Item item = b.items[gridDim.x - 1 - blockIdx.x];
  int thread = threadIdx.x;
  int threads = THREADS;
  int tensor = item.tensor;
  long long start = item.start;
  int length = item.length;
  bool first;
  if (item.length < 0) {
    const int warp = thread / WARP;
    if (warp >= -item.length) {
      return;
    }
    tensor += warp;
    thread %= WARP;
    threads = WARP;
    start = b.tensors[tensor].start;
    length = (int)b.tensors[tensor].length;
    first = thread == 0;
  } else {
    first = thread == 0 && start == b.tensors[tensor].start;
  }
  Plan p = b.plans[tensor];
  if (s.nonFinite == FAIL && *b.verdict != ALL_FINITE) {
    p.flags = HOLD;  // and nothing else changes until the host has seen it
  } else if (first) {
    count(b, tensor, p);
  }
  updateElements<T, Optimizer>(b, Numbers<typename Optimizer::Number>(s, p),
                               (p.flags & HOLD) != 0, start, length, thread, threads);
}

}  // namespace

#define KERNELS(T, NAME)                                                                  \
  extern "C" __global__ void __launch_bounds__(256) norms_##NAME(Block<T> b, Step s) {    \
    norms(b, s);                                                                          \
  }                                                                                       \
  extern "C" __global__ void __launch_bounds__(256) adamw_##NAME(Block<T> b, Step s) {    \
    update<T, AdamW<T> >(b, s);                                                           \
  }                                                                                       \
  extern "C" __global__ void __launch_bounds__(256) adan_##NAME(Block<T> b, Step s) {     \
    update<T, Adan<T> >(b, s);                                                            \
  }

KERNELS(float, float)
KERNELS(double, double)
