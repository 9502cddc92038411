// Runs kernels on a CPU, one fiber for each thread of a block, so that the very text that CUDA compiles is tested
// where there is no device. Barriers that not all threads of a block reach together, and writes beyond the shared
// memory asked for, are errors; threads run in changing orders between barriers, so that a missing one shows.

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

inline Fault run_block(unsigned threads, size_t shared_bytes) {
    memset(storage, 0xff, shared_bytes + GUARD_BYTES);
    for (unsigned thread = 0; thread < threads; ++thread) {
        Fiber& fiber = fibers[thread];
        getcontext(&fiber.context);
        fiber.context.uc_stack.ss_sp = fiber.stack.get();
        fiber.context.uc_stack.ss_size = STACK_BYTES;
        makecontext(&fiber.context, enter, 0);
    }
    for (unsigned round = 0;; ++round) {
        for (unsigned k = 0; k < threads; ++k) {
            resume(round % 2 ? threads - 1 - k : k);
        }
        for (unsigned thread = 1; thread < threads; ++thread) {
            if (fibers[thread].pause != fibers[0].pause) {
                return DIVERGED;
            }
        }
        if (fibers[0].pause == DONE) {
            break;
        }
    }
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
    const unsigned thread = threadIdx.x, lane = thread % 32;
    emulator::current->shuffled = value;
    emulator::pause(emulator::AT_SHUFFLE);
    const double other = lane + step < 32 ? emulator::fibers[thread + step].shuffled : value;
    emulator::pause(emulator::AT_SHUFFLE);
    return other;
}
