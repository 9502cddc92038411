OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
bit[4] c;
for int i in [0:3] { x q[i]; }
for uint i in {0, 2} x q[i];
for int i in [3:-2:0] { if (i == 3) { x q[i]; } }
c = measure q;
