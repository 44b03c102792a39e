"""Messages for an archive are valid by Fiks Arkiv v1, and say of the agreement what is so."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ksf_agreements.archive.arkivmelding import (
    ARKIVMELDING,
    CATALOG,
    XSI,
    CaseFolder,
    Code,
    Correspondent,
    Document,
    Made,
    Post,
    Variant,
    message,
)
from ksf_agreements.archive.folder import claimed_pdfa
from tests.archive.conftest import Dossier
from tests.archive.test_dossier import FILES
from tests.cli.register import NINE
from tests.factories import register

XSD = Path(__file__).parent.parent / "data" / "xsd" / "no.ks.fiks.arkiv.v1.arkivering.arkivmelding.opprett.xsd"
SPACES = {"a": ARKIVMELDING, "k": CATALOG}
MESSAGES = [name for name in FILES if name.endswith(".xml")]


@cache
def schema() -> Any:
    return etree.XMLSchema(etree.parse(XSD, etree.XMLParser(no_network=True)))


def parsed(folder: Path, name: str = "arkivmelding.xml") -> Any:
    return etree.parse(folder / name)


def values(tree: Any, path: str) -> list[str]:
    return [str(found.text) for found in tree.iterfind(path, SPACES)]


def codes(tree: Any, path: str) -> list[str]:
    return values(tree, f"{path}/k:kode")


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_of_a_dossier_is_valid(dossier: Dossier, name: str) -> None:
    schema().assertValid(parsed(dossier.folder, name))


def test_only_the_first_message_makes_the_case_folder_and_the_others_name_it(dossier: Dossier) -> None:
    folders = {name: values(parsed(dossier.folder, name), "a:mappe/a:systemID") for name in MESSAGES}
    (made,) = folders.pop("arkivmelding.xml")
    assert set(map(tuple, folders.values())) == {()}
    for name in MESSAGES:
        assert values(parsed(dossier.folder, name), ".//a:referanseForelderMappe/k:systemID") == [made]
    kind = f"{{{XSI}}}type"
    root = parsed(dossier.folder).getroot()
    assert [root.find(f"a:{part}", SPACES).get(kind) for part in ("mappe", "registrering")] == [
        "saksmappe",
        "journalpost",
    ]


def test_every_party_is_named_with_its_organisation_number_and_the_motor_municipality_sends(dossier: Dossier) -> None:
    found = list(parsed(dossier.folder).iterfind(".//a:korrespondansepart", SPACES))
    known = [register().get(number) for number in NINE]
    assert [one.findtext("a:organisasjonid", None, SPACES) for one in found] == [
        one.organisation_number for one in known if one
    ]
    assert [one.findtext("a:korrespondansepartNavn", None, SPACES) for one in found] == [
        one.title() for one in known if one
    ]
    kinds = [one.findtext("a:korrespondanseparttype/k:kode", None, SPACES) for one in found]
    assert kinds == ["EA", *["EM"] * 8]


def test_the_agreement_is_there_in_archive_format_signed_and_as_it_was_made(dossier: Dossier) -> None:
    main = parsed(dossier.folder).find(".//a:dokumentbeskrivelse", SPACES)
    assert codes(main, "a:dokumenttype") == ["AVTALE"]
    assert codes(main, "a:tilknyttetRegistreringSom") == ["H"]
    assert codes(main, "a:dokumentobjekt/a:variantformat") == ["A", "S", "P"]
    assert values(main, "a:dokumentobjekt/a:referanseDokumentfil") == [
        "versjon-1/avtale.pdf",
        "versjon-1/signert-012.pdf",
        "versjon-1/avtale-001.docx",
    ]
    assert codes(main, "a:dokumentobjekt/a:format") == ["RA-PDF", "PDF", "DOCX"]
    assert values(main, "a:dokumentobjekt/a:formatDetaljer") == ["PDF/A-2b", "PDF/A-3b etter egen opplysning"]


def test_a_scan_of_ink_is_no_digitally_signed_document(dossier: Dossier) -> None:
    for one in parsed(dossier.folder).iterfind(".//a:dokumentobjekt", SPACES):
        if one.findtext("a:referanseDokumentfil", None, SPACES) == "versjon-1/signert-010.pdf":
            assert codes(one, "a:variantformat") == ["P"]


def test_everything_that_people_read_is_in_one_message_and_nothing_that_is_for_machines_but_the_journal(
    dossier: Dossier,
) -> None:
    told = [path for name in MESSAGES for path in values(parsed(dossier.folder, name), ".//a:referanseDokumentfil")]
    machines = {"LES-MEG.txt", "manifest.json", "verify.py", *MESSAGES}
    machines |= {name for name in FILES if name.startswith("versjon") and name.endswith(".json")}
    assert sorted(told) == sorted(set(FILES) - machines)


@pytest.mark.parametrize("name", MESSAGES)
def test_hashes_sizes_and_numbers_are_the_files_own(dossier: Dossier, name: str) -> None:
    tree = parsed(dossier.folder, name)
    for one in tree.iterfind(".//a:dokumentobjekt", SPACES):
        data = (dossier.folder / one.findtext("a:referanseDokumentfil", None, SPACES)).read_bytes()
        assert one.findtext("a:sjekksum", None, SPACES) == hashlib.sha256(data).hexdigest()
        assert one.findtext("a:filstoerrelse", None, SPACES) == str(len(data))
        assert one.findtext("a:sjekksumAlgoritme", None, SPACES) == "SHA-256"
    documents = list(tree.iterfind(".//a:dokumentbeskrivelse", SPACES))
    assert values(tree, ".//a:dokumentnummer") == [str(number) for number in range(1, len(documents) + 1)]
    assert values(tree, ".//a:antallVedlegg") == [str(len(documents) - 1)]


def test_a_notice_is_an_incoming_document_of_its_own_from_who_gave_it(dossier: Dossier) -> None:
    tree = parsed(dossier.folder, "arkivmelding/hendelse-020.xml")
    assert values(tree, "a:registrering/a:tittel") == ["Oppsigelse mottatt fra 4621 Voss"]
    assert codes(tree, "a:registrering/a:journalposttype") == ["I"]
    assert values(tree, ".//a:korrespondansepartNavn") == ["Voss herad"]
    assert codes(tree, ".//a:korrespondanseparttype") == ["EA"]
    assert codes(tree, ".//a:dokumenttype") == ["MELDING"]
    assert values(tree, ".//a:dokumentetsDato") == ["2025-06-01"]


def test_a_decision_of_the_clusters_own_has_no_correspondent(dossier: Dossier) -> None:
    tree = parsed(dossier.folder, "arkivmelding/hendelse-021.xml")
    assert codes(tree, "a:registrering/a:journalposttype") == ["X"]
    assert values(tree, ".//a:korrespondansepartNavn") == []
    assert codes(tree, ".//a:dokumenttype") == ["VEDTAK"]


def test_ids_are_all_different(dossier: Dossier) -> None:
    found = [one for name in MESSAGES for one in values(parsed(dossier.folder, name), ".//a:systemID")]
    assert len(found) == len(set(found)) > 30


MADE = Made(datetime(2026, 3, 2, 12, tzinfo=UTC), "Per Arkivar")


def case(text: str = "navn") -> CaseFolder:
    return CaseFolder("0" * 32, "klynge", text or "?", text, (text,), date(2026, 1, 1), MADE)


def post(text: str = "navn", *, documents: int = 1) -> Post:
    variant = Variant("a/b.pdf", "0" * 64, 7, "application/pdf", Code.ARCHIVE, Made(MADE.at, text), "2B", ours=True)
    document = Document(text, "AVTALE", MADE, (variant,))
    party = Correspondent(text, "", Code.SENDER)
    return Post("versjon-1", text, Code.OUTGOING, date(2026, 1, 1), MADE, (party,), (document,) * documents)


@given(st.text(max_size=30))
def test_any_text_makes_a_valid_message(text: str) -> None:
    schema().assertValid(etree.fromstring(message(case(text), post(text), with_folder=True)))


def test_a_version_without_a_file_makes_a_valid_message() -> None:
    tree = etree.fromstring(message(case(), post(documents=0), with_folder=False))
    schema().assertValid(tree)
    assert values(tree, "a:antallFiler") == ["0"]
    assert values(tree, ".//a:antallVedlegg") == ["0"]


def test_the_same_message_is_the_same_bytes_and_another_register_gives_other_ids() -> None:
    one, other = case(), replace(case(), register="1" * 32)
    assert message(one, post(), with_folder=True) == message(case(), post(), with_folder=True)
    trees = [etree.fromstring(message(which, post(), with_folder=True)) for which in (one, other)]
    ids = [set(values(tree, ".//a:systemID")) for tree in trees]
    assert len(ids[0]) == 4
    assert not ids[0] & ids[1]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.7 <pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>", "2B"),
        (b"%PDF-1.7 pdfaid:conformance='u' pdfaid:part=\"3\"", "3U"),
        (b"%PDF-2.0 <pdfaid:part>4</pdfaid:part>", "4"),
        (b"%PDF-1.7 <pdfaid:conformance>B<", ""),
        (b"PK <pdfaid:part>2</pdfaid:part>", ""),
        # Its catalog's, and the last of it; where the catalog is packed, any.
        (b"%PDF-1.7 5 0 obj <</Metadata 8 0 R>> endobj 8 0 obj <pdfaid:part>3< endobj /Root 5 0 R", "3"),
        (b"%PDF-1.7 7 0 obj <pdfaid:part>2< endobj 5 0 obj <</Pages 1 0 R>> endobj /Root 5 0 R", ""),
        (b"%PDF-1.7 7 0 obj pdfaid:part='2' endobj 5 0 obj </Metadata 8 0 R> endobj 8 0 obj endobj /Root 5 0 R", ""),
        (b"%PDF-1.7 5 0 obj </Metadata 7 0 R> endobj 7 0 obj pdfaid:part='2' endobj /Root 5 0 R 7 0 obj endobj", ""),
        (b"%PDF-1.7 7 0 obj <pdfaid:part>2< endobj /Root 5 0 R", "2"),
    ],
)
def test_what_a_pdf_says_of_itself_is_read_from_its_metadata(data: bytes, told: str) -> None:
    assert claimed_pdfa(data) == told
