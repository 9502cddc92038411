OPENQASM 3.0;
include "stdgates.inc";
const int n = 3;
const float step = pi / n;
uint[4] doubled = 2 * n;
angle a = step * doubled / 2;
bool flip = doubled > 5 && n != 2;
qubit[n] q;
bit[n] c;
if (flip) { rx(a) q[0]; }
doubled += 11;
if (doubled == 1) { x q[1]; }
let last = q[n - 1:];
x last;
c = measure q;
