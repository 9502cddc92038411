"""The Fortran namelist at the head of an FCIDUMP file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from novacron.errors import nearest

COMMENT = re.compile(r"[!#].*")
MAX_IRREP = 8
"""Number of irreps of D2h, the largest of the groups whose irreps multiply by XOR."""

_START = re.compile(r"\s*[&$]FCI\b", re.IGNORECASE)
_END = re.compile(r"[&$]END\b|/", re.IGNORECASE)
_KEY = re.compile(r"([A-Z]\w*)\s*=")
_TRUE = re.compile(r"\.?T(RUE)?\.?|[1-9]\d*")
_USED = ("NORB", "NELEC", "MS2", "ORBSYM", "ISYM", "UHF", "IUHF", "OCC", "CLOSED", "CORE", "TREL")
_IGNORED = (
    *("NPROP", "PROPBITLEN", "SYML", "SYMLZ", "LZ", "FROZEN", "INT", "MEMORY", "MAXIT", "THR", "THRRES"),
    *(
        "NROOT",
        "IPRTIM",
        "IPRDIAG",
        "ISPIN",
        "NACTEL",
        "ST",
        "III",
        "SPIN",
        "NCORE",
        "NVIRT",
        "PGSYM",
        "GROUP",
    ),
)


class FcidumpError(ValueError):
    """Why a file is not a valid FCIDUMP file.

    Attributes:
        rule: what is wrong.
        line: line number of the error, from 1; None if it concerns the whole file.
        value: the text found.
        hint: how to fix it.
    """

    def __init__(
        self, rule: str, line: int | None = None, value: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(rule if line is None else f"line {line}: {rule}")
        self.rule, self.line, self.value, self.hint = rule, line, value, hint


@dataclass(frozen=True, slots=True)
class Header:
    """The namelist at the head of an FCIDUMP file.

    Attributes:
        n_orbitals: number of spatial orbitals, NORB.
        n_electrons: number of electrons, NELEC.
        two_sz: spin up minus spin down electrons, MS2.
        irreps: irrep of each orbital, from 1, ORBSYM; empty if the file does not distinguish them.
        isym: irrep of the target state, from 1, ISYM; None if missing.
        occ: occupied orbitals of each irrep, OCC; empty if missing.
        closed: doubly occupied orbitals of each irrep, CLOSED.
        n_lines: number of lines to the end of the namelist.
        warnings: doubtful points of the namelist.
    """

    n_orbitals: int
    n_electrons: int
    two_sz: int
    irreps: tuple[int, ...] = ()
    isym: int | None = None
    occ: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()
    n_lines: int = 0
    warnings: tuple[str, ...] = ()


def begins(text: str) -> bool:
    """Return whether the text is an FCIDUMP file: &FCI or $FCI after blank lines and comments."""
    line = next((line for _, line in _code(text)), "")
    return bool(_START.match(line))


def read_header(text: str) -> Header:
    """Read and check the namelist.

    Raises:
        FcidumpError: it is missing, incomplete or contradicts itself; orbitals are unrestricted.
    """
    body, n_lines = _body(text)
    entries = _entries(body)
    _check_kind(entries)
    n_orbitals, n_electrons = _integer(entries, "NORB"), _integer(entries, "NELEC")
    warnings = list(_unknown(entries))
    if "MS2" not in entries:
        two_sz = n_electrons % 2
        warnings.append(f"fcidump: the header has no MS2; it is taken to be {two_sz}")
    else:
        two_sz = _integer(entries, "MS2")
    _check(n_orbitals, n_electrons, two_sz)
    return Header(
        n_orbitals,
        n_electrons,
        two_sz,
        _irreps(entries, n_orbitals),
        _isym(entries),
        _counts(entries, "OCC"),
        _counts(entries, "CLOSED"),
        n_lines,
        tuple(warnings),
    )


def _code(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, text without comment) of the non-empty lines."""
    for number, line in enumerate(text.splitlines(), start=1):
        code = COMMENT.sub("", line)
        if code.strip(" \t\ufeff"):
            yield number, code.lstrip("\ufeff")


def _body(text: str) -> tuple[str, int]:
    """Return the text between &FCI and its end, and the line number of the end."""
    parts: list[str] = []
    for number, line in _code(text):
        if not parts:
            start = _START.match(line)
            if not start:
                rule = "must begin with a header: &FCI NORB=..., NELEC=..., ... &END"
                raise FcidumpError(rule, number, line.strip()[:40])
            line = line[start.end() :]
        end = _END.search(line)
        parts.append(line[: end.start()] if end else line)
        if end:
            if line[end.end() :].strip():
                raise FcidumpError("must hold nothing behind the end of the header", number)
            return "\n".join(parts).upper(), number
        if re.match(r"\s*[-+]?(\d+\.\d*|\.\d+)\S*(\s+\d+){4}\s*$", line):
            raise FcidumpError("the header has no end (&END or /) before the integrals", number)
    raise FcidumpError("the header has no end (&END or /)" if parts else "the file is empty")


