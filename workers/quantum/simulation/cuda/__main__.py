"""`python -m workers.quantum.simulation.cuda`: the device that a gpu-sim worker would use, or why none."""

from __future__ import annotations

import sys

from workers.quantum.simulation.cuda.device import CupyDevice, NoDeviceError


def main() -> None:
    """Print the device's name and memory; exit with the reason where there is no device."""
    try:
        device = CupyDevice()
    except NoDeviceError as error:
        sys.exit(str(error))
    print(f"{device.name}, {device.free_bytes():,} bytes free")


if __name__ == "__main__":
    main()
