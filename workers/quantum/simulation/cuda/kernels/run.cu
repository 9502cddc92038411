// Programs on states: many rows on tiles in shared memory, or one wide row on the state in global memory.
// Grid y is the batch. A row with a record >= 0 has derivatives; partials[batch][record][block] gets the block's
// share, in the launch's own records.

template <bool Back, typename Real, typename Index>
__device__ void act(const View<Real, Index>& view, const Row& row, const Pools<Real>& pools, double (&sums)[3]) {
    switch (row.kind) {
        case UNITARY: return unitary<Back>(view, row, pools);
        case DIAGONAL: return diagonal<Back>(view, row, pools);
        case CONTROLLED_X: return controlled_x<Back>(view, row);
        case TURNS: return turns<Back>(view, row, pools, sums);
        case EXCITATION: return excitation<Back>(view, row, pools, sums);
        case PHASES: return phases<Back>(view, row, pools, sums);
        case MIXER: return mixer<Back>(view, row, pools, sums);
        case PAULI:
            return row.local ? pauli<Back>(view, row, pools, sums) : parity<Back>(view, row, pools, sums);
    }
}

// Writes the block's share of a row's derivatives to its partials; all threads call it.
template <typename Real>
__device__ void record(
    const Row& row, const Pools<Real>& pools, double (&sums)[3], double* warps, double* partials,
    long long first_record, bool again
) {
    const auto slope = [&](long long number, double value) {
        if (number < 0) {
            return;
        }
        double& partial = partials[(number - first_record) * gridDim.x + blockIdx.x];
        partial = again ? partial + value : value;
    };
    const int n_warps = (int)blockDim.x / WARP;
    double totals[3] = {block_sum(sums[0], warps), 0, 0};
    if (row.kind == TURNS) {
        totals[1] = block_sum(sums[1], warps + n_warps);
        totals[2] = block_sum(sums[2], warps + 2 * n_warps);
    }
    if (threadIdx.x == 0) {
        if (row.kind == TURNS) {
            turns_slopes(row, pools, totals, slope);
        } else {
            slope(row.record, totals[0]);
        }
    }
}

// Amplitude `index` of the starting product state.
template <typename Real>
__device__ Complex<Real> start(const Complex<Real>* product, int n_qubits, long long index) {
    Complex<Real> amplitude = {1, 0};
    for (int qubit = 0; qubit < n_qubits; ++qubit) {
        amplitude = amplitude * product[2 * qubit + (index >> (n_qubits - 1 - qubit) & 1)];
    }
    return amplitude;
}

