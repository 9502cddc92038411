OPENQASM 2.0;
include "qelib1.inc";
opaque pulse(a) q;
qreg q[2];
creg c[2];
h q;
measure q -> c;
