"""`ksf sign --file`: what the file is, beside what was sent; what is refused, what is told, and what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ksf_agreements.domain.events import SignatureRecorded
from ksf_agreements.domain.verdict import Integrity, TextMatch, Verdict
from ksf_agreements.services.agreements.erasing import erase
from ksf_agreements.services.signing.evidence import Examiner
from tests.cli.register import Commands
from tests.conftest import Ran
from tests.signed.papers import paper
from tests.signed.sending import CLUSTER, PARTIES, desk_of, record_package, send, texts_of, trust, write_cluster
from tests.signed.signing import issuer, person, seal, sign, sign_all, xades
from tests.signed.test_national_ids import NUMBER


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The commands, in a workspace with one cluster of two municipalities and one trusted issuer."""
    for file in (workspace / "clusters").glob("*.yaml"):
        file.unlink()
    write_cluster(workspace)
    trust(workspace, issuer().pem)
    return Commands(ksf, workspace)


def words(commands: Commands, data: bytes, *more: str, name: str = "Anne Eksempel") -> tuple[str, ...]:
    """What follows 'ksf sign' for a file of these bytes."""
    file = commands.workspace / "signert.pdf"
    file.write_bytes(data)
    return (CLUSTER, "--party", "4601", "--on", "2026-02-03", "--name", name, "--file", str(file), *more)


def signs(commands: Commands, data: bytes, *more: str, name: str = "Anne Eksempel") -> Ran:
    """Record a signature with a file; it must succeed."""
    ran = commands("sign", *words(commands, data, *more, name=name))
    assert ran.code == 0, ran.err
    return ran


def refused(commands: Commands, data: bytes, *more: str) -> str:
    """Record a signature with a file; it must be refused, and nothing written."""
    return commands.refused("sign", *words(commands, data, *more))


def examined(commands: Commands, data: bytes) -> Verdict:
    """The verdict on a file."""
    desk = desk_of(commands.workspace)
    verdict = Examiner(desk).examine(data)
    desk.register.close()
    return verdict


def kept(commands: Commands) -> tuple[SignatureRecorded, bytes | None, Verdict | None]:
    """The signature that was recorded last, with its file and its verdict."""
    desk = desk_of(commands.workspace)
    with desk.register.reading() as reader:
        event = [one for one in reader.events(CLUSTER) if isinstance(one.payload, SignatureRecorded)][-1]
        assert isinstance(event.payload, SignatureRecorded)
        said = reader.file(event.payload.verdict or "")
        file = reader.file(event.payload.file or "")
    desk.register.close()
    return event.payload, file, Verdict.model_validate_json(said) if said else None


# --- what is told ----------------------------------------------------------------------------------------------------


def test_a_signed_bundle_is_kept_as_it_is_with_its_verdict(commands: Commands) -> None:
    sent = send(commands)
    signed = sign_all(sent.bundle, [person(), person("Bjørn Eksempel")])
    ran = signs(commands, signed)
    assert "The file is a PDF with 2 electronic signatures, 5 pages." in ran.out
    assert "Signed by Anne Eksempel, 3.2.2026 13:30 by its own word: intact, by an issuer that you trust" in ran.out
    assert f"It belongs to vest, version 1 ({sent.document_id}): it begins with the very file that was sent." in ran.out
    assert "Signature blocks on its pages: 4601 Bergen, 4631 Alver." in ran.out
    assert "revoked was not looked up" in ran.out
    payload, file, verdict = kept(commands)
    assert file == signed
    assert str(payload.method) == "eid"
    assert verdict is not None
    (match,) = verdict.matches
    assert (match.text, match.pages, match.missing) == (TextMatch.SAME_BYTES, (1, 2, 3, 4, 5), ())
    assert (match.signature_pages, match.parties, match.part) == ((3,), PARTIES, 0)
    assert verdict.integrity is Integrity.TRUSTED


def test_the_same_again_writes_nothing(commands: Commands) -> None:
    signed = sign(send(commands).bundle, person())
    signs(commands, signed)
    head = commands.head()
    assert "recorded already" in signs(commands, signed).out
    assert commands.head() == head


def test_a_file_that_a_service_wrote_anew_holds_the_same_text(commands: Commands) -> None:
    sent = send(commands)
    anew = paper((*sent.texts, "Signaturer fra signeringstjenesten"), producer="signeringstjenesten")
    (match,) = examined(commands, sign(anew, seal())).matches
    assert (match.text, match.added, match.missing, match.changed) == (TextMatch.SAME_TEXT, (6,), (), ())


def test_a_stamp_on_each_page_is_told_and_is_no_other_text(commands: Commands) -> None:
    sent = send(commands)
    stamped = tuple(f"{text}\nSignert med e-ID 3.2.2026" for text in sent.texts)
    (match,) = examined(commands, sign(paper(stamped), seal())).matches
    assert (match.text, match.stamped, match.changed) == (TextMatch.SAME_TEXT, (1, 2, 3, 4, 5), ())
    assert "a few words are added to what was sent: 1–5" in signs(commands, sign(paper(stamped), person())).out


