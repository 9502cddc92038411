// Amplitudes in memory. In a tile they are interleaved so that threads a power of two apart access different
// banks of shared memory, of which 128 bytes are read at once.
template <typename Real, typename Index>
struct Amplitudes {
    Complex<Real>* first;

    static constexpr Index LINE = 128 / sizeof(Complex<Real>);
    static constexpr bool INTERLEAVED = sizeof(Index) == sizeof(unsigned);

    __device__ __forceinline__ Complex<Real>& operator[](Index j) const {
        return first[INTERLEAVED ? j ^ (j / LINE % LINE) : j];
    }
};

// The part of a state that a group of threads works on, and the rows of a program.

// A tile in shared memory holds the amplitudes whose index is origin, plus offsets[j >> low], plus the low bits
// of j; the whole state in global memory is one tile with every bit low.
template <typename Real, typename Index>
struct View {
    Amplitudes<Real, Index> ket, bra;
    const long long* offsets;
    long long origin;
    int bits, low;
    Index lane, lanes;

    __device__ __forceinline__ Index size() const { return (Index)1 << bits; }

    // Basis index of amplitude j.
    __device__ __forceinline__ long long index(Index j) const {
        if (low == bits) {
            return origin + (long long)j;
        }
        return origin + offsets[j >> low] + (long long)(j & (((Index)1 << low) - 1));
    }
};

enum Kind { UNITARY, DIAGONAL, CONTROLLED_X, TURNS, PAULI, EXCITATION, PHASES, MIXER };
enum Axis { AXIS_X, AXIS_Y, AXIS_Z, FIXED };

constexpr int MAX_GATE = 6;

// One row of a program, as written by workers/quantum/simulation/cuda/schedule.py.
struct Row {
    long long kind;
    long long angle;
    long long first;
    long long end;
    long long local;
    long long global;
    long long extra;
    long long record;
    long long places[MAX_GATE];
};

// Tables that rows point into. For an angle a there are a, cos(a/2), sin(a/2).
template <typename Real>
struct Pools {
    const double* angles;
    const Complex<Real>* matrices;
    const long long* elements;
    const double* rotations;
    const Complex<Real>* phasors;
    const double* values;
    const unsigned short* levels;
    int n_qubits;
};

constexpr int ANGLE = 3;
