"""The Word template says what KS's text says, word for word, and has the make-up that the design asks for."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ksf_agreements.documents.template import TemplateInfo
from tests.documents.ks_text import CONTRIBUTIONS, NO_FOCUS_AREAS, SEED, guidance, ks_paragraphs
from tests.documents.word import (
    AGREEMENT,
    BODY,
    CONTACTS,
    WP,
    W,
    element_text,
    packed,
    parts,
    property_of,
    root,
    style_of,
    styled_texts,
    styles,
)

BOTH = pytest.mark.parametrize("template", [AGREEMENT, CONTACTS], ids=["agreement", "contacts"])
TAG = re.compile(r"\{%p [^%]*%\}")
OWN = ("- {{ block.text }}", "{{ block.text }}", NO_FOCUS_AREAS, CONTRIBUTIONS)
"""Paragraphs of the template that are not KS's: local text, and the project's two sentences that the design names."""


@cache
def agreement() -> bytes:
    return AGREEMENT.read_bytes()


def marked_text(paragraph: Any) -> str:
    """Return a paragraph's text with '**' and '*' around strong and emphasised runs."""
    found = []
    for run in paragraph.iter(f"{W}r"):
        style = run.find(f"{W}rPr/{W}rStyle")
        mark = {"Strong": "**", "Emphasis": "*"}.get(style.get(f"{W}val") if style is not None else "", "")
        if text := "".join(
            {f"{W}br": "\n", f"{W}tab": "\t"}.get(piece.tag, piece.text if piece.tag == f"{W}t" else "")
            for piece in run
        ):
            found.append(f"{mark}{text}{mark}")
    return "".join(found)


def template_paragraphs(data: bytes) -> tuple[list[str], list[str]]:
    """Return the paragraphs that must be KS's, and the project's own; what only steers is left out."""
    all_styles = styles(data)
    theirs: list[str] = []
    own: list[str] = []
    for paragraph in root(data).iter(f"{W}p"):
        style = style_of(paragraph)
        bare = marked_text(paragraph)
        text = ("- " if property_of(all_styles, style, "numPr") is not None else "") + bare
        if text in OWN:
            own.append(text)
        elif bare and not TAG.fullmatch(bare):
            theirs.append(re.sub(r"\t\d+$", "", text) if style == "TOC1" else text)
    return theirs, own


def with_body(change: tuple[str, str]) -> bytes:
    """Return the template with one thing changed in its body."""
    content = parts(agreement())
    body = content[BODY].decode("utf-8")
    assert change[0] in body
    content[BODY] = body.replace(*change, 1).encode("utf-8")
    return packed(content)


def test_the_template_is_ks_text_word_for_word() -> None:
    theirs, own = template_paragraphs(agreement())
    assert theirs == list(ks_paragraphs())
    assert len(theirs) == 93
    assert sum(len(text.split()) for text in theirs) == 1760
    assert own.count("- {{ block.text }}") == own.count("{{ block.text }}") == 7
    assert own.count(NO_FOCUS_AREAS) == own.count(CONTRIBUTIONS) == 1
    assert len(own) == 16


def test_ks_text_is_the_one_that_came_with_the_commission() -> None:
    digest = "edca7c8439665a4caf08c830b446d78d7849cf26f11adb2429176064cabd2ef5"
    assert hashlib.sha256(SEED.read_bytes()).hexdigest() == digest


def test_a_change_of_any_single_word_shows() -> None:
    words = re.findall(r"<w:t(?: [^>]*)?>([^<{]*)</w:t>", parts(agreement())[BODY].decode("utf-8"))
    changed = 0
    for text in dict.fromkeys(words):
        if TAG.fullmatch(text) or text == CONTRIBUTIONS or text.isdigit() or not text.strip():
            continue
        *before, last = text.split(" ")
        for wrong in (" ".join([*before, last + "x"]), " ".join([*before, last.swapcase()])):
            if wrong == text:
                continue
            theirs, own = template_paragraphs(with_body((f">{text}<", f">{wrong}<")))
            assert theirs != list(ks_paragraphs()), text
            assert len(own) == 16
            changed += 1
    assert changed > 120


