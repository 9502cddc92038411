OPENQASM 2.0;
include "qelib1.inc";
gate bell(angle) a,b { ry(angle) a; cx a,b; }
gate twice(angle) a,b { bell(angle/2) a,b; barrier a,b; cx a,b; bell(angle/2) a,b; }
qreg q[2];
creg c[2];
twice(2*pi/3) q[1],q[0];
measure q -> c;
