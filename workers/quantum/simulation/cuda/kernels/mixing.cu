// The two layers of QAOA. Back as in rotations.cu.

// exp(-i angle D): phases of distinct values are looked up; for a diagonal without levels (extra < 0) they
// are computed here.
template <bool Back, typename Real, typename Index>
__device__ void phases(
    const View<Real, Index>& view, const Row& row, const Pools<Real>& pools, double (&sums)[3]
) {
    const double angle = pools.angles[ANGLE * row.angle];
    for (Index j = view.lane; j < view.size(); j += view.lanes) {
        const long long index = view.index(j);
        const long long level = row.extra < 0 ? index : pools.levels[row.extra + index];
        const double value = pools.values[row.first + level];
        Complex<Real> phase;
        if (row.extra < 0) {
            double sine, cosine;
            sincos(-angle * value, &sine, &cosine);
            phase = {(Real)cosine, (Real)sine};
        } else {
            phase = pools.phasors[row.end + level];
        }
        if (Back) {
            sums[0] += 2 * value * imaginary_overlap(view.bra[j], view.ket[j]);
            phase = conjugate(phase);
            view.bra[j] = phase * view.bra[j];
        }
        view.ket[j] = phase * view.ket[j];
    }
}

// exp(-i angle value) for the levels of all PHASES rows. Grid y: batch.
template <typename Real>
__global__ void fill_phasors(
    const double* angles, long long n_angles, const double* values, const long long* value_of,
    const long long* angle_of, Complex<Real>* phasors, long long n_phasors
) {
    const long long batch = blockIdx.y, stride = (long long)gridDim.x * blockDim.x;
    for (long long k = (long long)blockIdx.x * blockDim.x + threadIdx.x; k < n_phasors; k += stride) {
        const double angle = angles[ANGLE * (batch * n_angles + angle_of[k])];
        double sine, cosine;
        sincos(-angle * values[value_of[k]], &sine, &cosine);
        phasors[batch * n_phasors + k] = {(Real)cosine, (Real)sine};
    }
}

// exp(-i angle/2 X) on each of K bits, in registers.
template <int K, typename Real>
__device__ __forceinline__ void mix(Complex<Real> (&a)[1 << K], Real cos, Real sin) {
#pragma unroll
    for (int bit = 1; bit < 1 << K; bit *= 2) {
#pragma unroll
        for (int i = 0; i < 1 << K; ++i) {
            if (i & bit) {
                continue;
            }
            const Complex<Real> zero = a[i], one = a[i | bit];
            a[i] = cos * zero + sin * turned(one);
            a[i | bit] = cos * one + sin * turned(zero);
        }
    }
}

template <int K, bool Back, typename Real, typename Index>
__device__ void mixer_on(
    const View<Real, Index>& view, const Row& row, const Pools<Real>& pools, double (&sums)[3]
) {
    const double* angle = pools.angles + ANGLE * row.angle;
    const Real cos = (Real)angle[1], sin = (Real)(Back ? -angle[2] : angle[2]);
    Index offsets[1 << K];
#pragma unroll
    for (int i = 0; i < 1 << K; ++i) {
        offsets[i] = 0;
#pragma unroll
        for (int bit = 0; bit < K; ++bit) {
            offsets[i] |= (Index)(i >> bit & 1) << row.places[bit];
        }
    }
    for (Index group = view.lane; group < view.size() >> K; group += view.lanes) {
        const Index base = spread(group, (Index)row.local);
        Complex<Real> ket[1 << K];
#pragma unroll
        for (int i = 0; i < 1 << K; ++i) {
            ket[i] = view.ket[base | offsets[i]];
        }
        if (Back) {
            Complex<Real> bra[1 << K];
#pragma unroll
            for (int i = 0; i < 1 << K; ++i) {
                bra[i] = view.bra[base | offsets[i]];
            }
#pragma unroll
            for (int i = 0; i < 1 << K; ++i) {
#pragma unroll
                for (int bit = 1; bit < 1 << K; bit *= 2) {
                    sums[0] += imaginary_overlap(bra[i], ket[i ^ bit]);
                }
            }
            mix<K>(bra, cos, sin);
#pragma unroll
            for (int i = 0; i < 1 << K; ++i) {
                view.bra[base | offsets[i]] = bra[i];
            }
        }
        mix<K>(ket, cos, sin);
#pragma unroll
        for (int i = 0; i < 1 << K; ++i) {
            view.ket[base | offsets[i]] = ket[i];
        }
    }
}

template <bool Back, typename Real, typename Index>
__device__ void mixer(
    const View<Real, Index>& view, const Row& row, const Pools<Real>& pools, double (&sums)[3]
) {
    switch (row.extra) {
        case 1: return mixer_on<1, Back>(view, row, pools, sums);
        case 2: return mixer_on<2, Back>(view, row, pools, sums);
        case 3: return mixer_on<3, Back>(view, row, pools, sums);
    }
}
