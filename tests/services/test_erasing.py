"""Erasing: what goes by event and by name, what stays, and that an agreement lives on without it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ksf_agreements.app import App
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import DataErased
from ksf_agreements.domain.folded import Status
from ksf_agreements.domain.status import status_of
from ksf_agreements.domain.timeline import DERIVATION, derive
from ksf_agreements.register.transaction import people_of
from ksf_agreements.register.verify import verify
from ksf_agreements.services.agreements.changes import change_contacts
from ksf_agreements.services.agreements.erasing import Erased, erase
from ksf_agreements.services.agreements.history import import_history
from ksf_agreements.services.agreements.issuing import issue
from ksf_agreements.services.agreements.renewing import amend, renew
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.signing.recording import Signature, sign
from tests.factories import Person, Signatory, cluster, cluster_text, member

ISSUED, SIGNED, LATER = date(2026, 1, 10), date(2026, 1, 20), date(2026, 2, 1)
FRIDA = Person(name="Frida Kontakt", email="frida@example.no")
OLA = Signatory(name="Ola Nordmann", title="ordfører")
AGREED = cluster(members=(member("4601", signatory=OLA), member("4631", foui_contacts=(FRIDA,))))


@pytest.fixture
def desk(workspace: Path) -> Iterator[Desk]:
    write(workspace, AGREED)
    opened = App.open(str(workspace)).desk("Registerfører")
    yield opened
    opened.register.close()


def write(workspace: Path, value: object = AGREED, **changes: object) -> None:
    from ksf_agreements.domain.cluster import Cluster

    assert isinstance(value, Cluster)
    for file in (workspace / "clusters").glob("*.yaml"):
        file.unlink()
    (workspace / "clusters" / "vest.yaml").write_text(cluster_text(value, **changes), encoding="utf-8")


def out(desk: Desk) -> Path:
    return desk.workspace.root / "out"


def lived(desk: Desk) -> None:
    """Let the agreement be issued (1), signed by both (2, 3), and its contacts recorded (4)."""
    scan = desk.workspace.root / "signert.pdf"
    scan.write_bytes(b"%PDF signed by hand")
    issue(desk, "vest", ISSUED, out(desk))
    sign(desk, "vest", Signature("4601", SIGNED, "Ola Nordmann", "ordfører", file=scan))
    sign(desk, "vest", Signature("4631", SIGNED, "Carola Nordmann", "ordfører"))
    change_contacts(desk, "vest", LATER)


def whole(desk: Desk) -> bool:
    return verify(desk.register.path, derive, DERIVATION).is_whole


def on_disk(desk: Desk, text: str) -> bool:
    """Whether a text lies anywhere in the register's file; a DOCX is packed."""
    desk.register.close()
    return text.encode() in desk.register.path.read_bytes()


def kept(desk: Desk, number: int) -> list[object]:
    with desk.register.reading() as reader:
        event = reader.event(number)
        assert event is not None
        return [reader.person(ref) for ref in people_of(event.payload)]


# --- by name ---------------------------------------------------------------------------------------------------------


def test_a_name_is_erased_as_a_whole_and_nobody_elses(desk: Desk) -> None:
    lived(desk)
    assert erase(desk, (), "ola  NORDMANN", "han ba om det").people == 1
    assert kept(desk, 2) == [None]
    assert kept(desk, 3) == [{"name": "Carola Nordmann", "title": "ordfører"}]
    assert erase(desk, (), "Nordmann", "feil").event is None
    assert whole(desk)


def test_nothing_of_an_erased_person_lies_in_the_file(desk: Desk) -> None:
    lived(desk)
    assert on_disk(desk, "Ola Nordmann")
    erase(desk, (), "Ola Nordmann", "innsyn", with_documents=True)
    assert not on_disk(desk, "Ola Nordmann")
    assert whole(desk)


def test_documents_in_which_the_name_stands_are_counted_and_go_when_told(desk: Desk) -> None:
    lived(desk)
    first = erase(desk, (), "Ola Nordmann", "innsyn")
    assert (first.people, first.files, first.left, first.scans) == (1, 0, 3, (2,))
    again = erase(desk, (), "Ola Nordmann", "innsyn")
    assert (again.event, again.left, again.scans) == (None, 3, ())
    last = erase(desk, first.scans, "Ola Nordmann", "innsyn", with_documents=True)
    assert (last.people, last.files, last.left) == (0, 5, 0)
    assert erase(desk, (), "Ola Nordmann", "innsyn", with_documents=True) == Erased(None, 0, 0, 0)
    assert whole(desk)


def test_documents_and_the_signed_file_go_at_once_when_told(desk: Desk) -> None:
    lived(desk)
    done = erase(desk, (), "Ola Nordmann", "innsyn", with_documents=True)
    assert (done.people, done.files, done.left, done.scans) == (1, 5, 0, ())


def test_a_word_within_another_is_no_name(desk: Desk) -> None:
    lived(desk)
    assert erase(desk, (), "la Nordmann", "feil", with_documents=True) == Erased(None, 0, 0, 0)


def test_contact_persons_are_one_list_and_are_recorded_anew(desk: Desk) -> None:
    lived(desk)
    done = erase(desk, (), "Frida Kontakt", "sluttet")
    assert (done.people, done.contacts) == (1, ("vest",))
    assert kept(desk, 4) == [None]
    write(desk.workspace.root, AGREED.model_copy(update={"members": (*AGREED.members[:1], member("4631"))}))
    assert change_contacts(desk, "vest", LATER).repeated is None
    assert whole(desk)


