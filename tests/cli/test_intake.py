"""`ksf intake`: a folder of what came back. What is sure is recorded, whose ink it is is asked, the rest is told."""

from __future__ import annotations

import io
import json
import os
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ksf_agreements.domain.events import FileReceived, SignatureRecorded
from ksf_agreements.domain.verdict import Verdict
from tests.cli.register import Commands
from tests.conftest import Ran
from tests.scans.paper import BACK, FOREIGN, Sheet, printed
from tests.scans.scanner import Scan, as_image, as_pdf, as_tiff, readable, scanned
from tests.signed.overlays import covered, noted
from tests.signed.papers import paper
from tests.signed.sending import CLUSTER, PARTIES, Sent, desk_of, issue, send, trust, write_cluster
from tests.signed.signing import SIGNED_AT, issuer, person, seal, sign, sign_all
from tests.signed.test_national_ids import NUMBER

PLAIN = Scan(dpi=150)
EARLY = SIGNED_AT - timedelta(days=60)


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The commands, in a workspace with one cluster of two municipalities and one trusted issuer."""
    for file in (workspace / "clusters").glob("*.yaml"):
        file.unlink()
    write_cluster(workspace)
    plan(workspace)
    trust(workspace, issuer().pem)
    return Commands(ksf, workspace)


def plan(workspace: Path, names: Sequence[str] = ("Anne Eksempel", "Bjørn Eksempel"), title: str = "ordfører") -> None:
    """Let these people be planned as signatories."""
    file = workspace / "clusters" / f"{CLUSTER}.yaml"
    text = file.read_text(encoding="utf-8")
    for party, name in zip(PARTIES, names, strict=True):
        text = text.replace(f"Sigrid Eksempel {party}", name)
    file.write_text(text.replace("ordfører", title), encoding="utf-8")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The folder of what came back."""
    folder = tmp_path / "innboks"
    folder.mkdir()
    return folder


def scan(sheets: Sequence[Sheet], how: Scan = PLAIN) -> bytes:
    """A PDF of sheets, scanned alike."""
    chance = random.Random(1)  # noqa: S311 (the same for every run)
    return as_pdf([(scanned(printed(sheet), how, chance), how) for sheet in sheets])


def sheets_of(sent: Sent, *pages: int) -> tuple[Sheet, ...]:
    """Pages of what was sent, as sheets."""
    return tuple(Sheet(sent.document_id, sent.version, page, signature=page == 3) for page in pages)


def taken(commands: Commands, inbox: Path, *words: str) -> dict[str, Any]:
    """Take in, and return what became of each file by its name."""
    ran = commands("intake", inbox, "--format", "json", *words)
    assert ran.code in {0, 1}, ran.err
    return {one["file"]: one for one in json.loads(ran.out)}


def payloads(commands: Commands, kind: type[Any], cluster: str = CLUSTER) -> list[Any]:
    """The payloads of one kind that are recorded."""
    desk = desk_of(commands.workspace)
    with desk.register.reading() as reader:
        found = [one.payload for one in reader.events(cluster) if isinstance(one.payload, kind)]
    desk.register.close()
    return found


def kept(commands: Commands, digest: str) -> bytes | None:
    """A file that the register keeps."""
    desk = desk_of(commands.workspace)
    with desk.register.reading() as reader:
        data = reader.file(digest)
    desk.register.close()
    return data


# --- scans -----------------------------------------------------------------------------------------------------------


