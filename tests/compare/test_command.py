"""`ksf compare` as a person meets it: which version, the text, the page, and what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from ksf_agreements.pdf.converter import Converter
from tests.cli.register import Commands
from tests.compare.editing import Comparing, Editor, tracked, with_xml
from tests.conftest import Ran
from tests.documents.word import packed, parts


def edited(draft: bytes) -> bytes:
    """Return the agreement with one of each: a word, a value, a dropped, an added and a moved paragraph, and more."""
    editor = Editor(draft)
    editor.change("Samarbeidsavtalen skal godkjennes", "anbefales", "kreves")
    editor.change("Avtalen trer i kraft", "30. juni 2031", "31. desember 2035")
    editor.change("Enhver partner", "ett (1) år", "seks (6) måneder")
    editor.drop("Det er ønskelig med ekstern kommunikasjon")
    editor.add("Partnerne skal profilere", "<script>alert('x')</script> Logoen & navnet skal vises.")
    editor.add("psykisk helse", "klima og natur")
    editor.move("KSF skal styrke kulturen", after="Motorkommunen kan motta midler")
    editor.change("Dato:", "Dato:", "Dato: 3. mars 2026")
    text = "KS leder det nasjonale KSF-arbeidet"
    data = with_xml(editor.data, lambda xml: xml.replace("Side ", "Ark "), part="word/footer1.xml")
    return with_xml(data, lambda xml: xml.replace(text, f"{text} (<b>)".replace("<", "&lt;"), 1))


def without_hashes(text: str) -> str:
    """Return a text without what goes with the template's file."""
    return re.sub(r"innhold [0-9a-f]{12}", "innhold <12 hex digits>", re.sub(r"innhold\u00a0\w+", "", text))


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_text_and_the_page_are_what_they_were(
    ksf: Callable[..., Ran], workspace: Path, draft: bytes, golden: Callable[[str, str], None], language: str
) -> None:
    file, page = workspace / "redigert.docx", workspace / "side.html"
    file.write_bytes(edited(draft))
    ran = ksf("--lang", language, "-w", workspace, "compare", "alle-valg", file, "--out", page)
    assert ran.code == 1
    golden(f"compare/redigert.{language}.txt", without_hashes(ran.out.replace(str(page), "side.html")))
    golden(f"compare/redigert.{language}.html", without_hashes(page.read_text(encoding="utf-8")))


