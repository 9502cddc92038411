// Fixed gates. With Back the inverse is applied to ket and bra, else the gate to the ket.

// Applies the gate to the amplitudes whose local bits `places` (lowest first) take all values.
template <int K, typename Real, typename Index>
__device__ __forceinline__ void multiply(
    const Amplitudes<Real, Index>& state, Index base, const int (&places)[K], const Complex<Real>* matrix
) {
    constexpr int SIZE = 1 << K;
    constexpr int UNROLL = K <= 4 ? SIZE : 1;
    Complex<Real> old[SIZE];
#pragma unroll UNROLL
    for (int column = 0; column < SIZE; ++column) {
        Index offset = 0;
#pragma unroll
        for (int bit = 0; bit < K; ++bit) {
            offset |= (Index)(column >> bit & 1) << places[bit];
        }
        old[column] = state[base | offset];
    }
#pragma unroll 1
    for (int row = 0; row < SIZE; ++row) {
        Complex<Real> sum = {0, 0};
#pragma unroll UNROLL
        for (int column = 0; column < SIZE; ++column) {
            sum = sum + matrix[row * SIZE + column] * old[column];
        }
        Index offset = 0;
#pragma unroll
        for (int bit = 0; bit < K; ++bit) {
            offset |= (Index)(row >> bit & 1) << places[bit];
        }
        state[base | offset] = sum;
    }
}

template <int K, bool Back, typename Real, typename Index>
__device__ void unitary_on(const View<Real, Index>& view, const Row& row, const Pools<Real>& pools) {
    const Complex<Real>* matrix = pools.matrices + (Back ? row.end : row.first);
    int places[K];
#pragma unroll
    for (int bit = 0; bit < K; ++bit) {
        places[bit] = (int)row.places[bit];
    }
    for (Index group = view.lane; group < view.size() >> K; group += view.lanes) {
        const Index base = spread(group, (Index)row.local);
        multiply(view.ket, base, places, matrix);
        if (Back) {
            multiply(view.bra, base, places, matrix);
        }
    }
}

template <bool Back, typename Real, typename Index>
__device__ void unitary(const View<Real, Index>& view, const Row& row, const Pools<Real>& pools) {
    switch (row.extra) {
        case 1: return unitary_on<1, Back>(view, row, pools);
        case 2: return unitary_on<2, Back>(view, row, pools);
        case 3: return unitary_on<3, Back>(view, row, pools);
        case 4: return unitary_on<4, Back>(view, row, pools);
        case 5: return unitary_on<5, Back>(view, row, pools);
        case 6: return unitary_on<6, Back>(view, row, pools);
    }
}

// Places are bits of the whole index, lowest first.
template <bool Back, typename Real, typename Index>
__device__ void diagonal(const View<Real, Index>& view, const Row& row, const Pools<Real>& pools) {
    const Complex<Real>* entries = pools.matrices + (Back ? row.end : row.first);
    for (Index j = view.lane; j < view.size(); j += view.lanes) {
        const long long index = view.index(j);
        int entry = 0;
#pragma unroll
        for (int bit = 0; bit < MAX_GATE; ++bit) {
            entry |= bit < (int)row.extra ? (int)(index >> row.places[bit] & 1) << bit : 0;
        }
        view.ket[j] = entries[entry] * view.ket[j];
        if (Back) {
            view.bra[j] = entries[entry] * view.bra[j];
        }
    }
}

template <typename Real, typename Index>
__device__ __forceinline__ void swap(const Amplitudes<Real, Index>& state, Index i, Index j) {
    const Complex<Real> kept = state[i];
    state[i] = state[j];
    state[j] = kept;
}

// Controls are bits of the whole index.
template <bool Back, typename Real, typename Index>
__device__ void controlled_x(const View<Real, Index>& view, const Row& row) {
    for (Index group = view.lane; group < view.size() >> 1; group += view.lanes) {
        const Index i = spread(group, (Index)row.local);
        if ((view.index(i) & row.global) != row.global) {
            continue;
        }
        swap(view.ket, i, (Index)(i | (Index)row.local));
        if (Back) {
            swap(view.bra, i, (Index)(i | (Index)row.local));
        }
    }
}
