"""The same command again is recognised and writes nothing; after its event is voided it is recorded anew."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import ksf_agreements.app
from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran

EIGHT = NINE[:8]
OTHERS = tuple(word for one in NINE if one != "4630" for word in ("--consent", one))


@pytest.fixture
def run(ksf: Callable[..., Ran], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setattr(ksf_agreements.app, "today", lambda: date(2026, 11, 20))
    return Commands(ksf, workspace)


def nothing(run: Commands) -> None:
    run.ok("log")  # makes the register


def issued(run: Commands) -> None:
    run.issue()


def in_force(run: Commands) -> None:
    run.issue()
    run.sign_all()


def reserved(run: Commands) -> None:
    run.issue()
    run.sign("4601", "2026-02-03", "--reservation")


def left_out(run: Commands) -> None:
    run.issue()
    run.sign_all(parties=EIGHT)
    run.ok("remove-party", CLUSTER, "--party", "4621", "--on", "2026-03-01")


def noticed(run: Commands) -> None:
    in_force(run)
    run.ok("notice", CLUSTER, "--party", "4630", "--received", "2026-05-04")


def changed(run: Commands) -> None:
    in_force(run)
    run.edit("minimum 50 prosent", "minimum 60 prosent")


def laggard(run: Commands) -> None:
    run.issue()
    run.sign_all(parties=EIGHT)


Case = tuple[Callable[[Commands], None], tuple[str, ...]]
CASES: dict[str, Case] = {
    "issue": (nothing, ("issue", CLUSTER, "--on", "2026-01-12")),
    "approve": (issued, ("approve", CLUSTER, "--party", "4601", "--case", "26/1", "--on", "2026-01-20")),
    "approve-file": (issued, ("approve", CLUSTER, "--party", "4601", "--on", "2026-01-20", "--file", "FILE")),
    "present": (issued, ("present", CLUSTER, "--party", "4601", "--on", "2026-01-20", "--case", "26/2")),
    "open-signing": (issued, ("open-signing", CLUSTER, "--on", "2026-01-20", "--deadline", "2026-03-01")),
    "sign": (
        issued,
        ("sign", CLUSTER, "--party", "4601", "--on", "2026-02-03", "--name", "Anne", "--title", "ordfører"),
    ),
    "sign-file": (issued, ("sign", CLUSTER, "--party", "Alver", "--on", "2026-02-03", "--name", "B", "--file", "FILE")),
    "lift-reservation": (reserved, ("lift-reservation", CLUSTER, "--party", "4601", "--on", "2026-02-10")),
    "decline": (issued, ("decline", CLUSTER, "--party", "4601", "--on", "2026-02-10")),
    "remove-party": (laggard, ("remove-party", CLUSTER, "--party", "4621", "--on", "2026-03-01")),
    "confirm": (left_out, ("confirm", CLUSTER, "--party", "4601", "--on", "2026-03-10")),
    "notice": (in_force, ("notice", CLUSTER, "--party", "4630", "--received", "2026-05-04", "--sent", "2026-05-01")),
    "notice-with-copy": (
        in_force,
        ("notice", CLUSTER, "--party", "4630", "--received", "2026-05-04", "--copied", "2026-05-05"),
    ),
    "notice-copied": (noticed, ("notice", CLUSTER, "--party", "4630", "--copied", "2026-05-05")),
    "notice-copied-later": (
        noticed,
        ("notice", CLUSTER, "--party", "4630", "--received", "2026-05-04", "--copied", "2026-05-05"),
    ),
    "withdraw-notice": (noticed, ("withdraw-notice", CLUSTER, "--party", "4630", "--on", "2026-06-01", *OTHERS)),
    "withdraw-at-once": (noticed, ("withdraw-notice", CLUSTER, "--party", "4630", "--on", "2026-05-01")),
    "notice-to-party": (
        in_force,
        ("notice", CLUSTER, "--to-party", "4630", "--ground", "g", "--on", "2026-06-01", "--ends", "2026-08-31"),
    ),
    "accede": (in_force, ("accede", CLUSTER, "--party", "Samnanger", "--on", "2026-08-01", "--case", "26/9")),
    "accede-signed": (
        in_force,
        (
            *("accede", CLUSTER, "--party", "Samnanger", "--on", "2026-08-01"),
            *(word for one in ("4623", *NINE) for word in ("--signed-by", one)),
        ),
    ),
    "contacts": (in_force, ("contacts", CLUSTER, "--on", "2026-06-01")),
    "focus-areas": (in_force, ("focus-areas", CLUSTER, "--on", "2026-06-01")),
    "plan": (in_force, ("plan", CLUSTER, "--year", "2027", "--on", "2026-10-01")),
    "continuation": (
        in_force,
        ("continuation", CLUSTER, "--party", "4621", "--successor", "4623", "--on", "2026-10-01", "--decision", "d"),
    ),
    "continuation-nobody": (in_force, ("continuation", CLUSTER, "--party", "4621", "--on", "2026-10-01")),
    "renew": (in_force, ("renew", CLUSTER, "--until", "2034-12-31", "--on", "2026-06-01")),
    "renew-early": (
        in_force,
        ("renew", CLUSTER, "--until", "2034-12-31", "--on", "2026-06-01", "--from", "2026-08-01"),
    ),
    "renew-ask": (in_force, ("renew", CLUSTER, "--ask", "--until", "2034-12-31", "--on", "2026-06-01")),
    "amend": (changed, ("amend", CLUSTER, "--on", "2026-06-01")),
    "change-motor": (in_force, ("change-motor", CLUSTER, "--to", "Alver", "--on", "2026-06-01")),
}


@pytest.fixture
def prepared(run: Commands, request: pytest.FixtureRequest) -> tuple[Commands, tuple[str, ...]]:
    before, words = CASES[request.param]
    before(run)
    file = run.workspace / "vedtak.pdf"
    file.write_bytes(b"%PDF-1.7 vedtak")
    return run, tuple(str(file) if word == "FILE" else word for word in words)


@pytest.mark.parametrize("prepared", CASES, indirect=True)
def test_the_same_command_again_writes_nothing(prepared: tuple[Commands, tuple[str, ...]]) -> None:
    run, words = prepared
    head = run.head()
    assert "Recorded as event" in run.ok(*words)
    then = run.head()
    assert then != head
    for actor in ("Kari", "Ola"):
        assert "recorded already" in run.ok(*words, "--as", actor)
        assert run.head() == then


@pytest.mark.parametrize("prepared", CASES, indirect=True)
def test_what_was_voided_is_recorded_anew(prepared: tuple[Commands, tuple[str, ...]]) -> None:
    run, words = prepared
    first = len(run.json("log"))
    run.ok(*words)
    known = run.json("log")
    for event in [one["event"] for one in known if one["event"] > first]:
        run.ok("void", str(event), "--reason", "feil")
    kind = known[-1]["kind"]
    out = run.ok(*words)
    assert "Recorded as event" in out
    assert sum(one["kind"] == kind for one in run.json("log") if one["event"] > first) == 2
    assert "recorded already" in run.ok(*words)


def test_voiding_again_writes_nothing(run: Commands) -> None:
    issued(run)
    run.sign("4601")
    run.ok("void", "2", "--reason", "feil")
    head = run.head()
    assert "recorded already (event 3)" in run.ok("void", "2", "--reason", "feil")
    assert run.head() == head


def test_commands_that_made_a_version_are_recognised_when_it_is_in_force(run: Commands) -> None:
    in_force(run)
    head = run.head()
    assert "recorded already" in run.issue()
    assert run.head() == head
    run.edit("minimum 50 prosent", "minimum 60 prosent")
    run.ok("amend", CLUSTER, "--on", "2026-06-01")
    run.sign_all("2026-06-10")
    head = run.head()
    assert "recorded already" in run.ok("amend", CLUSTER, "--on", "2026-06-01")
    words = ("renew", CLUSTER, "--until", "2034-12-31", "--on", "2026-07-01", "--from", "2026-08-01")
    run.ok(*words)
    run.sign_all("2026-07-10")
    assert run.status("2026-08-01")["version"] == 3
    head = run.head()
    assert "recorded already" in run.ok(*words)
    assert run.head() == head


def test_a_renewal_that_all_have_signed_is_not_issued_once_more_while_it_waits(run: Commands) -> None:
    in_force(run)
    words = ("renew", CLUSTER, "--until", "2034-12-31", "--on", "2026-07-01")
    run.ok(*words)
    run.sign_all("2026-07-10")
    head = run.head()
    assert "recorded already" in run.ok(*words)
    assert run.head() == head


def test_a_change_of_motor_municipality_is_recognised_when_it_is_in_force(run: Commands) -> None:
    in_force(run)
    words = ("change-motor", CLUSTER, "--to", "Alver", "--on", "2026-06-01")
    run.ok(*words)
    run.sign_all("2026-06-10")
    head = run.head()
    assert "recorded already" in run.ok(*words)
    assert run.head() == head


def test_issuing_an_unchanged_file_another_day_throws_no_signatures_away(run: Commands) -> None:
    issued(run)
    run.sign("4601")
    assert "recorded already" in run.ok("issue", CLUSTER, "--on", "2026-02-20")
    status = run.status()
    assert (status["version"], status["signed"]) == (1, 1)


def test_a_repeated_command_writes_the_documents_of_its_own_version(run: Commands) -> None:
    in_force(run)
    old = (run.workspace / "out" / f"{CLUSTER}.docx").read_bytes()
    run.edit("minimum 50 prosent", "minimum 60 prosent")
    run.ok("amend", CLUSTER, "--on", "2026-06-01")
    amended = (run.workspace / "out" / f"{CLUSTER}.docx").read_bytes()
    assert amended != old
    (run.workspace / "out" / f"{CLUSTER}.docx").unlink()
    assert "recorded already (event 12)" in run.ok("amend", CLUSTER, "--on", "2026-06-01")
    assert (run.workspace / "out" / f"{CLUSTER}.docx").read_bytes() == amended


def test_a_version_that_was_voided_has_had_its_number(run: Commands) -> None:
    in_force(run)
    run.ok("void", "1", "--reason", "feil fil")
    assert run.status()["status"] == "draft"
    run.issue()
    status = run.status()
    assert (status["version"], status["status"], status["signed"]) == (2, "issued", 0)


def test_a_signature_is_recognised_while_another_version_is_open(run: Commands) -> None:
    in_force(run)
    run.ok("renew", CLUSTER, "--until", "2034-12-31", "--on", "2026-07-01")
    head = run.head()
    assert "recorded already (event 2)" in run.sign("4601")
    assert run.head() == head


def test_a_notice_is_recognised_when_it_is_over(run: Commands) -> None:
    run.issue("2023-01-10")
    run.sign_all("2023-02-01")
    words = ("notice", CLUSTER, "--party", "4630", "--received", "2024-03-01", "--copied", "2024-03-01")
    run.ok(*words)
    head = run.head()
    assert "recorded already" in run.ok(*words)
    assert run.head() == head


def test_another_fact_of_the_same_day_is_not_taken_for_a_repetition(run: Commands) -> None:
    in_force(run)
    run.ok("accede", CLUSTER, "--party", "Samnanger", "--on", "2026-08-01", "--case", "26/9")
    said = run.refused("accede", CLUSTER, "--party", "Samnanger", "--on", "2026-08-01", "--case", "26/10")
    assert "bound already" in said
    words = ("continuation", CLUSTER, "--party", "4621", "--on", "2026-10-01")
    run.ok(*words, "--successor", "4619")
    assert "settled already (event 12)" in run.refused(*words, "--successor", "4618")


# --- several at once ---


def together(workspace: Path, *commands: tuple[str, ...]) -> list[tuple[int, str]]:
    """Run several ``ksf`` as programs at the same time; return the exit code and the output of each."""
    line = [sys.executable, "-m", "ksf_agreements.cli.main", "--lang", "en", "-w", str(workspace)]
    started = [
        subprocess.Popen([*line, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for words in commands
    ]
    outputs = [process.communicate()[0].decode("utf-8") for process in started]
    return [(process.returncode, output) for process, output in zip(started, outputs, strict=True)]


def signature(party: str) -> tuple[str, ...]:
    return ("sign", CLUSTER, "--party", party, "--on", "2026-02-03", "--name", "Anne Eksempel")


def test_six_who_sign_at_once_are_all_there_and_the_chain_is_whole(run: Commands) -> None:
    issued(run)
    done = together(run.workspace, *(signature(party) for party in NINE[:6]))
    assert [code for code, _ in done] == [0] * 6, done
    signed = {one["municipality"] for one in run.status()["parties"] if one["signed_on"]}
    assert signed == set(NINE[:6])
    assert [one["event"] for one in run.json("log")] == list(range(1, 8))
    run.ok("verify")


def test_the_same_signature_by_four_at_once_is_one_event(run: Commands) -> None:
    issued(run)
    done = together(run.workspace, *[signature("4601")] * 4)
    assert [code for code, _ in done] == [0] * 4, done
    assert sum("recorded already" in output for _, output in done) == 3
    assert len(run.json("log")) == 2
    run.ok("verify")


def test_the_same_issue_by_three_at_once_is_one_version(run: Commands) -> None:
    done = together(run.workspace, *[("issue", CLUSTER, "--on", "2026-01-12")] * 3)
    assert [code for code, _ in done] == [0] * 3, done
    assert len(run.json("log")) == 1
    with sqlite3.connect(run.workspace / "register.sqlite") as register:
        files = register.execute("SELECT count(*) FROM file").fetchone()[0]
    register.close()
    assert files == 3
