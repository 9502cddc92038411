"""`python -m tests.integration.core.killed_child TASK ATTEMPT`: a traced worker child that its task kills."""

import sys

from shared.settings import load
from shared.traces.tracing import configured
from tests.integration.core import probes
from workers import operations
from workers.runtime.execute import Executor
from workers.runtime.traces import Traces

if __name__ == "__main__":
    operations.OPERATIONS["probe_die"] = f"{probes.__name__}:die"
    tracing = configured("novacron-tests")
    assert tracing is not None
    tracing.start("instance-2")
    child = Executor(
        load(), queue="cpu-sim", worker="host:2/9", slots=1, attached=[Traces(tracing, "cpu-sim")]
    )
    child.execute([(int(sys.argv[1]), int(sys.argv[2]))])
