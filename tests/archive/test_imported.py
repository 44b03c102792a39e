"""The dossier of an agreement that was signed on paper before the register: what is not known is said, not guessed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ksf_agreements.pdf.converter import Converter
from tests.archive.life import run
from tests.archive.test_arkivmelding import codes, parsed, schema, values
from tests.archive.test_dossier import names
from tests.cli.register import Commands

SHEET = """klynge;navn;region;kommune;motorkommune;signert;gyldig til
gammel;Gammel klynge;vest;4601;ja;1.2.2024;31.12.2028
gammel;Gammel klynge;vest;4621;nei;3.2.2024;31.12.2028
annen;En annen klynge;vest;4631;ja;1.2.2024;31.12.2028
annen;En annen klynge;vest;4627;nei;3.2.2024;31.12.2028
"""


def test_without_a_text_there_is_no_accessible_copy_and_the_sheet_of_all_stays(
    shared_converter: Converter, workspace: Path, tmp_path: Path
) -> None:
    assert shared_converter
    commands = Commands(run, workspace)
    (tmp_path / "ark.csv").write_text(SHEET, encoding="utf-8")
    commands.ok("import-history", tmp_path / "ark.csv")
    ran = commands("archive", "gammel", "--out", tmp_path / "ut")
    assert ran.code == 0, ran.err
    assert "There is no accessible PDF/A of version 1: the register does not have its text." in ran.err
    assert "Accessible PDF/A" not in ran.out
    (folder,) = (tmp_path / "ut").iterdir()
    assert [name for name in names(folder) if "/" in name] == ["versjon-1/opplysninger-002.json"]
    read_me = (folder / "LES-MEG.txt").read_text(encoding="utf-8-sig")
    assert "Avtaleteksten til versjon 1" in read_me
    assert "Regnearket som avtalen ble ført inn fra" in read_me
    tree = parsed(folder)
    schema().assertValid(tree)
    assert values(tree, ".//a:referanseDokumentfil") == ["historikk.pdf", "hendelseslogg.json"]
    assert codes(tree, ".//a:tilknyttetRegistreringSom") == ["H", "V"]
    assert subprocess.run([sys.executable, "-I", "-S", folder / "verify.py"], check=False).returncode == 0