def test_a_page_alone_tells_what_is_missing(commands: Commands) -> None:
    sent = send(commands)
    (match,) = examined(commands, paper(sent.texts[2:3])).matches
    assert (match.text, match.pages, match.missing) == (TextMatch.SAME_TEXT, (3,), (1, 2, 4, 5))
    assert match.parties == PARTIES


def test_embedded_signatures_are_settled_by_what_was_sent(commands: Commands) -> None:
    sent = send(commands)
    anew = paper(sent.texts, producer="signeringstjenesten")
    attached = {"a.xml": xades(sent.bundle, person()), "b.xml": xades(b"noe annet", person("Bjørn Eksempel"))}
    found = examined(commands, sign(anew, seal(), attached=attached)).reading.signatures
    assert [(one.signer, one.integrity, one.covers) for one in found[1:]] == [
        ("Anne Eksempel", Integrity.TRUSTED, True),
        ("Bjørn Eksempel", Integrity.UNVERIFIED, False),
    ]


def test_counterparts_are_told_apart_by_their_text(commands: Commands) -> None:
    sent = send(commands, bundles=(("4601",), ("4631",)))
    for part, (party, bundle) in enumerate(zip(PARTIES, sent.bundles, strict=True), 1):
        (match,) = examined(commands, sign(bundle, person())).matches
        assert (match.part, match.parties, match.text) == (part, (party,), TextMatch.SAME_BYTES)


def test_of_counterparts_that_are_alike_no_party_is_guessed(commands: Commands) -> None:
    sent = send(commands)
    alike = tuple(((party,), paper(sent.texts, producer=party)) for party in PARTIES)
    record_package(commands.workspace, CLUSTER, 1, alike)
    (match,) = examined(commands, paper(sent.texts, producer="signeringstjenesten")).matches
    assert (match.part, match.parties, match.text) == (0, (), TextMatch.SAME_TEXT)


def test_without_a_package_the_text_is_not_compared(commands: Commands) -> None:
    commands.issue(cluster=CLUSTER)
    desk = desk_of(commands.workspace)
    document_id = desk.read(CLUSTER).versions[-1].terms.document_id
    desk.register.close()
    ran = signs(commands, sign(paper(texts_of(document_id)), person()))
    assert "its text cannot be compared with what was sent" in ran.out


def test_an_erased_package_is_not_compared_and_accuses_nobody(commands: Commands) -> None:
    sent = send(commands)
    desk = desk_of(commands.workspace)
    erase(desk, (2,), "", "feil opplasting")
    desk.register.close()
    (match,) = examined(commands, sent.bundle).matches
    assert (match.text, match.changed, match.missing) == (TextMatch.UNKNOWN, (), ())


# --- what is unusual ------------------------------------------------------------------------------------------------


def test_another_signer_than_the_one_named_is_told(commands: Commands) -> None:
    ran = signs(commands, sign(send(commands).bundle, person("Bjørn Eksempel")))
    assert "No signature in the file is Anne Eksempel's. It is signed by Bjørn Eksempel." in ran.err
    assert str(kept(commands)[0].method) == "ink"


@pytest.mark.parametrize("name", ["Eksempel Anne", "anne eksempel", "Anne Marie Eksempel"])
def test_a_name_in_another_order_or_longer_is_the_same_signer(commands: Commands, name: str) -> None:
    ran = signs(commands, sign(send(commands).bundle, person()), name=name)
    assert "No signature in the file" not in ran.err


def test_another_day_than_the_file_says_is_told(commands: Commands) -> None:
    data = words(commands, sign(send(commands).bundle, person()))
    ran = commands("sign", *(("2026-02-04" if word == "2026-02-03" else word) for word in data))
    assert "The file says that Anne Eksempel signed on 3.2.2026, not on 4.2.2026." in ran.err


def test_an_issuer_that_is_not_trusted_is_told_and_how_to_trust_it(commands: Commands) -> None:
    (commands.workspace / "ksf.toml").write_text("", encoding="utf-8")
    ran = signs(commands, sign(send(commands).bundle, person()))
    assert "its issuer is not among those you trust (Eksempel Utsteder CA)" in ran.out
    assert "trust_roots in ksf.toml" in ran.out


def test_a_file_that_cannot_be_read_is_kept_and_told(commands: Commands) -> None:
    send(commands)
    ran = signs(commands, b"%PDF-1.7 av en skanner")
    assert "The file is a file that could not be read." in ran.out
    assert "What the file says could not be looked at." in ran.err
    assert kept(commands)[1] == b"%PDF-1.7 av en skanner"


def test_a_file_without_our_mark_is_told(commands: Commands) -> None:
    send(commands)
    assert "Nothing in the file shows which document it is." in signs(commands, paper(["Kjære alle sammen"])).err


