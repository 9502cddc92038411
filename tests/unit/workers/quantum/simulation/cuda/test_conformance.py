"""The suite of every backend, over the GPU backend on the emulated device."""

from collections.abc import Iterator

import pytest

from tests.conformance import test_backends as suite
from tests.unit.workers.quantum.simulation.cuda.emulated import EmulatedDevice
from workers.quantum.backends.gpu import Gpu

globals().update({name: test for name, test in vars(suite).items() if name.startswith("test_")})

pytestmark = pytest.mark.parametrize("name", ["gpu"])


@pytest.fixture(autouse=True, scope="module")
def emulated(device: EmulatedDevice) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suite, "load", lambda name, **options: Gpu(device=device, **options))
        yield
