"""The one PDF that is signed, as a reader's program and a scanner see it."""

from __future__ import annotations

import io
import re
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from ksf_agreements.domain.codes import Code, read_code
from tests.cli.register import CLUSTER, Commands

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def reader_of(commands: Commands, name: str) -> PdfReader:
    return PdfReader(commands.workspace / "out" / name)


def document_id(commands: Commands, cluster: str) -> str:
    found = re.search(r"KSF-\w{4}-\w{4}", reader_of(commands, f"{cluster}-til-signering.pdf").pages[1].extract_text())
    assert found
    return found[0]


def bookmarks(outline: list[Any]) -> list[Any]:
    return [bookmarks(one) if isinstance(one, list) else one["/Title"] for one in outline]


def codes(pdf: bytes, dpi: int) -> list[list[Code | None]]:
    pages = pypdfium2.PdfDocument(pdf)
    pictures = [pages[number].render(scale=dpi / 72).to_pil() for number in range(len(pages))]
    return [[read_code(one.text) for one in zxingcpp.read_barcodes(picture)] for picture in pictures]


def test_tags_language_and_title_are_the_agreement_s(made: Commands) -> None:
    reader = reader_of(made, f"{CLUSTER}-til-signering.pdf")
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "nb-NO"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert str(root["/StructTreeRoot"]["/K"]) != "[]"
    assert reader.metadata
    assert reader.metadata.title == "Samarbeidsavtale mellom kommunene i Kunnskapskommunen Helse Omsorg Vest"
    keys = [page.get("/StructParents") for page in reader.pages]
    assert keys == [*range(9), *[None] * (len(keys) - 9)], "an annex points into nobody's tags"


def test_it_claims_no_pdf_a(made: Commands) -> None:
    reader = reader_of(made, f"{CLUSTER}-til-signering.pdf")
    root: Any = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data()
    assert b"pdfaid" not in xmp
    assert b"pdfuaid" not in xmp
    assert '<rdf:li xml:lang="x-default">Samarbeidsavtale mellom kommunene' in xmp.decode("utf-8")
    assert "/OutputIntents" not in root
    data = (made.workspace / "out" / f"{CLUSTER}-til-signering.pdf").read_bytes()
    assert b"pdfaid" not in data, "the old metadata are still in the file"


def test_pages_are_labelled_and_annexes_have_bookmarks(made: Commands) -> None:
    reader = reader_of(made, "alle-valg-til-signering.pdf")
    assert reader.page_labels == [*map(str, range(1, 8)), "V-1", "V1-1", "V1-2", "V1-3", "V2-1", "V3-1", "V4-1", "V5-1"]
    marks = bookmarks(reader.outline)
    assert marks[0] == "1. Formål med samarbeidsavtalen"
    assert marks[-2] == "Vedlegg"
    assert [mark.split(":")[0] for mark in marks[-1]] == [f"Vedlegg {number}" for number in range(1, 6)]
    assert marks[-1][3] == "Vedlegg 4: Kontaktpersoner"


def test_the_list_of_annexes_says_where_each_is_or_that_it_is_not_there(made: Commands) -> None:
    full = " ".join(reader_of(made, "alle-valg-til-signering.pdf").pages[7].extract_text().split())
    assert "på 7 sider" in full
    assert "(KSF) V1-1 til V1-3 2 Kommunenes økonomiske forpliktelser V2-1 3 Handlingsplan" in full
    assert "eksemplar" not in full
    part = " ".join(reader_of(made, f"{CLUSTER}-til-signering.pdf").pages[9].extract_text().split())
    assert "(utarbeides etter avtaleinngåelse) følger ikke med 3 Kontaktpersoner V3-1" in part


@pytest.mark.parametrize("dpi", [100, 150])
def test_each_page_of_the_agreement_has_its_own_code(made: Commands, dpi: int) -> None:
    pdf = (made.workspace / "out" / "alle-valg-til-signering.pdf").read_bytes()
    document = document_id(made, "alle-valg")
    found = codes(pdf, dpi)
    assert found[:7] == [[Code(document, 1, page)] for page in range(1, 8)]
    assert [one for one in found[7:] if one] == [[Code(document, 1)]], "the contact persons carry the document's code"


def test_the_code_on_paper_is_sixteen_millimetres_and_nothing_of_the_old_one_is_left(made: Commands) -> None:
    reader = reader_of(made, "alle-valg-til-signering.pdf")
    pictures = [page["/Resources"]["/XObject"] for page in reader.pages[:7]]  # type: ignore[index]
    assert all(len(one) == 1 for one in pictures)
    assert len({one[name].get_data() for one in pictures for name in one}) == 7
    drawn = reader.pages[2].get_contents()
    assert drawn is not None
    place = re.search(rb"q ([\d.]+) 0 0 ([\d.]+) [\d.]+ [\d.]+ cm\s+/Im\d+ Do", drawn.get_data())
    assert place
    assert all(15.9 < float(side) / 72 * 25.4 < 16.1 for side in place.groups())


def test_a_page_without_the_document_s_picture_gets_its_code_in_the_corner() -> None:
    from pypdf import PdfWriter

    from ksf_agreements.pdf.stamps import stamp
    from tests.package.papers import plain

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain(2, "Uten kode"))))
    for number, page in enumerate(writer.pages, 1):
        stamp(writer, page, "KSF-7Q4M-2XKD", 3, number)
    target = io.BytesIO()
    writer.write(target)
    assert codes(target.getvalue(), 150) == [[Code("KSF-7Q4M-2XKD", 3, number)] for number in (1, 2)]
    for page in PdfReader(io.BytesIO(target.getvalue())).pages:
        contents = page.get_contents()
        assert contents is not None
        assert b"/Artifact BMC" in contents.get_data()
        assert "Uten kode" in page.extract_text()
