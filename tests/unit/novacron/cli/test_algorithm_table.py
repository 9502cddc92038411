from rich.console import Console

from novacron.cli import tables


def row(name, **providers):
    found = [{"name": key, "available": not why, "why": why or None} for key, why in providers.items()]
    sizes = {"public_key_bytes": 10, "ciphertext_bytes": None, "signature_bytes": 20}
    return {
        "name": name,
        "type": "signature",
        "nist_level": 3,
        "status": "standard",
        "providers": found,
    } | sizes


def shown(*rows):
    console = Console(width=80)
    with console.capture() as capture:
        console.print(*tables.algorithms({"algorithms": rows}), sep="\n")
    return capture.get()


def test_what_is_here_is_a_row_with_the_library_used():
    text = shown(row("One", first="", second=""), row("Two", first="it is not installed", second=""))
    one, two = (next(line for line in text.splitlines() if name in line) for name in ("One", "Two"))
    assert one.split() == ["One", "signature", "3", "standard", "10", "20", "first"]
    assert two.split()[-1] == "second" and "not here" not in text


def test_what_is_not_here_is_told_by_its_reason():
    text = shown(row("One", first="it is not installed"), row("Two", first="it is not installed"))
    assert "not here, it is not installed: One, Two" in text and "signature" not in text
