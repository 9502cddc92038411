OPENQASM 3.0;
include "stdgates.inc";
// three rounds of: prepare with chance 1/4, stop when it worked; the same bit is used again
qubit[2] q;
bit done;
bit result;
for int round in [1:3] {
  if (done == 0) {
    reset q[0];
    ry(pi / 3) q[0];
    done = measure q[0];
    if (done) { x q[1]; }
  }
}
result = measure q[1];
