// Runs kernels on a CPU, one fiber for each thread of a block, so that the very text that CUDA compiles is tested
// where there is no device. Barriers that not all threads of a block reach together, and writes beyond the shared
// memory asked for, are errors. Between barriers the warps run one after the other, and the threads of a warp too,
// in both orders by turns, so that a missing barrier shows.

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __shared__
#define __forceinline__ inline
#define __launch_bounds__(threads)
#define __align__(bytes) __attribute__((aligned(bytes)))

struct Position {
    unsigned x, y, z;
};

static Position threadIdx, blockIdx, blockDim, gridDim;

constexpr unsigned WARP_THREADS = 32;
constexpr size_t SHARED_BYTES = 1 << 18, GUARD_BYTES = 1 << 10, STACK_BYTES = 1 << 16;
alignas(16) unsigned char storage[SHARED_BYTES + GUARD_BYTES];

using std::min;

inline int __popcll(unsigned long long bits) { return __builtin_popcountll(bits); }

namespace emulator {

enum Pause { AT_BARRIER = 1, AT_SHUFFLE, DONE };
enum Fault { NONE, DIVERGED, SHARED_OVERRUN };

struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack{new char[STACK_BYTES]};
    Pause pause;
    double shuffled;
};

static std::vector<Fiber> fibers;
static ucontext_t scheduler;
static Fiber* current;
static std::function<void()> body;
static bool downwards;

inline void pause(Pause why) {
    const unsigned thread = threadIdx.x;
    current->pause = why;
    swapcontext(&current->context, &scheduler);
    threadIdx.x = thread;
}

inline void enter() {
    body();
    current->pause = DONE;
    swapcontext(&current->context, &scheduler);
}

inline void resume(unsigned thread) {
    current = &fibers[thread];
    threadIdx = {thread, 0, 0};
    swapcontext(&scheduler, &current->context);
}

// Runs a warp to its next barrier of the block, or to its end; false where its threads part.
inline bool run_warp(unsigned first) {
    do {
        for (unsigned lane = 0; lane < WARP_THREADS; ++lane) {
            resume(first + (downwards ? WARP_THREADS - 1 - lane : lane));
        }
        for (unsigned lane = 1; lane < WARP_THREADS; ++lane) {
            if (fibers[first + lane].pause != fibers[first].pause) {
                return false;
            }
        }
    } while (fibers[first].pause == AT_SHUFFLE);
    return true;
}

inline Fault run_block(unsigned threads, size_t shared_bytes) {
    memset(storage, 0xff, shared_bytes + GUARD_BYTES);
    for (unsigned thread = 0; thread < threads; ++thread) {
        Fiber& fiber = fibers[thread];
        getcontext(&fiber.context);
        fiber.context.uc_stack.ss_sp = fiber.stack.get();
        fiber.context.uc_stack.ss_size = STACK_BYTES;
        makecontext(&fiber.context, enter, 0);
    }
    do {
        downwards = !downwards;
        for (unsigned warp = 0; warp < threads / WARP_THREADS; ++warp) {
            const unsigned chosen = downwards ? threads / WARP_THREADS - 1 - warp : warp;
            if (!run_warp(chosen * WARP_THREADS)) {
                return DIVERGED;
            }
        }
        for (unsigned thread = WARP_THREADS; thread < threads; thread += WARP_THREADS) {
            if (fibers[thread].pause != fibers[0].pause) {
                return DIVERGED;
            }
        }
    } while (fibers[0].pause != DONE);
    for (size_t byte = shared_bytes; byte < shared_bytes + GUARD_BYTES; ++byte) {
        if (storage[byte] != 0xff) {
            return SHARED_OVERRUN;
        }
    }
    return NONE;
}

inline Fault run_grid(Position grid, unsigned threads, size_t shared_bytes) {
    gridDim = grid;
    blockDim = {threads, 1, 1};
    while (fibers.size() < threads) {
        fibers.emplace_back();
    }
    for (unsigned y = 0; y < grid.y; ++y) {
        for (unsigned x = 0; x < grid.x; ++x) {
            blockIdx = {x, y, 0};
            if (const Fault fault = run_block(threads, shared_bytes)) {
                return fault;
            }
        }
    }
    return NONE;
}

template <typename... Arguments, size_t... Places>
void hold(void (*kernel)(Arguments...), void** arguments, std::index_sequence<Places...>) {
    body = [=] { kernel(*static_cast<Arguments*>(arguments[Places])...); };
}

// As cuLaunchKernel: `arguments` points to each argument. Returns a Fault.
template <typename... Arguments>
int launch(
    void (*kernel)(Arguments...), unsigned x, unsigned y, unsigned threads, size_t shared_bytes, void** arguments
) {
    hold(kernel, arguments, std::make_index_sequence<sizeof...(Arguments)>());
    return run_grid({x, y, 1}, threads, shared_bytes);
}

}  // namespace emulator

inline void __syncthreads() { emulator::pause(emulator::AT_BARRIER); }

inline double __shfl_down_sync(unsigned, double value, int step) {
    const unsigned thread = threadIdx.x, lane = thread % WARP_THREADS;
    emulator::current->shuffled = value;
    emulator::pause(emulator::AT_SHUFFLE);
    const double other = lane + step < WARP_THREADS ? emulator::fibers[thread + step].shuffled : value;
    emulator::pause(emulator::AT_SHUFFLE);
    return other;
}
