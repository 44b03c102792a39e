"""Tags as Word leaves them in a file, and what authors do to a template: still filled, and as docxtpl fills it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest
from docx.document import Document
from docx.shared import Pt
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ksf_agreements.documents.context import AgreementContext, Block
from ksf_agreements.documents.markup import parse_xml
from ksf_agreements.documents.tags import find_tags, template_source, without_tags
from ksf_agreements.documents.template import compile_template
from tests.documents.docx_tools import (
    CONTACTS_ORIGINAL,
    ORIGINAL,
    canonical,
    edited,
    paragraph,
    render,
    render_with_docxtpl,
    replaced,
    sample_context,
    with_body,
    with_text,
)
from tests.documents.word import BODY, W, body_texts, opened, packed, parts, root

CORE = "docProps/core.xml"
NASTY = "Bø & \"Sauherad\" <x> {{ name }} {% if x %} [navn] 'a' ]]> Guovdageaidnu Kárášjohka Unjárga ïŋŧ"


def first(data: bytes) -> str:
    return body_texts(data)[0]


@pytest.mark.parametrize("data", [ORIGINAL, CONTACTS_ORIGINAL], ids=["agreement", "contacts"])
def test_an_installed_template_means_the_same_to_docxtpl(data: bytes) -> None:
    context = sample_context()
    bare = replace(
        context,
        focus_areas=(),
        contributions_required=False,
        parties=tuple(replace(one, foui_contacts=()) for one in context.parties),
    )
    for filling in (context, bare):
        ours, theirs = render(data, filling), render_with_docxtpl(data, filling)
        for name in (BODY, "word/header1.xml", "word/footer1.xml"):
            assert canonical(ours, name) == canonical(theirs, name)
        assert opened(ours).core_properties.title == opened(theirs).core_properties.title


# --- how Word cuts a tag in pieces -----------------------------------------------------------------------------------

PIECES = [
    ("{{ region }}",),
    ("{", "{ region }}"),
    ("{{", " region ", "}}"),
    ("{{ reg", "ion }", "}"),
    ("KSF {{ re", "gi", "on", " }} slutt"),
    ("{% if reg", "ion %}{{ region }}", "{% end", "if %}."),
    ("{{\u00a0region\u00a0}}",),
    ("{{region}}{{ ", "region}}"),
]
BETWEEN = {
    "nothing": "",
    "a spelling mark": '<w:proofErr w:type="spellStart"/>',
    "a bookmark": '<w:bookmarkStart w:id="90" w:name="_GoBack"/><w:bookmarkEnd w:id="90"/>',
    "an empty run": "<w:r><w:rPr><w:b/></w:rPr></w:r>",
    "a page break mark": "<w:r><w:lastRenderedPageBreak/></w:r>",
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
@pytest.mark.parametrize("pieces", PIECES, ids="|".join)
def test_a_tag_that_word_has_cut_in_pieces_is_one_tag(pieces: tuple[str, ...], between: str) -> None:
    data = with_body(paragraph(*pieces, between=between))
    whole = "".join(pieces).replace("\u00a0", " ")
    assert first(render(data)) == first(render(with_text(whole)))
    if "\u00a0" not in "".join(pieces):  # which Jinja, and so docxtpl, does not take for a space
        assert canonical(render(data)) == canonical(render_with_docxtpl(data))


@given(st.data())
@settings(max_examples=30)
def test_however_a_text_is_cut_the_same_stands_in_the_document(data: st.DataObject) -> None:
    text = "A {{ region }} b {% if focus_areas %}c {{ name|at_start }}{% else %}d{% endif %}{{region}}{{ region }} e"
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=12).map(sorted))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    source = template_source(BODY, _body(paragraph(*pieces)))
    whole = template_source(BODY, _body(paragraph(text)))
    assert [place.tag for place in source.places] == [place.tag for place in whole.places]
    assert first(render(with_body(paragraph(*pieces)))) == first(render(with_text(text)))


def _body(xml: str) -> bytes:
    return f'<w:document xmlns:w="{W[1:-1]}"><w:body>{xml}</w:body></w:document>'.encode()


def test_a_tag_keeps_the_look_of_the_run_it_begins_in() -> None:
    data = with_body("<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{{ reg</w:t></w:r><w:r><w:t>ion }} x</w:t></w:r></w:p>")
    runs = opened(render(data)).paragraphs[0].runs
    assert [(run.text, run.bold) for run in runs] == [(sample_context().region, True), (" x", None)]


def test_a_tag_in_a_text_box_is_filled_in_both_of_its_forms() -> None:
    box = f"<w:txbxContent>{paragraph('{{ region }}')}</w:txbxContent>"
    xml = (
        '<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>'
        "<w:r><w:t>{{ valid_until }}</w:t></w:r></w:p>"
    )
    texts = [one.text for one in root(render(with_body(xml))).iter(f"{W}t")][:3]
    assert texts == [sample_context().region, sample_context().region, sample_context().valid_until]


def test_a_comment_leaves_no_trace() -> None:
    data = with_body(paragraph("{#p husk å spørre #}") + paragraph("Før {# og {{ her #}etter"))
    assert first(render(data)) == "Før etter"
    assert canonical(render(data)) == canonical(render_with_docxtpl(data))


@pytest.mark.parametrize(
    ("text", "found", "stray"),
    [
        ("ingen", [], ""),
        ("{{a}}{%b%}{#c#}", ["{{a}}", "{%b%}", "{#c#}"], ""),
        ("{{ {% }}", ["{{ {% }}"], ""),
        ("{{a}} {{b", ["{{a}}"], "{{"),
        ("a}} {{b}}", [], "}}"),
        ("{ a } { {b} }", [], ""),
        ("{{{a}}}", ["{{{a}}"], ""),
    ],
)
def test_tags_and_signs_without_a_counterpart(text: str, found: list[str], stray: str) -> None:
    spans, sign = find_tags(text)
    assert ([text[start:end] for start, end in spans], sign) == (found, stray)
    assert without_tags(text) == (text[spans[-1][1] :] if spans else text)


# --- what authors do -------------------------------------------------------------------------------------------------


def _move_a_clause(document: Document) -> None:
    body = document.element.body
    heading = next(one for one in document.paragraphs if one.text.startswith("8. Profilering"))._p
    text = heading.getnext()
    signatures = next(one for one in document.paragraphs if one.text.startswith("13. "))._p
    for one in (heading, text):
        body.remove(one)
        signatures.addprevious(one)


def _restyle(document: Document) -> None:
    for one in document.paragraphs:
        if "{{" in one.text:
            one.style = document.styles["Body Text"]
            one.paragraph_format.space_after = Pt(3)
            for run in one.runs:
                run.bold = True


def _copy_a_loop(document: Document) -> None:
    start = next(one for one in document.paragraphs if one.text == "{%p for area in focus_areas %}")._p
    loop = [start, start.getnext(), start.getnext().getnext()]
    for one in loop:
        start.addprevious(copy.deepcopy(one))


def _add_a_paragraph(document: Document) -> None:
    document.paragraphs[5].insert_paragraph_before("Klyngen er en del av KSF {{ region }}.")


@pytest.mark.parametrize(
    "change", [_move_a_clause, _restyle, _copy_a_loop, _add_a_paragraph, lambda _: None], ids=lambda one: one.__name__
)
def test_an_authors_change_still_generates_and_means_the_same_to_docxtpl(change: Callable[[Document], None]) -> None:
    data = edited(change)
    ours = render(data)
    assert canonical(ours) == canonical(render_with_docxtpl(data))
    assert not [text for text in body_texts(ours) if "{{" in text or "{%" in text]


def test_a_moved_clause_stands_where_it_was_moved_to() -> None:
    texts = body_texts(render(edited(_move_a_clause)))
    headings = [text for text in texts if text[:1].isdigit() and "\t" not in text]
    assert headings.index("8. Profilering") == headings.index("13. Signaturer") - 1


# --- values, exactly -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [NASTY, f"en\nto\t{NASTY}\n\tslutt"], ids=["signs", "breaks"])
def test_a_value_is_exact_through_both_engines(value: str) -> None:
    data = with_body(paragraph("{{ region }}") + paragraph("før {{ re", "gion }} etter"))
    context = replace(sample_context(), region=value, focus_areas=(value, value))
    ours, theirs = render(data, context), render_with_docxtpl(data, context)
    for texts in (body_texts(ours), body_texts(theirs)):
        assert texts[:2] == [value, f"før {value} etter"]
        assert texts.count(value) == 3
    assert canonical(ours) == canonical(theirs)


def test_a_name_with_signs_stands_once_escaped_in_properties_and_attributes() -> None:
    name = 'Bø & "Sauherad" <x>'
    context = replace(sample_context(), name=name, document=replace(sample_context().document, qr_alt=f"{name}\n2"))
    filled = render(ORIGINAL, context)
    assert opened(filled).core_properties.title == f"Samarbeidsavtale mellom kommunene i {name}"
    assert "Bø &amp; &quot;Sauherad&quot; &lt;x&gt;</dc:title>".encode() in parts(filled)[CORE]
    (picture,) = root(filled, "word/header1.xml").iter("{*}docPr")
    assert picture.get("descr") == f"{name}\n2"


def test_local_text_with_tag_signs_is_text() -> None:
    blocks = (Block("{%p endfor %}", bullet=False), Block("{{ 7*7 }} [navn]", bullet=True))
    context = replace(sample_context(), local_text=replace(sample_context().local_text, purpose=blocks))
    texts = body_texts(render(ORIGINAL, context))
    assert "{%p endfor %}" in texts
    assert "{{ 7*7 }} [navn]" in texts


def test_a_template_without_custom_properties_gets_its_own_known_to_the_container() -> None:
    content = {name: data for name, data in parts(ORIGINAL).items() if name != "docProps/custom.xml"}
    for name, value in (("[Content_Types].xml", "/docProps/custom.xml"), ("_rels/.rels", "docProps/custom.xml")):
        listed = parse_xml(content[name])
        (entry,) = (one for one in listed if value in (one.get("PartName"), one.get("Target")))
        listed.remove(entry)
        content[name] = etree.tostring(listed)
    filled = parts(render(packed(content)))
    assert b"/docProps/custom.xml" in filled["[Content_Types].xml"]
    assert b"docProps/custom.xml" in filled["_rels/.rels"]
    assert b"KSF-fingeravtrykk" in filled["docProps/custom.xml"]


def test_a_picture_named_qr_is_found_whatever_its_target_looks_like() -> None:
    for target in ("/word/media/qr.png", "../word/media/qr.png"):
        data = replaced('Target="media/qr.png"', f'Target="{target}"', "word/_rels/header1.xml.rels")
        assert compile_template(data, AgreementContext).qr_part == "word/media/qr.png"
