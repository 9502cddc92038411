OPENQASM 3.0;
include "stdgates.inc";
// Grover search for |11111> on five qubits, one step
qubit[5] q;
h q;
ctrl(4) @ z q[0], q[1], q[2], q[3], q[4];
h q;
x q;
ctrl(4) @ z q[0], q[1], q[2], q[3], q[4];
x q;
h q;
