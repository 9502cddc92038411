"""The header of an FCIDUMP file."""

import re
from dataclasses import dataclass

HEADER_CHARACTERS = 100_000
_ENTRY = re.compile(r"([A-Z]\w*)\s*=\s*([^=]*?)(?=,?\s*[A-Z]\w*\s*=|,?\s*$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Header:
    """What the namelist at the head of an FCIDUMP file says.

    Attributes:
        n_orbitals: spatial orbitals, NORB.
        n_electrons: NELEC.
        two_sz: spin up minus spin down electrons, MS2.
    """

    n_orbitals: int
    n_electrons: int
    two_sz: int


def read_header(text: str) -> Header:
    """Read and check the namelist of an FCIDUMP file.

    Source: Knowles, Handy, Comput. Phys. Commun. 54, 75 (1989).

    Raises:
        ValueError: it is missing, incomplete or contradicts itself.
    """
    found = re.match(
        r"\s*&FCI\b(.*?)(?:&END|/|^\s*\$END)", text[:HEADER_CHARACTERS], re.DOTALL | re.IGNORECASE
    )
    if not found:
        raise ValueError("must begin with a header: &FCI NORB=..., NELEC=..., ... &END")
    entries = {key: value.strip(" ,\n\r\t") for key, value in _ENTRY.findall(found[1].upper())}
    if "TRUE" in entries.get("IUHF", "") + entries.get("UHF", "") or entries.get("IUHF") == "1":
        raise ValueError("UHF integrals are not supported; write them in restricted orbitals")
    header = Header(_integer(entries, "NORB"), _integer(entries, "NELEC"), _integer(entries, "MS2", "0"))
    _check(header)
    return header


def _integer(entries: dict[str, str], key: str, default: str | None = None) -> int:
    value = entries.get(key, default)
    if value is None:
        raise ValueError(f"the header lacks {key}")
    if not re.fullmatch(r"[+-]?\d{1,9}", value):
        raise ValueError(f"{key} must be an integer, not {value[:40]!r}")
    return int(value)


def _check(header: Header) -> None:
    if header.n_orbitals < 1:
        raise ValueError(f"NORB must be at least 1, not {header.n_orbitals}")
    if not 0 <= header.n_electrons <= 2 * header.n_orbitals:
        raise ValueError(f"NELEC must be between 0 and 2 NORB, not {header.n_electrons}")
    room = min(header.n_electrons, 2 * header.n_orbitals - header.n_electrons)
    if abs(header.two_sz) > room or (header.n_electrons - header.two_sz) % 2:
        raise ValueError(
            f"MS2 = {header.two_sz} is impossible with NORB = {header.n_orbitals}, "
            f"NELEC = {header.n_electrons}"
        )
