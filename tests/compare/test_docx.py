"""An edited Word document beside what was issued: each difference at its clause, and nothing else."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping

import pytest
from docx.text.paragraph import Paragraph

from ksf_agreements.documents.clauses import read_clauses
from ksf_agreements.domain.compared.passages import Kind, Passage, placed
from tests.compare.conftest import SAMPLES
from tests.compare.editing import Comparing, Editor, marked, noisy, told, tracked, with_xml
from tests.documents.word import packed, parts


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("ending", ["", "-kontaktpersoner"])
def test_a_document_says_the_same_as_itself(
    comparing: Comparing, drafts: Mapping[str, bytes], sample: str, ending: str
) -> None:
    found = Comparing(comparing.ksf, comparing.workspace, sample).same(drafts[f"{sample}{ending}"])
    assert found["document"] == (ending[1:] or "avtale")
    assert (found["version"], found["kept"], found["filled"]) == (None, 1.0, [])


def test_what_word_does_behind_peoples_backs_is_no_difference(comparing: Comparing, draft: bytes) -> None:
    comparing.same(noisy(draft))
    editor = Editor(draft)
    assert editor.data != draft
    comparing.same(editor.data)


def test_a_paragraph_in_two_or_two_in_one_is_no_difference(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    first, second = editor.find("Kommuneklyngen skal styrke samarbeidet").text.split(". ", 1)
    editor.add("Kommuneklyngen skal styrke samarbeidet", second)
    editor.write(editor.find("Kommuneklyngen skal styrke samarbeidet"), f"{first}.")
    comparing.same(editor.data)


def clauses(data: bytes) -> list[tuple[str, int, Passage]]:
    """Return for each clause its number, and its first paragraph of KS's own words with that paragraph's number."""
    found: dict[str, tuple[str, int, Passage]] = {}
    for number, passage in enumerate(placed(read_clauses(data).passages)):
        one = passage.place.number
        if one and passage.kind in {Kind.TEXT, Kind.ITEM} and len(passage.tokens) > 5:
            found.setdefault(one, (one, number, passage))
    return list(found.values())


def test_a_changed_word_is_found_in_every_clause(comparing: Comparing, draft: bytes) -> None:
    all_clauses = clauses(draft)
    assert [one for one, *_ in all_clauses] == ["1", "2", "3", "3.1", *map(str, range(4, 13))]
    for clause, _, passage in all_clauses:
        editor = Editor(draft)
        word = max((token.key for token in passage.tokens), key=len)
        editor.change(passage.text, word, "omskrevet")
        found = comparing.json(editor.data)
        if clause == "3.1":  # nothing but local text
            (field,) = found["fields"]
            assert (field["label"], field["clauses"][0]["number"]) == ("Background of the cluster", "3.1")
            continue
        (change,) = found["changes"]
        assert (change["kind"], change["clause"]["number"]) == ("changed", clause)
        assert (marked(change, "gone"), marked(change, "new")) == ([word], ["omskrevet"])
        assert found["fields"] == []


def test_a_dropped_an_added_and_a_moved_paragraph(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    editor.drop("Det er ønskelig med ekstern kommunikasjon")
    editor.add("Partnerne skal profilere", "Logoen til KSF skal alltid vises.")
    editor.move("KSF skal styrke kulturen", after="Motorkommunen kan motta midler")
    dropped, added, moved = sorted(
        comparing.json(editor.data)["changes"], key=lambda one: ["dropped", "added", "moved"].index(one["kind"])
    )
    assert dropped["clause"]["number"] == "10"
    assert told(added) == "added 8: {+Logoen til KSF skal alltid vises.+}"
    assert (moved["clause"]["number"], moved["to"]["number"]) == ("3", "7")
    assert marked(moved, "gone") == marked(moved, "new") == []


def test_an_added_clause_stands_at_its_own_number(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    editor.add("Partnerne skal profilere", "8.1 Logo", like="2. Partnere")
    editor.add("8.1 Logo", "Logoen skal alltid vises.", like="Partnerne skal profilere")
    heading, text = comparing.json(editor.data)["changes"]
    assert (told(heading), told(text)) == ("added 8.1: {+8.1 Logo+}", "added 8.1: {+Logoen skal alltid vises.+}")
    assert text["clause"]["heading"] == "Logo"


def test_a_dropped_clause_is_told_with_its_heading(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    editor.drop("Partnerne skal profilere")
    editor.drop("8. Profilering")
    assert [one["clause"]["number"] for one in comparing.json(editor.data)["changes"]] == ["8", "8"]


def test_changed_values_are_told_as_fields_and_not_as_wording(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    editor.change("Avtalen trer i kraft", "30. juni 2031", "31. desember 2035")
    editor.change("Kommunene i klyngen skal ha", "20 prosent", "5 prosent")
    editor.change("Kommuneklyngen må avklare", "styringsrådet", "motorkommunen alene")
    editor.change("Samarbeidsavtalen er felles", "Snåsa kommune", "Snåsa kommune og Lierne kommune")
    editor.change("psykisk helse", "psykisk helse hos barn og unge", "klima og natur")
    editor.add("klima og natur", "digitalisering")
    editor.change("Navn: Berit", "Berit Eksempel", "Anne Eksempel")
    found = comparing.json(editor.data)
    assert found["changes"] == []
    assert [(one["label"], one["clauses"][0]["number"], one["old"], one["new"]) for one in found["fields"]] == [
        ("Members", "2", "Trondheim kommune og Snåsa kommune", "Trondheim kommune og Snåsa kommune og Lierne kommune"),
        ("Focus areas", "4", "psykisk helse hos barn og unge", "klima og natur"),
        ("Focus areas", "4", "", "digitalisering"),
        ("Decision authority", "6", "styringsrådet", "motorkommunen alene"),
        ("Resources for the FoUI contact", "7", "minimum 20 prosent stilling", "minimum 5 prosent stilling"),
        ("Valid until", "12", "30. juni 2031", "31. desember 2035"),
        ("Signatory's name, Trondheim kommune", "13", "Berit Eksempel", "Anne Eksempel"),
    ]


def test_a_value_that_stands_in_many_places_is_told_once_with_all_of_them(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    for paragraph in editor.document.paragraphs:
        if "Trondheim kommune" in paragraph.text:
            editor.write(paragraph, paragraph.text.replace("Trondheim kommune", "Oslo kommune"))
    fields = comparing.json(editor.data)["fields"]
    motor = next(one for one in fields if one["field"] == "motor_municipality")
    assert [place["number"] for place in motor["clauses"]] == ["2", "6", "6"]
    assert (motor["old"], motor["new"]) == ("Trondheim kommune", "Oslo kommune")


def test_a_value_and_the_wording_around_it(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    editor.change("Enhver partner", "KSF Midt", "KSF Sør")
    editor.change("Enhver partner", "skriftlig", "muntlig")
    found = comparing.json(editor.data)
    assert [(one["label"], one["new"]) for one in found["fields"]] == [("Name of the region", "Sør")]
    (change,) = found["changes"]
    assert marked(change, "new") == ["muntlig", "Sør"]


def test_a_changed_contact_is_told_with_whose_it_is(comparing: Comparing, drafts: Mapping[str, bytes]) -> None:
    data = with_xml(drafts["alle-valg-kontaktpersoner"], lambda xml: xml.replace("Maja Kontakt", "Mona Kontakt"))
    data = with_xml(data, lambda xml: xml.replace("Leif Leder", "Lise Leder"))
    found = comparing.json(data)
    assert found["changes"] == []
    assert [(one["label"], one["old"], one["new"]) for one in found["fields"]] == [
        ("Cluster leader: Name", "Leif Leder", "Lise Leder"),
        ("FoUI contacts: Name, Snåsa kommune", "Maja Kontakt", "Mona Kontakt"),
    ]


def test_what_is_written_to_sign_is_told_apart(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    editor.change("Signatur", "Signatur", "Signatur Berit Eksempel")
    editor.change("Dato:", "Dato:", "Dato: 3. mars 2026")
    editor.change("Navn:", "Navn:", "Navn: Per-Åge Eksempel", nth=1)
    editor.add("Signatur", "Signert digitalt av Anne Eksempel 3.3.2026", nth=1)
    found = comparing.same(editor.data)
    motor, partner = "For Trondheim kommune (motorkommune)", "For Snåasen tjïelte - Snåsa kommune (partnerkommune)"
    assert {(one["party"], one["label"], one["text"]) for one in found["filled"]} == {
        (motor, "Signatur", "Berit Eksempel"),
        (motor, "Dato", "3. mars 2026"),
        (partner, "Navn", "Per-Åge Eksempel"),
        (partner, "Signatur", "Signert digitalt av Anne Eksempel 3.3.2026"),
    }


@pytest.mark.parametrize(
    "words",
    [
        "med forbehold om kommunestyrets godkjenning",
        "Gjelder ikke punkt 7",
        "Kommunen er bare bundet i ett år",
        "dersom KS betaler",
    ],
)
def test_a_condition_in_a_signature_block_is_a_difference(comparing: Comparing, draft: bytes, words: str) -> None:
    editor = Editor(draft)
    editor.change("Signatur", "Signatur", f"Signatur {words}")
    (change,) = comparing.json(editor.data)["changes"]
    assert (change["clause"]["number"], marked(change, "new")) == ("13", [words])
    editor = Editor(draft)
    editor.add("Dato:", words)
    (change,) = comparing.json(editor.data)["changes"]
    assert (change["kind"], change["clause"]["number"]) == ("added", "13")


def test_tracked_changes_count_as_made_and_are_told(comparing: Comparing, draft: bytes) -> None:
    old = (
        "Partnerne skal profilere kommuneklyngen i henhold til gjeldende retningslinjer fra KS for profilering av KSF."
    )
    found = comparing.json(tracked(draft, old, old.replace("skal", "kan")))
    (change,) = found["changes"]
    assert (marked(change, "gone"), marked(change, "new")) == (["skal"], ["kan"])
    assert "The document has 2 tracked changes. It is read as if all were accepted." in found["notes"]


def test_a_paragraph_whose_mark_is_deleted_is_still_said(comparing: Comparing, draft: bytes) -> None:
    about = 'w:id="9" w:author="x" w:date="2026-03-01T10:00:00Z"'
    mark = f'<w:pPr><w:pStyle w:val="BodyText"/><w:rPr><w:del {about}/></w:rPr></w:pPr>'
    data = with_xml(draft, lambda xml: xml.replace('<w:pPr><w:pStyle w:val="BodyText"/></w:pPr>', mark, 3))
    assert any("tracked" in note for note in comparing.same(data)["notes"])


def test_hidden_text_is_told_and_is_a_difference(comparing: Comparing, draft: bytes) -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Gjelder ikke for Snåsa.</w:t></w:r></w:p>"
    data = with_xml(draft, lambda xml: xml.replace("</w:p>", hidden, 1))
    found = comparing.json(data)
    assert (found["hidden"], found["changes"]) == (["Gjelder ikke for Snåsa."], [])


def test_hiding_a_clause_drops_it(comparing: Comparing, draft: bytes) -> None:
    text = "Partnerne skal profilere kommuneklyngen"
    data = with_xml(
        draft,
        lambda xml: xml.replace("<w:t>" + text, "<w:rPr><w:vanish/></w:rPr><w:t>" + text).replace(
            '<w:t xml:space="preserve">' + text, '<w:rPr><w:vanish/></w:rPr><w:t xml:space="preserve">' + text
        ),
    )
    found = comparing.json(data)
    assert found["hidden"][0].startswith(text)
    assert [(one["kind"], one["clause"]["number"]) for one in found["changes"]] == [("dropped", "8")]


@pytest.mark.parametrize(
    "look", ['<w:color w:val="ffffff"/>', '<w:sz w:val="2"/>', '<w:color w:val="FFFFFF" w:themeColor="background1"/>']
)
def test_text_that_nobody_can_see_is_hidden(comparing: Comparing, draft: bytes, look: str) -> None:
    unseen = f"<w:r><w:rPr>{look}</w:rPr><w:t>Gjelder ikke for Snåsa.</w:t></w:r></w:p>"
    found = comparing.json(with_xml(draft, lambda xml: xml.replace("</w:p>", unseen, 1)))
    assert (found["hidden"], found["changes"]) == (["Gjelder ikke for Snåsa."], [])


def test_white_letters_on_a_dark_ground_are_seen(comparing: Comparing, draft: bytes) -> None:
    look = '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F3864"/>'
    seen = f"<w:r><w:rPr>{look}</w:rPr><w:t> Gjelder ikke for Snåsa.</w:t></w:r></w:p>"
    found = comparing.json(with_xml(draft, lambda xml: xml.replace("</w:p>", seen, 1)))
    assert (found["hidden"], len(found["changes"])) == ([], 1)


@pytest.mark.parametrize("look", ["<w:strike/>", '<w:dstrike w:val="1"/>'])
def test_what_is_struck_through_is_taken_out(comparing: Comparing, draft: bytes, look: str) -> None:
    text = "Partnerne skal profilere kommuneklyngen"

    def strike(xml: str) -> str:
        return re.sub(f"(<w:r>)(?:<w:rPr>.{{0,80}}?</w:rPr>)?(<w:t[^>]*>{text})", rf"\1<w:rPr>{look}</w:rPr>\2", xml)

    found = comparing.json(with_xml(draft, strike))
    assert [(one["kind"], one["clause"]["number"]) for one in found["changes"]] == [("dropped", "8")]
    assert any(note.startswith(f"Struck through, and read as taken out: «{text}") for note in found["notes"])
    comparing.same(with_xml(draft, lambda xml: strike(xml).replace(look, '<w:strike w:val="0"/>')))


def test_comments_are_counted(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    paragraph = editor.find("Partnerne skal profilere")
    editor.document.add_comment(paragraph.runs, text="Er dette riktig?", author="Anne Eksempel")
    assert "The document has 1 comment." in comparing.same(editor.data)["notes"]


def test_a_footnote_is_said(comparing: Comparing, draft: bytes) -> None:
    content = parts(draft)
    note = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="2"><w:p>'
        "<w:r><w:t>Gjelder ikke for Snåsa kommune.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    (change,) = comparing.json(packed({**content, "word/footnotes.xml": note.encode()}))["changes"]
    assert marked(change, "new") == ["Gjelder ikke for Snåsa kommune."]


def test_a_sentence_that_hides_in_the_contents_is_said(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    entry = editor.contents()[3]
    new = copy.deepcopy(entry._p)
    entry._p.addnext(new)
    editor.write(Paragraph(new, entry._parent), "Avtalen gjelder ikke for Snåsa kommune 3")
    (change,) = comparing.json(editor.data)["changes"]
    assert marked(change, "new") == ["Avtalen gjelder ikke for Snåsa kommune 3"]


def test_page_numbers_of_the_contents_and_the_furniture_do_not_count(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    entry = editor.contents()[0]
    editor.write(entry, "1. Formål med samarbeidsavtalen\t77")
    data = with_xml(editor.data, lambda xml: xml.replace("Side ", "Ark "), part="word/footer1.xml")
    assert any("Ark" in note for note in comparing.same(data)["notes"])


def test_another_document_is_told_as_such(comparing: Comparing, drafts: Mapping[str, bytes]) -> None:
    editor = Editor(drafts["alle-valg"])
    for paragraph in list(editor.document.paragraphs)[3:]:
        paragraph._p.getparent().remove(paragraph._p)
    editor.write(editor.document.paragraphs[0], "Leieavtale for et kjellerlokale i sentrum")
    assert any("does not look like the agreement" in note for note in comparing.json(editor.data)["notes"])
