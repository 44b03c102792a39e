"""The whole path of an agreement, through the commands: printed, sent, signed, taken in, archived and compared."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from ksf_agreements.pdf.converter import Converter
from tests.archive.test_arkivmelding import parsed, schema
from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran
from tests.package.papers import plain
from tests.scans.scanner import Scan, as_pdf, scanned
from tests.scans.test_bundle import prints
from tests.signed.sending import trust
from tests.signed.signing import SIGNED_AT, issuer, person, sign

BY_HAND = "4621"
SIGNATORIES = dict(
    zip(NINE, ["Anne", "Bjørn", "Camilla", "David", "Eli", "Frode", "Grete", "Håkon", "Ingrid"], strict=True)
)


@pytest.fixture
def commands(
    ksf: Callable[..., Ran], workspace: Path, converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """``ksf`` in the sample workspace, with annex 1 and an issuer that is trusted; one LibreOffice for all of it."""
    convert = Converter.convert
    monkeypatch.setattr(Converter, "__enter__", lambda self: self)
    monkeypatch.setattr(Converter, "convert", lambda _, docx, **words: convert(converter, docx, **words))
    (workspace / "annexes" / "ksf-plan.pdf").write_bytes(plain(3))
    trust(workspace, issuer().pem)
    with (workspace / "ksf.toml").open("a", encoding="utf-8") as settings:
        settings.write('plan = "annexes/ksf-plan.pdf"\nactor = "Kari Koordinator"\n')
    return Commands(ksf, workspace)


def signed_electronically(bundle: bytes, parties: tuple[str, ...]) -> bytes:
    """The one file that went from signatory to signatory, as a signing service gives it back."""
    for number, party in enumerate(parties):
        who = person(f"{SIGNATORIES[party]} Eksempel")
        bundle = sign(bundle, who, at=SIGNED_AT + timedelta(minutes=number), field=f"Signatur{number + 1}")
    return bundle


def signed_by_hand(bundle: Path, name: str) -> bytes:
    """The page where a party signs, printed, laid askew on a scanner, and sent back alone."""
    how = Scan(dpi=200, turn=90, skew=2.0, whole=True, noise=8)
    (page,) = (
        number
        for number, page in enumerate(PdfReader(bundle).pages)
        if f"For {name}" in (text := page.extract_text()) and "Dato" in text
    )
    chance = random.Random(4)  # noqa: S311 (the same for every run)
    return as_pdf([(scanned(prints(bundle)[page], how, chance), how)])


def verify(dossier: Path, elsewhere: Path) -> subprocess.CompletedProcess[str]:
    """Run a dossier's own check as a machine without ksf does: any python3, from another folder."""
    return subprocess.run(
        [sys.executable, "-I", str(dossier / "verify.py")],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_an_agreement_from_draft_to_archive(commands: Commands, tmp_path: Path) -> None:
    ok, out, inbox = commands.ok, tmp_path / "out", tmp_path / "innboks"

    # A draft to read, as Word and PDF.
    ok("generate", "--all", "--format", "pdf", "--out", tmp_path / "utkast")
    draft = PdfReader(tmp_path / "utkast" / f"{CLUSTER}.pdf")
    assert "Samarbeidsavtale" in draft.pages[0].extract_text()

    # Issued, bound together with its annexes, and sent.
    commands.issue("2026-01-20")
    ok("package", CLUSTER, "--out", out)
    bundle = out / f"{CLUSTER}-til-signering.pdf"
    assert [entry.title for entry in PdfReader(bundle).outline if not isinstance(entry, list)]
    ok("open-signing", CLUSTER, "--on", "2026-01-21", "--deadline", "2026-03-15")

    # It comes back: eight have signed the file electronically, the ninth a sheet of paper.
    electronic = signed_electronically(bundle.read_bytes(), NINE[:-1])
    inbox.mkdir()
    (inbox / "Signert avtale (2).pdf").write_bytes(electronic)
    scan = inbox / "skann0001.pdf"
    scan.write_bytes(signed_by_hand(bundle, "Voss"))
    ran = commands("intake", inbox, "--format", "json")
    assert ran.code == 0, ran.out
    signed, paper = json.loads(ran.out)
    assert (signed["fate"], paper["fate"]) == ("signed", "filed")
    assert [one["party"] for one in signed["signatures"]] == list(NINE[:-1])
    assert signed["matches"][0]["text"] == "same_bytes"
    assert [question["parties"] for question in paper["questions"]] == [[BY_HAND]]
    assert commands.status()["status"] == "signing"
    assert commands.party(BY_HAND)["signed_on"] is None

    # A person says whose ink it is, and the agreement is in force.
    ok("sign", CLUSTER, "--party", BY_HAND, "--on", "2026-02-05", "--name", "Ingrid Eksempel", "--file", scan)
    status = commands.status()
    assert (status["status"], status["in_force_from"]) == ("in_force", "2026-02-05")
    assert sorted(commands.bound("2026-02-05")) == sorted(NINE)
    head = commands.head()
    assert commands("intake", inbox).code == 0  # the same pile again
    assert commands.head() == head

    # The dossier has what was signed, byte for byte, and shows any change to it by itself.
    ok("archive", CLUSTER, "--out", tmp_path / "arkiv")
    (dossier,) = (tmp_path / "arkiv").iterdir()
    schema().assertValid(parsed(dossier))
    kept = {file.read_bytes() for file in dossier.rglob("*.pdf")}
    assert {electronic, scan.read_bytes(), bundle.read_bytes()} <= kept
    checked = verify(dossier, tmp_path)
    assert checked.returncode == 0, checked.stdout
    tampered = shutil.copytree(dossier, tmp_path / "annen")
    (file,) = (file for file in tampered.rglob("*.pdf") if file.read_bytes() == electronic)
    data = bytearray(electronic)
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    checked = verify(tampered, tmp_path)
    assert checked.returncode == 1
    assert file.name in checked.stdout

    # What was signed says what was issued; and the register is whole.
    assert commands("compare", CLUSTER, inbox / "Signert avtale (2).pdf").code == 0
    ok("verify", "--head", head)
