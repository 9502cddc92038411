"""Unsupported formats that hold keys, or may: recognized so that they are reported with the reason."""

from __future__ import annotations

_MAGICS = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive, which is not opened",
    b"Rar!\x1a\x07": "a RAR archive, which is not opened",
    b"\x28\xb5\x2f\xfd": "compressed by Zstandard, which is not opened",
    b"\x04\x22\x4d\x18": "compressed by LZ4, which is not opened",
    b"LZIP": "compressed by lzip, which is not opened",
    b"\x89LZO": "compressed by lzop, which is not opened",
    b"\x1f\x9d": "compressed by compress, which is not opened",
    b"xar!": "a xar archive, which is not opened",
    b"hsqs": "a SquashFS image, which is not opened",
    b"QFI\xfb": "a QCOW disk image, which is not opened",
    b"!<arch>\n": "an ar archive (deb or a static library), which is not opened",
    b"070701": "a cpio archive, which is not opened",
    b"070702": "a cpio archive, which is not opened",
    b"070707": "a cpio archive, which is not opened",
    b"\xed\xab\xee\xdb": "an RPM package, which is not opened",
    b"MSCF": "a cabinet archive, which is not opened",
    b"LUKS\xba\xbe": "a LUKS volume, whose header is not read",
    b"\x03\xd9\xa2\x9a": "a KeePass database, which is not read",
    b"SSH PRIVATE KEY FILE FORMAT 1.1": "a private key of SSH 1, which is not read",
    b"\0\0\0\2\0\0\0\x14": "a BKS key store of Bouncy Castle, which is not read",
    b"\0\0\0\1\0\0\0\x14": "a BKS key store of Bouncy Castle, which is not read",
}
_SQLITE = b"SQLite format 3\0"
_KEYBOX = b"KBXf"
_OPENPGP_KEYS = (5, 6)
_OPENPGP_VERSIONS = (3, 4, 5, 6)


def reason(data: bytes) -> str | None:
    """Return why a file is not read; None if its format is not one of these.

    Args:
        data: its first bytes, or all of them.
    """
    for magic, text in _MAGICS.items():
        if data.startswith(magic):
            return text
    if data.startswith(_SQLITE) and (b"nssPrivate" in data or b"nssPublic" in data):
        return "a key or certificate database of NSS, which is not read"
    if data[8:12] == _KEYBOX or _is_openpgp(data[:8]):
        return "a key ring of OpenPGP, which is not read"
    return None


def _is_openpgp(head: bytes) -> bool:
    """Return whether the first packet is a key (RFC 9580, section 4.2)."""
    if len(head) < 8 or not head[0] & 0x80:
        return False
    if head[0] & 0x40:
        tag, start = head[0] & 0x3F, 2 if head[1] < 192 else 3 if head[1] < 224 else 6
    else:
        tag, start = head[0] >> 2 & 0xF, 1 + (1 << (head[0] & 3))
        if head[0] & 3 == 3:
            return False
    return tag in _OPENPGP_KEYS and head[start] in _OPENPGP_VERSIONS
