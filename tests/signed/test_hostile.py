"""Whatever a file is, reading it ends in time, with an answer, and touches nothing."""

from __future__ import annotations

import io
import subprocess
import sys
import zlib
from collections import Counter

import pypdf
import pytest

from ksf_agreements.bounded import Bounds
from ksf_agreements.domain.verdict import FileKind
from ksf_agreements.signed.reader import read_file, read_texts
from tests.conftest import ROOT
from tests.signed.mutants import mutants
from tests.signed.papers import _file, agreement, paper

UNREADABLE = FileKind.UNREADABLE
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
INFO = b"<< /Producer (x) >>"


def pdf(*objects: bytes) -> bytes:
    """A PDF of these objects: catalogue, pages, font, properties, and what else."""
    return _file(objects)


def loop_of_pages() -> bytes:
    node = b"<< /Type /Pages /Count 2 /Kids [2 0 R 5 0 R] /Parent 5 0 R >>"
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", node, FONT, INFO, node)


def loop_of_outlines() -> bytes:
    item = b"<< /Title (x) /First 5 0 R /Next 5 0 R /Parent 5 0 R >>"
    whole = paper(agreement()).replace(b"/Type /Catalog", b"/Type /Catalog /Outlines 5 0 R")
    return whole.replace(b"trailer", b"5 0 obj\n" + item + b"\nendobj\ntrailer")


def loop_of_tables() -> bytes:
    whole = paper(agreement())
    start = whole.rindex(b"startxref\n") + 10
    return whole.replace(b"/Size", b"/Prev " + whole[start : whole.index(b"\n", start)] + b" /Size")


def loop_of_forms() -> bytes:
    field = b"<< /FT /Sig /T (a) /Kids [5 0 R] /Parent 5 0 R /ByteRange [0 1 2 3] >>"
    root = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /SigFlags 3 >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    return pdf(root, b"<< /Type /Pages /Count 1 /Kids [6 0 R] >>", FONT, INFO, field, page)


def bomb() -> bytes:
    packed = zlib.compress(b"(a) Tj\n" * 15_000_000, 9)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R >>"
    pages = b"<< /Type /Pages /Count 1 /Kids [6 0 R] >>"
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", pages, FONT, INFO, stream, page)


def many_pages() -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    pages = b"<< /Type /Pages /Count 5000 /Kids [" + b"5 0 R " * 5_000 + b"] >>"
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", pages, FONT, INFO, page)


def deep() -> bytes:
    return paper(agreement()).replace(b"/Kids [", b"/Kids " + b"[" * 30_000)


def encrypted(user: str) -> bytes:
    writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(paper(agreement()))), io.BytesIO()
    writer.encrypt(user, "eier", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


HOSTILE = {
    "nothing": b"",
    "a word": b"%PDF-",
    "garbage": b"%PDF-1.7\n" + bytes(range(256)) * 40,
    "cut": paper(agreement())[:900],
    "pages in a loop": loop_of_pages(),
    "outlines in a loop": loop_of_outlines(),
    "tables in a loop": loop_of_tables(),
    "forms in a loop": loop_of_forms(),
    "a bomb": bomb(),
    "5,000 pages": many_pages(),
    "30,000 brackets": deep(),
    "an image of nothing": b"\x89PNG\r\n\x1a\n" + b"\x00" * 40,
    "a JPEG cut": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "a program": b"MZ\x90\x00" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_read_in_bounds_or_not_at_all(name: str) -> None:
    reading = read_file(HOSTILE[name], bounds=Bounds(seconds=60.0))
    assert (reading.kind is not UNREADABLE) or reading.remarks
    assert reading.size == len(HOSTILE[name])
    assert not reading.signatures


def test_what_takes_too_long_is_unreadable_and_says_so() -> None:
    assert read_file(paper(agreement()), bounds=Bounds(seconds=0.01)).remarks == ("time",)
    assert read_texts(paper(agreement()), bounds=Bounds(seconds=0.01)) == ()


def test_what_takes_too_much_is_unreadable_and_says_so() -> None:
    small = Bounds(output=100)
    assert read_file(paper(agreement()), bounds=small).remarks == ("output",)


def test_a_file_that_asks_for_a_password_says_so_and_one_that_only_forbids_is_read() -> None:
    assert (read_file(encrypted("hemmelig")).kind, read_file(encrypted("hemmelig")).remarks) == (
        UNREADABLE,
        ("encrypted",),
    )
    reading = read_file(encrypted(""))
    assert (reading.kind, len(reading.found)) == (FileKind.PDF, 3)


def test_damaged_files_are_read_or_told_unreadable() -> None:
    """Many in one process, which is as the child is but for its start."""
    command = [sys.executable, "-m", "tests.signed.mutants", "2026", "360"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    kinds = Counter(ran.stdout.split())
    assert kinds.total() == 360
    assert kinds["unreadable"] < 120, kinds
    assert kinds["signed_pdf"] > 60, kinds


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_file_is_read_in_the_child(seed: int) -> None:
    (damaged,) = mutants(seed, 1)
    assert read_file(damaged).kind in FileKind