@pytest.mark.parametrize(
    "change",
    [
        ("{{ name|at_start }} skal gi", "{{ name }} skal gi"),
        ("og med {{ valid_until }}", "og med {{ valid_until}}"),
        ('<w:pStyle w:val="ListBullet"/></w:pPr><w:r><w:t>resultater', "</w:pPr><w:r><w:t>resultater"),
        ('<w:rPr><w:rStyle w:val="Emphasis"/></w:rPr><w:t>ikke', "<w:t>ikke"),
        ("Manglende bidrag er", "Manglende bidrag kan være"),
    ],
)
def test_a_change_of_a_field_a_list_or_an_emphasis_shows(change: tuple[str, str]) -> None:
    theirs, own = template_paragraphs(with_body(change))
    assert (theirs, len(own)) != (list(ks_paragraphs()), 16)


def test_guidance_is_not_in_the_template() -> None:
    text = "\n".join(text for _, text in styled_texts(agreement()))
    assert len(guidance()) == 8
    for line in guidance():
        assert line[:30] not in text
    assert not re.search(r"\[|\]|Veiledning|Punktet slette|\bXX|20xx", text)


def test_there_are_thirteen_clauses_and_the_contents_list_each() -> None:
    content = styled_texts(agreement())
    headings = [text for style, text in content if style == "Heading1"]
    assert [heading.split(". ")[0] for heading in headings] == [str(number) for number in range(1, 14)]
    assert [re.sub(r"\t\d+$", "", text) for style, text in content if style == "TOC1" and text] == headings


@BOTH
def test_heading_levels_have_no_jump(template: Path) -> None:
    all_styles = styles(template.read_bytes())
    levels = []
    for style, _ in styled_texts(template.read_bytes()):
        outline = property_of(all_styles, style, "outlineLvl") if style != "Normal" else None
        if outline is not None:
            levels.append(int(outline.get(f"{W}val")))
    assert levels[0] == 0
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert max(levels) == (2 if template == AGREEMENT else 0)


@BOTH
def test_the_language_is_norwegian_bokmal_by_default(template: Path) -> None:
    data = template.read_bytes()
    language = root(data, "word/styles.xml").find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    assert language.get(f"{W}val") == "nb-NO"
    assert not list(root(data).iter(f"{W}lang")), "no run says another language"


def test_the_contents_end_with_a_page_break() -> None:
    body = root(agreement()).find(f"{W}body")
    contents = body.find(f"{W}sdt")
    assert contents.find(f".//{W}docPartGallery").get(f"{W}val") == "Table of Contents"
    after = contents.getnext()
    assert element_text(after) == "1. Formål med samarbeidsavtalen"
    assert after.find(f"{W}pPr/{W}pageBreakBefore") is not None


def test_entries_of_the_contents_lead_to_their_headings() -> None:
    body = root(agreement())
    marks = {
        mark.get(f"{W}name"): element_text(mark.getparent())
        for mark in body.iter(f"{W}bookmarkStart")
        if style_of(mark.getparent()) == "Heading1"
    }
    links = {link.get(f"{W}anchor"): re.sub(r"\t\d+$", "", element_text(link)) for link in body.iter(f"{W}hyperlink")}
    assert len(links) == 13
    assert links == marks


def test_a_signature_block_is_kept_on_one_page() -> None:
    all_styles = styles(agreement())
    block = ["SignatureParty", "SignatureLine", "SignatureName", "SignatureTitle", "SignatureDate"]
    used = [style for style, _ in styled_texts(agreement()) if style.startswith("Signature")]
    assert used == block
    for style in block:
        assert property_of(all_styles, style, "keepLines") is not None
    for style in block[:-1]:
        assert property_of(all_styles, style, "keepNext") is not None
    assert property_of(all_styles, block[-1], "keepNext") is None, "the next block may go to the next page"


@BOTH
def test_headings_stay_with_what_follows_them(template: Path) -> None:
    all_styles = styles(template.read_bytes())
    for style in {style for style, _ in styled_texts(template.read_bytes()) if style.startswith("Heading")}:
        assert property_of(all_styles, style, "keepNext") is not None


