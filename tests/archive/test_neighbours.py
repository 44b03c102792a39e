"""The dossier of one agreement beside others in its register: in its own language, with its own files and erasures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archive.life import pdf
from tests.archive.test_arkivmelding import parsed, schema, values
from tests.archive.test_dossier import text_of
from tests.cli.register import CLUSTER, Commands
from tests.conftest import Ran
from tests.signed.signing import person, sign

SMALL = "alle-valg"


@pytest.fixture
def signed(workspace: Path, ksf: Callable[..., Ran], shared_converter: object) -> Commands:  # noqa: ARG001
    """An agreement in nynorsk whose two parties have signed a file each, electronically."""
    commands = Commands(ksf, workspace)
    commands.edit("language: nb", "language: nn", SMALL)
    commands.issue(cluster=SMALL)
    for party in ("5001", "5041"):
        file = workspace / f"{party}.pdf"
        file.write_bytes(sign(pdf(party), person()))
        commands.sign(party, "2026-02-03", "--file", str(file), cluster=SMALL)
    return commands


def archived(commands: Commands, out: Path) -> Path:
    """Make the dossier, and let it check itself."""
    commands.ok("archive", SMALL, "--out", out)
    (made,) = out.iterdir()
    ran = subprocess.run([sys.executable, "-I", made / "verify.py"], check=False, capture_output=True)
    assert ran.returncode == 0, ran.stdout
    schema().assertValid(parsed(made))
    return made


def test_the_history_is_in_the_language_of_the_agreement(signed: Commands, tmp_path: Path) -> None:
    signed.ok("erase", "2", "--reason", "feil fil")
    text = text_of(archived(signed, tmp_path / "arkiv") / "historikk.pdf")
    for words in ("Kva som har skjedd", "Underskrivar: Anne Eksempel", "namnet er sletta", "hending 2"):
        assert words in text, words
    for words in ("Underskriver", "slettet", "hendelse", "Gjelder"):
        assert words not in text, words


def test_several_signed_files_are_documents_of_their_own(signed: Commands, tmp_path: Path) -> None:
    tree = parsed(archived(signed, tmp_path / "arkiv"))
    titles = values(tree, ".//a:dokumentbeskrivelse/a:tittel")
    assert [title for title in titles if title.startswith("Signert eksemplar")] == [
        "Signert eksemplar, 5001 Trondheim",
        "Signert eksemplar, 5041 Snåsa",
    ]
    assert values(tree, ".//a:dokumentobjekt/a:variantformat/k:kode").count("S") == 2


def test_what_was_erased_of_another_agreement_stays_out(signed: Commands, tmp_path: Path) -> None:
    signed.issue()
    other = signed.workspace / "annen.pdf"
    other.write_bytes(pdf("annen"))
    signed.sign("4601", "2026-02-04", "--file", str(other))
    signed.ok("erase", "5", "--reason", "feil fil i den andre klyngen")
    signed.ok("erase", "2", "--reason", "feil fil")
    made = archived(signed, tmp_path / "arkiv")
    journal = json.loads((made / "hendelseslogg.json").read_text(encoding="utf-8"))
    kinds = [(row["event"]["number"], row["event"]["kind"]) for row in journal["events"]]
    assert [number for number, kind in kinds if kind == "register:data:erased"] == [7]
    assert CLUSTER not in (made / "hendelseslogg.json").read_text(encoding="utf-8")
    assert "den andre klyngen" not in text_of(made / "historikk.pdf")
