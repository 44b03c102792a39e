"""The commands that keep the register: what they print, their exit codes, and a sentence for every hindrance."""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ksf_agreements.register import store, triggers
from tests.conftest import Ran
from tests.factories import Person, Signatory, cluster, cluster_text, member
from tests.register.sample import change

Ksf = Callable[..., Ran]
HEAD = re.compile(r"\d+:[0-9a-f]{64}")

AGREED = cluster(
    members=(
        member("4601", signatory=Signatory(name="Ola Nordmann", title="ordfører")),
        member("4631", foui_contacts=(Person(name="Frida Kontakt"),)),
    )
)
SHEET = (
    "klynge;navn;region;kommune;motorkommune;signert;gyldig til;underskriver navn\n"
    "gammel;Gammel klynge;Vest;1103;ja;1.2.2025;1.2.2028;Åse Berg\n"
    "gammel;;;Sandnes;nei;3.2.2025;;\n"
)


@pytest.fixture
def run(workspace: Path, ksf: Ksf) -> Ksf:
    """Run ``ksf`` in English in a workspace that has one small cluster."""
    for file in (workspace / "clusters").glob("*.yaml"):
        file.unlink()
    (workspace / "clusters" / "vest.yaml").write_text(cluster_text(AGREED), encoding="utf-8")

    def words(*more: str | Path) -> Ran:
        return ksf("-w", workspace, "--lang", "en", *more)

    return words


@pytest.fixture
def register(workspace: Path) -> Path:
    return workspace / "register.sqlite"


@pytest.fixture
def lived(run: Ksf, register: Path) -> Path:
    """A register with four events: issued, signed by two, contacts."""
    assert run("issue", "vest", "--on", "2026-01-10", "--as", "Kari Registerfører").code == 0
    for party, name in (("4601", "Ola Nordmann"), ("4631", "Carola Nordmann")):
        assert (
            run(
                "sign", "vest", "--party", party, "--on", "2026-01-20", "--name", name, "--as", "Kari Registerfører"
            ).code
            == 0
        )
    assert run("contacts", "vest", "--on", "2026-02-01", "--as", "Kari Registerfører").code == 0
    return register


def tamper(register: Path) -> None:
    """Move a signature by a day, as somebody would who knows the file."""
    connection = sqlite3.connect(register, isolation_level=None)
    triggers.drop(connection)
    connection.execute("UPDATE event SET occurred_on = '2026-01-21' WHERE number = 2")
    triggers.create(connection)
    connection.close()


def head_of(ran: Ran) -> str:
    found = HEAD.search(ran.out)
    assert found
    return found[0]


def is_sentence(ran: Ran, code: int = 3) -> bool:
    """Whether a command ended with one sentence and no traceback."""
    return ran.code == code and ran.out == "" and len(ran.err.splitlines()) == 1 and ran.err.rstrip().endswith(".")


# --- verify ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("lived")
def test_a_whole_register_is_told_with_its_head(run: Ksf) -> None:
    ran = run("verify")
    assert (ran.code, ran.err) == (0, "")
    first, second = ran.out.splitlines()
    assert re.fullmatch(r"The register is whole: 4 events, \d+ persons, 3 files\.", first)
    assert second.startswith("Head: 4:")
    assert run("verify", "--head", head_of(ran)).code == 0


@pytest.mark.usefixtures("lived")
def test_a_head_from_before_is_found_again_as_long_as_nothing_was_cut(run: Ksf, register: Path) -> None:
    old = head_of(run("verify"))
    shutil.copy(register, register.with_name("old.sqlite"))
    run("plan", "vest", "--year", "2026", "--on", "2026-02-02")
    assert run("verify", "--head", old).code == 0
    new = head_of(run("verify"))
    shutil.copy(register.with_name("old.sqlite"), register)
    assert run("verify").code == 0
    ran = run("verify", "--head", f" {new} ")
    assert ran.code == 1
    assert "error: the journal ends with event 4, and once had event 5" in ran.out
    assert "not whole" in ran.err


@pytest.mark.parametrize("head", ["", "x", "4", "4:abc", "four:" + "a" * 64, "4:" + "g" * 64, "²:" + "a" * 64])
def test_what_is_no_head_is_told(run: Ksf, lived: Path, head: str) -> None:
    del lived
    ran = run("verify", "--head", head)
    assert is_sentence(ran, 2)
    assert "is no head" in ran.err


