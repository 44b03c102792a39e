"""What a dossier holds: documents, history, journal and messages; made whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from ksf_agreements.app import App
from ksf_agreements.archive import folder as folders
from ksf_agreements.pdf.office import OfficeMissing
from ksf_agreements.register.reader import Reader
from ksf_agreements.services.archive import archiving
from ksf_agreements.text import T
from tests.archive.conftest import Dossier
from tests.archive.life import ERASED, SIGNATORY
from tests.cli.register import CLUSTER, Commands
from tests.conftest import Ran

FILES = (
    *("LES-MEG.txt", "arkivmelding.xml", "historikk.pdf", "hendelseslogg.json", "manifest.json", "verify.py"),
    *(f"arkivmelding/{name}.xml" for name in ("hendelse-020", "hendelse-021", "versjon-2")),
    *(f"hendelser/{name}.pdf" for name in ("handlingsplan-021", "oppsigelse-020")),
    *(f"versjon-1/{name}.docx" for name in ("avtale-001", "kontaktpersoner-001")),
    *(f"versjon-1/{name}.json" for name in ("kontroll-011", "kontroll-012", "opplysninger-001")),
    *(f"versjon-1/{name}.pdf" for name in ("avtale", "kontaktpersoner", "godkjenning-003", "signert-010")),
    *(f"versjon-1/{name}.pdf" for name in ("signert-012", "til-signering-009", "vedlegg-009", "vedlegg-009-2")),
    *(f"versjon-2/avtale{ending}" for ending in ("-024.docx", ".pdf")),
    *(f"versjon-2/kontaktpersoner{ending}" for ending in ("-024.docx", ".pdf")),
    "versjon-2/opplysninger-024.json",
)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def journal(folder: Path) -> Any:
    return json.loads((folder / "hendelseslogg.json").read_text(encoding="utf-8"))


def text_of(pdf: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())


@pytest.fixture
def run(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    return Commands(ksf, workspace)


def test_a_dossier_has_the_documents_of_every_version_and_what_tells_of_them(dossier: Dossier) -> None:
    assert dossier.folder.name == "helse-omsorg-vest-arkiv-2026-03-02-24"
    assert names(dossier.folder) == sorted(FILES)


def test_the_command_says_what_it_made(dossier: Dossier) -> None:
    fingerprint = hashlib.sha256((dossier.folder / "manifest.json").read_bytes()).hexdigest()
    assert f"({len(FILES)} files)" in dossier.ran.out
    assert "version 1, 2." in dossier.ran.out
    assert f"Fingerprint: {fingerprint}" in dossier.ran.out


def test_a_file_that_may_hold_a_national_identity_number_is_told_first(dossier: Dossier) -> None:
    assert dossier.ran.err.count("national identity number") == 1
    assert "versjon-1/signert-010.pdf (event 10)" in dossier.ran.err


def test_what_the_register_keeps_is_there_byte_for_byte(dossier: Dossier) -> None:
    manifest = json.loads((dossier.folder / "manifest.json").read_text(encoding="utf-8"))
    kept = [file for file in manifest["files"] if file["source"] == "register"]
    assert len(kept) == 17
    desk = App.open(str(dossier.commands.workspace)).desk()
    with desk.register.reading() as reader:
        for file in kept:
            assert reader.file(file["sha256"]) == (dossier.folder / file["path"]).read_bytes()


def test_the_accessible_agreement_is_the_packages_own_and_else_made_of_the_word_file(dossier: Dossier) -> None:
    manifest = json.loads((dossier.folder / "manifest.json").read_text(encoding="utf-8"))
    by_path = {file["path"]: file for file in manifest["files"]}
    assert by_path["versjon-1/avtale.pdf"]["events"] == [9]
    assert (by_path["versjon-2/avtale.pdf"]["source"], by_path["versjon-2/avtale.pdf"]["pdfa"]) == ("made", "2B")
    assert "Kunnskapskommunen Helse Omsorg Vest" in text_of(dossier.folder / "versjon-2/avtale.pdf")


def test_a_file_of_several_events_is_there_once(dossier: Dossier) -> None:
    manifest = json.loads((dossier.folder / "manifest.json").read_text(encoding="utf-8"))
    signed = next(file for file in manifest["files"] if file["path"] == "versjon-1/signert-012.pdf")
    assert signed["events"] == list(range(12, 20))


def test_no_file_is_called_by_a_persons_name(dossier: Dossier) -> None:
    assert not re.search("eksempel|anne|kari|arkivar", " ".join(names(dossier.folder)), re.IGNORECASE)


def test_the_journal_has_the_registers_own_hashes(dossier: Dossier) -> None:
    told = journal(dossier.folder)
    assert told["register"]["head"] == dossier.commands.head()
    desk = App.open(str(dossier.commands.workspace)).desk()
    with desk.register.reading() as reader:
        rows = {row.number: row.hash for key in (CLUSTER, "") for row in reader.rows(key)}
    assert {row["event"]["number"]: row["hash"] for row in told["events"]} == rows


def test_of_what_was_erased_the_dossier_has_only_that_it_was(dossier: Dossier) -> None:
    told = journal(dossier.folder)
    assert sum(person.get("erased", False) for person in told["people"]) == 1  # who issued it
    for name in ("hendelseslogg.json", "arkivmelding.xml", "LES-MEG.txt", "manifest.json"):
        assert ERASED not in (dossier.folder / name).read_text(encoding="utf-8")
    read_me = (dossier.folder / "LES-MEG.txt").read_text(encoding="utf-8-sig")
    assert "Godkjenning, 4631 Alver (hendelse 4) er slettet fra registeret." in read_me
    assert "Filer som kom med hendelse 6, som er strøket." in read_me


def test_the_history_tells_everything_in_sentences(dossier: Dossier) -> None:
    text = text_of(dossier.folder / "historikk.pdf")
    for words in (
        "Samarbeidsavtalen mellom kommunene i Kunnskapskommunen Helse Omsorg Vest",
        "1 kommune trer ut, bundet til og med 1.6.2026.",
        "4601 Bergen: godkjent av byråd, sak 2025/17.",
        f"Underskriver: {SIGNATORY}, ordfører · Signert på papir",
        "Signert elektronisk · Kontroll av filen: den elektroniske signaturen er intakt, og utstederen er klarert",
        "Gjort ugyldig: 4627 Askøy",
        "Oppsigelse mottatt fra 4621 Voss.",
        "Sendt 28.5.2025",
        "Fil: hendelser/oppsigelse-020.pdf",
        "Fornyelse",
        "navnet er slettet",
        "Per Arkivar",
        "Hva som ikke er i mappen",
    ):
        assert words in text, words
    assert ERASED not in text
    events = text.split("Hva som har skjedd")[1]
    days = re.findall(r"(\d+)\.(\d+)\.(\d{4}) (?:Versjon|\d{4} |Signeringen|Handlings|Oppsigelse m)", events)
    assert len(days) >= 12
    assert days == sorted(days, key=lambda day: tuple(map(int, reversed(day))))


def test_the_history_is_tagged_and_says_its_language(dossier: Dossier) -> None:
    root = PdfReader(dossier.folder / "historikk.pdf").trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "nb-NO"


def test_archiving_records_nothing(dossier: Dossier, tmp_path: Path) -> None:
    before = dossier.commands.head()
    dossier.commands.ok("archive", CLUSTER, "--out", tmp_path)
    assert dossier.commands.head() == before


def test_the_same_register_and_day_give_the_same_journal_and_ids(dossier: Dossier, tmp_path: Path) -> None:
    dossier.commands.ok("archive", CLUSTER, "--out", tmp_path)
    (other,) = tmp_path.iterdir()
    assert (other / "hendelseslogg.json").read_bytes() == (dossier.folder / "hendelseslogg.json").read_bytes()
    made = re.compile(rb"(?s)<sjekksum>.*?</sjekksum>|<filstoerrelse>\d+</filstoerrelse>")  # fonts have dates too
    for name in (name for name in FILES if name.endswith(".xml")):
        one, two = (made.sub(b"", (folder / name).read_bytes()) for folder in (dossier.folder, other))
        assert one == two
    for name in ("arkivmelding/hendelse-020.xml", "arkivmelding/hendelse-021.xml"):  # nothing in them is made anew
        assert (other / name).read_bytes() == (dossier.folder / name).read_bytes()


def test_a_dossier_of_an_earlier_day_knows_what_had_happened_by_then(dossier: Dossier, tmp_path: Path) -> None:
    dossier.commands.ok("archive", CLUSTER, "--out", tmp_path, "--on", "2025-01-31")
    (made,) = tmp_path.iterdir()
    assert made.name == "helse-omsorg-vest-arkiv-2025-01-31-23"
    numbers = [row["event"]["number"] for row in journal(made)["events"]]
    assert numbers == [1, 3, 4, 5, 6, 7, 8, 9, 22, 23]  # and what voided or erased some of it later
    assert "Klar til signering" in text_of(made / "historikk.pdf")
    assert not any(name.startswith(("versjon-2", "hendelser")) for name in names(made))
    assert subprocess.run([sys.executable, "-I", made / "verify.py"], check=False, capture_output=True).returncode == 0


def test_a_dossier_is_never_written_over(dossier: Dossier) -> None:
    before = {name: (dossier.folder / name).stat().st_mtime_ns for name in names(dossier.folder)}
    ran = dossier.commands("archive", CLUSTER, "--out", dossier.folder.parent)
    assert (ran.code, ran.out) == (3, "")
    assert "is there already and was left as it is" in ran.err
    assert before == {name: (dossier.folder / name).stat().st_mtime_ns for name in names(dossier.folder)}
    assert [path.name for path in dossier.folder.parent.iterdir()] == [dossier.folder.name]


def test_without_libreoffice_it_is_said_and_nothing_is_written(
    dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise OfficeMissing(T("A PDF needs LibreOffice"))

    monkeypatch.setattr(archiving, "Converter", missing)
    ran = dossier.commands("archive", CLUSTER, "--out", tmp_path / "ut")
    assert (ran.code, ran.err.splitlines()[-1]) == (3, "A PDF needs LibreOffice")
    assert not (tmp_path / "ut").exists()


@pytest.mark.parametrize("fails", ["convert", "disk"])
def test_what_fails_half_way_leaves_nothing(
    dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise OSError(28, "No space left on device")

    if fails == "disk":
        monkeypatch.setattr(folders, "_write", fail)
    else:
        monkeypatch.setattr(archiving, "convert", fail)
    ran = dossier.commands("archive", CLUSTER, "--out", tmp_path)
    assert ran.code == 3
    assert "No space left on device" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_goes_away_meanwhile_stops_it(
    dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ksf_agreements.register.reader.Reader.file", lambda *_: None)
    ran = dossier.commands("archive", CLUSTER, "--out", tmp_path)
    assert ran.code == 3
    assert "The file of event 1 is gone from the register" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_register_whose_journal_was_changed_gives_no_dossier(
    dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, another = Reader.rows, "2020-01-01T00:00:00+00:00"
    changed = lambda self, key: (row._replace(recorded_at=another) for row in rows(self, key))  # noqa: E731
    monkeypatch.setattr(Reader, "rows", changed)
    ran = dossier.commands("archive", CLUSTER, "--out", tmp_path)
    assert ran.code == 3
    assert "ksf verify" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_issued_has_no_dossier(run: Commands, tmp_path: Path) -> None:
    run.issue("2026-01-12", "alle-valg")
    assert "Nothing has been issued yet" in run.refused("archive", CLUSTER, "--out", str(tmp_path))
    assert "There is no cluster 'ingen'" in run.refused("archive", "ingen", "--out", str(tmp_path))
    run.issue("2026-01-12")
    assert "Nothing had been issued by 11.1.2026" in run.refused("archive", CLUSTER, "--on", "2026-01-11")
    assert "2027" in run.refused("archive", CLUSTER, "--on", "2027-01-11")
    assert list(tmp_path.glob("*arkiv*")) == []


def test_no_dossier_is_put_into_another(dossier: Dossier, copy: Path) -> None:
    before = sorted(copy.rglob("*"))
    ran = dossier.commands("archive", CLUSTER, "--out", copy / "versjon-1")
    assert (ran.code, sorted(copy.rglob("*"))) == (3, before)
    assert "is a dossier itself" in ran.err
