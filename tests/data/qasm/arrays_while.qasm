OPENQASM 3.0;
include "stdgates.inc";
array[float, 3] turns = {0.25, 0.5, 0.25};
int total = 0;
qubit[2] q;
bit[2] c;
for float t in turns { rx(t * pi) q[0]; }
while (total < 5) { total += 1; if (total == 3) { continue; } if (total == 5) { break; } x q[1]; }
c = measure q;
