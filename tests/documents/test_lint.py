"""What lint tells the author of a template: each fault once, where it stands, with the mend."""

from __future__ import annotations

import copy
from dataclasses import fields, is_dataclass
from types import GenericAlias

import pytest
from docx.document import Document

from ksf_agreements.documents import lint as lint_module
from ksf_agreements.documents.context import AgreementContext
from ksf_agreements.documents.language import field_types
from ksf_agreements.documents.lint import excerpt, lint
from ksf_agreements.documents.tags import Place
from ksf_agreements.documents.template import PlacedFault, TemplateError, compile_template, read_template
from tests.documents.docx_tools import (
    CONTACTS_ORIGINAL,
    ORIGINAL,
    edited,
    fault,
    faults,
    paragraph,
    render,
    replaced,
    with_body,
    with_parts,
    with_text,
)
from tests.documents.word import BODY, W, parts

HEADER, FOOTER, NOTES, CORE = "word/header1.xml", "word/footer1.xml", "word/footnotes.xml", "docProps/core.xml"


def told(one: PlacedFault) -> tuple[str, str, str]:
    return one.code, str(one.message), str(one.mend)


def place(one: PlacedFault) -> tuple[str, int, str]:
    assert one.place is not None
    return one.place.part, one.place.paragraph, excerpt(one.place)


def with_note(text: str) -> bytes:
    note = f'<w:footnotes xmlns:w="{W[1:-1]}"><w:footnote w:id="2">{paragraph(text)}</w:footnote></w:footnotes>'
    return with_parts({NOTES: note.encode()})


@pytest.mark.parametrize("data", [ORIGINAL, CONTACTS_ORIGINAL], ids=["agreement", "contacts"])
def test_an_installed_template_has_no_faults(data: bytes) -> None:
    assert lint(data, data) == ()


@pytest.mark.parametrize("data", [ORIGINAL, CONTACTS_ORIGINAL], ids=["agreement", "contacts"])
def test_nor_has_it_when_python_docx_has_saved_it(data: bytes) -> None:
    assert lint(edited(lambda _: None, data), data) == ()


# --- fields ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (with_text("Først {{ naem }}"), (BODY, 1, "Først {{ naem }}")),
        (replaced("{{ name }}", "{{ naem }}", HEADER), (HEADER, 1, "Samarbeidsavtale · {{ naem }}")),
        (replaced("{{ document.mark }}", "{{ naem }}", FOOTER), (FOOTER, 1, "{{ naem }}Side 1 av 1")),
        (with_note("{{ naem }}"), (NOTES, 1, "{{ naem }}")),
        (
            replaced("{{ name }}", "{{ naem }}", CORE),
            (CORE, 0, "Samarbeidsavtale mellom kommunene i ... {{ naem }}"),
        ),
        (replaced("{{ document.qr_alt }}", "{{ naem }}", HEADER), (HEADER, 0, "{{ naem }}")),
    ],
    ids=["body", "header", "footer", "footnote", "properties", "attribute"],
)
def test_an_unknown_field_is_told_with_the_nearest_one(data: bytes, where: tuple[str, int, str]) -> None:
    found = fault(data, "unknown-field")
    assert told(found)[1:] == ("there is no field 'naem'", "Did you mean 'name'?")
    assert place(found) == where
    with pytest.raises(TemplateError):
        compile_template(data, AgreementContext)


@pytest.mark.parametrize(
    ("text", "message", "mend"),
    [
        ("{{ resources.leader }}", "there is no field 'resources.leader'", "Did you mean 'resources.cluster_leader'?"),
        ("{{ resources.x }}", "there is no field 'resources.x'", "Choose one of: cluster_leader, foui_contact"),
        ("{{ name.title }}", "there is no field 'name.title'", "None"),
        ("{{ resources }}", "'resources' is not a text, so it cannot be printed", "Print one of its fields: "),
        ("{{ focus_areas }}", "'focus_areas' is not a text, so it cannot be printed", "None"),
        ("{{ contributions_required }}", "'contributions_required' is not a text, so it cannot be printed", "None"),
        ("{% for x in name %}{% endfor %}", "'name' is not a list, so it cannot be repeated", "None"),
        ("{% for x in resources %}{% endfor %}", "'resources' is not a list, so it cannot be repeated", "None"),
        ("{% for x in parties %}{{ x.nam }}{% endfor %}", "there is no field 'parties.nam'", "'parties.name'"),
        ("{% if nothing %}{% endif %}", "there is no field 'nothing'", "Choose one of: "),
        ("{% if name %}{% else %}{{ naem }}{% endif %}", "there is no field 'naem'", "'name'"),
    ],
)
def test_a_field_is_looked_up_in_every_branch(text: str, message: str, mend: str) -> None:
    (found,) = [one for one in faults(with_text(text)) if one.is_error]
    assert str(found.message) == message
    assert mend in str(found.mend)