def test_a_change_is_found_and_the_advice_given(run: Ksf, lived: Path) -> None:
    tamper(lived)
    ran = run("verify")
    assert ran.code == 1
    assert "event 2 was changed" in ran.out
    assert ran.err == "The register is not whole. Keep the file as it is, and restore the latest backup elsewhere.\n"


# --- backup and restore ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("lived")
def test_a_backup_is_the_register_and_its_owners_alone(run: Ksf, tmp_path: Path) -> None:
    target = tmp_path / "kopi.sqlite"
    ran = run("backup", target)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == f"Wrote {target}"
    assert head_of(ran) == head_of(run("verify"))
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.usefixtures("lived")
def test_a_backup_is_not_overwritten_unless_told_and_another_file_never(run: Ksf, tmp_path: Path) -> None:
    target, letter = tmp_path / "kopi.sqlite", tmp_path / "brev.txt"
    letter.write_text("kjære", encoding="utf-8")
    assert run("backup", target).code == 0
    before = target.read_bytes()
    assert is_sentence(run("backup", target), 2)
    assert target.read_bytes() == before
    run("plan", "vest", "--year", "2026", "--on", "2026-02-02")
    assert run("backup", target, "--force").code == 0
    assert target.read_bytes() != before
    assert run("backup", letter, "--force").code == 3
    assert letter.read_text(encoding="utf-8") == "kjære"


def test_the_register_is_no_backup_of_itself(run: Ksf, lived: Path) -> None:
    assert is_sentence(run("backup", lived, "--force"), 2)
    assert is_sentence(run("restore", lived), 2)
    assert run("verify").code == 0


@pytest.mark.usefixtures("lived")
def test_a_folder_that_is_not_there_is_told(run: Ksf, tmp_path: Path) -> None:
    ran = run("backup", tmp_path / "borte" / "kopi.sqlite")
    assert is_sentence(ran, 2)
    assert str(tmp_path / "borte") in ran.err


def test_restore_puts_the_backup_in_place_and_keeps_what_was_there(run: Ksf, lived: Path, tmp_path: Path) -> None:
    target = tmp_path / "kopi.sqlite"
    old = head_of(run("backup", target))
    run("plan", "vest", "--year", "2026", "--on", "2026-02-02")
    new = head_of(run("verify"))
    ran = run("restore", target)
    assert (ran.code, ran.err) == (0, "")
    assert head_of(ran) == old == head_of(run("verify"))
    (aside,) = lived.parent.glob("register.sqlite.replaced-*")
    assert ran.out.splitlines()[1] == f"What was there before is kept as {aside.name}."
    assert head_of(run("restore", aside)) == new


def test_a_damaged_backup_is_refused_and_nothing_changed(run: Ksf, lived: Path, tmp_path: Path) -> None:
    target = tmp_path / "kopi.sqlite"
    run("backup", target)
    tamper(target)
    before = lived.read_bytes()
    ran = run("restore", target)
    assert (ran.code, ran.out) == (1, "")
    assert "event 2 was changed" in ran.err
    assert "The register was not changed." in ran.err
    assert lived.read_bytes() == before
    assert list(lived.parent.glob("register.sqlite.*")) == []


@pytest.mark.parametrize("name", ["borte.sqlite", "brev.txt", "mappe"])
def test_what_is_no_backup_is_told(run: Ksf, lived: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "brev.txt").write_text("kjære" * 1000, encoding="utf-8")
    (tmp_path / "mappe").mkdir()
    before = lived.read_bytes()
    assert is_sentence(run("restore", tmp_path / name))
    assert lived.read_bytes() == before


def test_a_backup_becomes_the_register_where_there_is_none(run: Ksf, lived: Path, tmp_path: Path) -> None:
    head = head_of(run("backup", tmp_path / "kopi.sqlite"))
    lived.unlink()
    ran = run("restore", tmp_path / "kopi.sqlite")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 1
    assert head_of(run("verify")) == head