// Applies rows [first, end) to every tile. layout: the index bits that are the tile's bits from `low` up,
// ascending. fresh: the ket is the starting state, and is not read; keep: the result is written back.
template <typename Real, bool Back>
__global__ void __launch_bounds__(256) run_tiles(
    Complex<Real>* kets, Complex<Real>* bras, const Complex<Real>* product, const Row* rows, long long first,
    long long end, const long long* layouts, long long first_layout, long long bits, long long low, long long n_qubits, long long fresh,
    long long keep, const double* angles, long long n_angles, const Complex<Real>* matrices,
    const long long* elements, const double* rotations, const Complex<Real>* phasors, long long n_phasors,
    const double* values, const unsigned short* levels, double* partials, long long first_record,
    long long n_records
) {
    extern __shared__ __align__(16) unsigned char storage[];
    const long long batch = blockIdx.y;
    Complex<Real>* state = kets + (batch << n_qubits);
    Complex<Real>* image = Back ? bras + (batch << n_qubits) : nullptr;
    const int size = 1 << bits, n_offsets = 1 << (bits - low);
    Complex<Real>* tiles = (Complex<Real>*)storage;
    const Amplitudes<Real, unsigned> ket = {tiles}, bra = {Back ? tiles + size : nullptr};
    double* warps = (double*)(tiles + (Back ? 2 : 1) * size);
    long long* offsets = (long long*)(warps + 3 * (blockDim.x / WARP));
    const Pools<Real> pools = {
        angles + ANGLE * batch * n_angles, matrices, elements, rotations, phasors + batch * n_phasors, values, levels,
        (int)n_qubits};
    partials += batch * n_records * gridDim.x;

    const long long* layout = layouts + first_layout;
    long long outside = (1LL << n_qubits) - (1LL << low);
    for (int k = 0; k < bits - low; ++k) {
        outside &= ~(1LL << layout[k]);
    }
    const long long inside = ((1LL << n_qubits) - 1) & ~outside;
    for (int high = threadIdx.x; high < n_offsets; high += blockDim.x) {
        long long offset = 0;
        for (int k = 0; k < bits - low; ++k) {
            offset |= (long long)(high >> k & 1) << layout[k];
        }
        offsets[high] = offset;
    }
    __syncthreads();

    for (long long tile = blockIdx.x; tile < 1LL << (n_qubits - bits); tile += gridDim.x) {
        const View<Real, unsigned> view = {
            ket, bra, offsets, spread(tile, inside), (int)bits, (int)low, threadIdx.x, blockDim.x};
#pragma unroll 4
        for (unsigned j = threadIdx.x; j < (unsigned)size; j += blockDim.x) {
            const long long index = view.index(j);
            ket[j] = fresh ? start(product, (int)n_qubits, index) : state[index];
            if (Back) {
                bra[j] = image[index];
            }
        }
        __syncthreads();
        for (long long step = 0; step < end - first; ++step) {
            const Row row = rows[Back ? end - 1 - step : first + step];
            double sums[3] = {0, 0, 0};
            act<Back>(view, row, pools, sums);
            if (Back && row.record >= 0) {
                record(row, pools, sums, warps, partials, first_record, tile != blockIdx.x);
            }
            __syncthreads();
        }
        if (keep) {
#pragma unroll 4
            for (unsigned j = threadIdx.x; j < (unsigned)size; j += blockDim.x) {
                state[view.index(j)] = ket[j];
                if (Back) {
                    image[view.index(j)] = bra[j];
                }
            }
        }
    }
}

// Applies one row to the whole state.
template <typename Real, bool Back>
__global__ void __launch_bounds__(256) run_wide(
    Complex<Real>* kets, Complex<Real>* bras, const Row* rows, long long number, long long n_qubits,
    const double* angles, long long n_angles, const Complex<Real>* matrices, const long long* elements,
    const double* rotations, const Complex<Real>* phasors, long long n_phasors, const double* values,
    const unsigned short* levels, double* partials, long long first_record, long long n_records
) {
    extern __shared__ __align__(16) unsigned char storage[];
    const long long batch = blockIdx.y;
    const Pools<Real> pools = {
        angles + ANGLE * batch * n_angles, matrices, elements, rotations, phasors + batch * n_phasors, values, levels,
        (int)n_qubits};
    const View<Real, unsigned long long> view = {
        {kets + (batch << n_qubits)}, {Back ? bras + (batch << n_qubits) : nullptr}, nullptr, 0, (int)n_qubits,
        (int)n_qubits, (unsigned long long)blockIdx.x * blockDim.x + threadIdx.x,
        (unsigned long long)gridDim.x * blockDim.x};
    const Row row = rows[number];
    double sums[3] = {0, 0, 0};
    act<Back>(view, row, pools, sums);
    if (Back && row.record >= 0) {
        record(
            row, pools, sums, (double*)storage, partials + batch * n_records * gridDim.x, first_record, false);
    }
}

// The starting product state.
template <typename Real>
__global__ void prepare(Complex<Real>* kets, const Complex<Real>* product, long long n_qubits) {
    Complex<Real>* state = kets + ((long long)blockIdx.y << n_qubits);
    const long long stride = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < 1LL << n_qubits; i += stride) {
        state[i] = start(product, (int)n_qubits, i);
    }
}
