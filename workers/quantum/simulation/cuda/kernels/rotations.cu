// Rotations by an angle. With Back the inverse is applied to ket and bra, and sums receives the terms of the
// derivative by the angle: for U = exp(angle K) that is 2 Re <bra|K|ket>, the same before and after U.
// Source: Jones and Gacon, arXiv:2009.02823 (2020).

template <typename Real>
struct Pair {
    Complex<Real> zero, one;
};

// exp(-i angle/2 axis), given cos(angle/2) and sin(angle/2)
template <typename Real>
__device__ __forceinline__ Pair<Real> turn(Pair<Real> a, int axis, Real cos, Real sin) {
    if (axis == AXIS_X) {
        return {cos * a.zero + sin * turned(a.one), cos * a.one + sin * turned(a.zero)};
    }
    if (axis == AXIS_Y) {
        return {cos * a.zero + (-sin) * a.one, cos * a.one + sin * a.zero};
    }
    return {cos * a.zero + sin * turned(a.zero), cos * a.one + (-sin) * turned(a.one)};
}

template <typename Real>
__device__ __forceinline__ Pair<Real> product(const Complex<Real>* matrix, Pair<Real> a) {
    return {matrix[0] * a.zero + matrix[1] * a.one, matrix[2] * a.zero + matrix[3] * a.one};
}

// Applies all elements of a TURNS row to one pair of amplitudes.
template <bool Back, typename Real>
__device__ __forceinline__ Pair<Real> turns_on(Pair<Real> a, const Row& row, const Pools<Real>& pools) {
    const int count = (int)(row.end - row.first);
    for (int step = 0; step < count; ++step) {
        const long long* element = pools.elements + 4 * (Back ? row.end - 1 - step : row.first + step);
        if (element[0] == FIXED) {
            a = product(pools.matrices + element[Back ? 2 : 1], a);
        } else {
            const double* angle = pools.angles + ANGLE * element[1];
            a = turn(a, (int)element[0], (Real)angle[1], (Real)(Back ? -angle[2] : angle[2]));
        }
    }
    return a;
}

// sums: Im <bra|X|ket>, Im <bra|Y|ket>, Im <bra|Z|ket> on the row's bit, after all elements.
template <bool Back, typename Real, typename Index>
__device__ void turns(
    const View<Real, Index>& view, const Row& row, const Pools<Real>& pools, double (&sums)[3]
) {
    for (Index group = view.lane; group < view.size() >> 1; group += view.lanes) {
        const Index i = spread(group, (Index)row.local), j = i | (Index)row.local;
        const Pair<Real> ket = {view.ket[i], view.ket[j]};
        if (Back) {
            const Pair<Real> bra = {view.bra[i], view.bra[j]};
            sums[0] += imaginary_overlap(bra.zero, ket.one) + imaginary_overlap(bra.one, ket.zero);
            sums[1] += real_overlap(bra.one, ket.zero) - real_overlap(bra.zero, ket.one);
            sums[2] += imaginary_overlap(bra.zero, ket.zero) - imaginary_overlap(bra.one, ket.one);
            const Pair<Real> undone = turns_on<true>(bra, row, pools);
            view.bra[i] = undone.zero;
            view.bra[j] = undone.one;
        }
        const Pair<Real> done = turns_on<Back>(ket, row, pools);
        view.ket[i] = done.zero;
        view.ket[j] = done.one;
    }
}

// The derivatives by the elements' angles from the three sums of `turns`, last element first: undoing an
// element rotates the vector (Im <X>, Im <Y>, Im <Z>). `slope` is called with an element's record.
template <typename Real, typename Slope>
__device__ void turns_slopes(const Row& row, const Pools<Real>& pools, const double (&sums)[3], Slope slope) {
    double vector[3] = {sums[0], sums[1], sums[2]};
    for (long long number = row.end - 1; number >= row.first; --number) {
        const long long* element = pools.elements + 4 * number;
        if (element[0] == FIXED) {
            const double* rotation = pools.rotations + element[3];
            const double old[3] = {vector[0], vector[1], vector[2]};
            for (int axis = 0; axis < 3; ++axis) {
                const double* line = rotation + 3 * axis;
                vector[axis] = line[0] * old[0] + line[1] * old[1] + line[2] * old[2];
            }
            continue;
        }
        const double* angle = pools.angles + ANGLE * element[1];
        const double cos = angle[1] * angle[1] - angle[2] * angle[2], sin = 2 * angle[1] * angle[2];
        const int axis = (int)element[0], next = (axis + 1) % 3, last = (axis + 2) % 3;
        slope(element[3], vector[axis]);
        const double second = vector[next], third = vector[last];
        vector[next] = cos * second + sin * third;
        vector[last] = cos * third - sin * second;
    }
}

