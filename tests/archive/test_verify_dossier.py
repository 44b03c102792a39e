"""verify.py finds whatever was done to a dossier, alone on any machine, and says what it cannot show."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from ksf_agreements.archive import verify_dossier
from ksf_agreements.archive.verify_dossier import Examination, canonical, files_of, hash_of
from ksf_agreements.domain.events import PAYLOADS
from tests.archive.conftest import Dossier
from tests.archive.test_dossier import FILES

Tampering: TypeAlias = Callable[[Path], None]


def found_in(folder: Path) -> list[str]:
    examination = Examination(folder)
    examination.run()
    return examination.faults


def verified(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the dossier's own verify.py by itself, from elsewhere, without anything that is installed."""
    command = [sys.executable, "-I", "-S", folder / "verify.py", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", cwd="/")


def edit(folder: Path, name: str, change: Callable[[Any], None]) -> None:
    """Change a JSON file of a dossier."""
    path = folder / name
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def relist(folder: Path, *names: str) -> None:
    """Do what a careful forger does: write the present hashes and sizes of these files to the manifest."""

    def change(manifest: Any) -> None:
        for entry in manifest["files"]:
            if entry["path"] in names:
                data = (folder / entry["path"]).read_bytes()
                entry.update(sha256=hashlib.sha256(data).hexdigest(), size=len(data))

    edit(folder, "manifest.json", change)


def spoil(path: Path) -> None:
    """Change one byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def event(journal: Any, number: int) -> Any:
    return next(row for row in journal["events"] if row["event"]["number"] == number)


def rehash(row: Any) -> None:
    row["hash"] = hash_of(canonical(row["event"]))


# --- a whole one -----------------------------------------------------------------------------------------------------


def test_a_whole_dossier_is_found_whole_in_another_place_by_python_alone(copy: Path) -> None:
    ran = verified(copy)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.count("I orden:") == 5
    for words in (
        f"I orden: {len(FILES) - 1} filer er på plass; ingen er endret, og ingen er lagt til.",
        "hendelser har riktig hash og står i rekkefølge.",
        "filer er de samme som hendelsesloggen viser til; 1 er slettet fra registeret.",
        "1 er slettet.",
        "arkivmeldinger viser til",
    ):
        assert words in ran.stdout
    assert sorted(path.name for path in copy.iterdir()) == sorted({name.split("/")[0] for name in FILES})


def test_it_says_what_cannot_be_shown_and_how_to_compare(dossier: Dossier) -> None:
    out = verified(dossier.folder).stdout
    assert "Dette kan ikke vises her:" in out
    head = dossier.commands.head()
    assert f"ksf verify --head {head}" in out
    assert dossier.commands("verify", "--head", head).code == 0
    assert out.count(f"ksf verify --head {head}") == 2  # the last event of the register is the agreement's


def test_the_fingerprint_that_was_written_down_shows_that_nothing_was_made_anew(dossier: Dossier) -> None:
    fingerprint = hashlib.sha256((dossier.folder / "manifest.json").read_bytes()).hexdigest()
    ran = verified(dossier.folder, "--fingeravtrykk", fingerprint)
    assert ran.returncode == 0
    assert "fingeravtrykket er det som ble skrevet ned" in ran.stdout
    ran = verified(dossier.folder, "--fingeravtrykk", "0" * 64)
    assert ran.returncode == 1
    assert "FEIL: fingeravtrykket er et annet" in ran.stdout


@pytest.mark.parametrize("words", [["en", "to"], ["--hjelp"], ["finnes-ikke"]])
def test_wrong_words_are_told(dossier: Dossier, words: list[str]) -> None:
    ran = verified(dossier.folder, *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("Bruk: python3 verify.py")


def test_another_folder_can_be_named(dossier: Dossier, copy: Path) -> None:
    (copy / "historikk.pdf").unlink()
    assert verified(dossier.folder, str(copy)).returncode == 1


def test_it_is_one_file_of_the_standard_library_for_python_3_8() -> None:
    source = Path(verify_dossier.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
    assert not {"removeprefix", "removesuffix", "is_relative_to", "walk_up"} & {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


def test_what_a_system_leaves_in_a_folder_is_no_fault(copy: Path) -> None:
    (copy / "versjon-1" / ".DS_Store").write_bytes(b"x")
    ran = verified(copy)
    assert ran.returncode == 0
    assert "Merk: versjon-1/.DS_Store" in ran.stdout


def test_every_file_that_any_event_can_point_at_is_known() -> None:
    """A new kind of event is known to verify.py as it is: a file is a SHA-256 that is not a digest."""
    known = {
        (kind, name)
        for kind, payload in PAYLOADS.items()
        for name in payload.model_fields
        if list(files_of(kind, {name: "a" * 64}))
    }
    assert ("agreement:signature:recorded", "verdict") in known
    assert not any(name == "template_digest" or kind == "register:data:erased" for kind, name in known)
    annex = {"sha256": "b" * 64, "source": "d" * 64}
    assert list(files_of("agreement:package:made", {"files": [annex]})) == ["b" * 64]
    assert list(files_of("agreement:history:imported", {"source": "d" * 64})) == ["d" * 64]
    assert list(files_of("agreement:signature:recorded", {"signatory": {"id": "1", "digest": "c" * 64}})) == []


# --- tampering: files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in FILES if name != "manifest.json"])
def test_a_changed_file_is_found(copy: Path, name: str) -> None:
    spoil(copy / name)
    assert any(fault.startswith(f"{name} er endret") for fault in found_in(copy))


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_found(copy: Path, name: str) -> None:
    (copy / name).unlink()
    faults = found_in(copy)
    assert any(name in fault and "borte" in fault for fault in faults)


@pytest.mark.parametrize("name", ["ny.txt", "versjon-1/ny.pdf", "ny/mappe/ny.pdf", "arkivmelding/ny.xml"])
def test_an_added_file_is_found(copy: Path, name: str) -> None:
    (copy / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(copy / "arkivmelding.xml", copy / name)
    assert f"{name} hører ikke til her" in found_in(copy)


def test_a_link_is_no_file(copy: Path, dossier: Dossier) -> None:
    (copy / "historikk.pdf").unlink()
    (copy / "historikk.pdf").symlink_to(dossier.folder / "historikk.pdf")
    (copy / "mappe").symlink_to(dossier.folder / "versjon-1")
    faults = found_in(copy)
    assert "historikk.pdf er en lenke, ikke en fil" in faults
    assert "mappe er en lenke, ikke en fil" in faults


def test_two_files_in_each_others_place_are_found(copy: Path) -> None:
    swap(copy)
    assert {fault.split(" er endret")[0] for fault in found_in(copy)} >= {
        "versjon-1/signert-010.pdf",
        "versjon-1/signert-012.pdf",
    }


def swap(folder: Path) -> None:
    one, two, aside = (folder / "versjon-1" / name for name in ("signert-010.pdf", "signert-012.pdf", "x"))
    one.rename(aside)
    two.rename(one)
    aside.rename(two)


# --- tampering: a forger who also mends the manifest -------------------------------------------------------------


REGISTER_FILES = [
    name for name in FILES if name.startswith(("versjon-1/", "hendelser/")) and name != "versjon-1/kontaktpersoner.pdf"
]


@pytest.mark.parametrize("name", REGISTER_FILES)
def test_the_journal_still_finds_a_document_that_was_changed_in_the_manifest_too(copy: Path, name: str) -> None:
    spoil(copy / name)
    relist(copy, name)
    faults = found_in(copy)
    assert any("er ikke filen som hendelse" in fault and name in fault for fault in faults)
    assert any("viser til, er ikke her" in fault for fault in faults)


@pytest.mark.parametrize("name", REGISTER_FILES)
def test_the_journal_still_finds_a_document_that_was_taken_out_of_the_manifest(copy: Path, name: str) -> None:
    (copy / name).unlink()
    edit(copy, "manifest.json", lambda told: told["files"].remove(entry_of(told, name)))
    assert any("viser til, er ikke her" in fault for fault in found_in(copy))


def entry_of(manifest: Any, name: str) -> Any:
    return next(entry for entry in manifest["files"] if entry["path"] == name)


def test_a_document_that_is_said_to_be_made_with_the_dossier_is_missed_in_the_journal(copy: Path) -> None:
    name = "versjon-1/signert-012.pdf"
    spoil(copy / name)
    relist(copy, name)
    edit(copy, "manifest.json", lambda told: entry_of(told, name).update(source="made", events=[]))
    assert sum("viser til, er ikke her" in fault for fault in found_in(copy)) == 8


def test_swapped_documents_are_found_though_the_manifest_was_mended(copy: Path) -> None:
    swap(copy)
    relist(copy, "versjon-1/signert-010.pdf", "versjon-1/signert-012.pdf")
    assert any("versjon-1/signert-010.pdf er ikke filen som hendelse 10" in fault for fault in found_in(copy))

    def events_too(manifest: Any) -> None:
        one, two = (entry_of(manifest, f"versjon-1/signert-{number}.pdf") for number in ("010", "012"))
        one["events"], two["events"] = two["events"], one["events"]

    edit(copy, "manifest.json", events_too)
    assert any("har nummeret til en annen hendelse" in fault for fault in found_in(copy))


def test_a_document_of_one_version_cannot_lie_with_another(copy: Path) -> None:
    shutil.copy(copy / "versjon-1/avtale.pdf", copy / "versjon-2/avtale.pdf")
    relist(copy, "versjon-2/avtale.pdf")
    edit(
        copy,
        "manifest.json",
        lambda told: entry_of(told, "versjon-2/avtale.pdf").update(source="register", events=[9]),
    )
    assert "versjon-2/avtale.pdf ligger ved feil versjon" in found_in(copy)


@pytest.mark.parametrize("events", [[], [6], [999]])
def test_an_added_document_needs_an_event_that_counts(copy: Path, events: list[int]) -> None:
    (copy / "versjon-1" / "ekstra.pdf").write_bytes(b"%PDF-1.4")
    row = {"path": "versjon-1/ekstra.pdf", "source": "register", "events": events, "title": "", "sha256": "", "size": 0}
    edit(copy, "manifest.json", lambda told: told["files"].append(row))
    relist(copy, "versjon-1/ekstra.pdf")
    assert any(fault.startswith("versjon-1/ekstra.pdf") for fault in found_in(copy))


def test_a_document_of_a_voided_event_does_not_belong(copy: Path, dossier: Dossier) -> None:
    shutil.copy(dossier.commands.workspace / "papirer" / "feil.pdf", copy / "versjon-1" / "feil-006.pdf")
    row = {"path": "versjon-1/feil-006.pdf", "source": "register", "events": [6], "sha256": "", "size": 0}
    edit(copy, "manifest.json", lambda told: told["files"].append(row))
    relist(copy, "versjon-1/feil-006.pdf")
    assert found_in(copy) == ["versjon-1/feil-006.pdf skal høre til hendelse 6, som ikke gjelder"]


@pytest.mark.parametrize("name", ["historikk.pdf", "LES-MEG.txt", "versjon-2/avtale.pdf"])
def test_for_what_was_made_with_the_dossier_the_fingerprint_stands(copy: Path, dossier: Dossier, name: str) -> None:
    fingerprint = hashlib.sha256((dossier.folder / "manifest.json").read_bytes()).hexdigest()
    spoil(copy / name)
    relist(copy, name)
    assert verified(copy, "--fingeravtrykk", fingerprint).returncode == 1
    assert "filene som ble laget sammen med mappen" in verified(dossier.folder).stdout


# --- tampering: the journal ----------------------------------------------------------------------------------------


def _another_day(journal: Any) -> None:
    event(journal, 20)["event"]["occurred_on"] = "2025-06-02"


def _another_day_rehashed(journal: Any) -> None:
    _another_day(journal)
    rehash(event(journal, 20))


def _another_party(journal: Any) -> None:
    event(journal, 12)["event"]["payload"]["party"] = "4632"


def _out_of_order(journal: Any) -> None:
    journal["events"].reverse()


def _a_gap(journal: Any) -> None:
    journal["events"].remove(event(journal, 12))


def _twice(journal: Any) -> None:
    journal["events"].append(journal["events"][-1])


def _other_register(journal: Any) -> None:
    journal["register"]["id"] = "f" * 32


def _other_agreement(journal: Any) -> None:
    journal["agreement"] = "alle-valg"


def _earlier_head(journal: Any) -> None:
    journal["register"]["head"] = "3:" + "0" * 64


def _not_erased(journal: Any) -> None:
    journal["events"] = [row for row in journal["events"] if row["event"]["kind"] != "register:data:erased"]


def _not_voided(journal: Any) -> None:
    journal["events"].remove(event(journal, 7))


def _of_another_agreement(journal: Any) -> None:
    event(journal, 24)["event"]["agreement"] = "alle-valg"
    rehash(event(journal, 24))


JOURNALS: dict[str, tuple[Callable[[Any], None], str]] = {
    "another day": (_another_day, "hendelse 20 er endret"),
    "another day, rehashed": (_another_day_rehashed, "hendelse 21 bygger ikke på hendelse 20"),
    "another party": (_another_party, "hendelse 12 er endret"),
    "out of order": (_out_of_order, "står etter hendelse"),
    "an event gone": (_a_gap, "som ikke gjelder"),
    "an event twice": (_twice, "hendelse 24 står etter hendelse 24"),
    "another register": (_other_register, "hendelse 1 bygger ikke på registeret"),
    "another agreement": (_other_agreement, "gjelder alle-valg, ikke helse-omsorg-vest"),
    "an event of another agreement": (_of_another_agreement, "hendelse 24 gjelder ikke denne avtalen"),
    "an earlier head": (_earlier_head, "registerets siste hendelse er eldre"),
    "no tombstone": (_not_erased, "ingen hendelse forteller at personen"),
    "no voiding": (_not_voided, "en fil som hendelse 6 viser til, er ikke her"),
}


@pytest.mark.parametrize("how", JOURNALS)
def test_a_changed_journal_is_found_though_the_manifest_was_mended(copy: Path, how: str) -> None:
    change, wanted = JOURNALS[how]
    edit(copy, "hendelseslogg.json", change)
    relist(copy, "hendelseslogg.json")
    assert any(wanted in fault for fault in found_in(copy)), found_in(copy)


def _renamed(journal: Any) -> None:
    next(one for one in journal["people"] if one.get("content", {}).get("title"))["content"]["name"] = "Per Falsk"


def _resalted(journal: Any) -> None:
    next(one for one in journal["people"] if "salt" in one)["salt"] = "0"


def _forgotten(journal: Any) -> None:
    journal["people"].pop()


def _erased_in_secret(journal: Any) -> None:
    one = next(one for one in journal["people"] if "salt" in one)
    del one["salt"], one["content"]
    one["erased"] = True


def _stranger(journal: Any) -> None:
    journal["people"].append({"id": "f" * 32, "salt": "", "content": {"name": "Ingen"}})


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (_renamed, "er endret"),
        (_resalted, "er endret"),
        (_forgotten, "er borte"),
        (_erased_in_secret, "ingen hendelse forteller at personen"),
        (_stranger, "hendelsesloggen viser ikke til personen"),
    ],
)
def test_changed_people_are_found_though_the_manifest_was_mended(
    copy: Path, change: Callable[[Any], None], wanted: str
) -> None:
    edit(copy, "hendelseslogg.json", change)
    relist(copy, "hendelseslogg.json")
    assert any(wanted in fault and "person" in fault for fault in found_in(copy))


# --- tampering: what the archive is told -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("SHA-256", "MD5", "har en annen sjekksum"),
        ("<filstoerrelse>", "<filstoerrelse>1", "har en annen sjekksum eller størrelse"),
        ("versjon-1/avtale.pdf", "versjon-1/borte.pdf", "viser til versjon-1/borte.pdf, som ikke er her"),
        ("versjon-1/avtale.pdf", "versjon-2/avtale.pdf", "har en annen sjekksum"),
        ("<antallFiler>", "<antallFiler>1", "et annet antall filer"),
        ("<system>", "<!-- x --><system>", "har en dokumenttype"),
        ("</arkivmelding>", "", "arkivmeldingene kan ikke leses"),
    ],
)
def test_a_changed_message_is_found_though_the_manifest_was_mended(copy: Path, old: str, new: str, wanted: str) -> None:
    path = copy / "arkivmelding.xml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    relist(copy, "arkivmelding.xml")
    assert any(wanted in fault for fault in found_in(copy)), found_in(copy)


# --- rubbish ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rubbish", ["", "[]", "{}", '{"a": 1, "a": 2}', "\ud7ff\x00", "[" * 100_000, "null", '"x"'])
@pytest.mark.parametrize("name", ["manifest.json", "hendelseslogg.json", "arkivmelding.xml"])
def test_rubbish_is_a_fault_and_no_traceback(copy: Path, name: str, rubbish: str) -> None:
    (copy / name).write_text(rubbish, encoding="utf-8")
    ran = verified(copy)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert f"{name} kan ikke leses" in ran.stdout or f"{name} er endret" in ran.stdout
