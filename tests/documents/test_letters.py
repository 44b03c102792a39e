"""The letters' templates have the make-up of the first one, and print every value exactly."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import GenericAlias
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksf_agreements.documents.context import AgreementContext
from ksf_agreements.documents.letters import (
    LETTERS,
    DecisionContext,
    LetterContext,
    LetterKind,
    context_of,
    not_printed,
)
from ksf_agreements.documents.lint import lint
from ksf_agreements.documents.papers import PAPERS
from ksf_agreements.documents.template import Template, TemplateInfo, compile_template, read_template
from ksf_agreements.resources import template_dir
from tests.documents.word import W, blocks_of, element_text, parts, property_of, root, style_of, styled_texts, styles
from tests.factories import lines

OWN = tuple(row for row in LETTERS.values() if row.context is not AgreementContext)
EACH = pytest.mark.parametrize("row", OWN, ids=lambda row: row.name)
BODIES = ("word/document.xml", "word/header1.xml", "word/footer1.xml")
NASTY = "& <w:t>\"'{{ name }}{%p endfor %}]]>[x]{1}\\ ïŋŧ 😀\tslutt"


@cache
def data_of(row: LetterKind) -> bytes:
    return (template_dir() / f"{row.template}.nb.docx").read_bytes()


@cache
def compiled(row: LetterKind) -> Template:
    return compile_template(data_of(row), row.context)


@cache
def printed_by(row: LetterKind) -> frozenset[str]:
    return read_template(data_of(row), row.context).printed


def filled(model: type, text: str, yes: bool, empty: frozenset[str] = frozenset(), path: str = "") -> Any:
    """Return a context in which every text is ``text`` and its own path, and every switch is ``yes``."""
    hints = get_type_hints(model)
    values = {
        one.name: _value(hints[one.name], text, yes, empty, f"{path}.{one.name}".strip(".")) for one in fields(model)
    }
    return model(**values)


def _value(kind: Any, text: str, yes: bool, empty: frozenset[str], path: str) -> Any:
    if isinstance(kind, GenericAlias):
        return () if path in empty else tuple(_value(kind.__args__[0], text, yes, empty, path) for _ in range(2))
    if is_dataclass(kind) and isinstance(kind, type):
        return filled(kind, text, yes, empty, path)
    if kind is bool:
        return yes
    if kind is int:
        return 2027
    return "" if path in empty else f"¤{text}¤{path}¤"


def text_of(data: bytes) -> str:
    found = "\n".join(element_text(paragraph) for part in BODIES for paragraph in root(data, part).iter(f"{W}p"))
    return found.replace("\u00a0", " ")


def test_every_template_of_the_table_is_installed_and_every_installed_one_is_in_it() -> None:
    installed = {path.name for path in template_dir().glob("*.nb.docx")}
    others = {"ksf-klyngeavtale.nb.docx", *(f"{name}.nb.docx" for name in PAPERS)}
    assert installed == {f"{row.template}.nb.docx" for row in LETTERS.values()} | others


@pytest.mark.parametrize("path", sorted(template_dir().glob("*.docx")), ids=lambda path: path.name)
def test_lint_finds_nothing_in_an_installed_template(path: Path) -> None:
    data = path.read_bytes()
    assert lint(data, data) == ()


def test_a_template_is_held_against_the_fields_of_its_own_letter() -> None:
    for row in LETTERS.values():
        assert context_of(row.template) is row.context
    assert all(context_of(name) is model for name, model in PAPERS.items())
    assert context_of("ksf-klyngeavtale") is context_of("") is context_of("saksframlegg") is AgreementContext
    shared = {one.name for one in fields(LetterContext)}
    assert all(shared <= not_printed(row) for row in OWN)
    assert "notice" not in not_printed(LETTERS["bekreftelse-oppsigelse"])


# --- values ----------------------------------------------------------------------------------------------------------


@EACH
def test_every_value_that_a_template_prints_stands_exactly(row: LetterKind) -> None:
    seen = ""
    empties = (frozenset(), *(frozenset({name}) for name in ("cluster_leader.name", "focus_areas", "parties")))
    for yes in (True, False):
        for empty in empties:
            seen += text_of(compiled(row).render(filled(row.context, NASTY, yes, empty), {}))
    for path in printed_by(row):
        wanted = "2027" if path in {"year", "annexes.number"} else f"¤{NASTY}¤{path}¤"
        assert wanted in seen, path
    assert set(re.findall(r"\{\{ (\w+)", seen)) <= {"name"}, "only the hostile value has tags"


@given(st.sampled_from(OWN), lines(80), st.booleans())
def test_any_text_stands_exactly(row: LetterKind, text: str, yes: bool) -> None:
    context = filled(row.context, text, yes)
    data = compiled(row).render(context, {})
    assert f"¤{text}¤name¤".replace("\u00a0", " ") in text_of(data)


@EACH
def test_nothing_that_is_empty_leaves_a_trace_of_tags(row: LetterKind) -> None:
    nothing = filled(row.context, "", False, frozenset({*printed_by(row), "parties", "others", "annexes", "changes"}))
    text = text_of(compiled(row).render(nothing, {}))
    assert not re.search(r"[{}\[\]¤]|None", text)


def test_a_decision_is_there_when_somebody_decided() -> None:
    assert not DecisionContext()
    assert DecisionContext("kommunestyret")


# --- make-up ---------------------------------------------------------------------------------------------------------


@EACH
def test_a_template_says_what_it_is(row: LetterKind) -> None:
    info = TemplateInfo.of(parts(data_of(row)))
    assert info == TemplateInfo(row.template, "ksf-cluster", "nb", "1", "ksf-agreements")


@EACH
def test_the_language_is_norwegian_bokmal(row: LetterKind) -> None:
    language = root(data_of(row), "word/styles.xml").find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    assert language.get(f"{W}val") == "nb-NO"
    assert not list(root(data_of(row)).iter(f"{W}lang"))


@EACH
def test_every_page_says_which_of_how_many_it_is(row: LetterKind) -> None:
    footer = root(data_of(row), "word/footer1.xml")
    assert [field.get(f"{W}instr").strip() for field in footer.iter(f"{W}fldSimple")] == ["PAGE", "NUMPAGES"]
    assert element_text(footer) == "{{ document.mark }}\tSide 1 av 1"
    assert (
        element_text(root(data_of(row), "word/header1.xml")) == "Kommunenes samarbeidsarena for forskning · {{ name }}"
    )


@EACH
def test_one_title_then_headings_without_a_jump(row: LetterKind) -> None:
    all_styles = styles(data_of(row))
    content = styled_texts(data_of(row))
    assert [style for style, _ in content].count("Title") == 1
    levels = [
        int(outline.get(f"{W}val"))
        for style, _ in content
        if style != "Normal" and (outline := property_of(all_styles, style, "outlineLvl")) is not None
    ]
    assert all(after <= before + 1 for before, after in pairwise([-1, *levels]))
    assert all(property_of(all_styles, f"Heading{level + 1}", "keepNext") is not None for level in set(levels))


@EACH
def test_tables_have_header_rows_that_repeat_and_a_description(row: LetterKind) -> None:
    for table in root(data_of(row)).iter(f"{W}tbl"):
        first, *others = table.iter(f"{W}tr")
        assert first.find(f"{W}trPr/{W}tblHeader") is not None
        assert all(element_text(cell) for cell in first.iter(f"{W}tc")), "no column without a name"
        assert all(other.find(f"{W}trPr/{W}tblHeader") is None for other in others)
        assert table.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val")
        assert table.find(f"{W}tblPr/{W}tblDescription").get(f"{W}val")


@EACH
def test_a_signature_block_stays_on_one_page(row: LetterKind) -> None:
    all_styles = styles(data_of(row))
    for block in blocks_of(styled_texts(data_of(row))):
        assert [text.split(":")[0] for text in block[1:]] == ["Signatur", "Navn", "Tittel", "Dato"]
        assert re.fullmatch(r"For \{\{ [\w.]+ \}\} \(.+\)", block[0])
    used = {style for style, _ in styled_texts(data_of(row)) if style.startswith("Signature")}
    for style in used:
        assert property_of(all_styles, style, "keepLines") is not None
        assert (property_of(all_styles, style, "keepNext") is None) == (style == "SignatureDate")


SIGNED = {"oppnevning-klyngeleder": 1, "oppnevning-foui-kontakt": 1, "tiltredelse": 2, "endringsavtale": 1}


@EACH
def test_what_is_signed_has_signature_blocks(row: LetterKind) -> None:
    blocks = list(blocks_of(styled_texts(data_of(row))))
    assert len(blocks) == {**SIGNED, "oppsigelse": 1}.get(row.name, 0)


@EACH
def test_styles_carry_the_formatting(row: LetterKind) -> None:
    known = set(styles(data_of(row)))
    for part in BODIES:
        for properties in root(data_of(row), part).iter(f"{W}pPr", f"{W}rPr"):
            assert {element.tag.removeprefix(W) for element in properties} <= {"pStyle", "rStyle", "sectPr"}
        used = re.findall(r'<w:(?:pStyle|rStyle|tblStyle) w:val="([^"]+)"', parts(data_of(row))[part].decode())
        assert set(used) <= known


@EACH
def test_lists_are_lists_of_word(row: LetterKind) -> None:
    all_styles = styles(data_of(row))
    for style, text in styled_texts(data_of(row)):
        assert not re.match(r"[-•·*]|\d+[.)] ?[a-zæøå]", text), "nobody typed a bullet or a number"
        if style in {"ListBullet", "ListDecimal", "AnnexList"}:
            assert property_of(all_styles, style, "numPr") is not None


@EACH
def test_a_template_carries_nothing_of_the_machine_it_was_made_on(row: LetterKind) -> None:
    for part, content in parts(data_of(row)).items():
        assert not re.search(rb"rsid|w14:paraId|proofErr|lastModifiedBy|/home/|/tmp/|C:\\", content), part
        assert not part.startswith("word/media"), "letters have no logo"


# --- words -----------------------------------------------------------------------------------------------------------


@EACH
def test_clauses_are_cited_by_their_number_and_exist(row: LetterKind) -> None:
    text = text_of(data_of(row))
    cited = {
        int(number)
        for found in re.findall(r"[Pp]unkt (\d+(?:(?:, | og )\d+)*)", text)
        for number in re.findall(r"\d+", found)
    }
    assert cited
    assert cited <= set(range(1, 14))


NEVER = re.compile(
    r"vennligst|herved|vertskommune|\bvedr\b|ovennevnte|iht\.|\bjf\b|automatisk|ksf-agreements", re.IGNORECASE
)


@EACH
def test_the_language_is_plain(row: LetterKind) -> None:
    assert not NEVER.search(text_of(data_of(row)))


@EACH
def test_every_style_that_is_named_is_there(row: LetterKind) -> None:
    sheet = parts(data_of(row))["word/styles.xml"].decode()
    assert set(re.findall(r'<w:(?:basedOn|next|link) w:val="([^"]+)"', sheet)) <= set(styles(data_of(row)))
    assert style_of(next(root(data_of(row)).iter(f"{W}p"))) in {"Sender", "Title"}