def test_the_page_stands_alone_and_escapes_what_the_document_says(comparing: Comparing, draft: bytes) -> None:
    page = comparing.workspace / "side.html"
    comparing.run(edited(draft), "--out", page)
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in html
    assert "default-src 'none'" in html
    assert not re.search(r"""(?:src|href)\s*=|@import|url\(""", html)
    assert re.search(r"<del>.*</del>", html)
    assert re.search(r"<ins>.*</ins>", html)
    levels = [int(level) for level in re.findall(r"<h(\d)", html)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_hostile_name_shows_no_signs_to_the_terminal(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    editor.change("Avtalen trer i kraft", "30. juni 2031", "30. juni\u202e2031")
    assert "\u202e" not in comparing.run(editor.data).out


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    return Commands(ksf, workspace)


@pytest.fixture
def issued(commands: Commands) -> bytes:
    """The sample agreement as version 1."""
    commands.issue(cluster="alle-valg")
    return (commands.workspace / "out" / "alle-valg.docx").read_bytes()


def test_an_issued_document_is_compared_with_what_the_register_keeps(
    commands: Commands, comparing: Comparing, issued: bytes
) -> None:
    commands.edit("2031-06-30", "2033-06-30", "alle-valg")
    found = comparing.same(issued)
    assert (found["version"], found["notes"]) == (1, [])
    assert re.fullmatch("KSF-.{4}-.{4}", found["document_id"])
    editor = Editor(issued)
    editor.change("Avtalen trer i kraft", "2031", "2033")
    assert comparing.json(editor.data)["fields"][0]["old"] == "30. juni 2031"


def test_a_document_is_compared_with_the_version_that_it_names(
    commands: Commands, comparing: Comparing, issued: bytes
) -> None:
    commands.edit("2031-06-30", "2033-06-30", "alle-valg")
    commands.issue("2026-02-01", cluster="alle-valg")
    assert comparing.same(issued)["version"] == 1
    found = comparing.json(issued, "--version", "2")
    assert (found["version"], found["fields"][0]["new"]) == (2, "30. juni 2031")
    assert any("calls itself another version" in note for note in found["notes"])
    bare = {name: data for name, data in parts(issued).items() if name != "docProps/custom.xml"}
    mark = re.compile(r"KSF-[0-9A-Z]{4}-[0-9A-Z]{4} · versjon 1".encode())
    bare["word/footer1.xml"] = mark.sub(b"Utskrift", bare["word/footer1.xml"])
    found = comparing.json(packed(bare))
    assert found["version"] == 2
    assert any("does not say which version" in note for note in found["notes"])


def test_the_pdf_of_an_issued_document_says_the_same(comparing: Comparing, issued: bytes, converter: Converter) -> None:
    found = comparing.same(converter.convert(issued, title="x", language="nb-NO"), name="a.pdf")
    assert (found["version"], found["notes"]) == (1, [])


def test_a_package_says_the_same_and_its_annexes_are_told(
    commands: Commands, comparing: Comparing, issued: bytes
) -> None:
    assert issued
    commands.ok("package", "alle-valg", "--out", str(commands.workspace / "pakke"))
    bundle = max((commands.workspace / "pakke").rglob("*.pdf"), key=lambda path: path.stat().st_size)
    found = comparing.same(bundle.read_bytes(), name="a.pdf")
    assert found["version"] == 1
    assert any("Not compared: page" in note for note in found["notes"])


def test_the_document_of_another_cluster_is_refused(commands: Commands, comparing: Comparing, issued: bytes) -> None:
    commands.issue()
    other = Comparing(comparing.ksf, comparing.workspace, "helse-omsorg-vest")
    ran = other.run(issued)
    assert (ran.code, "belongs to alle-valg" in ran.err) == (2, True)
    assert other.json(issued, "--version", "1")["version"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--version", "7"), "Version 7 of alle-valg is not in the register."),
        ((), "neither a PDF nor a Word document"),
    ],
)
def test_what_cannot_be_compared_is_told_with_exit_code_2(
    comparing: Comparing, draft: bytes, words: tuple[str, ...], said: str
) -> None:
    ran = comparing.run(draft if words else b"Hei", *words)
    assert (ran.code, ran.out, said in ran.err) == (2, "", True)


def test_a_missing_file_or_cluster_is_told(comparing: Comparing, draft: bytes) -> None:
    ran = comparing.ksf("--lang", "en", "-w", comparing.workspace, "compare", "alle-valg", "borte.docx")
    assert (ran.code, "is not there" in ran.err) == (2, True)
    ran = Comparing(comparing.ksf, comparing.workspace, "finnes-ikke").run(draft)
    assert (ran.code, "There is no cluster" in ran.err) == (2, True)


BOMBS = {
    "entities": lambda xml: xml.replace("<w:document", '<!DOCTYPE x [<!ENTITY a "b">]><w:document', 1),
    "broken": lambda xml: xml[: len(xml) // 2],
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_word_document_is_refused_in_a_sentence(comparing: Comparing, draft: bytes, name: str) -> None:
    ran = comparing.run(with_xml(draft, BOMBS[name]))
    assert (ran.code, ran.out) == (2, "")
    assert 10 < len(ran.err) < 300


def test_a_hostile_pdf_is_refused_in_a_sentence(comparing: Comparing, pdfs: Mapping[str, bytes]) -> None:
    whole = pdfs["alle-valg"]
    for data in (b"%PDF-1.7\n" + b"\0" * 1000, whole[: len(whole) // 2], b"%PDF-1.7 trailer<</Root 1 0 R/Prev 0>>"):
        ran = comparing.run(data, name="a.pdf")
        assert (ran.code, ran.out) == (2, "")
        assert 10 < len(ran.err) < 300


def test_a_document_with_far_too_many_words_is_refused(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    editor.change("Partnerne skal profilere", "Partnerne", "og " * 70_000)
    ran = comparing.run(editor.data)
    assert (ran.code, "more than 60000 words" in ran.err) == (2, True)


def test_thousands_of_changes_take_no_thousands_of_seconds(comparing: Comparing, draft: bytes) -> None:
    editor = Editor(draft)
    editor.change("Partnerne skal profilere", "Partnerne", " ".join(f"a{number}" for number in range(20_000)))
    found = comparing.json(editor.data)
    assert found["changes"][0]["clause"]["number"] == "8"


def test_tracked_changes_show_in_the_terminal(comparing: Comparing, draft: bytes) -> None:
    text = (
        "Partnerne skal profilere kommuneklyngen i henhold til gjeldende retningslinjer fra KS for profilering av KSF."
    )
    ran = comparing.run(tracked(draft, text, text.replace("skal", "kan")))
    assert "Note: The document has 2 tracked changes." in ran.out
    assert "[-skal-] {+kan+}" in ran.out