def _entries(body: str) -> dict[str, tuple[str, ...]]:
    """Return key -> values, with repeat counts such as 6*1 expanded."""
    cut = list(_KEY.finditer(body))
    before = body[: cut[0].start()] if cut else body
    if before.strip(" ,\n\t"):
        raise FcidumpError(f"the header has {before.strip()[:40]!r} where a key such as NORB= is expected")
    entries: dict[str, tuple[str, ...]] = {}
    for this, following in zip(cut, [*cut[1:], None], strict=True):
        text = body[this.end() : following.start() if following else len(body)]
        values = tuple(_repeated(re.split(r"[\s,]+", text.strip(" ,\n\t\r")), this[1]))
        if entries.setdefault(this[1], values) != values:
            raise FcidumpError(f"the header gives {this[1]} twice with two values")
    return entries


def _repeated(values: list[str], key: str) -> Iterator[str]:
    for value in values:
        times, star, rest = value.partition("*")
        if not star:
            yield value
        elif times.isdigit() and 0 < int(times) <= 1000:
            yield from [rest] * int(times)
        else:
            raise FcidumpError(f"{key} has {value!r}, which is no repeated value")


def _check_kind(entries: Mapping[str, tuple[str, ...]]) -> None:
    for key in ("UHF", "IUHF"):
        if any(_TRUE.fullmatch(value) for value in entries.get(key, ())):
            rule = f"{key} is set: integrals over unrestricted orbitals are not supported"
            raise FcidumpError(rule, hint="write them in the orbitals of RHF or ROHF")
    if any(_TRUE.fullmatch(value) for value in entries.get("TREL", ())):
        raise FcidumpError("TREL is set: relativistic (complex) integrals are not supported")


def _unknown(entries: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield a warning for each unknown key.

    Raises:
        FcidumpError: it resembles a missing key.
    """
    for key in entries:
        if key in _USED or key in _IGNORED:
            continue
        meant = nearest(key, _USED)
        if meant and meant not in entries:
            raise FcidumpError(f"{key} is not a key of the header", hint=f"did you mean {meant}?")
        yield f"fcidump: the key {key} of the header is not used"


def _integer(entries: Mapping[str, tuple[str, ...]], key: str) -> int:
    if key not in entries:
        close = nearest(key, [name for name in entries if name not in _USED])
        raise FcidumpError(
            f"the header lacks {key}", hint=f"did you mean {key} by {close}?" if close else None
        )
    values = entries[key]
    if len(values) != 1 or not re.fullmatch(r"[+-]?\d{1,9}", values[0]):
        raise FcidumpError(f"{key} must be an integer, not {','.join(values)[:40]!r}")
    return int(values[0])


def _counts(entries: Mapping[str, tuple[str, ...]], key: str) -> tuple[int, ...]:
    values = entries.get(key, ())
    if any(not re.fullmatch(r"\d{1,4}", value) for value in values):
        raise FcidumpError(f"{key} must be counts, one an irrep, not {','.join(values)[:40]!r}")
    return tuple(map(int, values))


def _irreps(entries: Mapping[str, tuple[str, ...]], n_orbitals: int) -> tuple[int, ...]:
    """Return ORBSYM; empty where all are equal or are not irreps of D2h or a subgroup."""
    values = entries.get("ORBSYM", ())
    if values in ((), ("",)):
        return ()
    if any(not re.fullmatch(r"[+-]?\d{1,6}", value) for value in values):
        raise FcidumpError(f"ORBSYM must be integers, not {','.join(values)[:40]!r}")
    if len(values) != n_orbitals:
        raise FcidumpError(f"ORBSYM has {len(values)} entries, NORB is {n_orbitals}")
    irreps = tuple(map(int, values))
    usable = len(set(irreps)) > 1 and all(1 <= irrep <= MAX_IRREP for irrep in irreps)
    return irreps if usable else ()


def _isym(entries: Mapping[str, tuple[str, ...]]) -> int | None:
    """Return ISYM; None for 0, which means unspecified."""
    isym = _integer(entries, "ISYM") if "ISYM" in entries else 0
    return isym if isym >= 1 else None


def _check(n_orbitals: int, n_electrons: int, two_sz: int) -> None:
    if n_orbitals < 1:
        raise FcidumpError(f"NORB must be at least 1, not {n_orbitals}")
    if not 0 <= n_electrons <= 2 * n_orbitals:
        raise FcidumpError(f"NELEC must be between 0 and 2 NORB, not {n_electrons}")
    most = min(n_electrons, 2 * n_orbitals - n_electrons)
    if abs(two_sz) > most or (n_electrons - two_sz) % 2:
        raise FcidumpError(f"MS2 = {two_sz} is impossible with NORB = {n_orbitals}, NELEC = {n_electrons}")
