OPENQASM 3.0;
include "stdgates.inc";
gate majority a, b, c { cx c, b; cx c, a; ccx a, b, c; }
gate sum3(t) a { for int i in [1:3] { rx(t) a; } }
qubit[4] q;
bit[4] m;
x q[0];
x q[1];
majority q[0], q[1], q[2];
inv @ majority q[0], q[1], q[2];
sum3(pi / 3) q[3];
m = measure q;
