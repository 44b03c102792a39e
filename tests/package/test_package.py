"""``ksf package`` as a person runs it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

import ksf_agreements.pdf.converter
from ksf_agreements.app import App
from ksf_agreements.domain.events import PackageMade, PackageRole
from ksf_agreements.pdf.converter import Converter
from ksf_agreements.pdf.office import OfficeMissing
from ksf_agreements.services.package import packaging
from ksf_agreements.services.package.making import make_package
from ksf_agreements.text import T
from tests.cli.register import CLUSTER, Commands
from tests.documents.word import body_texts
from tests.package.conftest import MANY
from tests.package.papers import plain, stream
from tests.signed.signing import person, sign

SMALL = "alle-valg"


def packages(commands: Commands, cluster: str = SMALL) -> list[PackageMade]:
    """Return the packages that the register tells of."""
    desk = App.open(str(commands.workspace)).desk()
    with desk.register.reading() as reader:
        found = [one.payload for one in reader.events(cluster)]
    desk.register.close()
    return [one for one in found if isinstance(one, PackageMade)]


def kept(commands: Commands, digest: str) -> bytes:
    desk = App.open(str(commands.workspace)).desk()
    with desk.register.reading() as reader:
        data = reader.file(digest)
    desk.register.close()
    assert data is not None
    return data


def file(commands: Commands, name: str) -> bytes:
    return (commands.workspace / "out" / name).read_bytes()


def pages_of(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


# --- what is made and kept -------------------------------------------------------------------------------------------


def test_the_very_bytes_that_are_sent_are_kept(made: Commands) -> None:
    (package,) = packages(made, CLUSTER)
    bundle, agreement, plan, contacts = package.files
    assert [one.role for one in package.files] == [
        PackageRole.BUNDLE,
        PackageRole.AGREEMENT,
        PackageRole.ANNEX,
        PackageRole.ANNEX,
    ]
    assert kept(made, bundle.sha256) == file(made, f"{CLUSTER}-til-signering.pdf")
    assert (bundle.pages, bundle.stamped, agreement.pages, plan.pages, contacts.pages) == (14, 9, 9, 3, 1)
    plan_file = (made.workspace / "annexes" / "ksf-plan.pdf").read_bytes()
    assert plan.source == hashlib.sha256(plan_file).hexdigest()
    assert contacts.title == "Kontaktpersoner"
    assert b"pdfaid:part" in kept(made, agreement.sha256)
    signed = [(page.page, page.parties) for page in bundle.signature_pages]
    assert signed == [(7, ("4601", "4631", "4627", "4632")), (8, ("4624", "4634", "4630", "4628")), (9, ("4621",))]
    assert "is whole" in made.ok("verify")


def test_made_again_of_the_same_files_it_is_the_same_to_the_byte(made: Commands) -> None:
    before, head = file(made, f"{SMALL}-til-signering.pdf"), made.head()
    (made.workspace / "out" / f"{SMALL}-til-signering.pdf").unlink()
    told = made.ok("package", SMALL)
    assert "This is recorded already (event" in told
    assert file(made, f"{SMALL}-til-signering.pdf") == before
    assert made.head() == head


def test_a_changed_annex_is_a_new_package_and_who_has_the_old_one_is_thought_of(made: Commands) -> None:
    (made.workspace / "annexes" / "ksf-plan.pdf").write_bytes(plain(5, "Ny plan"))
    ran = made("package", SMALL)
    assert ran.code == 0
    assert "is another document. Who has been sent it must get this one instead" in ran.err
    old, new = packages(made)
    assert old.files[0].sha256 != new.files[0].sha256
    assert new.files[2].pages == 5
    assert "Ny plan 5" in pages_of(file(made, f"{SMALL}-til-signering.pdf"))
    assert "is another document" not in made("package", SMALL).err
    assert len(packages(made)) == 2


def test_a_signature_on_an_older_package_is_told_and_taken(made: Commands, tmp_path: Path) -> None:
    target = tmp_path / "signert.pdf"
    target.write_bytes(sign(file(made, f"{SMALL}-til-signering.pdf"), person("Per Eksempel")))
    party = packages(made)[0].files[0].parties[0]
    said = ("--party", party, "--on", "2026-02-03", "--name", "Per Eksempel", "--file", target)
    (made.workspace / "annexes" / "ksf-plan.pdf").write_bytes(plain(5, "Ny plan"))
    assert made("package", SMALL).code == 0
    ran = made("sign", SMALL, *said)
    assert ran.code == 0
    assert (
        "The package has been made anew since this one was sent: look whether the annexes are the right ones."
        in ran.out + ran.err
    )
    newest = tmp_path / "signert-2.pdf"
    newest.write_bytes(sign(file(made, f"{SMALL}-til-signering.pdf"), person("Ola Eksempel")))
    party = packages(made)[1].files[0].parties[1]
    ran = made("sign", SMALL, "--party", party, "--on", "2026-02-03", "--name", "Ola Eksempel", "--file", newest)
    assert ran.code == 0
    assert "made anew" not in ran.out + ran.err


def test_without_ks_s_plan_it_is_made_all_the_same_and_told(fresh: Commands) -> None:
    ran = fresh("package", SMALL)
    assert ran.code == 0
    assert "Annex 1, KS' plan for etablering av Kommunenes samarbeidsarena for forskning (KSF), has no file" in ran.err
    pages = pages_of(file(fresh, f"{SMALL}-til-signering.pdf"))
    assert "(KSF) følger ikke med 2 Kommunenes" in pages[7]
    assert len(pages) == 12
    assert "EKSEMPEL, ikke et virkelig vedlegg." in pages[8], "a Word file becomes a page"
    again = fresh("package", SMALL)
    assert "Annex 1" in again.err


def test_a_file_that_the_document_names_must_be_there(fresh: Commands) -> None:
    (fresh.workspace / "annexes" / "mandat.docx").unlink()
    assert "Annex 5, the file annexes/mandat.docx, is not there" in fresh.refused("package", SMALL)
    assert not list((fresh.workspace / "out").glob("*.pdf"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 tull", "Annex 5, annexes/mandat.docx: The file is not"),
        (b"%PDF-1.7 tull", "annexes/mandat.docx cannot be an annex"),
    ],
)
def test_an_annex_that_cannot_be_read_is_told_by_its_name(fresh: Commands, data: bytes, reason: str) -> None:
    (fresh.workspace / "annexes" / "mandat.docx").write_bytes(data)
    assert reason in fresh.refused("package", SMALL)


def test_a_word_annex_that_is_not_finished_is_refused_with_what_to_do(fresh: Commands) -> None:
    annex = fresh.workspace / "annexes" / "mandat.docx"
    finished = Document(str(annex))
    finished.add_comment(finished.paragraphs[0].runs or finished.paragraphs[0].add_run("Mandat"), text="Er dette rett?")
    finished.save(str(annex))
    assert "it has comments; delete them first" in fresh.refused("package", SMALL)
    tracked = Document()
    about = {qn("w:id"): "1", qn("w:author"): "Anne Eksempel", qn("w:date"): "2026-01-01T10:00:00Z"}
    gone = tracked.add_paragraph("Kommunene bidrar.")._p.makeelement(qn("w:del"), about)
    tracked.paragraphs[0]._p.append(gone)
    tracked.save(str(annex))
    assert "it has tracked changes; accept or reject them first" in fresh.refused("package", SMALL)


def test_a_file_larger_than_the_register_takes_is_told(fresh: Commands) -> None:
    with (fresh.workspace / "annexes" / "mandat.docx").open("wb") as target:
        target.truncate(31 * 2**20)
    assert "annexes/mandat.docx is larger than 30 MB." in fresh.refused("package", SMALL)


def test_nynorsk_and_names_in_two_languages_have_their_signature_pages(fresh: Commands) -> None:
    fresh.edit("language: nb", "language: nn", SMALL)
    fresh.edit("Snåasen tjïelte - Snåsa kommune", "Snåasen tjïelte & Snåsa «kommune» ẞ, " + "langt namn " * 6, SMALL)
    fresh.issue(cluster=SMALL)
    ran = fresh("package", SMALL)
    assert ran.code == 0, ran.err
    assert "signature block" not in ran.err
    (package,) = packages(fresh)
    assert [page.parties for page in package.files[0].signature_pages] == [("5001", "5041")]
    text = pages_of(file(fresh, f"{SMALL}-til-signering.pdf"))
    assert "Vedlegg til samarbeidsavtalen" in text[7]


# --- which version ---------------------------------------------------------------------------------------------------


def test_a_version_that_was_replaced_is_not_sent(fresh: Commands) -> None:
    fresh.edit("2031-06-30", "2032-06-30", SMALL)
    fresh.issue(cluster=SMALL)
    assert "Version 1 has been replaced; it is not sent to be signed." in fresh.refused(
        "package", SMALL, "--version", "1"
    )
    fresh.ok("package", SMALL)
    assert packages(fresh)[0].version == 2


def test_what_is_not_issued_or_not_known_is_told(fresh: Commands) -> None:
    assert "Nothing has been issued yet" in fresh.refused("package", CLUSTER)
    assert "There is no cluster 'ukjent'" in fresh.refused("package", "ukjent")
    assert "There is no version 7" in fresh.refused("package", SMALL, "--version", "7")


def test_when_all_have_signed_it_can_be_made_still_without_a_letter(made: Commands) -> None:
    made.sign_all(parties=("5001", "5041"), cluster=SMALL)
    (made.workspace / "out" / f"{SMALL}-signeringsveiledning.docx").unlink()
    told = made.ok("package", SMALL)
    assert "open-signing" not in told
    assert not (made.workspace / "out" / f"{SMALL}-signeringsveiledning.docx").exists()


def test_what_somebody_records_meanwhile_is_not_passed_over(made: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    (made.workspace / "annexes" / "ksf-plan.pdf").write_bytes(plain(2))

    def slowly(desk: object, job: object, converter: object) -> object:
        found = make_package(desk, job, converter)  # type: ignore[arg-type]
        made.edit("2031-06-30", "2032-06-30", SMALL)
        made.issue(cluster=SMALL)
        return found

    monkeypatch.setattr(packaging, "make_package", slowly)
    ran = made("package", SMALL)
    assert ran.code == 1
    assert "Somebody recorded something else meanwhile, and nothing was kept." in ran.err
    assert len(packages(made)) == 1


def test_without_libreoffice_a_sentence_says_how_to_get_it(
    ksf: Callable[..., object], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = Commands(ksf, workspace)  # type: ignore[arg-type]
    commands.issue(cluster=SMALL)

    def missing() -> None:
        raise OfficeMissing(T("A PDF needs LibreOffice."))

    monkeypatch.setattr(ksf_agreements.pdf.converter, "Converter", Converter)
    monkeypatch.setattr(ksf_agreements.pdf.converter, "find_office", missing)
    before = commands.head()
    ran = commands("package", SMALL)
    assert (ran.code, ran.err.strip().splitlines()[-1]) == (3, "A PDF needs LibreOffice.")
    assert commands.head() == before


# --- limits and counterparts -----------------------------------------------------------------------------------------


def test_many_parties_sign_in_counterparts_of_at_most_ten(made: Commands) -> None:
    (package,) = packages(made, "mange")
    bundles = [one for one in package.files if one.role is PackageRole.BUNDLE]
    assert tuple(party for one in bundles for party in one.parties) == MANY
    assert [len(one.parties) for one in bundles] == [7, 8, 8]
    ran = made("package", "mange")
    assert "takes 10 signers in one job, and the agreement has 23 parties: it is signed in 3 counterparts" in ran.err
    texts = [pages_of(file(made, f"mange-til-signering-{number}.pdf")) for number in (1, 2, 3)]
    own = bundles[0].stamped
    assert texts[0][:own] == texts[1][:own] == texts[2][:own]
    assert texts[0][own + 1 :] == texts[2][own + 1 :]
    for number, text in enumerate(texts, 1):
        assert f"signeres i 3 likelydende eksemplarer med samme innhold. Dette er eksemplar {number}." in text[own]
    metadata = PdfReader(io.BytesIO(file(made, "mange-til-signering-2.pdf"))).metadata
    assert metadata
    assert str(metadata.title).endswith("(eksemplar 2 av 3)")
    letter = "\n".join(body_texts(file(made, "mange-signeringsveiledning.docx")))
    assert "kvar PDF" not in letter
    assert "hver PDF som sitt eget oppdrag" in letter


def test_a_late_deadline_is_warned_of(made: Commands) -> None:
    made.ok("open-signing", SMALL, "--on", "2026-02-01", "--deadline", "2026-05-02")
    assert "keeps a job open no longer" not in made("package", SMALL).err
    made.ok("open-signing", SMALL, "--on", "2026-02-01", "--deadline", "2026-05-03")
    ran = made("package", SMALL)
    assert "The deadline 3.5.2026 is more than 90 days after 1.2.2026" in ran.err


def test_a_large_file_is_warned_of(made: Commands) -> None:
    def heavy(writer: PdfWriter) -> None:
        picture = writer._add_object(stream(os.urandom(10_500_000)))
        writer.pages[0]["/Resources"][NameObject("/XObject")] = picture  # type: ignore[index]

    (made.workspace / "annexes" / "ksf-plan.pdf").write_bytes(plain(1, "Plan", heavy))
    ran = made("package", SMALL)
    assert ran.code == 0
    assert "The PDF has 11 MB; national e-signing takes 10 MB." in ran.err


# --- who signs -------------------------------------------------------------------------------------------------------


def test_the_signers_are_a_table_that_excel_opens_rightly(made: Commands) -> None:
    data = file(made, f"{CLUSTER}-underskrivere.csv")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data[3:].decode("utf-8"), newline=""), delimiter=";"))
    assert rows[0] == ["rekkefølge", "kommune", "navn", "tittel", "eksemplar", "fil"]
    assert rows[1] == ["1", "4601 Bergen kommune", "Anne Eksempel", "ordfører", "1", f"{CLUSTER}-til-signering.pdf"]
    assert rows[-1][1] == "4621 Voss herad"
    told = json.loads(file(made, f"{CLUSTER}-underskrivere.json"))
    assert (told["version"], len(told["signers"])) == (1, 9)
    assert told["signers"][8]["municipality"] == {"number": "4621", "name": "Voss herad"}


def test_a_missing_name_is_told_and_another_than_the_document_s(made: Commands) -> None:
    assert "Who signs is not known for 5041 Snåsa kommune." in made("package", SMALL).err
    made.edit("name: Berit Eksempel", "name: Ny Eksempel", SMALL)
    ran = made("package", SMALL, "--force")
    assert "The document has Berit Eksempel in the block of 5001 Trondheim kommune, the cluster file Ny" in ran.err
    assert ";Ny Eksempel;" in file(made, f"{SMALL}-underskrivere.csv").decode("utf-8")


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+47 Eksempel", "-Anne", "@Anne"])
def test_what_excel_would_take_for_a_formula_is_refused(made: Commands, name: str) -> None:
    made.edit("name: Berit Eksempel", f'name: "{name}"', SMALL)
    assert f"'{name}' of 5001 Trondheim kommune begins with a sign that Excel takes" in made.refused("package", SMALL)


# --- files that are there --------------------------------------------------------------------------------------------


def test_a_signed_file_of_the_same_name_is_never_written_over(made: Commands) -> None:
    path = made.workspace / "out" / f"{SMALL}-til-signering.pdf"
    signed = path.read_bytes() + b"\n% a signature"
    path.write_bytes(signed)
    assert f"nothing was made: {SMALL}-til-signering.pdf." in made.refused("package", SMALL)
    assert path.read_bytes() == signed
    made.ok("package", SMALL, "--force")
    assert path.read_bytes() != signed


def test_a_list_that_somebody_has_added_to_is_left_alone(made: Commands) -> None:
    path = made.workspace / "out" / f"{SMALL}-underskrivere.csv"
    path.write_bytes(path.read_bytes() + b"3;en til;;;1;\r\n")
    assert f"{SMALL}-underskrivere.csv" in made.refused("package", SMALL)


def test_a_list_that_somebody_has_edited_is_left_alone_whatever_it_says(made: Commands) -> None:
    path = made.workspace / "out" / f"{SMALL}-underskrivere.json"
    for data in (path.read_bytes().replace(b"Berit", b"Bente"), b"[]", b"\xff"):
        path.write_bytes(data)
        assert f"{SMALL}-underskrivere.json" in made.refused("package", SMALL)


def test_the_lists_of_an_earlier_version_or_signatory_make_room_for_the_new_ones(made: Commands) -> None:
    made.edit("name: Berit Eksempel", "name: Ny Eksempel", SMALL)
    made.ok("package", SMALL)
    assert ";Ny Eksempel;" in file(made, f"{SMALL}-underskrivere.csv").decode("utf-8")
    made.edit("valid_until: 20", "valid_until: 21", SMALL)
    made.issue("2026-02-01", SMALL)
    made.ok("package", SMALL)
    assert json.loads(file(made, f"{SMALL}-underskrivere.json"))["version"] == 2


# --- channels --------------------------------------------------------------------------------------------------------


def test_a_folder_appears_whole_once_and_says_what_is_in_it(made: Commands, tmp_path: Path) -> None:
    target = tmp_path / "import"
    told = made.ok("package", SMALL, "--channel", "folder", "--out", target)
    assert f"ksf open-signing {SMALL} --channel folder" in told
    (folder,) = target.iterdir()
    names = {path.name for path in folder.iterdir()}
    assert names == {f"{SMALL}-til-signering.pdf", "signers.json", "manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for one in manifest["files"]:
        data = (folder / one["name"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (one["size"], one["sha256"])
    assert manifest["files"][0]["parties"] == ["5001", "5041"]
    assert [one.channel for one in packages(made)] == ["manual", "folder"]
    assert packages(made)[0].files == packages(made)[1].files, "another way is no other document"
    made.ok("package", SMALL, "--channel", "folder", "--out", target)
    assert list(target.iterdir()) == [folder]
    assert len(packages(made)) == 2


def test_a_folder_that_was_changed_is_told_and_one_that_cannot_be_written(made: Commands, tmp_path: Path) -> None:
    target = tmp_path / "import"
    made.ok("package", SMALL, "--channel", "folder", "--out", target)
    (folder,) = target.iterdir()
    (folder / "signers.json").write_bytes(b"{}")
    ran = made("package", SMALL, "--channel", "folder", "--out", target)
    assert ran.code == 3
    assert "these files in it have been changed: signers.json" in ran.err
    (tmp_path / "fil").write_bytes(b"")
    ran = made("package", SMALL, "--channel", "folder", "--out", tmp_path / "fil")
    assert ran.code == 3
    assert "The package is kept in the register, but it was not put into" in ran.err


# --- the signed files in one -----------------------------------------------------------------------------------------


def test_the_signed_files_lie_untouched_in_one_pdf(made: Commands, tmp_path: Path) -> None:
    files = {number: b"%PDF-1.7\n" + bytes(range(256)) * number for number in (1, 2)}
    for number, party in enumerate(("5001", "5041"), 1):
        path = tmp_path / f"signert-{number}.pdf"
        path.write_bytes(files[number])
        made.sign(party, "2026-02-03", "--file", str(path), "--title", "ordfører", cluster=SMALL)
    before = made.head()
    made.ok("package", SMALL, "--assemble")
    assert made.head() == before
    reader = PdfReader(io.BytesIO(file(made, f"{SMALL}-signert.pdf")))
    assert {name: list(data) for name, data in reader.attachments.items()} == {
        f"{SMALL}-signert-{number}.pdf": [data] for number, data in files.items()
    }
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert "er signert av alle partene" in text
    assert "Anne Eksempel, ordfører" in text
    assert "3. februar 2026" in text
    assert hashlib.sha256(files[2]).hexdigest() in text.replace(" ", "")
    assert "pdfaid" not in str(reader.xmp_metadata and reader.xmp_metadata.stream.get_data())
    ran = made("package", SMALL, "--assemble")
    assert (ran.code, f"{SMALL}-signert.pdf is there already" in ran.err) == (1, True)
    made.ok("package", SMALL, "--assemble", "--force")


def test_as_long_as_somebody_lacks_or_a_file_does_nothing_is_put_together(made: Commands) -> None:
    made.sign("5001", "2026-02-03", cluster=SMALL)
    assert "Not everybody has signed version 1: 5041 Snåsa." in made.refused("package", SMALL, "--assemble")
    made.sign("5041", "2026-02-03", cluster=SMALL)
    told = made.refused("package", SMALL, "--assemble")
    assert "The register has no signed file of 5001 Trondheim, 5041 Snåsa." in told


def test_the_day_of_the_event_is_today(made: Commands) -> None:
    assert date(2026, 3, 2).isoformat() in json.dumps(made.json("log", SMALL))
