"""Electronic signatures: intact, altered, of whom and when, one after the other, and those that a seal embeds."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from pypdf.annotations import FreeText

from ksf_agreements.domain.verdict import ESignature, FileKind, Integrity, SignatureKind
from ksf_agreements.signed.reader import read, read_file
from tests.signed.papers import agreement, paper
from tests.signed.signing import SIGNED_AT, Identity, issuer, person, seal, sign, sign_all, xades

SENT = paper(agreement())
ALTERED, TRUSTED, UNTRUSTED, UNVERIFIED = (
    Integrity.ALTERED,
    Integrity.TRUSTED,
    Integrity.UNTRUSTED,
    Integrity.UNVERIFIED,
)


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of trusted certificates, with one file that holds none and one that is not asked."""
    folder = tmp_path_factory.mktemp("tillit")
    (folder / "utsteder.pem").write_bytes(issuer().pem)
    (folder / "les-meg.txt").write_text("sertifikater", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def signed() -> bytes:
    """The agreement, signed by one."""
    return sign(SENT, person())


def only(data: bytes, trust: Path | None = None) -> ESignature:
    """The only signature of a file."""
    (found,) = read(data, trust).signatures
    return found


# --- one signature ---------------------------------------------------------------------------------------------------


def test_who_signed_when_and_by_whose_certificate(signed: bytes, trust: Path) -> None:
    reading = read(signed, trust)
    assert (reading.kind, reading.pages, reading.remarks) == (FileKind.SIGNED_PDF, 3, ())
    (found,) = reading.signatures
    assert (found.signer, found.issuer, found.signed_at) == ("Anne Eksempel", "Eksempel Utsteder CA", SIGNED_AT)
    assert (found.kind, found.integrity, found.covers, found.timestamped) == (
        SignatureKind.PERSON,
        TRUSTED,
        True,
        False,
    )


def test_an_intact_signature_is_untrusted_where_nobody_is_trusted(signed: bytes) -> None:
    reading = read(signed)
    assert reading.signatures[0].integrity is UNTRUSTED
    assert reading.remarks == ("no-trust-roots",)


def test_another_issuer_is_not_trusted(signed: bytes, tmp_path: Path) -> None:
    (tmp_path / "annen.pem").write_bytes(issuer("En Annen Utsteder CA").pem)
    assert only(signed, tmp_path).integrity is UNTRUSTED


def test_an_issuer_of_the_same_name_is_not_trusted(trust: Path) -> None:
    impostor = issuer.__wrapped__("Eksempel Utsteder CA").identity("Anne Eksempel")
    assert only(sign(SENT, impostor), trust).integrity is UNTRUSTED


def test_a_file_without_a_certificate_among_the_trusted_is_told(signed: bytes, tmp_path: Path) -> None:
    (tmp_path / "utsteder.pem").write_bytes(issuer().pem)
    (tmp_path / "feil.cer").write_bytes(b"\x30\x03garbage")
    reading = read(signed, tmp_path)
    assert reading.signatures[0].integrity is TRUSTED
    assert reading.remarks == ("trust-root-unreadable",)


def test_the_time_comes_from_a_time_stamp_where_there_is_one(trust: Path) -> None:
    found = only(sign(SENT, person(), at=SIGNED_AT + timedelta(days=40), stamped=True), trust)
    assert (found.timestamped, found.signed_at, found.integrity) == (True, SIGNED_AT, TRUSTED)


@pytest.mark.parametrize(
    ("begins", "ends", "remark"),
    [(-900, -1, "expired"), (1, 900, "not-yet-valid"), (-900, 1, "")],
)
def test_a_certificate_that_was_not_valid_when_it_signed_is_told(
    trust: Path, begins: int, ends: int, remark: str
) -> None:
    days = (SIGNED_AT + timedelta(days=days) for days in (begins, ends))
    found = only(sign(SENT, issuer().identity("Per Eksempel", begins=next(days), ends=next(days))), trust)
    assert (found.integrity, found.remark) == (UNTRUSTED if remark else TRUSTED, remark)


def test_an_organisation_seals_and_a_person_of_one_signs(trust: Path) -> None:
    employee = person("Bjørn Eksempel", "Eksempel kommune")
    found = read(sign_all(SENT, [seal(), employee]), trust).signatures
    assert [(one.signer, one.kind) for one in found] == [
        ("Signaturtjenesten Eksempel AS", SignatureKind.SEAL),
        ("Bjørn Eksempel", SignatureKind.PERSON),
    ]
    assert found[1].organisation == "Eksempel kommune"


# --- changes ---------------------------------------------------------------------------------------------------------


def test_signatures_one_after_the_other_leave_each_other_whole(trust: Path) -> None:
    people = [person(), person("Bjørn Eksempel"), person("Per Eksempel")]
    found = read(sign_all(SENT, people), trust).signatures
    assert [one.signer for one in found] == ["Anne Eksempel", "Bjørn Eksempel", "Per Eksempel"]
    assert {(one.integrity, one.covers) for one in found} == {(TRUSTED, True)}


def with_a_letter_changed(data: bytes) -> bytes:
    return data.replace(b"(1. Punkt", b"(7. Punkt", 1)


def incremented(data: bytes, change: Callable[[pypdf.PdfWriter], object]) -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(data), incremental=True)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_a_page_added(data: bytes) -> bytes:
    return incremented(data, lambda writer: writer.add_blank_page(595, 842))


def with_a_note_added(data: bytes) -> bytes:
    return incremented(data, lambda writer: writer.add_annotation(0, FreeText(text="nei", rect=(9, 9, 99, 99))))


