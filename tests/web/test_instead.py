"""What pages say instead of naming a command: all of it, in both languages, with the same places to be filled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import ksf_agreements
from ksf_agreements.i18n import translator
from ksf_agreements.web.app import create_app
from ksf_agreements.web.instead import INSTEAD
from tests.cli.register import CLUSTER, NINE
from tests.web.browser import PORT, Browser
from tests.web.states import Shelf

HERE = f"/klynge/{CLUSTER}"
COMMAND = re.compile(r"'ksf |(^|[ (\"])--[a-z]")
PACKAGE = Path(ksf_agreements.__file__).parent
# What only a command can do, or what only a command says.
KEPT = {
    "There is no workspace here or above. Make one with 'ksf init FOLDER', or name it with 'ksf -w FOLDER'.",
    "The folder {folder} is no workspace: it has no regions.yaml. Make one with 'ksf init {folder}'.",
    "{path} is damaged ({detail}). Run 'ksf verify' to see what, and 'ksf restore' with a backup.",
    "The file of event {event} is gone from the register. Nothing was written. Look with 'ksf verify', and try again.",
    (
        "{file} (event {event}) seems to hold a national identity number. Look at it before it is archived; "
        "'ksf erase {event} --reason ...' removes it from the register."
    ),
    "{file} was made of an earlier Word document. Use --format pdf to make it anew.",
    "Write an empty sheet with 'ksf import-history --template FILE.xlsx', and fill it.",
    "Save it as 'CSV UTF-8', or say --encoding windows-1252 if Excel has saved it as plain 'CSV'.",
    "Say what: the numbers of events, or --name.",
    "--documents needs --name; the files of an event go with its number.",
    "The journal names who erases: let somebody else do it, or name the office with --as.",
    "There is no event {numbers}. 'ksf log' shows them.",
}


def sentences() -> Iterator[str]:
    """Every sentence of the program but the command line's own."""
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] == "cli" or path.name == "instead.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"T", "TN"}:
                for one in node.args[: 2 if node.func.id == "TN" else 1]:
                    if isinstance(one, ast.Constant):
                        yield str(one.value)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_a_sentence_that_names_a_command_has_its_page() -> None:
    said = set(sentences())
    assert {one for one in said if COMMAND.search(one)} - KEPT - set(INSTEAD) == set()
    assert set(INSTEAD) | KEPT <= said, "a sentence here is no longer said"


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_page_names_no_command(language: str) -> None:
    say = translator(language).gettext
    for general, own in INSTEAD.items():
        words = say(own.msgid)
        assert words != own.msgid
        assert places(words) == places(own.msgid) <= places(general)
        assert not re.search(r"«ksf (?!erase)|--[a-z]", words)


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_pages_that_are_named_are_there(language: str) -> None:
    say = translator(language).gettext
    pages = [
        "Fill in", "Documents", "Signatures", "Notice", "Accession", "Renewal", "Issue for signing", "Received files",
        "Excel and calendar", "Templates", "New cluster", "Something was entered by mistake",
    ]  # fmt: skip
    named = {name for own in INSTEAD.values() for name in re.findall("«([^»]+)»", say(own.msgid))}
    assert named - {"ksf erase {event}"} <= {say(page) for page in pages}


def test_a_refusal_names_the_page_and_a_warning_too(shelf: Shelf, tmp_path: Path) -> None:
    browser = Browser(create_app(shelf.copy("leaving", tmp_path / "workspace"), PORT))
    page = browser.get(f"{HERE}/oppsigelse")
    page = browser.submit(page.form("oppsigelse"), "steg=vis", part=NINE[3])
    assert "registrerer du det under «Oppsigelse». Er den feil, stryker du den under «Noe er ført feil»." in page.words
    assert "ksf" not in page.words
    page = browser.submit(page.form("oppsigelse"), "steg=vis", part=NINE[4])
    page = browser.submit(page.form("oppsigelse"), "steg=bekreft")
    assert any("Registrer det under «Oppsigelse» når den er sendt." in one for one in page.notices)


def test_the_command_line_says_it_as_before(shelf: Shelf, tmp_path: Path) -> None:
    from tests.web.states import commands

    ran = commands(shelf.copy("leaving", tmp_path / "workspace"))(
        "notice", CLUSTER, "--party", NINE[3], "--received", "2026-02-21"
    )
    assert ran.code == 1
    assert "ksf void" in ran.err
