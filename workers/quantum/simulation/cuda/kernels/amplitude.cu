// Amplitudes and the arithmetic of basis indices.

template <typename Real>
struct alignas(2 * sizeof(Real)) Complex {
    Real re, im;
};

template <typename Real>
__device__ __forceinline__ Complex<Real> operator+(Complex<Real> a, Complex<Real> b) {
    return {a.re + b.re, a.im + b.im};
}

template <typename Real>
__device__ __forceinline__ Complex<Real> operator*(Complex<Real> a, Complex<Real> b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

template <typename Real>
__device__ __forceinline__ Complex<Real> operator*(Real factor, Complex<Real> a) {
    return {factor * a.re, factor * a.im};
}

template <typename Real>
__device__ __forceinline__ Complex<Real> conjugate(Complex<Real> a) {
    return {a.re, -a.im};
}

// -i a
template <typename Real>
__device__ __forceinline__ Complex<Real> turned(Complex<Real> a) {
    return {a.im, -a.re};
}

// Re conj(a) b, in double for any amplitude type
template <typename Real>
__device__ __forceinline__ double real_overlap(Complex<Real> a, Complex<Real> b) {
    return (double)a.re * b.re + (double)a.im * b.im;
}

// Im conj(a) b
template <typename Real>
__device__ __forceinline__ double imaginary_overlap(Complex<Real> a, Complex<Real> b) {
    return (double)a.re * b.im - (double)a.im * b.re;
}

template <typename Real>
__device__ __forceinline__ double weight(Complex<Real> a) {
    return real_overlap(a, a);
}

// Deposits the bits of value at the positions where mask is clear, lowest first.
template <typename Index>
__device__ __forceinline__ Index spread(Index value, Index mask) {
    for (Index rest = mask; rest; rest &= rest - 1) {
        const Index below = (rest & (~rest + 1)) - 1;
        value = (value & below) | ((value & ~below) << 1);
    }
    return value;
}

// -1 for an odd number of set bits, else 1.
__device__ __forceinline__ int sign_of(long long bits) {
    return 1 - 2 * (int)(__popcll(bits) & 1);
}
