"""`python -m shared.crypto.liboqs_probe LIBRARY`: what a liboqs has, as JSON.

A process of its own: a library of another version than its Python wrapper may end the process, and the
wrapper ends it where it finds no library.
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
    """Print the version of the library, and the sizes of the mechanisms that are enabled in it.

    Raises:
        OSError: the library does not load here.
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
