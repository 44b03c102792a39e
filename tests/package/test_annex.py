"""Annexes from outside: their pages as they look, nothing that acts; what cannot be kept as it looks is refused."""

from __future__ import annotations

import io
import json
import random

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject, TextStringObject

from ksf_agreements.pdf import annex
from ksf_agreements.pdf.annex import PAGES_LIMIT, AnnexRefused, clean_annex
from tests.package import papers
from tests.package.papers import annotate, plain

BLACK = b"0 0 0 rg 0 0 10 10 re f"


def pixel(pdf: bytes, x: int, y: int) -> int:
    """Return how bright the first page is at a point, in points from the lower left."""
    picture = pypdfium2.PdfDocument(pdf)[0].render().to_pil().convert("L")
    found = picture.getpixel((x, picture.height - y))
    assert isinstance(found, int)
    return found


def test_a_plain_file_keeps_its_pages_and_text() -> None:
    found = clean_annex(plain(3), "plan.pdf")
    assert (found.pages, found.remarks) == (3, ())
    assert [page.extract_text() for page in PdfReader(io.BytesIO(found.pdf)).pages] == ["Plan 1", "Plan 2", "Plan 3"]


def attach(writer: PdfWriter) -> None:
    writer.add_attachment("virus.exe", b"MZ")


def script(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def note(writer: PdfWriter) -> None:
    annotate(writer, "Text", Contents=TextStringObject("En merknad"))


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        (attach, "files attached"),
        (script, "scripts"),
        (papers.launch, "scripts"),
        (note, "notes"),
        (papers.signed_form, "signed electronically"),
    ],
)
def test_what_acts_is_left_out_and_told(change: object, remark: str) -> None:
    found = clean_annex(plain(change=change), "plan.pdf")  # type: ignore[arg-type]
    assert len(found.remarks) == 1
    assert remark in str(found.remarks[0])
    for word in (b"/JavaScript", b"/Launch", b"virus", b"/EmbeddedFile", b"/Annots", b"/OpenAction", b"/AcroForm"):
        assert word not in found.pdf, word


def encrypted(writer: PdfWriter) -> None:
    writer.encrypt("hemmelig", algorithm="RC4-128")


def empty_field(writer: PdfWriter) -> None:
    annotate(writer, "Widget", V=TextStringObject("12 000 kroner"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (plain(change=encrypted), "password"),
        (plain(PAGES_LIMIT + 1), "more than 500 pages"),
        (plain(0), "no pages"),
        (plain(change=papers.hidden_layer), "hidden layers"),
        (plain(change=papers.dynamic_form), "form"),
        (plain(change=empty_field), "form"),
        (plain(change=papers.bomb), "no PDF that can be read|too large"),
        (b"", "no PDF"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "no PDF"),
        (b"<html>ikke en PDF</html>", "no PDF"),
    ],
    ids=["password", "pages", "empty", "layers", "form", "field", "bomb", "nothing", "garbage", "web page"],
)
def test_what_cannot_be_kept_as_it_looks_is_refused_with_a_sentence(data: bytes, reason: str) -> None:
    with pytest.raises(AnnexRefused, match=reason) as caught:
        clean_annex(data, "plan.pdf")
    assert str(caught.value).startswith("plan.pdf cannot be an annex: it ")


def test_what_a_field_or_a_stamp_shows_becomes_part_of_the_page() -> None:
    def change(writer: PdfWriter) -> None:
        annotate(writer, "Stamp", BLACK)

    found = clean_annex(plain(change=change), "plan.pdf")
    assert pixel(found.pdf, 150, 150) == 0
    assert pixel(found.pdf, 210, 150) == pixel(found.pdf, 90, 150) == 255
    assert "Plan 1" in PdfReader(io.BytesIO(found.pdf)).pages[0].extract_text()


def test_what_is_hidden_stays_hidden() -> None:
    def change(writer: PdfWriter) -> None:
        annotate(writer, "Stamp", BLACK, F=NumberObject(2))

    assert pixel(clean_annex(plain(change=change), "plan.pdf").pdf, 150, 150) == 255


def test_a_turned_page_stays_turned() -> None:
    def change(writer: PdfWriter) -> None:
        writer.pages[0][NameObject("/Rotate")] = NumberObject(90)

    found = PdfReader(io.BytesIO(clean_annex(plain(change=change), "plan.pdf").pdf)).pages[0]
    assert found.rotation == 90


def test_no_damage_to_a_file_makes_more_than_a_sentence() -> None:
    """Whatever a library raises on garbage means the same; only memory is the parent's matter."""
    chance = random.Random(4)  # noqa: S311 (the same damage every time)
    good = plain(2, change=note)
    refused = 0
    for _ in range(300):
        data = bytearray(good)
        for _ in range(chance.choice((1, 2, 8, 40))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            del data[chance.randrange(len(data)) :]
        told, _, pdf = annex.main(bytes(data)).partition(b"\n")
        head = json.loads(told)
        assert head["code"] in {"", *annex._REASONS}
        assert bool(pdf) is not bool(head["code"])
        refused += bool(head["code"])
    assert 0 < refused < 300
