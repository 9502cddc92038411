// A Pauli sum on whole states, grouped by X mask: a group is one flip of the index times one diagonal, sum_k
// coefficient_k (-1)^(bits of i & z_k), whose terms are real up to `split` and imaginary from there.

// Writes H|ket> to images (unless null) and the block's share of <ket|H|ket> to partials[batch][block]. Grid
// y: batch.
template <typename Real>
__global__ void __launch_bounds__(256) observe(
    const Complex<Real>* kets, Complex<Real>* images, long long n_qubits, const long long* flips,
    const long long* firsts, const long long* splits, long long n_groups, const long long* zs,
    const double* coefficients, double* partials
) {
    extern __shared__ __align__(16) unsigned char storage[];
    const long long batch = blockIdx.y, stride = (long long)gridDim.x * blockDim.x;
    const Complex<Real>* ket = kets + (batch << n_qubits);
    double energy = 0;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < 1LL << n_qubits; i += stride) {
        double re = 0, im = 0;
        for (long long group = 0; group < n_groups; ++group) {
            double real = 0, imaginary = 0;
            long long term = firsts[group];
            for (; term < splits[group]; ++term) {
                real += sign_of(i & zs[term]) * coefficients[term];
            }
            for (; term < firsts[group + 1]; ++term) {
                imaginary += sign_of(i & zs[term]) * coefficients[term];
            }
            const Complex<Real> other = ket[i ^ flips[group]];
            re += real * other.re - imaginary * other.im;
            im += real * other.im + imaginary * other.re;
        }
        energy += (double)ket[i].re * re + (double)ket[i].im * im;
        if (images) {
            images[(batch << n_qubits) + i] = {(Real)re, (Real)im};
        }
    }
    const double total = block_sum(energy, (double*)storage);
    if (threadIdx.x == 0) {
        partials[batch * gridDim.x + blockIdx.x] = total;
    }
}