def test_every_fault_of_every_part_is_told_at_once() -> None:
    data = replaced("{{ document.mark }}", "{{ naem }}", FOOTER, with_text("{{ a }}", "Fast tekst", "{{ b }}"))
    places = [place(one)[:2] for one in faults(data) if one.code == "unknown-field"]
    assert places == [(BODY, 1), (BODY, 3), (FOOTER, 1)]


def test_a_field_that_is_never_printed_is_a_warning() -> None:
    data = replaced("{{ valid_until }}", "2029")
    found = fault(data, "unread-field")
    assert told(found)[1] == "the template never prints 'valid_until'"
    assert not found.is_error
    render(data)


def test_a_field_that_is_only_asked_for_is_not_printed() -> None:
    data = replaced(", {{ resources.foui_contact }}{% endif %}", "{% endif %}")
    assert told(fault(data, "unread-field"))[1] == "the template never prints 'resources.foui_contact'"


def test_a_list_that_is_never_repeated_is_told_as_one() -> None:
    def without_annexes(document: Document) -> None:
        for one in document.paragraphs[-4:]:
            one._p.getparent().remove(one._p)

    assert told(fault(edited(without_annexes), "unread-field"))[1] == "the template never prints 'annexes'"


def test_every_field_of_the_context_is_printed_by_an_installed_template() -> None:
    readings = [read_template(data, AgreementContext) for data in (ORIGINAL, CONTACTS_ORIGINAL)]
    read = set().union(*(one.read for one in readings))
    assert read == _paths(AgreementContext) - {"parties.is_motor"}


def test_the_table_of_excused_fields_names_fields_that_there_are_and_that_the_template_does_not_read() -> None:
    for data in (ORIGINAL, CONTACTS_ORIGINAL):
        reading = read_template(data, AgreementContext)
        excused = lint_module._NOT_PRINTED[reading.info.name]
        assert excused <= _paths(AgreementContext)
        assert not excused & reading.read


def _paths(model: type, prefix: str = "") -> set[str]:
    found = set()
    for field in fields(model):
        kind = field_types(model)[field.name]
        inner = kind.__args__[0] if isinstance(kind, GenericAlias) else kind
        found.add(f"{prefix}{field.name}")
        if is_dataclass(inner):
            found |= _paths(inner, f"{prefix}{field.name}.")
    return found


# --- loops and conditions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "code", "message", "paragraph_number"),
    [
        (("{%p for a in parties %}", "x"), "unclosed", "the loop is not closed", 1),
        (("x", "{%p if name %}", "x"), "unclosed", "the condition is not closed", 2),
        (("x", "{%p endfor %}"), "no-beginning", "an end tag has no beginning", 2),
        (("{% endif %}",), "no-beginning", "an end tag has no beginning", 1),
        (("{%p else %}",), "no-beginning", "'else' stands in no condition", 1),
        (("{%p for a in parties %}", "{%p else %}", "{%p endfor %}"), "no-beginning", "'else' stands in no", 2),
        (
            ("{%p for a in parties %}", "{%p if a.name %}", "{%p endfor %}", "{%p endif %}"),
            "crossed",
            "'endfor' stands where 'endif' should",
            3,
        ),
        (("{%p if name %}", "x {% endif %}"), "crossed", "begins and ends in different places", 1),
        (("{%p if name %} text",), "text-beside-tag", "other text stands beside it", 1),
        (("{%p if name %}{%p endif %}",), "wrong-place", "the tag stands in no paragraph of its own", 1),
        (("{%tr for a in parties %}",), "wrong-place", "the tag stands in no table row", 1),
        (("{%tc for a in parties %}",), "not-allowed", "table columns cannot be repeated", 1),
        (("{{ name", "}}"), "unclosed-tag", "the tag sign {{ has no counterpart", 1),
        (("slutt %}",), "unclosed-tag", "the tag sign %} has no counterpart", 1),
        (("{{ }}",), "syntax", "the tag is empty", 1),
        (("{{ name name }}",), "syntax", "the tag cannot be read", 1),
        (("{% fro a in parties %}",), "not-allowed", "a template may not use this construct (fro)", 1),
    ],
)
def test_a_loop_or_condition_that_is_wrong_is_told_where_it_stands(
    texts: tuple[str, ...], code: str, message: str, paragraph_number: int
) -> None:
    found = faults(with_text(*texts))
    first = next(one for one in found if one.code == code)
    assert message in str(first.message)
    assert place(first)[:2] == (BODY, paragraph_number)