# --- erase -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("lived")
def test_an_erased_person_is_gone_from_every_view(run: Ksf) -> None:
    ran = run("erase", "--name", "Kari Registerfører", "--reason", "sluttet", "--as", "Postmottaket")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Erased: data of 4 persons, 0 files (event 5).\n")
    log = run("log").out
    assert "Kari" not in log
    assert log.count("(–)") == 4
    assert log.splitlines()[-1].endswith("personal data or files erased: sluttet  (Postmottaket)")
    assert '"actor": "–"' in run("log", "--format", "json").out
    for view in (("status",), ("status", "vest"), ("why", "vest"), ("parties", "vest"), ("due",)):
        assert run(*view).code == 0
    verified = run("verify")
    assert verified.code == 0
    assert "(event 5): data of 4 persons, 0 files. sluttet" in verified.out


@pytest.mark.usefixtures("lived")
def test_what_is_left_is_told_and_how_to_remove_it(run: Ksf) -> None:
    words = ("erase", "--name", "Ola Nordmann", "--reason", "innsyn")
    first = run(*words)
    assert first.code == 0
    assert "The name still stands in 3 documents; --documents removes them too.\n" in first.out
    assert "Backups made before still have it" in first.out
    again = run(*words)
    assert again.code == 1
    assert again.out.startswith("Nothing was found to erase.\nThe name still stands in 3 documents")
    assert run(*words, "--documents").out.startswith("Erased: data of 0 persons, 3 files (event 6).\n")
    assert run("status", "vest").code == 0
    assert run("verify").code == 0


@pytest.mark.usefixtures("lived")
def test_by_event_also_its_file_and_the_contacts_as_a_whole(run: Ksf) -> None:
    assert run("erase", "2", "--reason", "feil opplasting").out.startswith(
        "Erased: data of 1 person, 0 files (event 5).\n"
    )
    ran = run("erase", "--name", "Frida Kontakt", "--reason", "sluttet")
    assert "The contact persons of vest were kept as one list, which is gone." in ran.out
    assert run("contacts", "vest", "--on", "2026-02-03").out.startswith("Recorded as event 7")


@pytest.mark.parametrize("words", [("1",), ("--reason", "x"), ("99", "--reason", "x"), ("x", "--reason", "x")])
def test_erasing_needs_a_reason_and_something_to_erase(run: Ksf, lived: Path, words: tuple[str, ...]) -> None:
    before = lived.read_bytes()
    ran = run("erase", *words)
    assert ran.code in {1, 2}
    assert ran.err
    assert lived.read_bytes() == before


# --- import-history --------------------------------------------------------------------------------------------------


def test_a_sheet_is_entered_and_recognised(run: Ksf, tmp_path: Path) -> None:
    sheet = tmp_path / "gamle.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    ran = run("import-history", sheet)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "gammel: in force, 2 of 2 have signed.\n1 agreement entered.\n"
    again = run("import-history", sheet)
    assert (again.code, again.err) == (0, "")
    assert (
        again.out == "gammel: in force, 2 of 2 have signed.\nThis very file was entered before; nothing was written.\n"
    )
    assert run("verify").out.startswith("The register is whole: 4 events,")
    assert run("status", "gammel").code == 0
    assert "entered from" in run("log", "gammel").out


def test_a_bad_sheet_is_told_in_norwegian_with_its_rows_and_enters_nothing(ksf: Ksf, workspace: Path) -> None:
    sheet = workspace / "gamle.csv"
    sheet.write_text(SHEET.replace("1103", "1104").replace(";1.2.2028", ";"), encoding="utf-8")
    ran = ksf("-w", workspace, "import-history", sheet)
    assert (ran.code, ran.out) == (1, "")
    first, mend, second, last = ran.err.splitlines()
    assert first.startswith("feil: Rad 2, kolonne kommune: ")
    assert mend.startswith("    → ")
    assert second == "feil: Rad 2, kolonne gyldig til: «gyldig til» mangler"
    assert last == "Ingenting er lagt inn. Rett gamle.csv og prøv igjen."
    assert ksf("-w", workspace, "verify").out.startswith("Registeret er helt: 0 hendelser")


def test_windows_letters_are_taken_when_told(run: Ksf, tmp_path: Path) -> None:
    sheet = tmp_path / "gamle.csv"
    sheet.write_text(SHEET, encoding="cp1252")
    ran = run("import-history", sheet)
    assert ran.code == 1
    assert "--encoding windows-1252" in ran.err
    assert run("import-history", sheet, "--encoding", "windows-1252").code == 0