def rewritten(data: bytes) -> bytes:
    writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(data)), io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("change", [with_a_letter_changed, with_a_page_added, with_a_note_added, rewritten])
def test_what_is_changed_after_signing_is_altered(signed: bytes, trust: Path, change: Callable[[bytes], bytes]) -> None:
    changed = change(signed)
    assert changed != signed
    found = only(changed, trust)
    assert (found.integrity, found.covers, found.signer) == (ALTERED, False, "Anne Eksempel")


def test_what_is_changed_between_two_signatures_spoils_the_first_alone(signed: bytes, trust: Path) -> None:
    last = sign(with_a_page_added(signed), person("Bjørn Eksempel"), field="Signatur2")
    assert [one.integrity for one in read(last, trust).signatures] == [ALTERED, TRUSTED]


def test_a_signature_of_another_file_is_altered(signed: bytes, trust: Path) -> None:
    other = sign(paper(agreement(version=2)), person())
    start = signed.index(b"/Contents <") + 11
    assert signed[: start - 11] != other[: start - 11]
    contents = signed[start : signed.index(b">", start)]
    begins = other.index(b"/Contents <") + 11
    ends = other.index(b">", begins)
    # The room for a signature differs by some bytes from key to key; all else keeps its place. Zeros fill the room.
    room = ends - begins
    assert not contents[room:].strip(b"0")
    moved = other[:begins] + contents[:room].ljust(room, b"0") + other[ends:]
    assert len(moved) == len(other)
    assert only(moved, trust).integrity is ALTERED


def test_a_file_whose_signatures_cannot_be_found_is_not_taken_for_unsigned(signed: bytes) -> None:
    start = signed.index(b"/Contents <") + 11
    reading = read(signed[:start] + signed[start + 6 :])
    assert (reading.kind, reading.signatures) == (FileKind.SIGNED_PDF, ())
    assert "signatures-unreadable" in reading.remarks


def test_a_damaged_signature_is_unverified_and_the_others_are_not(signed: bytes, trust: Path) -> None:
    both = sign(signed, person("Bjørn Eksempel"), field="Signatur2")
    start = both.rindex(b"/Contents <") + 11
    damaged = both[:start] + b"00ff" + both[start + 4 :]
    found = read(damaged, trust).signatures
    assert [(one.signer, one.integrity) for one in found] == [("Anne Eksempel", TRUSTED), ("", UNVERIFIED)]


# --- a seal with what it embeds ---------------------------------------------------------------------------------------


def sealed(*signatures: bytes, around: bytes = SENT) -> bytes:
    files = {f"signatur-{number}.xml": one for number, one in enumerate(signatures, 1)}
    return sign(around, seal(), attached={**files, "les-meg.txt": b"<ikke en signatur>"})


def embedded(data: bytes, trust: Path) -> list[ESignature]:
    return [one for one in read(data, trust).signatures if one.kind is SignatureKind.EMBEDDED]


def test_a_seal_tells_of_the_people_whose_signatures_it_embeds(trust: Path) -> None:
    people: list[Identity] = [person(), person("Bjørn Eksempel")]
    found = read(sealed(*(xades(SENT, one) for one in people)), trust).signatures
    assert [one.kind for one in found] == [SignatureKind.SEAL, SignatureKind.EMBEDDED, SignatureKind.EMBEDDED]
    assert [one.signer for one in found[1:]] == ["Anne Eksempel", "Bjørn Eksempel"]
    assert {(one.integrity, one.covers, one.signed_at) for one in found[1:]} == {(TRUSTED, True, SIGNED_AT)}


def test_an_embedded_signature_of_what_is_not_here_waits_for_who_knows_it(trust: Path) -> None:
    other = paper(agreement(), producer="signaturtjenesten")
    (found,) = embedded(sealed(xades(SENT, person()), around=other), trust)
    assert (found.integrity, found.covers, found.remark) == (UNVERIFIED, False, "document-elsewhere")
    assert found.issuer_trusted
    assert found.documents[0].startswith("sha256:")


@pytest.mark.parametrize(
    ("old", "new", "integrity"),
    [
        (b"2026-02-03T12:30", b"2026-02-04T12:30", ALTERED),
        (b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA", ALTERED),
        (b'URI="avtale.pdf"', b'URI="annen.pdf"', ALTERED),
        (b"xmlenc#sha256", b"xmlenc#rot13", UNVERIFIED),
        (b"</ds:Signature>", b"", UNVERIFIED),
        (b"<ds:X509Certificate>", b"<ds:X509Certificate>x", UNVERIFIED),
    ],
)
def test_an_embedded_signature_that_was_touched_does_not_hold(
    trust: Path, old: bytes, new: bytes, integrity: Integrity
) -> None:
    touched = xades(SENT, person()).replace(old, new)
    (found,) = embedded(sealed(touched), trust)
    assert (found.integrity, found.covers) == (integrity, False)


def test_an_embedded_signature_with_an_entity_is_not_expanded(trust: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' + xades(SENT, person())
    (found,) = embedded(sealed(bomb), trust)
    assert found.integrity is UNVERIFIED


# --- through the child ------------------------------------------------------------------------------------------------


def test_the_child_tells_the_same(signed: bytes, trust: Path) -> None:
    assert read_file(signed, trust) == read(signed, trust)


def test_without_the_optional_part_the_file_is_read_all_the_same(
    signed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.delitem(sys.modules, "ksf_agreements.signed.esign", raising=False)
    monkeypatch.setitem(sys.modules, "pyhanko.sign.validation", None)
    reading = read(signed)
    assert (reading.kind, reading.signatures, reading.remarks) == (FileKind.SIGNED_PDF, (), ("esign-not-installed",))
    assert len(reading.found) == 3