def test_a_misspelt_tag_is_told_with_the_nearest_one() -> None:
    assert str(fault(with_text("{% endfro %}"), "not-allowed").mend) == "Did you mean 'endfor'?"


def test_a_tag_takes_no_picture_and_no_section_with_it() -> None:
    picture = "<w:p><w:r><w:drawing/></w:r><w:r><w:t>{%p if name %}</w:t></w:r></w:p>"
    section = "<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t>{%p if name %}</w:t></w:r></w:p>"
    for xml in (picture, section):
        found = fault(with_body(xml + paragraph("{%p endif %}")), "text-beside-tag")
        assert "a picture, field or break stands beside it" in str(found.message)


def _table(*cells: str) -> str:
    return f"<w:tbl><w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr></w:tbl>"


LOOP, END = paragraph("{%p for a in focus_areas %}"), paragraph("{%p endfor %}")
IF, ELSE, END_IF = paragraph("{%p if name %}"), paragraph("{%p else %}"), paragraph("{%p endif %}")
ONE = paragraph("x")


@pytest.mark.parametrize(
    ("cell", "is_sound"),
    [
        (LOOP + paragraph("{{ a }}") + END, False),
        (LOOP + paragraph("{{ a }}") + END + "<w:p/>", True),
        (IF + ONE + END_IF, False),
        (IF + ONE + ELSE + ONE + END_IF, True),
        (IF + ONE + ELSE + END_IF, False),
        (IF + ONE + ELSE + IF + ONE + END_IF + END_IF, False),
        (IF + ONE + ELSE + IF + ONE + ELSE + ONE + END_IF + END_IF, True),
        (LOOP + _table(ONE) + END + ONE, True),
        (_table(ONE) + LOOP + END, False),
    ],
)
def test_a_cell_that_can_be_left_without_a_paragraph(cell: str, is_sound: bool) -> None:
    found = [one.code for one in faults(with_body(_table(ONE, cell)))]
    assert found == ([] if is_sound else ["empty-cell"])


def test_a_loop_around_whole_rows_leaves_no_empty_cell() -> None:
    row = "<w:tr><w:tc>{}</w:tc></w:tr>"
    tags = ("{%tr for a in focus_areas %}", "{{ a }}", "{%tr endfor %}")
    xml = f"<w:tbl>{''.join(row.format(paragraph(tag)) for tag in tags)}</w:tbl>"
    assert faults(with_body(xml)) == []


def test_what_stands_twice_when_it_is_repeated() -> None:
    bookmark = '<w:p><w:bookmarkStart w:id="{}" w:name="{}"/><w:bookmarkEnd w:id="{}"/></w:p>'
    drawing = "xmlns:wp='http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing'"
    picture = (
        f"<w:p><w:r><w:drawing><wp:inline {drawing}><wp:docPr id='7' name='x'/></wp:inline></w:drawing></w:r></w:p>"
    )
    inside = LOOP + bookmark.format(7, "merke", 7) + picture + END
    messages = [str(one.message) for one in faults(with_body(inside)) if one.code == "twice"]
    assert [message[: message.index(" stands")] for message in messages] == ["a bookmark", "a picture"]
    outside = IF + bookmark.format(7, "merke", 7) + picture + END_IF
    assert faults(with_body(outside)) == []
    assert faults(with_body(LOOP + bookmark.format(7, "_GoBack", 7) + END)) == []


# --- what is left of the original, and what is lost of it ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Avtalen for [navn på klyngen] gjelder", "[navn på klyngen]"),
        ("For XX kommune (motorkommune)", "XX kommune"),
        ("til [dato 20xx].", "[dato 20xx]"),
        ("Veiledning: Vi anbefaler", "Veiledning:"),
        ("{{ name }} og [navn]", "[navn]"),
    ],
)
def test_what_is_left_of_the_word_original_is_told(text: str, left: str) -> None:
    found = [one for one in faults(with_text(text)) if one.code == "leftover"]
    assert left in [str(one.message).split("”")[0].strip("“") for one in found]
    assert {place(one)[1] for one in found} == {1}
    assert all(one.is_error for one in found)


@pytest.mark.parametrize("text", ["Se [1] og [...]", "a[] b", "{{ name }}", "3 kommuner", "XXL kommune"])
def test_other_brackets_are_left_in_peace(text: str) -> None:
    assert faults(with_text(text)) == []


def _without(heading: str) -> bytes:
    def change(document: Document) -> None:
        start = next(one for one in document.paragraphs if one.text == heading)._p
        while start is not None:
            after = start.getnext()
            start.getparent().remove(start)
            start = after if not after.xpath("w:pPr/w:pStyle[@w:val='Heading1']") else None

    return edited(change)