def test_header_rows_of_the_contact_tables_repeat_and_no_row_is_split() -> None:
    tables = list(root(CONTACTS.read_bytes()).iter(f"{W}tbl"))
    assert len(tables) == 2
    for table in tables:
        first, *others = table.iter(f"{W}tr")
        assert first.find(f"{W}trPr/{W}tblHeader") is not None
        assert all(row.find(f"{W}trPr/{W}tblHeader") is None for row in others)
        told = [row for row in others if "{%tr" not in element_text(row)]
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in told)
        assert table.find(f"{W}tblPr/{W}tblCaption") is not None
        assert table.find(f"{W}tblPr/{W}tblDescription") is not None


@BOTH
def test_every_page_says_which_of_how_many_it_is(template: Path) -> None:
    data = template.read_bytes()
    fields = [field.get(f"{W}instr").strip() for field in root(data, "word/footer1.xml").iter(f"{W}fldSimple")]
    assert fields == ["PAGE", "NUMPAGES"]
    assert element_text(root(data, "word/footer1.xml")) == "{{ document.mark }}\tSide 1 av 1"
    kinds = [reference.get(f"{W}type") for reference in root(data).iter(f"{W}footerReference")]
    assert kinds == ["default"]
    assert not list(root(data).iter(f"{W}titlePg")), "the first page has the same header and footer"


@BOTH
def test_the_qr_picture_has_a_place_and_an_alternative_text(template: Path) -> None:
    (picture,) = root(template.read_bytes(), "word/header1.xml").iter(f"{WP}docPr")
    assert picture.get("name") == "qr"
    assert picture.get("descr") == "{{ document.qr_alt }}"


def test_lists_are_lists_of_word() -> None:
    all_styles = styles(agreement())
    numbering = root(agreement(), "word/numbering.xml")
    kinds = {
        level.find(f"{W}pStyle").get(f"{W}val"): level.find(f"{W}numFmt").get(f"{W}val")
        for level in numbering.iter(f"{W}lvl")
    }
    assert kinds["ListBullet"] == "bullet"
    for style, text in styled_texts(agreement()):
        if style in {"ListBullet", "ListNumber", "AnnexList"}:
            assert property_of(all_styles, style, "numPr") is not None
            assert style in kinds
        assert not text.startswith(("-", "•", "·", "*")), "nobody typed a bullet"


@BOTH
def test_styles_carry_the_formatting(template: Path) -> None:
    where_it_breaks = 1 if template == AGREEMENT else 0
    breaks = len(list(root(template.read_bytes()).iter(f"{W}pageBreakBefore")))
    assert breaks == where_it_breaks, "only the first clause begins on a new page"
    for part in ("word/document.xml", "word/header1.xml", "word/footer1.xml"):
        for properties in root(template.read_bytes(), part).iter(f"{W}pPr", f"{W}rPr"):
            said = {element.tag.removeprefix(W) for element in properties}
            assert said <= {"pStyle", "rStyle", "sectPr", "pageBreakBefore"}, f"{part} is formatted by hand: {said}"


@BOTH
def test_every_style_that_is_used_is_there(template: Path) -> None:
    data = template.read_bytes()
    known = set(styles(data))
    for part, content in parts(data).items():
        if part.startswith("word/") and part.endswith(".xml"):
            used = set(re.findall(r'<w:(?:pStyle|rStyle|tblStyle|basedOn|next) w:val="([^"]+)"', content.decode()))
            assert used <= known, part


@BOTH
def test_a_template_says_what_it_is(template: Path) -> None:
    info = TemplateInfo.of(parts(template.read_bytes()))
    assert f"{info.name}.{info.language}.docx" == template.name
    assert info.kind == "ksf-cluster"
    assert info.version
    assert info.source


@BOTH
def test_a_template_carries_nothing_of_the_machine_it_was_made_on(template: Path) -> None:
    for part, content in parts(template.read_bytes()).items():
        assert not re.search(rb"rsid|w14:paraId|proofErr|lastModifiedBy|/home/|/tmp/|C:\\", content), part
