OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[2] c;
bit out;
h q[0:1];
c = measure q[0:1];
switch (c) {
  case 0 { x q[2]; }
  case 1, 2 { h q[2]; }
  default { reset q[2]; }
}
out = measure q[2];