def test_an_address_is_a_way_to_name_somebody(desk: Desk) -> None:
    lived(desk)
    assert erase(desk, (), "frida@example.no", "sluttet").people == 1


def test_who_recorded_something_is_erased_too(desk: Desk) -> None:
    lived(desk)
    other = App.open(str(desk.workspace.root)).desk("Postmottaket")
    assert erase(other, (), "Registerfører", "sluttet").people == 4
    other.register.close()
    assert whole(desk)


def test_an_imported_sheet_holds_names_too(desk: Desk) -> None:
    sheet = desk.workspace.root / "gammel.csv"
    rows = (
        "klynge;navn;kommune;motorkommune;signert;gyldig til;underskriver",
        "g;G;4601;ja;1.2.2025;1.2.2028;Åse Berg",
    )
    sheet.write_text("\n".join((*rows, "g;;4631;nei;1.2.2025;;Åse Bergli")), encoding="cp1252")
    import_history(desk, sheet, "windows-1252")
    first = erase(desk, (), "Åse Berg", "innsyn")
    assert (first.people, first.files, first.left) == (1, 0, 1)
    assert erase(desk, (), "Åse Berg", "innsyn", with_documents=True).files == 1
    assert kept(desk, 4) == [{"name": "Åse Bergli"}]
    assert status_of(desk.read("g")).status is Status.IN_FORCE
    assert whole(desk)


# --- by event --------------------------------------------------------------------------------------------------------


def test_an_event_loses_its_person_and_its_file_and_not_its_fact(desk: Desk) -> None:
    lived(desk)
    before = status_of(desk.read("vest"))
    done = erase(desk, (2, 3), "", "feil opplasting")
    assert (done.people, done.files, done.left) == (2, 2, 0)
    assert status_of(desk.read("vest")) == before
    assert erase(desk, (2,), "", "feil opplasting").event is None
    assert whole(desk)


def test_the_tombstone_says_what_and_why(desk: Desk) -> None:
    lived(desk)
    done = erase(desk, (3,), "", "feil navn")
    assert done.event is not None
    assert isinstance(done.event.payload, DataErased)
    assert (done.event.payload.reason, len(done.event.payload.personal)) == ("feil navn", 1)
    found = verify(desk.register.path, derive, DERIVATION)
    assert [(stone.event, stone.reason) for stone in found.erased] == [(5, "feil navn")]


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "name", "reason", "documents", "said"),
    [
        ((1,), "", "  ", False, "Say why"),
        ((), " ", "fordi", False, "Say what"),
        ((99, 98), "", "fordi", False, "There is no event 99, 98"),
        ((1,), "", "fordi", True, "--documents needs --name"),
        ((), "Ola Nordmann", "ola nordmann ba om det", False, "write it without the name"),
        ((), "registerfører", "sluttet", False, "let somebody else do it"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_written(
    desk: Desk, numbers: tuple[int, ...], name: str, reason: str, documents: bool, said: str
) -> None:
    lived(desk)
    with pytest.raises(Refused, match=said):
        erase(desk, numbers, name, reason, with_documents=documents)
    with desk.register.reading() as reader:
        assert reader.head().number == 4


# --- an agreement whose snapshot is gone -----------------------------------------------------------------------------


@pytest.fixture
def bare(desk: Desk) -> Desk:
    """A desk with an agreement in force whose snapshot and documents were erased."""
    lived(desk)
    erase(desk, (1,), "", "feil opplasting")
    return desk


def test_it_stands_as_before(bare: Desk) -> None:
    status = status_of(bare.read("vest"))
    assert (status.status, status.name, status.signed) == (Status.IN_FORCE, "Klyngen Eksempel", 2)


def test_it_is_amended(bare: Desk) -> None:
    write(bare.workspace.root, AGREED, decision_authority="rådmannsgruppen")
    done = amend(bare, "vest", LATER, out(bare))
    assert [event.kind for event in done.events] == ["agreement:amendment:recorded", "agreement:version:issued"]
    assert len(done.files) == 2
    assert whole(bare)


def test_it_is_renewed(bare: Desk) -> None:
    assert renew(bare, "vest", LATER, out(bare), until=date(2035, 12, 31)).events


def test_issuing_anew_says_that_it_is_in_force(bare: Desk) -> None:
    with pytest.raises(Refused, match="Version 1 is in force"):
        issue(bare, "vest", LATER, out(bare))


def test_a_party_signs_an_open_version_without_its_snapshot(desk: Desk) -> None:
    issue(desk, "vest", ISSUED, out(desk))
    erase(desk, (1,), "", "feil opplasting")
    done = sign(desk, "vest", Signature("4601", SIGNED, "Noen Andre", "ordfører"))
    assert not any("Another signatory" in str(warning) for warning in done.warnings)
    assert whole(desk)


def test_a_repeated_signature_of_an_erased_person_is_not_recorded_twice(desk: Desk) -> None:
    lived(desk)
    erase(desk, (3,), "", "innsyn")
    with pytest.raises(Refused, match="has signed version 1 already"):
        sign(desk, "vest", Signature("4631", SIGNED, "Carola Nordmann", "ordfører"))
    with desk.register.reading() as reader:
        event = reader.event(1)
        assert event is not None
        assert json.loads(reader.file(event.payload.snapshot) or b"{}")["cluster"]["name"] == "Klyngen Eksempel"  # type: ignore[attr-defined]
