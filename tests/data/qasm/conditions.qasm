OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
h q[0:1];
c[0:1] = measure q[0:1];
if (c[0] != c[1] || (c[0] && !c[2] && c[1])) x q[2];
c[2] = measure q[2];