def test_a_scan_is_filed_with_its_version_and_nobody_is_guessed(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    data = scan(sheets_of(sent, 3, 1), Scan(dpi=200, turn=180, skew=3, noise=20))
    (inbox / "skann.pdf").write_bytes(data)
    ran = commands("intake", inbox)
    assert ran.code == 0, ran.out
    assert "skann.pdf: filed (event 3)." in ran.out
    assert "Pages of the package that are not in the file: 2." in ran.out
    assert "Who has signed on page 3 of vest? It has blocks of 4601 Bergen, 4631 Alver." in ran.out
    assert f"ksf sign vest --party ? --on ? --name ? --version 1 --file {inbox / 'skann.pdf'}" in ran.out
    (payload,) = payloads(commands, FileReceived)
    assert (payload.version, payload.pages) == (1, (1, 3))
    assert kept(commands, payload.file) == data
    verdict = Verdict.model_validate_json(kept(commands, payload.verdict) or b"")
    assert [page.turned for page in verdict.reading.found] == [180, 180]
    assert not payloads(commands, SignatureRecorded)
    assert (inbox / "skann.pdf").read_bytes() == data


def test_a_copy_of_what_needs_a_person_is_not_told_as_recorded(commands: Commands, inbox: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        (inbox / name).write_bytes(b"%PDF-1.4 garbage")
    found = taken(commands, inbox)
    assert [one["fate"] for one in found.values()] == ["person", "person"]
    assert found["b.pdf"]["same_as"] == "a.pdf"


def test_a_name_with_a_line_s_end_feigns_no_line(commands: Commands, inbox: Path) -> None:
    (inbox / "a\nb.pdf: signature recorded (event 1).txt").write_bytes(b"hello")
    told = commands("intake", inbox).out
    assert told.splitlines()[0].startswith("a\\nb.pdf: signature recorded (event 1).txt: left alone")


def test_the_same_again_changes_nothing(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    for name in ("a.pdf", "b.pdf"):
        (inbox / name).write_bytes(scan(sheets_of(sent, 3)))
    assert [one["fate"] for one in taken(commands, inbox).values()] == ["filed", "known"]
    head = commands.head()
    again = taken(commands, inbox)
    assert [one["fate"] for one in again.values()] == ["known", "known"]
    assert (again["a.pdf"]["events"], again["b.pdf"]["same_as"]) == ([3], "a.pdf")
    assert again["a.pdf"]["questions"], "nobody has answered yet"
    assert commands.head() == head


def test_a_dry_run_writes_nothing(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    (inbox / "skann.pdf").write_bytes(scan(sheets_of(sent, 3)))
    (inbox / "signert.pdf").write_bytes(sign(sent.bundle, person()))
    head = commands.head()
    said = commands.ok("intake", inbox, "--dry-run", "--ask")
    assert "skann.pdf: it would be filed." in said
    assert "signert.pdf: its signature would be recorded." in said
    assert commands.head() == head


def test_a_dry_run_tells_what_the_register_would_not_take(commands: Commands, inbox: Path) -> None:
    """The day a signature tells is before the version was issued: no file that would be refused is called sure."""
    sent = send(commands)
    (inbox / "tidlig.pdf").write_bytes(sign(sent.bundle, person(), at=EARLY))
    (inbox / "to.pdf").write_bytes(sign(sign(sent.bundle, person()), person("Bjørn Eksempel"), at=EARLY, field="To"))
    rehearsed = commands("intake", inbox, "--dry-run")
    assert "tidlig.pdf: needs you; nothing would be recorded." in rehearsed.out
    assert "to.pdf: needs you; a part would be recorded, the rest would not." in rehearsed.out
    assert {one["fate"] for one in taken(commands, inbox, "--dry-run").values()} == {"person"}
    ran = commands("intake", inbox)
    assert (rehearsed.code, ran.code) == (1, 1)
    assert "tidlig.pdf: needs you; nothing was recorded." in ran.out
    assert "to.pdf: needs you; event 3 was recorded, the rest was not." in ran.out


def test_two_agreements_in_one_file_are_filed_with_both(commands: Commands, inbox: Path) -> None:
    write_cluster(commands.workspace, "nord")
    one, other = send(commands), send(commands, "nord")
    (inbox / "begge.pdf").write_bytes(scan([*sheets_of(one, 3), *sheets_of(other, 2, 3)]))
    found = taken(commands, inbox)["begge.pdf"]
    assert (found["fate"], len(found["events"])) == ("filed", 2)
    (first,), (second,) = payloads(commands, FileReceived), payloads(commands, FileReceived, "nord")
    assert (first.pages, second.pages) == ((3,), (2, 3))
    assert first.file == second.file
    told = commands("intake", inbox).out
    assert "Who has signed on page 3 of vest?" in told
    assert "Who has signed on page 3 of nord?" in told


def test_two_versions_of_one_agreement_in_one_file_are_not_filed(commands: Commands, inbox: Path) -> None:
    old = send(commands)
    write_cluster(commands.workspace, focus_areas=["noe annet"])
    new = send(commands)
    (inbox / "begge.pdf").write_bytes(scan([*sheets_of(old, 2), *sheets_of(new, 3)]))
    assert taken(commands, inbox)["begge.pdf"]["reason"] == "several"
    assert not payloads(commands, FileReceived)


def test_backs_are_passed_over_and_a_foreign_page_is_told(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    first, last = sheets_of(sent, 1, 3)
    (inbox / "skann.pdf").write_bytes(scan([first, BACK, FOREIGN, last, BACK]))
    found = taken(commands, inbox)["skann.pdf"]
    assert (found["fate"], found["unread"]) == ("filed", [3])
    assert "1 page of the file carries no code that could be read, page 3" in found["notes"][0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_images_are_taken_in_like_pdfs(commands: Commands, inbox: Path, kind: str) -> None:
    sent = send(commands)
    image = scanned(printed(sheets_of(sent, 3)[0]), PLAIN, random.Random(1))  # noqa: S311
    data = as_tiff([image, image]) if kind == "TIFF" else as_image(image, PLAIN, kind)
    (inbox / "bilde").write_bytes(data)
    assert taken(commands, inbox)["bilde"]["fate"] == "filed"


def test_a_scan_of_an_older_version_is_told_as_such(commands: Commands, inbox: Path) -> None:
    old = send(commands)
    write_cluster(commands.workspace, focus_areas=["noe annet"])
    send(commands)
    (inbox / "gammel.pdf").write_bytes(scan(sheets_of(old, 3)))
    ran = commands("intake", inbox)
    assert ran.code == 1
    assert "It belongs to vest version 1; version 2 is the one to be signed." in ran.out
    assert not payloads(commands, FileReceived)


def test_a_document_of_another_register_is_told(commands: Commands, inbox: Path) -> None:
    issue(commands)
    (inbox / "ukjent.pdf").write_bytes(scan([Sheet("KSF-AAAA-AAAA", 1, 3)]))
    found = taken(commands, inbox)["ukjent.pdf"]
    assert (found["reason"], found["fate"]) == ("unknown_document", "person")
    assert "KSF-AAAA-AAAA/1" in found["why"]


# --- asking ----------------------------------------------------------------------------------------------------------


def ask(commands: Commands, inbox: Path, monkeypatch: pytest.MonkeyPatch, *answers: str) -> Ran:
    """Take in and answer the questions."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{answer}\n" for answer in answers)))
    return commands("intake", inbox, "--ask")


def test_who_signed_is_asked_and_recorded_on_a_yes(
    commands: Commands, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = send(commands)
    (inbox / "skann.pdf").write_bytes(scan(sheets_of(sent, 3)))
    answers = (
        "Oslo",
        "Bergen",
        "3. februar",
        "2026-02-03",
        "Anne Eksempel",
        "ja",
        "4631",
        "2026-02-04",
        "B E",
        "nei",
        "",
    )
    ran = ask(commands, inbox, monkeypatch, *answers)
    assert ran.code == 0, ran.err
    assert "Answer with one of these: 4601 Bergen, 4631 Alver." in ran.err
    assert "Recorded as event 4: 4601 Bergen signed version 1." in ran.out
    (payload,) = payloads(commands, SignatureRecorded)
    (received,) = payloads(commands, FileReceived)
    assert (payload.party, str(payload.method), payload.file) == ("4601", "ink", received.file)
    again = taken(commands, inbox)["skann.pdf"]
    assert (again["fate"], again["questions"]) == ("known", [])


def test_nobody_is_asked_where_nobody_sits(commands: Commands, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = send(commands)
    (inbox / "skann.pdf").write_bytes(scan(sheets_of(sent, 3)))
    monkeypatch.setattr("sys.stdin", io.StringIO("4601\n"))
    assert "Fill in and run" in commands.ok("intake", inbox)
    assert not payloads(commands, SignatureRecorded)


# --- electronic signatures -------------------------------------------------------------------------------------------


def test_a_trusted_signature_of_who_was_planned_is_recorded(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    late = datetime(2026, 2, 3, 23, 30, tzinfo=UTC)  # past midnight in Norway
    (inbox / "a.pdf").write_bytes(sign(sent.bundle, person("anne  EKSEMPEL"), at=late))
    ran = commands("intake", inbox)
    assert ran.code == 0, ran.out
    assert "vest version 1: 4601 Bergen signed on 4.2.2026, by Anne Eksempel." in ran.out
    (payload,) = payloads(commands, SignatureRecorded)
    assert (payload.party, str(payload.method), bool(payload.verdict)) == ("4601", "eid", True)
    assert kept(commands, payload.file or "") == (inbox / "a.pdf").read_bytes()
    assert commands.party("4601", cluster=CLUSTER)["signed_on"] == "2026-02-04"
    assert not payloads(commands, FileReceived)


def test_signatures_put_on_one_after_the_other_are_each_recorded_once(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    (inbox / "1.pdf").write_bytes(sign(sent.bundle, person()))
    (inbox / "2.pdf").write_bytes(sign_all(sent.bundle, [person(), person("Bjørn Eksempel")]))
    found = taken(commands, inbox)
    assert [[each["party"] for each in one["signatures"]] for one in found.values()] == [["4601"], ["4631"]]
    head = commands.head()
    assert [one["fate"] for one in taken(commands, inbox).values()] == ["known", "known"]
    assert commands.head() == head


def test_a_signature_that_is_recorded_without_its_file_does_not_lose_the_file(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    commands.sign("4601", "2026-02-03", cluster=CLUSTER)  # somebody rang; event 3
    data = sign(sent.bundle, person())
    (inbox / "a.pdf").write_bytes(data)
    found = taken(commands, inbox)["a.pdf"]
    assert (found["fate"], found["notes"]) == (
        "filed",
        ["Its signatures are recorded already, without this file (event 3)."],
    )
    (payload,) = payloads(commands, FileReceived)
    assert kept(commands, payload.file) == data
    assert len(payloads(commands, SignatureRecorded)) == 1
    assert taken(commands, inbox)["a.pdf"]["fate"] == "known"


def test_why_a_signature_is_not_relied_on_is_told_as_it_is(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    over = issuer().identity(
        "Anne Eksempel", begins=datetime(2020, 1, 1, tzinfo=UTC), ends=datetime(2021, 1, 1, tzinfo=UTC)
    )
    (inbox / "over.pdf").write_bytes(sign(sent.bundle, over))
    broken = sign(sent.bundle, person()).replace(b"/Type /Sig", b"/Type /Xig").replace(b"/FT /Sig", b"/FT /Xig")
    (inbox / "spoilt.pdf").write_bytes(broken)
    found = taken(commands, inbox)
    assert found["over.pdf"]["fate"] == "filed"
    (note,) = found["over.pdf"]["notes"]
    assert "the certificate had expired when it was signed" in note
    assert "trust_roots" not in note
    assert found["spoilt.pdf"]["reason"] == "unverified"
    assert not payloads(commands, SignatureRecorded)


def test_what_is_not_plain_of_a_signature_is_a_persons_to_say(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    anew = paper((*sent.texts, "Kvittering"), producer="signeringstjenesten")
    files = {
        "sealed.pdf": sign(sent.bundle, seal()),
        "somebody.pdf": sign(sent.bundle, person("Ola Annen")),
        "untrusted.pdf": sign(sent.bundle, issuer("En annen utsteder").identity("Anne Eksempel")),
        "page-added.pdf": sign(anew, person()),
    }
    for name, data in files.items():
        (inbox / name).write_bytes(data)
    found = taken(commands, inbox)
    assert {name: one["fate"] for name, one in found.items()} == dict.fromkeys(files, "filed")
    assert not payloads(commands, SignatureRecorded)
    (question,) = found["somebody.pdf"]["questions"]
    assert "--on 2026-02-03 --name 'Ola Annen'" in question["command"]
    assert "trust its issuer" in found["untrusted.pdf"]["notes"][0]


def test_what_is_written_or_laid_on_a_page_is_never_taken_for_what_was_sent(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    reservation = "Med forbehold om godkjenning"
    files = {
        "written.pdf": (sign(noted(sent.bundle, 3, reservation), person()), [3]),
        "waiting.pdf": (sign(noted(sent.bundle, 3, reservation, shown=False), person()), [3]),
        "covered.pdf": (sign(covered(sent.bundle, 2), person()), [2]),
        "reason.pdf": (sign(sent.bundle, person(), reason=reservation), []),
    }
    for name, (data, _) in files.items():
        (inbox / name).write_bytes(data)
    found = taken(commands, inbox)
    assert {name: one["fate"] for name, one in found.items()} == dict.fromkeys(files, "filed")
    assert not payloads(commands, SignatureRecorded)
    assert {name: one["matches"][0]["drawn"] for name, one in found.items()} == {
        name: places for name, (_, places) in files.items()
    }
    assert f'Anne Eksempel signed with the words "{reservation}".' in found["reason.pdf"]["notes"]
    assert reservation in commands.ok(
        "sign",
        CLUSTER,
        "--party",
        "4601",
        "--on",
        "2026-02-03",
        "--name",
        "Anne Eksempel",
        "--file",
        inbox / "reason.pdf",
    )


def test_a_file_that_somebody_drew_on_is_not_as_it_was_sent(commands: Commands, inbox: Path) -> None:
    (inbox / "a.pdf").write_bytes(noted(send(commands).bundle, 3, "Anne Eksempel"))
    found = taken(commands, inbox)["a.pdf"]
    assert (found["fate"], found["reason"]) == ("person", "unsigned")
    assert "looks otherwise than what was sent (page 3)" in found["why"]


def test_a_version_that_was_struck_out_takes_no_signature(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    commands.ok("void", "1", "--reason", "feil")
    (inbox / "a.pdf").write_bytes(sign(sent.bundle, person()))
    found = taken(commands, inbox)["a.pdf"]
    assert found["why"] == "It belongs to vest version 1, which was struck out."
    assert "ksf sign" not in found["mend"]


def test_pages_that_cannot_be_read_are_told_as_runs(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    (inbox / "a.pdf").write_bytes(scan([*sheets_of(sent, 3), *[FOREIGN] * 3, BACK, FOREIGN]))
    assert "pages 2–4, 6:" in taken(commands, inbox)["a.pdf"]["notes"][0]


def test_two_planned_signatories_of_one_name_are_not_told_apart(commands: Commands, inbox: Path) -> None:
    write_cluster(commands.workspace)
    plan(commands.workspace, ("Anne Eksempel", "Anne Eksempel"))
    (inbox / "a.pdf").write_bytes(sign(send(commands).bundle, person()))
    assert taken(commands, inbox)["a.pdf"]["fate"] == "filed"
    assert not payloads(commands, SignatureRecorded)


def test_by_what_power_somebody_signs_is_not_guessed(commands: Commands, inbox: Path) -> None:
    plan(commands.workspace, title="kommunedirektør")
    (inbox / "a.pdf").write_bytes(sign(send(commands).bundle, person()))
    assert taken(commands, inbox)["a.pdf"]["fate"] == "filed"
    assert not payloads(commands, SignatureRecorded)


def test_another_day_than_the_one_recorded_needs_a_person(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    commands.sign("4601", "2026-02-01", cluster=CLUSTER)
    (inbox / "a.pdf").write_bytes(sign(sent.bundle, person()))
    found = taken(commands, inbox)["a.pdf"]
    assert found["reason"] == "other_signature"
    assert "3.2.2026 by this file, and on 1.2.2026" in found["why"]


def test_what_is_not_sure_is_listed_and_nothing_recorded(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    signed = sign(sent.bundle, person())
    files = {
        "altered": signed.replace(b"Punkt nummer 2", b"Punkt nummer 7"),
        "other_text": sign(paper([text.replace("nummer 1", "nummer 9") for text in sent.texts]), person()),
        "unsigned": sent.bundle,
        "national_id": sign(paper(sent.texts, info=NUMBER), person()),
        "not_ours": paper(["Noe helt annet"]),
        "unreadable": b"%PDF-1.7\n" + bytes(range(256)) * 20,
    }
    for name, data in files.items():
        (inbox / f"{name}.pdf").write_bytes(data)
    head = commands.head()
    found = taken(commands, inbox)
    assert {one["file"]: one["reason"] for one in found.values()} == {f"{name}.pdf": name for name in files}
    assert all(one["mend"] for one in found.values())
    assert commands.head() == head


# --- the pile --------------------------------------------------------------------------------------------------------


def test_one_bad_file_stops_no_other_and_names_are_safe_on_the_screen(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    (inbox / "0 \x1b[2J.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    (inbox / "1.txt").write_text("hei")
    (inbox / "2.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(99))
    (inbox / "3.pdf").symlink_to(inbox / "4.pdf")
    (inbox / "4.pdf").write_bytes(scan(sheets_of(sent, 3)))
    (inbox / "5 tom.pdf").touch()
    (inbox / "mappe").mkdir()
    (inbox / "Thumbs.db").write_bytes(b"x")
    (inbox / ".DS_Store").write_bytes(b"x")
    found = taken(commands, inbox)
    fates = [one["fate"] for one in found.values()]
    assert fates == ["person", "left", "person", "person", "filed", "person", "left"]
    ran = commands("intake", inbox)
    assert ran.code == 1
    assert "\x1b" not in ran.out
    summary = "7 files: 0 with signatures recorded, 0 filed, 1 recorded already, 4 for you, 2 left alone."
    assert ran.out.rstrip().endswith(summary)


def test_an_empty_folder_and_none(commands: Commands, inbox: Path) -> None:
    issue(commands)
    assert "There are no files" in commands.ok("intake", inbox)
    ran = commands("intake", inbox / "borte")
    assert (ran.code, "is not a folder" in ran.err) == (2, True)


def huge_png() -> bytes:
    """A PNG of a few bytes that tells of 100,000 x 100,000 dots."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 1, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )


def test_hostile_images_are_told_and_nothing_more(commands: Commands, inbox: Path) -> None:
    sent = send(commands)
    image = scanned(printed(sheets_of(sent, 3)[0]), PLAIN, random.Random(1))  # noqa: S311
    tiff = as_tiff([image, image])
    loop = struct.pack("<2sHIHI", b"II", 42, 8, 0, 8)  # a directory without entries that names itself as the next
    wide = io.BytesIO()
    Image.new("1", (200_000, 2_000)).save(wide, "PNG")
    files = {
        "huge.png": huge_png(),
        "wide.png": wide.getvalue(),
        "cut.tif": tiff[: len(tiff) // 4],
        "loop.tif": loop,
        "cut.jpg": as_image(image, PLAIN, "JPEG")[:3000],
        "garbage.jpg": b"\xff\xd8\xff" + random.Random(2).randbytes(5000),  # noqa: S311
    }
    for name, data in files.items():
        (inbox / name).write_bytes(data)
    (inbox / "skann.pdf").write_bytes(scan(sheets_of(sent, 3)))
    found = taken(commands, inbox)
    assert {name: one["fate"] for name, one in found.items()} == {
        **dict.fromkeys(files, "person"),
        "skann.pdf": "filed",
    }


def test_a_long_file_of_one_scan_after_the_other_fits_the_bounds(commands: Commands, inbox: Path) -> None:
    """Readable pages in a bad state among foreign ones are found, and the child ends in time."""
    sent = send(commands)
    chance = random.Random(5)  # noqa: S311
    sheets = [*sheets_of(sent, 1), FOREIGN, *sheets_of(sent, 2), FOREIGN, FOREIGN, *sheets_of(sent, 3)]
    hows = [readable(chance) for _ in sheets]
    images = [scanned(printed(sheet), how, chance) for sheet, how in zip(sheets, hows, strict=True)]
    (inbox / "lang.pdf").write_bytes(as_pdf(list(zip(images, hows, strict=True))))
    found = taken(commands, inbox)["lang.pdf"]
    assert (found["fate"], found["matches"][0]["pages"], found["unread"]) == ("filed", [1, 2, 3], [2, 4, 5])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_folder_is_not_waited_for(commands: Commands, inbox: Path) -> None:
    issue(commands)
    os.mkfifo(inbox / "rør.pdf")
    assert taken(commands, inbox)["rør.pdf"]["fate"] == "person"
