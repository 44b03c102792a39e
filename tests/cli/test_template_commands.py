"""``ksf template`` as an author of templates runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ksf_agreements.cli.main import main
from ksf_agreements.documents.show import shown
from tests.documents.docx_tools import (
    CONTACTS_ORIGINAL,
    ORIGINAL,
    field_paragraph,
    paragraph,
    replaced,
    with_body,
    with_part,
    with_text,
)
from tests.documents.word import AGREEMENT, CONTACTS, packed


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main(["--lang", "en", "template", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("mal.docx")


# --- lint ------------------------------------------------------------------------------------------------------------


def test_the_installed_templates_have_no_faults(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "lint", AGREEMENT, CONTACTS) == (0, "2 templates checked: 0 errors, 0 warnings.\n", "")


def test_a_fault_is_told_by_file_paragraph_and_words_with_its_mend(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    file.write_bytes(with_text("Fast", "Avtalen gjelder frem til og med {{ x_until }}."))
    code, out, err = run(capsys, "lint", file)
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "mal.docx: paragraph 2 (“Avtalen gjelder frem til og med ... {{ x_until }}”): there is no field 'x_until'",
        "    → Did you mean 'valid_until'?",
        "1 template checked: 1 error, 0 warnings.",
    ]


def test_a_part_has_a_name_that_people_know(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    data = replaced("{{ document.mark }}", "{{ naem }}", "word/footer1.xml")
    data = replaced("{{ name }}", "{{ naem }}", "docProps/core.xml", data)
    file.write_bytes(replaced("{{ name }}", "{{ naem }}", "word/header1.xml", data))
    lines = run(capsys, "lint", file)[1].splitlines()
    assert lines[0].startswith("mal.docx: properties (“Samarbeidsavtale mellom kommunene i ... {{ naem }}”): there")
    assert lines[2].startswith("mal.docx: footer, paragraph 1 (“{{ naem }}")
    assert lines[4].startswith("mal.docx: header, paragraph 1 (“Samarbeidsavtale · {{ naem }}”): there is no")
    assert "word/" not in "".join(lines)


def test_a_warning_is_called_one_and_is_no_failure(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_bytes(replaced("{{ valid_until }}", "2029"))
    code, out, _ = run(capsys, "lint", file)
    assert code == 0
    assert out.splitlines()[0].startswith("mal.docx: warning: in the clause “12. Varighet og oppsigelse”, a paragraph")
    assert out.splitlines()[2] == "mal.docx: warning: the template never prints 'valid_until'"
    assert out.splitlines()[-1] == "1 template checked: 0 errors, 2 warnings."


def test_a_clause_is_compared_with_the_installed_template_of_the_same_name(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    file.write_bytes(replaced("Heading1", "BodyText", data=replaced("{{ name }}", "x", data=ORIGINAL)))
    assert run(capsys, "lint", file)[0] == 0
    data = with_part("word/document.xml", lambda xml: xml.replace(b"8. Profilering", b"x"))
    file.write_bytes(data)
    code, out, _ = run(capsys, "lint", file)
    assert code == 1
    assert "mal.docx: the clause “8. Profilering” of the original is missing" in out


def test_faults_as_json(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_bytes(with_text("x {{ naem }}"))
    code, out, _ = run(capsys, "lint", "--format", "json", file)
    assert code == 1
    assert json.loads(out) == [
        {
            "file": "mal.docx",
            "severity": "error",
            "code": "unknown-field",
            "part": "word/document.xml",
            "paragraph": 1,
            "text": "x {{ naem }}",
            "tag": "{{ naem }}",
            "message": "there is no field 'naem'",
            "mend": "Did you mean 'name'?",
        }
    ]
    assert run(capsys, "lint", "--format", "json", AGREEMENT) == (0, "[]\n", "")


def test_a_file_that_is_no_template_is_one_fault_and_the_others_are_checked(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    file.write_text("hei", encoding="utf-8")
    code, out, _ = run(capsys, "lint", file, AGREEMENT)
    assert code == 1
    assert out.splitlines() == [
        "mal.docx: The file is not a readable Word document (DOCX).",
        "2 templates checked: 1 error, 0 warnings.",
    ]


def test_a_template_that_would_run_something_is_refused(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_bytes(with_body(field_paragraph(" DDEAUTO cmd ")))
    code, out, _ = run(capsys, "lint", file)
    assert code == 1
    assert out.startswith("mal.docx: body: the field code DDEAUTO is not allowed\n")


@pytest.mark.parametrize("command", ["lint", "show"])
def test_a_file_that_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run(capsys, command, "borte.docx") == (2, "", "These files are not there: borte.docx\n")


@pytest.mark.parametrize("words", [("lint",), ("show",), ("lint", "--format", "xml", "x"), ("nothing",)])
def test_wrong_words_are_wrong_usage(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert run(capsys, *words)[0] == 2


def test_a_read_that_fails_could_not_be_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Path) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("ksf_agreements.cli.template.read_file", fails)
    code, out, err = run(capsys, "lint", AGREEMENT)
    assert (code, out) == (3, "")
    assert err == "The file ksf-klyngeavtale.nb.docx could not be read (Input/output error).\n"


# --- list ------------------------------------------------------------------------------------------------------------


def test_the_installed_templates_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "list")
    head, *rows = out.splitlines()
    assert code == 0
    assert head.split() == ["Template", "Kind", "Language", "Version", "Source", "File"]
    assert [row.split()[:4] for row in rows] == [
        [path.name.split(".")[0], "ksf-cluster", path.name.split(".")[1], "1"]
        for path in sorted(AGREEMENT.parent.glob("*.docx"))
    ]


def test_the_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(run(capsys, "list", "--format", "json")[1])
    assert next(row for row in rows if row["name"] == "ksf-klyngeavtale") == {
        "name": "ksf-klyngeavtale",
        "kind": "ksf-cluster",
        "language": "nb",
        "version": "1",
        "source": "KS, mal for samarbeidsavtale for kommuneklynger i KSF",
        "file": str(AGREEMENT),
        "readable": True,
    }


def test_a_damaged_template_is_listed_as_one_and_words_lock_file_is_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(CONTACTS, tmp_path)
    (tmp_path / "a.docx").write_bytes(ORIGINAL[:500])
    (tmp_path / "~$f-kontaktpersoner.nb.docx").write_bytes(b"x" * 162)
    monkeypatch.setattr("ksf_agreements.cli.template.template_dir", lambda: tmp_path)
    code, out, _ = run(capsys, "list")
    assert code == 0
    assert [line.split("  ")[0] for line in out.splitlines()[1:]] == ["cannot be read", "ksf-kontaktpersoner"]


# --- show ------------------------------------------------------------------------------------------------------------


def test_a_template_is_shown_with_its_tags(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "show", CONTACTS)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:2] == [
        "== properties (docProps/core.xml)",
        "title: Kontaktpersoner for kommunene i {{ name }}",
    ]
    assert "KSF-mal: ksf-kontaktpersoner" in lines
    assert "# FoUI-kontakter" in lines
    assert "Rolle | Navn | Tittel | E-post | Telefon" in lines
    assert "{%tr for party in parties %}" in lines
    assert "Kontaktpersoner · {{ name }} | {%r if document.qr_alt %}<qr: {{ document.qr_alt }}>{%r endif %}" in lines
    assert [line for line in lines if line.startswith("== ")][2:] == [
        "== body (word/document.xml)",
        "== footer (word/footer1.xml)",
        "== header (word/header1.xml)",
    ]


def test_headings_items_and_line_breaks_are_shown() -> None:
    (body,) = [one.lines for one in shown(ORIGINAL) if one.part == "word/document.xml"]
    assert body[0] == "Samarbeidsavtale mellom ↵ kommunene i ↵ {{ name }} ↵ i Kommunenes samarbeidsarena for forskning"
    assert "# 8. Profilering" in body
    assert "## I kommuneklyngen" in body
    assert "### FoUI-kontakt" in body
    assert "- {{ block.text }}" in body
    assert "{%p for block in local_text.purpose %}" in body


def test_a_text_box_is_shown_once_and_a_table_in_a_table_too() -> None:
    box = f"<w:txbxContent>{paragraph('i boksen')}</w:txbxContent>"
    xml = (
        '<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent><w:t>rundt</w:t></w:r></w:p>"
    )
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('c')}</w:tc><w:tc>{paragraph('d')}</w:tc></w:tr></w:tbl>"
    table = (
        f"<w:tbl><w:tr><w:tc>{paragraph('a')}{paragraph('b')}</w:tc><w:tc>{inner}{paragraph('e')}</w:tc></w:tr></w:tbl>"
    )
    (body,) = [one.lines for one in shown(with_body(xml + table)) if one.part == "word/document.xml"]
    assert body[:5] == ("rundt", "i boksen", "a / b", "c | d", "e")


def test_what_is_no_document_is_not_shown(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_bytes(packed({"a": b"b"}))
    assert run(capsys, "show", file) == (0, "", "")
    file.write_bytes(b"x")
    code, out, err = run(capsys, "show", file)
    assert (code, out, err) == (1, "", "The file is not a readable Word document (DOCX).\n")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")
def test_git_shows_a_change_in_a_word_file(file: Path) -> None:
    textconv = f"'{sys.executable}' -m ksf_agreements.cli.main --lang en template show"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "GIT_CONFIG_GLOBAL": os.devnull}

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-c", f"diff.ksf-docx.textconv={textconv}", *words],  # noqa: S607 (whichever git there is)
            env=environment,
            capture_output=True,
            check=True,
        ).stdout.decode("utf-8")

    shutil.copy(Path(__file__).parents[2] / ".gitattributes", ".gitattributes")
    file.write_bytes(CONTACTS_ORIGINAL)
    git("init", "-q")
    git("add", ".")
    file.write_bytes(replaced("Kontaktpersonene kan endres", "Kontaktene kan endres", data=CONTACTS_ORIGINAL))
    changed = [line for line in git("diff").splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert changed == ["-Kontaktpersonene kan endres uten ny signering.", "+Kontaktene kan endres uten ny signering."]
