// Probabilities and samples.

template <typename Real>
__global__ void probabilities(const Complex<Real>* ket, double* weights, long long size) {
    const long long stride = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < size; i += stride) {
        weights[i] = weight(ket[i]);
    }
}

// The probability of each chunk of blockDim.x consecutive basis states.
template <typename Real>
__global__ void chunk_masses(const Complex<Real>* ket, double* masses, long long size) {
    extern __shared__ __align__(16) unsigned char storage[];
    for (long long chunk = blockIdx.x; chunk * blockDim.x < size; chunk += gridDim.x) {
        const long long i = chunk * blockDim.x + threadIdx.x;
        const double total = block_sum(i < size ? weight(ket[i]) : 0.0, (double*)storage);
        if (threadIdx.x == 0) {
            masses[chunk] = total;
        }
        __syncthreads();
    }
}

// The basis state at which the cumulative probability exceeds each draw; ends: cumulative sums of the chunks.
template <typename Real>
__global__ void locate(
    const Complex<Real>* ket, const double* ends, long long n_chunks, long long chunk_size, long long size,
    const double* draws, long long* outcomes, long long shots
) {
    const long long stride = (long long)gridDim.x * blockDim.x;
    for (long long shot = (long long)blockIdx.x * blockDim.x + threadIdx.x; shot < shots; shot += stride) {
        long long low = 0, high = n_chunks - 1;
        while (low < high) {
            const long long middle = (low + high) / 2;
            if (ends[middle] > draws[shot]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        double sum = low ? ends[low - 1] : 0.0;
        const long long first = low * chunk_size, end = min(first + chunk_size, size);
        long long found = first;
        // If rounding keeps a sum below the chunk's end, it stops at the last state with a non-zero
        // probability.
        for (long long i = first; i < end && sum <= draws[shot]; ++i) {
            const double step = weight(ket[i]);
            sum += step;
            found = step > 0 ? i : found;
        }
        outcomes[shot] = found;
    }
}
