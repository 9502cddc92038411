"""`python -m shared.crypto.liboqs_probe LIBRARY`: prints the algorithms of a liboqs as JSON.

A separate process, because a library whose version differs from its Python wrapper's may crash the process,
and the wrapper ends it if it finds no library.
"""

from __future__ import annotations

import ctypes
import json
import sys
import warnings
from typing import Any


def _sizes(mechanism: Any, third: str) -> list[int]:
    names = ("length_public_key", "length_secret_key", third)
    with mechanism:
        return [mechanism.details[name] for name in names]


def main(library: str) -> None:
    """Print the version of the library, and the sizes of its enabled mechanisms.

    Raises:
        OSError: the library cannot be loaded.
    """
    ctypes.CDLL(library)
    warnings.simplefilter("ignore")
    import oqs

    kems, signatures = oqs.get_enabled_kem_mechanisms(), oqs.get_enabled_sig_mechanisms()
    sizes = {name: _sizes(oqs.KeyEncapsulation(name), "length_ciphertext") for name in kems}
    sizes |= {name: _sizes(oqs.Signature(name), "length_signature") for name in signatures}
    print(json.dumps({"version": oqs.oqs_version(), "sizes": sizes}))


if __name__ == "__main__":
    main(sys.argv[1])
