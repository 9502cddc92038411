// Sums over a block in an order that depends only on its size.

constexpr int WARP = 32;

// The sum over the block, in thread 0; warps holds one number per warp. The caller synchronises before
// reusing warps.
__device__ double block_sum(double value, double* warps) {
    for (int step = WARP / 2; step; step /= 2) {
        value += __shfl_down_sync(0xffffffffu, value, step);
    }
    if (threadIdx.x % WARP == 0) {
        warps[threadIdx.x / WARP] = value;
    }
    __syncthreads();
    double total = 0;
    if (threadIdx.x == 0) {
        for (int warp = 0; warp < (int)blockDim.x / WARP; ++warp) {
            total += warps[warp];
        }
    }
    return total;
}

// Second stage: totals[first + row] = sum of partials[row][0..blocks). Grid x: rows.
__global__ void sum_partials(const double* partials, double* totals, long long blocks, long long first) {
    extern __shared__ __align__(16) unsigned char storage[];
    double sum = 0;
    for (long long block = threadIdx.x; block < blocks; block += blockDim.x) {
        sum += partials[blockIdx.x * blocks + block];
    }
    const double total = block_sum(sum, (double*)storage);
    if (threadIdx.x == 0) {
        totals[first + blockIdx.x] = total;
    }
}
