"""A PDF beside what was issued: lines, pages and what stands on their edges are no difference; words are."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from pypdf import PdfWriter

from ksf_agreements.domain.compared.page_lines import read_pages
from ksf_agreements.pdf.converter import Converter
from tests.compare.conftest import SAMPLES
from tests.compare.editing import Comparing, Editor, marked
from tests.signed.overlays import noted


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("ending", ["", "-kontaktpersoner"])
def test_a_pdf_says_the_same_as_its_document(
    comparing: Comparing, pdfs: Mapping[str, bytes], sample: str, ending: str
) -> None:
    found = Comparing(comparing.ksf, comparing.workspace, sample).same(pdfs[f"{sample}{ending}"], name="a.pdf")
    assert found["document"] == (ending[1:] or "avtale")
    assert (found["kept"], found["notes"]) == (1.0, [])


def bound(*files: bytes) -> bytes:
    """Return PDFs bound into one."""
    writer = PdfWriter()
    for data in files:
        writer.append(io.BytesIO(data))
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def blank() -> bytes:
    """Return a PDF of one page without text, as a scanner makes it."""
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def test_annexes_are_told_and_not_compared(comparing: Comparing, pdfs: Mapping[str, bytes]) -> None:
    found = comparing.same(bound(pdfs["alle-valg"], pdfs["alle-valg-kontaktpersoner"], blank()), name="a.pdf")
    assert found["notes"] == ["Not compared: page 8–9 (annexes, or the signing service's own page)."]
    found = comparing.same(bound(blank(), pdfs["alle-valg"]), name="a.pdf")
    assert found["notes"] == ["Not compared: page 1 (before the agreement)."]


def test_notes_upon_the_pages_are_told(comparing: Comparing, pdfs: Mapping[str, bytes]) -> None:
    found = comparing.same(noted(pdfs["alle-valg"], 2, "Med forbehold om godkjenning"), name="a.pdf")
    assert found["notes"] == [
        "Upon page 2 there are notes that were not compared: «Med forbehold om godkjenning» Look at them."
    ]


def test_an_edited_pdf_is_told_word_by_word(comparing: Comparing, draft: bytes, converter: Converter) -> None:
    editor = Editor(draft)
    editor.change("Samarbeidsavtalen skal godkjennes", "anbefales", "kreves")
    editor.change("Avtalen trer i kraft", "30. juni 2031", "31. desember 2035")
    editor.drop("Det er ønskelig med ekstern kommunikasjon")
    editor.add("Partnerne skal profilere", "Logoen til KSF skal alltid vises når kommunene skriver om klyngen. " * 3)
    editor.add("psykisk helse", "klima og natur")
    editor.move("KSF skal styrke kulturen", after="Motorkommunen kan motta midler")
    editor.change("Dato:", "Dato:", "Dato: 3. mars 2026")
    pdf = converter.convert(editor.data, title="x", language="nb-NO")
    found = comparing.json(pdf, name="a.pdf")
    assert [(one["field"].split("[")[0], one["new"]) for one in found["fields"]] == [
        ("focus_areas", "klima og natur"),
        ("valid_until", "31. desember 2035"),
    ]
    kinds = {(one["clause"]["number"], one["kind"]) for one in found["changes"]}
    assert kinds == {("3", "moved"), ("5", "changed"), ("8", "added"), ("10", "dropped")}
    changed = next(one for one in found["changes"] if one["kind"] == "changed")
    assert (marked(changed, "gone"), marked(changed, "new"), changed["page"]) == (["anbefales"], ["kreves"], 4)
    assert [one["text"] for one in found["filled"]] == ["3. mars 2026"]


def test_a_scan_is_told(comparing: Comparing, pdfs: Mapping[str, bytes]) -> None:
    ran = comparing.run(blank(), name="scan.pdf")
    assert ran.code == 2
    assert "has no text" in ran.err
    content = io.BytesIO()
    writer = PdfWriter(clone_from=io.BytesIO(pdfs["alle-valg"]))
    writer.remove_page(6)
    writer.add_blank_page(595, 842)
    writer.write(content)
    found = comparing.json(content.getvalue(), name="half.pdf")
    assert any("page 7. Look at them." in note for note in found["notes"])


ISSUED = ["Motorkommunen er kommuneklyngen sin", "forsknings- og FoUI-kontakt"]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["er kommune-", "klyngen sin"], "er kommuneklyngen sin"),
        (["er forsknings-", "og FoUI-", "kontakt"], "er forsknings- og FoUI- kontakt"),
        (["er kommune\u2010", "klyngen"], "er kommuneklyngen"),
    ],
)
def test_a_hyphen_that_broke_a_word_goes_and_no_other(lines: list[str], text: str) -> None:
    assert " ".join(one.text for one in read_pages([lines], (), ISSUED).passages) == text


def test_what_a_signing_service_stamps_on_every_page_is_told_and_does_not_count() -> None:
    pages = [
        ["Samarbeidsavtale", *lines, "Penneo-nøkkel: AB 7", f"KSF-7Q4M-2XKD · versjon 2 Side {number} av 3"]
        for number, lines in enumerate((["Først", "og", "fremst"], ["Så"], ["Sist", "Dato:"]), 1)
    ]
    read = read_pages(pages, ("Samarbeidsavtale", "KSF-7Q4M-2XKD · versjon 2 Side 1 av 1"), ())
    assert read.furniture == ("Penneo-nøkkel: AB 7",)
    assert read.marks == (("KSF-7Q4M-2XKD", 2),)
    assert [one.text for one in read.passages] == ["Først", "og", "fremst", "Så", "Sist", "Dato:"]


def test_what_the_agreement_says_is_never_taken_for_a_stamp() -> None:
    pages = [["Tekst", "Signatur", "Dato:"]] * 4
    read = read_pages(pages, (), ["Tekst", "Signatur", "Dato:"] * 4)
    assert (len(read.passages), read.furniture) == (12, ())
    before = ["Kontaktpersoner", "Vedlegg", "Klyngeleder"]
    read = read_pages([[*before, "Kommune Navn", "Bergen"], ["Kommune Navn", "Voss"]], (), [*before, "Kommune", "Navn"])
    assert [one.text for one in read.passages] == [*before, "Kommune Navn", "Bergen", "Voss"]


def test_the_documents_own_page_numbers_say_where_it_ends() -> None:
    pages = [["Forside fra tjenesten"], ["Tekst", "Side 1 av 2"], ["Mer", "Side 2 av 2"], ["Vedlegg", "Side 1 av 1"]]
    read = read_pages(pages, (), ())
    assert (read.first, read.last, read.count) == (2, 3, 4)
    assert [one.text for one in read.passages] == ["Tekst", "Mer"]
