"""Reads damaged PDFs in one process, as the bounded child does: ``python -m tests.signed.mutants SEED COUNT``.

Prints one line for each: what kind of file it was taken for. A fault that leaks ends it, and so does a hang, by the
clock of whoever started it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

from ksf_agreements.signed.reader import main
from tests.signed.papers import agreement, paper
from tests.signed.signing import person, seal, sign, sign_all, xades

TOKENS = (b"/Kids", b"/Parent", b"/Length", b"/Type", b"/Root", b"/Size", b"/Prev", b"/ByteRange", b"/Contents", b"obj")
SPITE = (b"-1", b"0", b"99999999999", b"1 0 R", b"2 0 R", b"[[[[", b"<<<<", b"(((", b">>", b"\x00", b"/V", b"null")


def originals() -> tuple[bytes, ...]:
    """The files that are damaged: without a signature, with two, and sealed with one embedded."""
    plain = paper(agreement())
    two = sign_all(plain, [person(), person("Bjørn Eksempel")])
    return plain, two, sign(plain, seal(), attached={"a.xml": xades(plain, person())})


def mutants(seed: int, count: int) -> Iterator[bytes]:
    """Yield so many damaged files; the same seed damages the same places."""
    drawn, files = random.Random(seed), originals()  # noqa: S311 (the same every time)
    for number in range(count):
        data = bytearray(files[number % len(files)])
        for _ in range(drawn.randrange(1, 6)):
            _damage(data, drawn)
        yield bytes(data)


def _damage(data: bytearray, drawn: random.Random) -> None:
    place = drawn.randrange(len(data) or 1)
    way = drawn.randrange(6)
    if way == 0:
        data[place : place + 1] = bytes([drawn.randrange(256)])
    elif way == 1:
        del data[place : place + drawn.randrange(1, 400)]
    elif way == 2:
        data[place:place] = data[: drawn.randrange(1, 2000)]
    elif way == 3:
        del data[place:]
    else:  # where it hurts: what stands behind a name of the format
        token = drawn.choice(TOKENS)
        at = data.find(token, place)
        if at >= 0:
            end = at + len(token)
            data[end : end + drawn.randrange(0, 12)] = b" " + drawn.choice(SPITE) + b" "


if __name__ == "__main__":
    for damaged in mutants(int(sys.argv[1]), int(sys.argv[2])):
        print(main(damaged)[:400].split(b'"kind":"')[1].split(b'"')[0].decode(), flush=True)  # noqa: T201