def test_an_empty_sheet_is_written_in_the_readers_language_and_never_over_another(
    ksf: Ksf, workspace: Path, tmp_path: Path
) -> None:
    target = tmp_path / "mal.xlsx"
    assert ksf("-w", workspace, "import-history", "--template", target).out.endswith("mal.xlsx\n")
    assert not (workspace / "register.sqlite").exists()
    assert load_workbook(target).sheetnames == ["Avtaler", "Hjelp"]
    before = target.read_bytes()
    assert is_sentence(ksf("-w", workspace, "import-history", "--template", target), 2)
    assert target.read_bytes() == before


@pytest.mark.parametrize("words", [(), ("a.csv", "--template", "b.xlsx"), ("borte.csv",)])
def test_a_file_is_read_or_written_and_must_be_there(run: Ksf, words: tuple[str, ...]) -> None:
    assert is_sentence(run("import-history", *words), 2)


# --- a register that hinders -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("verify",), ("backup", "kopi.sqlite")])
def test_without_a_register_a_sentence_says_so_and_none_is_made(
    run: Ksf, register: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run(*words)
    assert is_sentence(ran)
    assert str(register) in ran.err
    assert not register.exists()
    assert not (tmp_path / "kopi.sqlite").exists()


WRITING = ("plan", "vest", "--year", "2026", "--on", "2026-02-02")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nobody wait for another program."""
    original = store.Register.open.__func__  # type: ignore[attr-defined]

    def open_quickly(cls: type[store.Register], path: Path, **options: object) -> store.Register:
        found: store.Register = original(cls, path, **{**options, "busy_seconds": 0.05})
        return found

    monkeypatch.setattr(store.Register, "open", classmethod(open_quickly))
    return


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("words", [WRITING, ("erase", "2", "--reason", "x")])
def test_a_locked_register_is_a_sentence(run: Ksf, lived: Path, words: tuple[str, ...]) -> None:
    other = sqlite3.connect(lived, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ran = run(*words)
    other.execute("ROLLBACK")
    other.close()
    assert is_sentence(ran)
    assert "Another program is using" in ran.err
    assert run("verify").out.startswith("The register is whole: 4 events,")


@pytest.mark.parametrize(
    "words", [("status",), ("verify",), WRITING, ("erase", "2", "--reason", "x"), ("restore", "kopi")]
)
def test_a_newer_register_is_left_alone(
    run: Ksf, lived: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lived.parent)
    change(lived, "UPDATE alembic_version SET version_num = '9999'")
    shutil.copy(lived, "kopi")
    before = lived.read_bytes()
    ran = run(*words)
    assert ran.code in {1, 3}
    assert "was written by a newer version of ksf" in ran.out + ran.err
    assert lived.read_bytes() == before


@pytest.mark.parametrize("words", [WRITING, ("erase", "2", "--reason", "x"), ("import-history", "gamle.csv")])
def test_a_register_that_may_not_be_written_is_read_and_a_change_refused(
    run: Ksf, lived: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lived.parent)
    Path("gamle.csv").write_text(SHEET, encoding="utf-8")
    original = store.connect

    def connect(path: Path, **options: float) -> sqlite3.Connection:
        found = original(path, **options)
        found.execute("PRAGMA query_only = ON")  # as a file without the right to write: also for root
        return found

    monkeypatch.setattr(store, "connect", connect)
    assert run("status", "vest").code == 0
    ran = run(*words)
    assert is_sentence(ran)
    assert "cannot be written to" in ran.err


def test_a_folder_in_which_no_register_can_be_made_is_told(run: Ksf, monkeypatch: pytest.MonkeyPatch) -> None:
    def make_private(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(store, "make_private", make_private)
    ran = run("status")
    assert is_sentence(ran)
    assert "cannot be written to" in ran.err


@pytest.mark.parametrize("content", [b"kj\xe6re", b"SQLite format 3\0" + b"x" * 5000])
@pytest.mark.parametrize("words", [("status",), ("verify",), WRITING, ("backup", "kopi")])
def test_a_file_that_is_no_register_is_left_alone(
    run: Ksf, register: Path, content: bytes, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(register.parent)
    register.write_bytes(content)
    ran = run(*words)
    assert ran.code in {1, 3}
    assert "Traceback" not in ran.err
    assert ran.out + ran.err
    assert register.read_bytes() == content


def test_a_folder_in_the_registers_place_is_told(run: Ksf, register: Path) -> None:
    register.mkdir()
    for words in (("status",), ("verify",), WRITING, ("backup", register.parent / "kopi")):
        assert is_sentence(run(*words)), words
