"""The proof-check finds what is wrong: documents and PDFs are broken in one way each, and told."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import NameObject, NumberObject, TextStringObject

from ksf_agreements.documents.package import Part, Segment, read_package, write_package
from ksf_agreements.pdf.proof import Expected, Line, prove
from ksf_agreements.services.documents.expecting import expected
from tests.pdf.conftest import NAMES, Again, Printed

Change = Callable[[str], str]


def codes(pdf: bytes, wanted: Expected) -> list[str]:
    return sorted({problem.code for problem in prove(pdf, wanted)})


def sentences(pdf: bytes, wanted: Expected) -> str:
    return "\n".join(str(problem.message) for problem in prove(pdf, wanted))


def changed(docx: bytes, change: Change, part: str = "word/document.xml") -> bytes:
    """Return a Word document with another body."""
    parts = read_package(docx)
    before = parts[part].decode()
    after = change(before)
    assert after != before
    parts[part] = after.encode()
    return write_package([Segment.of([Part.of(name, data) for name, data in parts.items()])])


@pytest.fixture(scope="module")
def sample(printed: Printed) -> tuple[bytes, bytes]:
    """The small sample cluster: its Word document and its PDF."""
    return printed.docx("alle-valg").read_bytes(), printed.pdf("alle-valg").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wrong_with_what_is_released(printed: Printed, name: str) -> None:
    assert prove(printed.pdf(name).read_bytes(), expected(printed.docx(name).read_bytes())) == ()


# --- what the document says ------------------------------------------------------------------------------------------


def test_text_that_is_missing_or_too_much_is_told(sample: tuple[bytes, bytes]) -> None:
    docx, pdf = sample
    wanted = expected(docx)
    more = Line("Partene kan når som helst si opp.")
    missing = replace(wanted, lines=(*wanted.lines[:30], more, *wanted.lines[30:]))
    assert "text" in codes(pdf, missing)
    assert "where the document says 'Partenekannårsomhelstsiopp.'" in sentences(pdf, missing)
    less = replace(wanted, lines=wanted.lines[:-1])
    assert codes(pdf, less) == ["text"]
    assert "says '5.Mandatforkommuneklyngen', which the document does not say" in sentences(pdf, less)


@pytest.mark.parametrize(("old", "new"), [("31", "32"), ("ikke", ""), ("KSF", "KFS"), ("(1)", "(2)")])
def test_one_changed_word_is_found(sample: tuple[bytes, bytes], old: str, new: str) -> None:
    docx, pdf = sample
    wanted = expected(docx)
    place = next(number for number, line in enumerate(wanted.lines) if old in line.text and not line.is_entry)
    line = replace(wanted.lines[place], text=wanted.lines[place].text.replace(old, new, 1))
    other = replace(wanted, lines=(*wanted.lines[:place], line, *wanted.lines[place + 1 :]))
    assert "text" in codes(pdf, other)


def test_the_pdf_of_another_cluster_is_found(printed: Printed) -> None:
    wanted = expected(printed.docx("helse-omsorg-vest").read_bytes())
    assert {"title", "furniture", "text"} <= set(codes(printed.pdf("alle-valg").read_bytes(), wanted))


def test_a_page_without_its_footer_is_told(sample: tuple[bytes, bytes]) -> None:
    docx, pdf = sample
    wanted = replace(expected(docx), footers=("Utkast · innhold 000000000000\tSide \ue000 av \ue001",))
    assert "page 7 lacks its header or its footer" in sentences(pdf, wanted)


# --- contents, blocks, leftovers -------------------------------------------------------------------------------------


def without_fields(body: str) -> str:
    """Take the fields from the contents, so that nothing renews their numbers; the links stay."""
    return re.sub(r"<w:fldChar [^>]*/>|<w:instrText[^>]*>[^<]*</w:instrText>", "", body)


def test_a_stale_page_number_in_the_contents_is_told(sample: tuple[bytes, bytes], convert: Again) -> None:
    docx = changed(sample[0], without_fields)
    pdf = convert(docx)
    assert codes(pdf, expected(docx)) == ["contents"]
    assert "the contents say page 6 for '12. Varighet og oppsigelse', which is on page 7" in sentences(
        pdf, expected(docx)
    )


def test_contents_that_lead_nowhere_are_told(sample: tuple[bytes, bytes]) -> None:
    docx, pdf = sample
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    for link in writer.pages[0]["/Annots"]:
        link.get_object()["/Dest"][0] = writer.pages[4].indirect_reference
    assert "the contents do not lead to '13. Signaturer' on page 7" in sentences(saved(writer), expected(docx))
    writer.pages[0].pop("/Annots")
    assert "contents" in codes(saved(writer), expected(docx))


def test_a_split_signature_block_is_told(sample: tuple[bytes, bytes], convert: Again) -> None:
    style = '<w:pStyle w:val="SignatureDate"/>'
    docx = changed(sample[0], lambda body: body.replace(style, f"{style}<w:pageBreakBefore/>", 1))
    told = sentences(convert(docx), expected(docx))
    assert "the signature block 'For Trondheim kommune (motorkommune)' is split over the pages 7 and 8" in told


@pytest.mark.parametrize("left", ["[sett inn navn]", "{{ name }}", "{% if x %}", "{#", "]"])
def test_a_tag_or_bracket_that_is_left_is_told_unless_it_is_a_value(
    sample: tuple[bytes, bytes], convert: Again, left: str
) -> None:
    docx = changed(sample[0], lambda body: body.replace("styringsrådet", f"styringsrådet {left}", 1))
    pdf = convert(docx)
    assert codes(pdf, expected(docx)) == ["leftover"]
    assert codes(pdf, expected(docx, ("styringsrådet",))) == ["leftover"]
    assert codes(pdf, expected(docx, (f"styringsrådet {left}",))) == []


def test_the_signature_blocks_are_known_by_the_styles_of_the_templates(printed: Printed) -> None:
    lines = expected(printed.docx("lang").read_bytes()).lines
    assert [sum(line.block == block for line in lines) for block in (1, 2, 30, 31)] == [5, 5, 5, 0]


# --- how the PDF is made ---------------------------------------------------------------------------------------------


def saved(writer: PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _no_fonts(writer: PdfWriter) -> None:
    for page in writer.pages:
        for font in page["/Resources"]["/Font"].values():
            font.get_object()["/FontDescriptor"].get_object().pop("/FontFile2", None)


def _metadata(old: bytes, new: bytes) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        stream: Any = writer.root_object["/Metadata"].get_object()
        assert old in stream.get_data()
        stream.set_data(stream.get_data().replace(old, new))

    return change


BROKEN: dict[str, tuple[str, Callable[[PdfWriter], object]]] = {
    "no tags": ("untagged", lambda writer: writer.root_object.pop("/StructTreeRoot")),
    "not marked": ("untagged", lambda writer: writer.root_object.pop("/MarkInfo")),
    "no language": ("language", lambda writer: writer.root_object.pop("/Lang")),
    "another language": (
        "language",
        lambda writer: writer.root_object.update({NameObject("/Lang"): TextStringObject("en-US")}),
    ),
    "another title": ("title", lambda writer: writer.add_metadata({"/Title": "Avtale"})),
    "the title is not shown": ("title", lambda writer: writer.root_object.pop("/ViewerPreferences")),
    "fonts not embedded": ("font", _no_fonts),
    "no metadata": ("standard", lambda writer: writer.root_object.pop("/Metadata")),
    "not PDF/A-2": ("standard", _metadata(b"pdfaid:part>2", b"pdfaid:part>1")),
    "not PDF/UA": ("standard", _metadata(b"<pdfuaid:part>1", b"<pdfuaid:part>9")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_with_the_file_is_told(sample: tuple[bytes, bytes], name: str) -> None:
    code, change = BROKEN[name]
    docx, pdf = sample
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    assert codes(saved(writer), expected(docx)) == []
    change(writer)
    assert codes(saved(writer), expected(docx)) == [code]


def test_a_page_that_is_turned_into_none_is_told(sample: tuple[bytes, bytes]) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(sample[1]))
    writer.root_object["/Pages"].get_object()[NameObject("/Kids")].clear()
    writer.root_object["/Pages"].get_object()[NameObject("/Count")] = NumberObject(0)
    assert codes(saved(writer), expected(sample[0]))[0] in {"pages", "unreadable"}


@cache
def _mutants(pdf: bytes) -> tuple[bytes, ...]:
    chance = random.Random(4)  # noqa: S311 (no secret)

    def mutant() -> bytes:
        data = bytearray(pdf)
        for _ in range(chance.randrange(1, 8)):
            place = chance.randrange(len(data))
            data[place : place + chance.randrange(1, 40)] = chance.randbytes(chance.randrange(0, 40))
        return bytes(data)

    return tuple(mutant() for _ in range(20))


def test_a_damaged_pdf_is_told_and_never_a_crash(printed: Printed) -> None:
    docx, pdf = (of("alle-valg-kontaktpersoner").read_bytes() for of in (printed.docx, printed.pdf))
    wanted = expected(docx)
    for data in (b"", b"%PDF-1.6", pdf[: len(pdf) // 2], b"PK\3\4", *_mutants(pdf)):
        assert all(str(problem.message) for problem in prove(data, wanted))
    assert codes(b"", wanted) == ["unreadable"]


def test_a_document_from_outside_must_have_all_its_words(sample: tuple[bytes, bytes]) -> None:
    docx, pdf = sample
    title = expected(docx).title
    wanted = expected(docx, title=title, ours=False)
    assert codes(pdf, replace(wanted, lines=wanted.lines[::-1], headers=("x",), footers=("y",))) == []
    assert "the PDF lacks words of the document: Rådmannen" in sentences(
        pdf, replace(wanted, lines=(Line("Rådmannen i klyngen"),))
    )
