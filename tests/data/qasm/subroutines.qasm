OPENQASM 3.0;
include "stdgates.inc";
def rotate(qubit[2] pair, angle by) { ry(by) pair[0]; cx pair[0], pair[1]; }
def read(qubit q) -> bit { x q; return measure q; }
qubit[3] q;
bit[3] c;
rotate(q[1:2], 2 * pi / 3);
c[0] = read(q[0]);
c[1:2] = measure q[1:2];