def test_a_missing_clause_is_told() -> None:
    found = faults(_without("8. Profilering"))
    assert [told(one)[:2] for one in found] == [
        ("missing-clause", "the clause “8. Profilering” of the original is missing")
    ]
    assert found[0].is_error


def test_a_clause_under_another_number_or_style_is_there() -> None:
    assert faults(replaced(">8. Profilering<", ">9. Profilering<", data=_fresh())) == []

    def restyle(document: Document) -> None:
        heading = next(one for one in document.paragraphs if one.text == "8. Profilering")
        heading.style = document.styles["Body Text"]
        heading.runs[0].text = "Profilering"

    assert faults(edited(restyle)) == []


def _fresh() -> bytes:
    # The heading stands in the contents too, before its own paragraph.
    return replaced(">8. Profilering<", "><", data=ORIGINAL)


def test_a_changed_paragraph_of_ks_is_a_warning() -> None:
    found = fault(replaced("en oppsigelsestid på ett (1) år", "en oppsigelsestid på seks måneder"), "changed-clause")
    assert not found.is_error
    assert "in the clause “12. Varighet og oppsigelse”, a paragraph" in str(found.message)


def test_without_an_original_clauses_are_not_compared() -> None:
    assert lint(_without("8. Profilering")) == ()


def test_a_template_that_does_not_say_which_one_it_is() -> None:
    data = replaced("<vt:lpwstr>ksf-klyngeavtale<", "<vt:lpwstr>noe annet<", "docProps/custom.xml")
    (found,) = lint(data)
    assert found.code == "unnamed"
    assert "ksf-klyngeavtale, ksf-kontaktpersoner" in str(found.mend)


# --- tags where nothing is filled in ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "number"),
    [
        ("word/comments.xml", f'<w:comments xmlns:w="{W[1:-1]}">{paragraph("{{ na", "me }}")}</w:comments>', 1),
        (
            "word/glossary/document.xml",
            f'<w:glossaryDocument xmlns:w="{W[1:-1]}">{paragraph("x")}{paragraph("{{ name }}")}</w:glossaryDocument>',
            2,
        ),
        ("word/charts/chart1.xml", "<c><t>{{ name }}</t></c>", 0),
        ("docProps/app.xml", "<p><Company>{{ name }}</Company></p>", 0),
        ("customXml/item1.xml", "<p>{% if name %}</p>", 0),
    ],
)
def test_a_tag_in_a_part_that_is_not_filled_is_a_warning(name: str, content: str, number: int) -> None:
    found = fault(with_parts({name: content.encode()}), "not-filled")
    assert place(found)[:2] == (name, number)
    assert not found.is_error


@pytest.mark.parametrize(
    "xml",
    [
        "<w:p><w:del><w:r><w:delText>{{ name }}</w:delText></w:r></w:del></w:p>",
        "<w:p><m:t xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math'>{{ name }}</m:t></w:p>",
    ],
    ids=["deleted", "formula"],
)
def test_a_tag_in_the_body_where_nothing_is_filled_is_a_warning(xml: str) -> None:
    assert place(fault(with_body(xml), "not-filled"))[0] == BODY


def test_tracked_changes_and_comments_are_told() -> None:
    xml = f'<w:p><w:ins w:id="1" w:author="x">{paragraph("ny")[5:-6]}</w:ins><w:commentReference w:id="1"/></w:p>'
    assert [str(one.message) for one in faults(with_body(xml)) if one.code == "marks"] == [
        "tracked changes are left in the template",
        "comments are left in the template",
    ]


def test_an_excerpt_is_short_and_shows_the_tag() -> None:
    text = "Avtalen trer i kraft fra signering og gjelder frem til og med {{ valid_untill }}."
    assert excerpt(Place(BODY, 1, text, "{{ valid_untill }}")) == (
        "Avtalen trer i kraft fra signering og ... {{ valid_untill }}"
    )
    assert excerpt(Place(BODY, 1, "kort {{ x }}", "{{ x }}")) == "kort {{ x }}"
    assert len(excerpt(Place(BODY, 1, "x" * 1000, "{{" + "y" * 1000))) < 200


def test_a_fault_repeated_without_end_is_told_some_times_only() -> None:
    assert len(faults(with_text(*["[navn]"] * 3000))) <= 60
    assert len(faults(with_text(*["{%tc x %}"] * 3000))) <= 60


def test_lint_changes_nothing_of_what_it_reads() -> None:
    reading = read_template(ORIGINAL, AgreementContext)
    assert copy.copy(reading.parts) == parts(ORIGINAL)
