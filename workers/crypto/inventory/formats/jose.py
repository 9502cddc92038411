"""JSON Web Keys, and tokens, of which only headers are read.

Source: RFC 7517 (keys), RFC 8037 (OKP), RFC 7515 and RFC 7516 (tokens).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.crypto.found import Findings, Found, shown, unread
from workers.crypto.inventory.limits import Limits, TooMuch

MOST_KEYS = 10_000
MOST_VALUES = 1_000_000
"""Maximum number of values examined per document."""
LONGEST_NUMBER = 20_000
_LONGEST_KEY = 1 << 14
_MOST_FAILURES = 2_000
_DECODER = json.JSONDecoder()
_TRIES = 8
"""Maximum number of opening braces tried before a `kty`, to find where the key begins."""
_TOKEN = re.compile(
    rb"(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){2}(?:(?:\.[A-Za-z0-9_-]*){2})?(?![A-Za-z0-9_.-])"
)
_CURVES = {"P-256": ("EC-P256", 256), "P-384": ("EC-P384", 384), "P-521": ("EC-P521", 521)}
_THUMBPRINTS = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"),
                "AKP": ("alg", "kty", "pub")}  # fmt: skip
"""Key type -> the members that its thumbprint covers (RFC 7638, section 3.2)."""
_SECRET = ("d", "k", "priv")


def read(data: bytes, plain: bytes, location: str, limits: Limits) -> Findings:
    """Yield the keys and tokens in a text.

    Args:
        data: the original text.
        plain: the text with its escape sequences decoded.
        location: the file.
        limits: resource limits.

    Raises:
        TooMuch: a limit is exceeded.
    """
    if b"kty" in data:
        yield from _keys(list(_whole(data) or _scattered(data, limits)), location)
    for match in dict.fromkeys(_TOKEN.findall(plain)):
        yield from token(match, location)


def _whole(data: bytes) -> Iterator[Any] | None:
    """Yield the keys in a JSON document, at any depth, including JSON in strings; None if it is not JSON."""
    document = _loaded(data)
    return None if document is None else _within(document)


def _loaded(data: bytes | str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _within(document: Any) -> Iterator[Any]:
    waiting = [document]
    for _ in range(MOST_VALUES):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("kty"), str):
                yield one
            waiting += reversed(one.values())
        elif isinstance(one, list):
            waiting += reversed(one)
        elif isinstance(one, str) and '"kty"' in one:
            waiting.append(_loaded(one))


def _scattered(data: bytes, limits: Limits) -> Iterator[Any]:
    """Yield the keys in a text that is not JSON as a whole, such as YAML or source code."""
    text, past, failed = data.decode("utf-8", "replace"), 0, 0
    for match in re.finditer('"kty"', text):
        if match.start() < past:
            continue
        if failed > _MOST_FAILURES:
            raise TooMuch('has "kty" in too many places that are no key: the rest was not examined')
        limits.check_time()
        begin = max(past, match.start() - _LONGEST_KEY)
        around = text[begin : match.start() + _LONGEST_KEY]
        if (found := _around(around, match.start() - begin)) is not None:
            yield found[0]
            past = begin + found[1]
        else:
            failed += 1


def _around(text: str, at: int) -> tuple[Any, int] | None:
    """Return the key around a `kty` at a position, and its end; None if there is none."""
    begin = at
    for _ in range(_TRIES):
        if (begin := text.rfind("{", 0, begin)) < 0:
            return None
        try:
            found, end = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError):
            continue
        if end > at and isinstance(found.get("kty"), str):
            return found, end
    return None


def _keys(listed: list[Any], location: str) -> Findings:
    for number, one in enumerate(listed[:MOST_KEYS]):
        try:
            yield _key(one, location)
        except (ValueError, TypeError, AttributeError, KeyError):
            yield unread(location, f"key {number + 1} is not a JSON Web Key that can be read")
    if len(listed) > MOST_KEYS:
        yield unread(location, f"holds more than {MOST_KEYS:,} JSON Web Keys: the rest was not examined")


def _key(one: Mapping[str, Any], location: str) -> Found:
    algorithm, bits = _named(one)
    private = any(name in one for name in _SECRET)
    details = {name: shown(one[name]) for name in ("kid", "use", "alg") if isinstance(one.get(name), str)}
    return Found(
        "jwk", f"JWK {details.get('kid', algorithm)}", location, algorithm, bits,
        _USES.get(details.get("use", ""), ()), _thumbprint(one),
        details={**details, "form": "JWK", "private": private},
    )  # fmt: skip


_USES: dict[str, tuple[Any, ...]] = {"sig": ("authenticity",), "enc": ("confidentiality",)}


def _named(one: Mapping[str, Any]) -> tuple[str, int | None]:
    kind = one["kty"]
    if len(one.get("n", "")) > LONGEST_NUMBER or len(one.get("k", "")) > LONGEST_NUMBER:
        raise ValueError("too large")
    if kind == "RSA":
        bits = int.from_bytes(_bytes(one["n"]), "big").bit_length()
        return f"RSA-{bits}", bits
    if kind == "EC":
        return _CURVES.get(one["crv"]) or (f"EC-{shown(one['crv'])}", None)
    if kind == "OKP":
        return shown(one["crv"]), None
    if kind == "oct":
        return shown(one.get("alg") or "HMAC"), 8 * len(_bytes(one["k"])) if "k" in one else None
    if kind == "AKP":
        return shown(one["alg"]), None
    raise ValueError("unknown type of key")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _thumbprint(one: Mapping[str, Any]) -> str | None:
    if one["kty"] not in _THUMBPRINTS:
        return None
    public = {name: one[name] for name in _THUMBPRINTS[one["kty"]]}
    canonical = json.dumps(public, sort_keys=True, separators=(",", ":")).encode()
    return "sha256:" + hashlib.sha256(canonical).hexdigest()


def token(data: bytes, location: str) -> Findings:
    """Yield the algorithms in the header of a signed or encrypted token; the rest is not read."""
    parts = data.strip().split(b".")
    try:
        header = json.loads(_bytes(parts[0].decode("ascii")))
        algorithm = shown(header["alg"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        yield unread(location, "a token with a header that cannot be read")
        return
    form = "JWS" if len(parts) == 3 else "JWE"
    yield Found(
        "jwk", f"{form} token {algorithm}", location, algorithm,
        purposes=("authenticity",) if form == "JWS" else ("confidentiality",), details={"form": form},
    )  # fmt: skip