// i^-n
template <typename Real>
__device__ __forceinline__ Complex<Real> quarter_turns(long long n) {
    return {(Real)(n % 2 ? 0 : 1 - n % 4), (Real)(n % 2 ? n % 4 - 2 : 0)};
}

// exp(-i angle/2 P) with P|j> = i^extra (-1)^(bits of j & global) |j ^ X mask>: extra is the number of Ys, and
// local the X mask within the view.
template <bool Back, typename Real, typename Index>
__device__ void pauli(
    const View<Real, Index>& view, const Row& row, const Pools<Real>& pools, double (&sums)[3]
) {
    const double* angle = pools.angles + ANGLE * row.angle;
    const Real cos = (Real)angle[1], sin = (Real)(Back ? -angle[2] : angle[2]);
    const Index flip = (Index)row.local, pivot = flip & (~flip + 1);
    const Complex<Real> phase = quarter_turns<Real>(row.extra);
    for (Index group = view.lane; group < view.size() >> 1; group += view.lanes) {
        const Index i = spread(group, pivot), j = i ^ flip;
        // (P a)_i = factor a_j and (P a)_j = conj(factor) a_i
        const Complex<Real> factor = (Real)sign_of(view.index(i) & row.global) * phase;
        const Complex<Real> a = view.ket[i], b = view.ket[j];
        const Complex<Real> to_i = factor * b, to_j = conjugate(factor) * a;
        if (Back) {
            const Complex<Real> c = view.bra[i], d = view.bra[j];
            sums[0] += imaginary_overlap(c, to_i) + imaginary_overlap(d, to_j);
            view.bra[i] = cos * c + sin * turned(factor * d);
            view.bra[j] = cos * d + sin * turned(conjugate(factor) * c);
        }
        view.ket[i] = cos * a + sin * turned(to_i);
        view.ket[j] = cos * b + sin * turned(to_j);
    }
}

// exp(-i angle/2 P) for P of Zs alone.
template <bool Back, typename Real, typename Index>
__device__ void parity(
    const View<Real, Index>& view, const Row& row, const Pools<Real>& pools, double (&sums)[3]
) {
    const double* angle = pools.angles + ANGLE * row.angle;
    const Real cos = (Real)angle[1], sin = (Real)(Back ? -angle[2] : angle[2]);
    for (Index j = view.lane; j < view.size(); j += view.lanes) {
        const int sign = sign_of(view.index(j) & row.global);
        const Complex<Real> phase = {cos, -sign * sin};
        if (Back) {
            sums[0] += sign * imaginary_overlap(view.bra[j], view.ket[j]);
            view.bra[j] = phase * view.bra[j];
        }
        view.ket[j] = phase * view.ket[j];
    }
}

// local: source and target mask within the view, extra: the source mask within it, global: the sign mask.
template <bool Back, typename Real, typename Index>
__device__ void excitation(
    const View<Real, Index>& view, const Row& row, const Pools<Real>& pools, double (&sums)[3]
) {
    const double* angle = pools.angles + ANGLE * row.angle;
    const double whole_cos = angle[1] * angle[1] - angle[2] * angle[2];
    const double whole_sin = 2 * angle[1] * angle[2];
    const Real cos = (Real)whole_cos, sin = (Real)(Back ? -whole_sin : whole_sin);
    const Index moved = (Index)row.local, source = (Index)row.extra;
    for (Index group = view.lane; group < view.size() >> __popcll(row.local); group += view.lanes) {
        const Index i = spread(group, moved) | source, j = i ^ moved;
        const Real sign = (Real)sign_of(view.index(i) & row.global);
        const Complex<Real> a = view.ket[i], b = view.ket[j];
        if (Back) {
            const Complex<Real> c = view.bra[i], d = view.bra[j];
            sums[0] += 2 * (double)sign * (real_overlap(d, a) - real_overlap(c, b));
            view.bra[i] = cos * c + (-sign * sin) * d;
            view.bra[j] = cos * d + (sign * sin) * c;
        }
        view.ket[i] = cos * a + (-sign * sin) * b;
        view.ket[j] = cos * b + (sign * sin) * a;
    }
}
