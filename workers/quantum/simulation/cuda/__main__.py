"""`python -m workers.quantum.simulation.cuda`: prints a gpu-sim worker's device, or why there is none."""

from __future__ import annotations

import sys

from workers.quantum.simulation.cuda.device import CupyDevice, NoDeviceError


def main() -> None:
    """Print the device's name and memory; exit with the reason if there is no device."""
    try:
        device = CupyDevice()
    except NoDeviceError as error:
        sys.exit(str(error))
    print(f"{device.name}, {device.free_bytes():,} bytes free")


if __name__ == "__main__":
    main()
