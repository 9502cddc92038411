"""`python -m testing.faults.lazy_worker ...`: a worker that loads nothing until a task needs it.

Otherwise each process of its pool would load the simulators and their machine code, which takes seconds of
CPU time, and most faults concern tasks that call a function.
"""

from novacron.cli import edge
from workers import operations
from workers.__main__ import main

if __name__ == "__main__":
    operations.WARM.clear()
    operations.MACHINE_CODE.clear()
    operations.COMPILED.clear()
    edge.run(main)
