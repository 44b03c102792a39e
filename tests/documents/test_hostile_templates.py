"""A template is an upload: code, entities, programs and fetching fields in it are refused before anything runs."""

from __future__ import annotations

from functools import reduce

import pytest
from jinja2.sandbox import SandboxedEnvironment

from ksf_agreements.documents.context import AgreementContext
from ksf_agreements.documents.package import PackageError
from ksf_agreements.documents.template import TemplateError, compile_template
from tests.documents.docx_tools import (
    faults,
    field_paragraph,
    paragraph,
    refused_in_a_sentence,
    refused_or_works,
    render,
    replaced,
    with_body,
    with_part,
    with_parts,
    with_text,
)
from tests.documents.word import BODY, W

CORE, HEADER, FOOTER, NOTES = "docProps/core.xml", "word/header1.xml", "word/footer1.xml", "word/footnotes.xml"
RELS, TYPES = "word/_rels/document.xml.rels", "[Content_Types].xml"
WORDML = f'xmlns:w="{W[1:-1]}"'

# --- code ------------------------------------------------------------------------------------------------------------

CODE = {
    "a call": "{{ name.upper() }}",
    "a call of a global": "{{ range(999999999) }}",
    "a loop over range": "{% for i in range(999999999) %}x{% endfor %}",
    "a macro": "{% macro m() %}x{% endmacro %}",
    "call": "{% call m() %}x{% endcall %}",
    "set": "{% set x = 1 %}",
    "a set block": "{% set x %}1{% endset %}",
    "sum": "{{ 1 + 1 }}",
    "power": "{{ 9 ** 9 ** 9 }}",
    "multiplied text": "{{ name * 999999999 }}",
    "joined text": "{{ name ~ name }}",
    "a number": "{{ 1 }}",
    "a text": "{{ 'x' }}",
    "a list": "{{ [1, 2] }}",
    "a dict": "{{ {'a': 1} }}",
    "a tuple": "{{ (name, name) }}",
    "a filter with arguments": "{{ name|replace('a', 'b') }}",
    "a filter that is not ours": "{{ name|upper }}",
    "the attribute filter": "{{ name|attr('__class__') }}",
    "the engine's own filter": "{{ name|as_attribute }}",
    "safe": "{{ name|safe }}",
    "a subscript": "{{ parties[0].name }}",
    "a slice": "{{ parties[0:1] }}",
    "a subscript by name": "{{ parties[0]['name'] }}",
    "a dunder": "{{ name.__class__ }}",
    "a dunder of a loop": "{% for p in parties %}{{ p.__class__.__mro__ }}{% endfor %}",
    "a method": "{{ parties.count }}",
    "the context": "{{ self }}",
    "the loop": "{% for p in parties %}{{ loop.index }}{% endfor %}",
    "a loop called loop": "{% for loop in parties %}x{% endfor %}",
    "a loop called self": "{% for self in parties %}x{% endfor %}",
    "a loop with a dunder": "{% for __p in parties %}x{% endfor %}",
    "a loop over pairs": "{% for a, b in parties %}x{% endfor %}",
    "a loop with a condition": "{% for p in parties if p.name %}x{% endfor %}",
    "a recursive loop": "{% for p in parties recursive %}x{% endfor %}",
    "a loop over text": "{% for c in name %}x{% endfor %}",
    "a loop over a constant": "{% for c in 'abc' %}x{% endfor %}",
    "a loop over a loop": "{% for p in parties|list %}x{% endfor %}",
    "a list inside itself": "{% for a in parties %}{% for b in parties %}x{% endfor %}{% endfor %}",
    "an inner list twice": "{% for a in parties %}{% for b in a.foui_contacts %}{% for c in a.foui_contacts %}x"
    "{% endfor %}{% endfor %}{% endfor %}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'x' as x %}",
    "from": "{% from 'x' import y %}",
    "extends": "{% extends 'x' %}",
    "a block": "{% block a %}{% endblock %}",
    "with": "{% with %}{% endwith %}",
    "filter block": "{% filter upper %}x{% endfilter %}",
    "raw": "{% raw %}{{ x }}{% endraw %}",
    "autoescape": "{% autoescape false %}{{ name }}{% endautoescape %}",
    "do": "{% do name %}",
    "print": "{% print name %}",
    "debug": "{% debug %}",
    "trans": "{% trans %}x{% endtrans %}",
    "a comparison": "{% if name == region %}x{% endif %}",
    "a comparison of sizes": "{% if contacts_annex > 1 %}x{% endif %}",
    "in": "{% if name in party_names %}x{% endif %}",
    "a test": "{% if name is defined %}x{% endif %}",
    "a condition in a field": "{{ name if name else region }}",
    "and in a field": "{{ name and region }}",
    "not in a field": "{{ not name }}",
    "a minus": "{{ -contacts_annex }}",
    "white space": "{{- name -}}",
    "white space in a loop": "{%- for p in parties +%}x{% endfor %}",
    "an endless chain": "{{ name" + "|at_start" * 1000 + " }}",
    "endless dots": "{{ name" + ".a" * 1000 + " }}",
    "endless parentheses": "{{ " + "(" * 5000 + "name" + ")" * 5000 + " }}",
    "endless not": "{% if " + "not " * 5000 + "name %}x{% endif %}",
    "endless and": "{% if " + "name and " * 5000 + "name %}x{% endif %}",
    "endless elif": "{% if name %}" + "{% elif region %}" * 3000 + "{% endif %}",
    "endless if": "{% if name %}" * 2000 + "{% endif %}" * 2000,
}


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where the engine turns a template into a program."""

    def from_string(*_: object, **__: object) -> None:
        raise AssertionError("a template that is refused must never become a program")

    monkeypatch.setattr(SandboxedEnvironment, "from_string", from_string)
    monkeypatch.setattr(SandboxedEnvironment, "compile", from_string)


@pytest.mark.usefixtures("nothing_runs")
@pytest.mark.parametrize("tag", CODE.values(), ids=CODE)
def test_code_is_refused_before_anything_runs(tag: str) -> None:
    data = with_text("før", tag)
    with pytest.raises(TemplateError) as refused:
        compile_template(data, AgreementContext)
    assert all(one.place is not None and one.place.paragraph == 2 for one in refused.value.faults)
    assert [one for one in faults(data) if one.is_error]


def test_what_is_as_deep_as_may_be_is_refused_or_works() -> None:
    for text in (
        "{{ " + "(" * 145 + "name" + ")" * 145 + " }}",
        "{{ name" + "|at_start" * 30 + " }}",
        "{% if " + "not " * 70 + "name %}x{% endif %}",
        "{% if " + "name or " * 30 + "name %}x{% endif %}",
        "{% if name %}" + "{% elif region %}" * 20 + "{% endif %}",
        "{% if name %}" * 20 + "x" + "{% endif %}" * 20,
    ):
        refused_or_works(with_text(text))


@pytest.mark.usefixtures("nothing_runs")
@pytest.mark.parametrize(
    ("part", "old"),
    [(HEADER, "{{ name }}"), (FOOTER, "{{ document.mark }}"), (CORE, "{{ name }}"), (HEADER, "{{ document.qr_alt }}")],
)
@pytest.mark.parametrize("code", ["a call", "a dunder", "power", "set", "include", "raw", "a subscript"])
def test_code_is_refused_in_every_part(part: str, old: str, code: str) -> None:
    # In an attribute a quotation mark has to be written as one.
    tag = CODE[code].replace("'", "&apos;")
    with pytest.raises(TemplateError):
        compile_template(replaced(old, tag, part), AgreementContext)


def test_code_is_refused_in_a_footnote() -> None:
    note = f"<w:footnotes {WORDML}><w:footnote>{paragraph(CODE['a call'])}</w:footnote></w:footnotes>"
    with pytest.raises(TemplateError):
        compile_template(with_parts({NOTES: note.encode()}), AgreementContext)


@pytest.mark.parametrize("signs", ["\ue0005\ue001", "&#xE000;{ name.upper() }&#xE001;", "&#57344;99999&#57345;"])
def test_the_engines_own_signs_do_not_pass_for_tags(signs: str) -> None:
    with pytest.raises(PackageError, match="characters that the program uses itself"):
        compile_template(with_text(signs), AgreementContext)


def test_a_field_is_printed_in_no_other_attribute_than_a_text_for_people() -> None:
    data = replaced('r:embed="rId1"', 'r:embed="{{ name }}"', HEADER)
    assert [one.code for one in faults(data) if one.is_error] == ["wrong-place"]


# --- XML -------------------------------------------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    '<!ENTITY {} "{}">'.format(new, f"&{old};" * 10) for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize(
    "declared",
    [
        f"{LAUGHS}]>",
        '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
    ids=["a billion laughs", "a file", "a remote grammar"],
)
@pytest.mark.parametrize("part", [BODY, HEADER, CORE, "word/styles.xml", "word/settings.xml", RELS])
def test_entities_are_refused_in_any_encoding_and_part(part: str, declared: str, encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding[:6]}"?>{declared}<x>&i;</x>'
    refused_in_a_sentence(with_parts({part: xml.encode(encoding)}))


@pytest.mark.parametrize("xml", [b"", b"<", b"<w:document", b"\xff\xfe", b"<a/>", b"<a>\x00</a>", b"<a>&nbsp;</a>"])
def test_xml_that_is_none_is_refused(xml: bytes) -> None:
    refused_in_a_sentence(with_parts({BODY: xml + b"{{ x }}"}))


def test_a_document_written_another_way_is_refused_and_not_half_filled() -> None:
    strict = replaced(W[1:-1], "http://purl.oclc.org/ooxml/wordprocessingml/main")
    with pytest.raises(PackageError, match="Strict Open XML"):
        compile_template(strict, AgreementContext)
    renamed = ((b"<w:", b"<v:"), (b"</w:", b"</v:"), (b"xmlns:w=", b"xmlns:v="), (b" w:", b" v:"))
    prefixed = with_part(BODY, lambda xml: reduce(lambda text, pair: text.replace(*pair), renamed, xml))
    with pytest.raises(PackageError):
        compile_template(prefixed, AgreementContext)


# --- what a template carries along -----------------------------------------------------------------------------------

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def with_relation(kind: str, target: str, *, external: bool = False, base: str = _OFFICE) -> bytes:
    mode = ' TargetMode="External"' if external else ""
    entry = f'<Relationship Id="rId77" Type="{base}/{kind}" Target="{target}"{mode}/></Relationships>'
    return replaced("</Relationships>", entry, RELS)


@pytest.mark.parametrize(
    "kind", ["attachedTemplate", "image", "oleObject", "frame", "subDocument", "aFChunk", "settings", "font", "video"]
)
def test_a_part_that_is_fetched_from_elsewhere_is_refused(kind: str) -> None:
    (found,) = [one for one in faults(with_relation(kind, "https://example.no/x", external=True)) if one.is_error]
    assert found.code in {"fetches", "carries"}


@pytest.mark.parametrize("mode", ["EXTERNAL", "external"])
def test_it_is_refused_however_it_is_spelt(mode: str) -> None:
    data = with_relation("image", "https://example.no/x", external=True)
    data = replaced('TargetMode="External"', f'TargetMode="{mode}"', RELS, data)
    assert [one.code for one in faults(data) if one.is_error] == ["fetches"]


def test_a_link_that_a_reader_may_follow_is_allowed() -> None:
    data = with_relation("hyperlink", "https://example.no/", external=True)
    assert faults(data) == []
    render(data)


@pytest.mark.parametrize(
    "kind", ["vbaProject", "oleObject", "package", "control", "aFChunk", "subDocument", "attachedToolbars"]
)
def test_a_program_or_a_file_in_the_document_is_refused(kind: str) -> None:
    assert [one.code for one in faults(with_relation(kind, "x.bin")) if one.is_error] == ["carries"]


@pytest.mark.parametrize("kind", ["vbaProject", "keyMapCustomizations", "wordVbaData"])
def test_macros_are_refused_under_microsofts_own_names(kind: str) -> None:
    data = with_relation(kind, "vbaProject.bin", base="http://schemas.microsoft.com/office/2006/relationships")
    assert [str(one.message) for one in faults(data) if one.is_error] == ["the document carries macros"]


MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("application/vnd.ms-word.document.macroEnabled.main+xml", "carries"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml", "not-docx"),
        ("text/html", "not-docx"),
    ],
)
def test_a_document_of_another_kind_is_refused(content_type: str, code: str) -> None:
    assert [one.code for one in faults(replaced(MAIN, content_type, TYPES)) if one.is_error] == [code]


def test_macros_that_no_relation_admits_to_are_refused() -> None:
    data = replaced(
        "</Types>", '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>', TYPES
    )
    assert [one.code for one in faults(data) if one.is_error] == ["carries"]


def test_a_text_that_is_kept_elsewhere_than_it_is_checked_is_refused() -> None:
    data = replaced('Target="word/document.xml"', 'Target="word/document2.xml"', "_rels/.rels")
    assert [one.code for one in faults(data) if one.is_error] == ["odd-container"]


@pytest.mark.parametrize(
    "xml",
    [
        field_paragraph(' DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k x" '),
        field_paragraph("DDE", "AUTO x"),
        field_paragraph(" dde x"),
        field_paragraph(' INCLUDETEXT "https://example.no/x" '),
        field_paragraph(' INCLUDEPICTURE "https://example.no/x" '),
        field_paragraph(" MACROBUTTON x y"),
        field_paragraph(" LINK Excel.Sheet x"),
        field_paragraph(" DATABASE x"),
        field_paragraph(" QUOTE 68 68 69"),
        field_paragraph(" = 2 + 2 "),
        field_paragraph(""),
        field_paragraph(" HYPERLINK {{ name }}"),
        '<w:p><w:fldSimple w:instr="DDEAUTO x"/></w:p>',
        '<w:p><w:fldSimple w:instr="{{ name }}"/></w:p>',
        field_paragraph(" PAGE </w:instrText><w:fldChar w:fldCharType='begin'/><w:instrText> DDEAUTO x "),
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/><w:instrText>DDEAUTO x</w:instrText></w:r></w:p>",
        "<w:p><w:r><w:instrText>DDEAUTO x</w:instrText></w:r></w:p>",
        field_paragraph(" PAGE </w:instrText><w:fldChar w:fldCharType='begin'/><w:instrText> TITLE "),
    ],
)
@pytest.mark.parametrize("where", ["body", "elsewhere"])
def test_a_field_code_that_runs_or_fetches_is_refused(xml: str, where: str) -> None:
    if where == "body":
        data = with_body(xml)
    else:
        # A header may have any name: its content type tells Word what it is.
        said = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
        data = with_parts({"odd/name.bin": f"<w:hdr {WORDML}>{xml}</w:hdr>".encode()})
        data = replaced("</Types>", f'<Override PartName="/odd/Name.bin" ContentType="{said}"/></Types>', TYPES, data)
    assert {one.code for one in faults(data) if one.is_error} <= {"field-code", "wrong-place"}
    with pytest.raises(TemplateError):
        compile_template(data, AgreementContext)


@pytest.mark.parametrize("code", [" PAGE ", "NUMPAGES", ' TOC \\o "1-1" ', " ref _Ref1 \\h ", ' DATE \\@ "d" '])
def test_a_field_code_of_words_own_is_allowed(code: str) -> None:
    assert faults(with_body(field_paragraph(code, result="1"))) == []


def test_mail_merge_is_refused() -> None:
    data = replaced("</w:settings>", "<w:mailMerge/></w:settings>", "word/settings.xml")
    assert [one.code for one in faults(data) if one.is_error] == ["mail-merge"]