def test_a_national_identity_number_is_told_with_what_to_do(commands: Commands) -> None:
    sent = send(commands)
    ran = signs(commands, sign(paper((*sent.texts, f"Fødselsnummer {NUMBER}"), producer="x"), person()))
    assert "national identity number (page 6)" in ran.out
    assert "ksf erase 3 --reason" in ran.out
    assert NUMBER not in ran.out
    assert "1 person, 2 files" in commands.ok("erase", "3", "--reason", "fødselsnummer i filen")
    assert "whole" in commands.ok("verify")


# --- what is refused --------------------------------------------------------------------------------------------------


def test_an_altered_file_is_refused_unless_even_so(commands: Commands) -> None:
    altered = sign(send(commands).bundle, person()).replace(b"(1. Punkt", b"(7. Punkt")
    said = refused(commands, altered)
    assert "does not hold: the file was changed after it was signed" in said
    assert "Nothing was recorded: the file was changed after it was signed." in said
    ran = signs(commands, altered, "--even-so")
    assert "Recorded even so: the file was changed after it was signed." in ran.err
    payload, file, verdict = kept(commands)
    assert file == altered
    assert verdict is not None
    assert verdict.integrity is Integrity.ALTERED
    assert str(payload.method) == "ink"  # no signature that holds


def test_another_text_under_the_same_mark_is_refused(commands: Commands) -> None:
    sent = send(commands)
    texts = (sent.texts[0], sent.texts[1].replace("Punkt nummer 2", "Et annet punkt"), *sent.texts[2:])
    assert "the text of the file is not what was sent (page 2)" in refused(commands, sign(paper(texts), person()))


def test_an_annex_exchanged_is_refused(commands: Commands) -> None:
    sent = send(commands)
    texts = (*sent.texts[:4], "Vedlegg 1\nEn annen plan")
    assert "is not what was sent (page 5)" in refused(commands, sign(paper(texts), person()))


def test_another_version_is_told_as_such(commands: Commands) -> None:
    first = send(commands)
    write_cluster(commands.workspace, focus_areas=["forebygging", "rehabilitering"])
    second = send(commands)
    assert second.version == 2
    said = refused(commands, sign(first.bundle, person()))
    assert "the file is vest, version 1, and not vest, version 2." in said
    signs(commands, sign(second.bundle, person()))


def test_another_clusters_agreement_is_told_as_such(commands: Commands) -> None:
    send(commands)
    write_cluster(commands.workspace, "midt", name="Klyngen i midten")
    other = send(commands, "midt")
    assert "the file is midt, version 1, and not vest, version 1." in refused(commands, sign(other.bundle, person()))


def test_a_document_of_another_register_is_told_as_such(commands: Commands) -> None:
    sent = send(commands)
    said = refused(commands, paper(texts_of("KSF-0000-0000")))
    assert f"another document (KSF-0000-0000 version 1), and not {sent.document_id} version 1" in said


def test_a_signature_that_was_given_needs_no_file(commands: Commands) -> None:
    send(commands)
    commands.sign("4601", cluster=CLUSTER)


# --- erasing ----------------------------------------------------------------------------------------------------------


def test_a_name_is_found_in_verdicts_and_packages(commands: Commands) -> None:
    signed = sign_all(send(commands).bundle, [person(), person("Bjørn Eksempel")])
    signs(commands, signed)
    desk = desk_of(commands.workspace)
    first = erase(desk, (), "Bjørn Eksempel", "innsyn")
    assert (first.event, first.left) == (None, 2)  # the verdict that names him, and its file
    assert erase(desk, (), "Bjørn Eksempel", "innsyn", with_documents=True).files == 2
    planned = erase(desk, (), "Sigrid Eksempel 4601", "innsyn", with_documents=True)
    assert (planned.files, planned.left) == (4, 0)  # the snapshot, two documents made of it, and the bundle
    desk.register.close()
    assert "whole" in commands.ok("verify")
    assert json.loads(commands.ok("status", CLUSTER, "--format", "json"))["signed"] == 1


def test_what_is_wrong_with_the_folder_of_trust_is_told(commands: Commands) -> None:
    (commands.workspace / "ksf.toml").write_text('trust_roots = "borte"\n', encoding="utf-8")
    ran = commands("check")
    assert "the folder borte of trusted certificates is not there" in ran.out + ran.err


def test_an_empty_file_is_no_evidence(commands: Commands) -> None:
    send(commands)
    head = commands.head()
    ran = commands("sign", *words(commands, b""))
    assert (ran.code, commands.head()) == (2, head)
    assert "signert.pdf is empty" in ran.err


@pytest.mark.parametrize(
    ("data", "kind"), [(b"\xff\xd8\xff bilde", "image/jpeg"), (b"noe", "application/octet-stream")]
)
def test_a_file_is_kept_as_what_it_is_whatever_it_is_called(commands: Commands, data: bytes, kind: str) -> None:
    send(commands)
    signs(commands, data)  # called signert.pdf
    desk = desk_of(commands.workspace)
    with desk.register.reading() as reader:
        (payload,) = (one.payload for one in reader.events(CLUSTER) if isinstance(one.payload, SignatureRecorded))
        assert payload.file is not None
        assert reader.media_type(payload.file) == kind
    desk.register.close()
