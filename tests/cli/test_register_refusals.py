"""What the register refuses, with a sentence that says what to do instead and nothing written; and what it warns of."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import ksf_agreements.app
from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran

EIGHT = NINE[:8]
SMALL = "alle-valg"


@pytest.fixture
def run(ksf: Callable[..., Ran], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setattr(ksf_agreements.app, "today", lambda: date(2026, 11, 20))
    return Commands(ksf, workspace)


@pytest.fixture
def issued(run: Commands) -> Commands:
    run.issue()
    return run


@pytest.fixture
def in_force(issued: Commands) -> Commands:
    issued.sign_all()
    return issued


def sign(run: Commands, party: str, *words: str, on: str = "2026-02-03") -> str:
    return run.refused("sign", CLUSTER, "--party", party, "--on", on, "--name", "Anne Eksempel", *words)


def test_somebody_who_is_no_party_cannot_sign_and_the_parties_are_named(issued: Commands) -> None:
    said = sign(issued, "Oslo")
    assert "0301 Oslo is no party of version 1" in said
    assert "4621 Voss" in said


def test_a_name_that_no_municipality_has_is_answered_with_those_near_it(issued: Commands) -> None:
    assert "Did you mean" in sign(issued, "Osterøi")
    assert "No municipality" in sign(issued, "9999")


@pytest.mark.parametrize("command", ["approve", "present", "decline", "lift-reservation", "confirm"])
def test_nothing_is_recorded_of_somebody_who_is_no_party(issued: Commands, command: str) -> None:
    assert "is no party" in issued.refused(command, CLUSTER, "--party", "Oslo", "--on", "2026-02-03")


def test_a_second_signature_is_refused_and_says_how_the_first_is_taken_out(issued: Commands) -> None:
    issued.sign("4601")
    said = sign(issued, "4601", on="2026-02-04")
    assert "ksf void 2" in said
    assert "3.2.2026" in said
    assert "has signed version 1 already" in sign(issued, "4601", "--reservation")


@pytest.mark.parametrize(
    "words",
    [
        ("sign", "--party", "4601", "--on", "2026-02-03", "--name", "Anne"),
        ("approve", "--party", "4601", "--on", "2026-02-03"),
        ("present", "--party", "4601", "--on", "2026-02-03"),
        ("decline", "--party", "4601", "--on", "2026-02-03"),
        ("open-signing", "--on", "2026-02-03"),
        ("contacts", "--on", "2026-02-03"),
        ("focus-areas", "--on", "2026-02-03"),
        ("plan", "--year", "2026", "--on", "2026-02-03"),
        ("amend", "--on", "2026-02-03"),
        ("renew", "--on", "2026-02-03"),
        ("renew", "--ask", "--on", "2026-02-03"),
    ],
    ids=" ".join,
)
def test_nothing_is_recorded_before_something_is_issued(run: Commands, words: tuple[str, ...]) -> None:
    run.issue("2026-01-12", SMALL)
    assert "ksf issue" in run.refused(words[0], CLUSTER, *words[1:])


def test_a_signature_before_the_day_of_issue_is_refused(issued: Commands) -> None:
    assert "before version 1 was issued on 12.1.2026" in sign(issued, "4601", on="2026-01-11")
    assert "before" in issued.refused("open-signing", CLUSTER, "--on", "2026-01-11")
    assert "before" in issued.refused("decline", CLUSTER, "--party", "4601", "--on", "2026-01-11")


@pytest.mark.parametrize(
    "words",
    [
        ("issue",),
        ("approve", "--party", "4601"),
        ("present", "--party", "4601"),
        ("open-signing",),
        ("sign", "--party", "4601", "--name", "Anne"),
        ("lift-reservation", "--party", "4601"),
        ("decline", "--party", "4601"),
        ("remove-party", "--party", "4621"),
        ("confirm", "--party", "4601"),
        ("withdraw-notice", "--party", "4601"),
        ("notice", "--to-party", "4601", "--ground", "g", "--ends", "2027-12-31"),
        ("accede", "--party", "Samnanger"),
        ("contacts",),
        ("focus-areas",),
        ("plan", "--year", "2026"),
        ("continuation", "--party", "4601", "--successor", "4631"),
        ("renew",),
        ("renew", "--ask"),
        ("amend",),
        ("change-motor", "--to", "4631"),
    ],
    ids=" ".join,
)
def test_nothing_is_recorded_that_has_not_happened_yet(in_force: Commands, words: tuple[str, ...]) -> None:
    said = in_force.refused(words[0], CLUSTER, *words[1:], "--on", "2026-11-21")
    assert "21.11.2026 has not come yet; today is 20.11.2026" in said


@pytest.mark.parametrize(
    "words", [("--received", "2026-11-21"), ("--received", "2026-11-01", "--copied", "2026-11-21")]
)
def test_a_notice_that_has_not_come_yet_is_refused(in_force: Commands, words: tuple[str, ...]) -> None:
    assert "has not come yet" in in_force.refused("notice", CLUSTER, "--party", "4630", *words)


def test_a_signature_on_a_superseded_version_is_refused_and_names_the_one_to_sign(issued: Commands) -> None:
    issued.edit("minimum 50 prosent", "minimum 60 prosent")
    issued.issue("2026-02-10")
    said = sign(issued, "4601", "--version", "1", on="2026-02-12")
    assert "Version 1 has been replaced" in said
    assert "version 2" in said
    assert "There is no version 3" in sign(issued, "4601", "--version", "3", on="2026-02-12")


def test_a_signature_without_a_name_is_refused(issued: Commands) -> None:
    assert "--name" in issued.refused("sign", CLUSTER, "--party", "4601", "--on", "2026-02-03", "--name", " ")


def test_a_notice_from_one_who_is_not_bound_is_refused_and_names_who_is(in_force: Commands) -> None:
    said = in_force.refused("notice", CLUSTER, "--party", "Oslo", "--received", "2026-05-04")
    assert "0301 Oslo is not bound on 4.5.2026" in said
    assert "4630 Osterøy" in said
    said = in_force.refused("notice", CLUSTER, "--party", "4630", "--received", "2026-01-20")
    assert "Nobody is bound on that day" in said


def test_a_second_notice_while_one_runs_is_refused(in_force: Commands) -> None:
    in_force.ok("notice", CLUSTER, "--party", "4630", "--received", "2026-05-04")
    said = in_force.refused("notice", CLUSTER, "--party", "4630", "--received", "2026-06-04")
    assert "running already, received on 4.5.2026 (event 11)" in said
    assert "ksf withdraw-notice" in said
    assert "already" in in_force.refused(
        "notice", CLUSTER, "--to-party", "4630", "--ground", "g", "--on", "2026-06-04", "--ends", "2027-08-01"
    )


def test_a_notice_that_ran_then_is_in_the_way_of_a_second_one_also_when_it_is_over(run: Commands) -> None:
    run.issue("2023-01-10")
    run.sign_all("2023-02-01")
    run.ok("notice", CLUSTER, "--party", "4630", "--received", "2024-03-01")
    said = run.refused("notice", CLUSTER, "--party", "4630", "--received", "2024-06-01")
    assert "running already, received on 1.3.2024" in said


def test_a_notice_cannot_be_received_before_it_was_sent(in_force: Commands) -> None:
    words = ("--party", "4630", "--received", "2026-05-04", "--sent", "2026-05-05")
    assert "after it was received" in in_force.refused("notice", CLUSTER, *words)


@pytest.mark.parametrize(
    "words",
    [
        ("--received", "2026-05-04"),
        ("--party", "4630"),
        ("--party", "4630", "--to-party", "4631"),
        ("--to-party", "4631", "--ground", "g"),
        ("--to-party", "4631", "--ends", "2027-01-01"),
    ],
    ids=" ".join,
)
def test_a_notice_that_is_told_by_halves_says_what_is_lacking(in_force: Commands, words: tuple[str, ...]) -> None:
    assert "--" in in_force.refused("notice", CLUSTER, *words)


def test_a_notice_to_a_party_ends_no_earlier_than_it_is_given(in_force: Commands) -> None:
    words = ("--to-party", "4630", "--ground", "g", "--on", "2026-06-01", "--ends", "2026-05-31")
    assert "is before the notice" in in_force.refused("notice", CLUSTER, *words)


def test_a_copy_or_a_withdrawal_of_no_notice_is_refused(in_force: Commands) -> None:
    assert "--received" in in_force.refused("notice", CLUSTER, "--party", "4630", "--copied", "2026-05-04")
    assert "no notice" in in_force.refused("withdraw-notice", CLUSTER, "--party", "4630", "--on", "2026-05-04")


def test_another_day_for_a_copy_that_is_recorded_is_refused(in_force: Commands) -> None:
    in_force.ok("notice", CLUSTER, "--party", "4630", "--received", "2026-05-04", "--copied", "2026-05-05")
    said = in_force.refused("notice", CLUSTER, "--party", "4630", "--copied", "2026-05-06")
    assert "recorded already, on 5.5.2026" in said
    assert "ksf void" in said


@pytest.mark.parametrize("until", ["2028-12-31", "2030-12-31", "2026-01-01"])
def test_a_renewal_that_ends_before_the_old_one_is_refused(in_force: Commands, until: str) -> None:
    said = in_force.refused("renew", CLUSTER, "--until", until, "--on", "2026-06-01")
    assert "which ends on 31.12.2030" in said
    assert "--until" in said
    assert "31.12.2030" in in_force.refused("renew", CLUSTER, "--ask", "--until", until, "--on", "2026-06-01")


def test_a_renewal_cannot_begin_early_without_every_bound_party(in_force: Commands) -> None:
    in_force.ok("notice", CLUSTER, "--party", "Voss", "--received", "2026-05-04")
    words = ("--until", "2034-12-31", "--on", "2026-06-01", "--from", "2026-08-01")
    said = in_force.refused("renew", CLUSTER, *words)
    assert "only if every bound party signs it" in said
    assert "4621 Voss" in said


def test_a_renewal_cannot_leave_days_without_an_agreement_by_choice(in_force: Commands) -> None:
    words = ("--until", "2034-12-31", "--on", "2026-06-01", "--from", "2031-01-02")
    assert "must begin by 1.1.2031" in in_force.refused("renew", CLUSTER, *words)


def test_nobody_declines_after_signing(in_force: Commands) -> None:
    said = in_force.refused("decline", CLUSTER, "--party", "4601", "--on", "2026-02-10")
    assert "ksf notice" in said
    assert "ksf remove-party" in said


def test_nobody_confirms_when_nobody_was_left_out(in_force: Commands) -> None:
    said = in_force.refused("confirm", CLUSTER, "--party", "4601", "--on", "2026-02-10")
    assert "leaves nobody out" in said
    assert "ksf remove-party" in said


def test_who_had_not_signed_before_signs_and_does_not_confirm(issued: Commands) -> None:
    issued.sign("4631")
    issued.ok("remove-party", CLUSTER, "--party", "4621", "--on", "2026-03-01")
    said = issued.refused("confirm", CLUSTER, "--party", "4601", "--on", "2026-03-02")
    assert "let it sign version 2" in said
    issued.ok("confirm", CLUSTER, "--party", "4631", "--on", "2026-03-02")
    assert "already" in issued.refused("confirm", CLUSTER, "--party", "4631", "--on", "2026-03-03")


def test_a_reservation_that_is_not_there_cannot_be_lifted(issued: Commands) -> None:
    assert "no signature with a reservation" in issued.refused("lift-reservation", CLUSTER, "--party", "4601")
    issued.sign("4601", "2026-02-03", "--reservation")
    assert "before the signature" in issued.refused(
        "lift-reservation", CLUSTER, "--party", "4601", "--on", "2026-02-02"
    )
    issued.ok("lift-reservation", CLUSTER, "--party", "4601", "--on", "2026-02-04")
    assert "already" in issued.refused("lift-reservation", CLUSTER, "--party", "4601", "--on", "2026-02-05")


def test_a_deadline_for_signing_is_not_before_it_is_sent_out(issued: Commands) -> None:
    words = ("--on", "2026-01-20", "--deadline", "2026-01-19")
    assert "is before" in issued.refused("open-signing", CLUSTER, *words)


def test_who_is_bound_cannot_join(in_force: Commands) -> None:
    said = in_force.refused("accede", CLUSTER, "--party", "4601", "--on", "2026-08-01")
    assert "4601 Bergen is bound already" in said
    assert "ksf why" in said


def test_nobody_joins_what_is_not_in_force(issued: Commands) -> None:
    said = issued.refused("accede", CLUSTER, "--party", "Samnanger", "--on", "2026-08-01")
    assert "No agreement is in force on 1.8.2026" in said
    assert "issue a version with it" in said


def test_nobody_joins_without_everybodys_signature(in_force: Commands) -> None:
    words = ("--signed-by", "Samnanger", "--signed-by", "Bergen")
    said = in_force.refused("accede", CLUSTER, "--party", "Samnanger", "--on", "2026-08-01", *words)
    assert "lacks the signatures of 4631 Alver" in said
    assert "4601" not in said


def test_nobody_joins_who_is_no_municipality_on_that_day(in_force: Commands) -> None:
    assert "--party" in in_force.refused("accede", CLUSTER)
    said = in_force.refused("accede", CLUSTER, "--party", "1201", "--on", "2026-08-01")
    assert "No municipality has the number 1201 on 1.8.2026" in said


def test_an_amendment_without_changes_is_refused(in_force: Commands) -> None:
    assert "nothing to amend" in in_force.refused("amend", CLUSTER, "--on", "2026-06-01")


def test_an_amendment_does_not_let_anybody_join(in_force: Commands) -> None:
    in_force.edit("cluster_leader:\n  name", '  - municipality: "4623"\ncluster_leader:\n  name')
    said = in_force.refused("amend", CLUSTER, "--on", "2026-06-01")
    assert "4623 Samnanger would join: use 'ksf accede'" in said


def test_an_amendment_does_not_let_anybody_leave(in_force: Commands) -> None:
    file = in_force.workspace / "clusters" / f"{CLUSTER}.yaml"
    text = file.read_text(encoding="utf-8")
    first, last = text.index('  - municipality: "4621"'), text.index("cluster_leader:\n  name")
    file.write_text(text[:first] + text[last:], encoding="utf-8")
    said = in_force.refused("amend", CLUSTER, "--on", "2026-06-01")
    assert "4621 Voss would leave" in said
    assert "ksf notice" in said


def test_an_amendment_does_not_lengthen_the_term(in_force: Commands) -> None:
    in_force.edit("valid_until: 2030-12-31", "valid_until: 2032-12-31")
    assert "ksf renew" in in_force.refused("amend", CLUSTER, "--on", "2026-06-01")


def test_an_amendment_does_not_undo_a_change_of_motor_municipality(in_force: Commands) -> None:
    out = in_force.ok("change-motor", CLUSTER, "--to", "Alver", "--on", "2026-06-01")
    assert "Write 4631 Alver as the motor municipality in the cluster file too" in out
    in_force.edit("minimum 50 prosent", "minimum 60 prosent")
    said = in_force.refused("amend", CLUSTER, "--on", "2026-06-02")
    assert "By version 2 the motor municipality is 4631 Alver; the cluster file says 4601 Bergen" in said


def test_who_is_no_member_cannot_be_the_motor_municipality(in_force: Commands) -> None:
    said = in_force.refused("change-motor", CLUSTER, "--to", "Oslo", "--on", "2026-06-01")
    assert "0301 Oslo is no member" in said
    assert "ksf accede" in said
    assert "already" in in_force.refused("change-motor", CLUSTER, "--to", "Bergen", "--on", "2026-06-01")


def test_the_motor_municipality_cannot_be_left_out(issued: Commands) -> None:
    said = issued.refused("remove-party", CLUSTER, "--party", "Bergen", "--on", "2026-06-01")
    assert "4601 Bergen is the motor municipality: choose another" in said
    assert "error" not in said


def test_who_is_bound_is_not_left_out_but_gives_notice(in_force: Commands) -> None:
    assert "ksf notice" in in_force.refused("remove-party", CLUSTER, "--party", "4621", "--on", "2026-06-01")


def test_no_version_is_issued_for_one_party_alone(run: Commands) -> None:
    run.issue("2026-01-12", SMALL)
    said = run.refused("remove-party", SMALL, "--party", "Snåsa", "--on", "2026-02-01")
    assert "Nothing was issued" in said


def test_an_event_that_is_not_there_cannot_be_voided(in_force: Commands) -> None:
    assert "ksf log" in in_force.refused("void", "99", "--reason", "feil")
    assert "ksf log" in in_force.refused("void", "0", "--reason", "feil")
    assert "--reason" in in_force.refused("void", "3", "--reason", " ")


def test_a_correction_cannot_be_voided(in_force: Commands) -> None:
    in_force.ok("void", "3", "--reason", "feil dato")
    said = in_force.refused("void", "11", "--reason", "angrer")
    assert "itself a correction" in said
    assert "by its own command" in said


def test_issuing_while_an_agreement_is_in_force_tells_what_changed_and_what_to_use(in_force: Commands) -> None:
    in_force.edit("minimum 50 prosent", "minimum 60 prosent")
    said = in_force.refused("issue", CLUSTER, "--on", "2026-06-01")
    assert "Version 1 is in force" in said
    assert "(clause 7)" in said
    assert "ksf amend" in said


def test_issuing_unchanged_while_an_agreement_is_in_force_points_at_renewal(in_force: Commands) -> None:
    assert "ksf renew" in in_force.refused("issue", CLUSTER, "--on", "2026-06-01")


def test_issuing_after_the_end_points_at_renewal(run: Commands) -> None:
    run.edit("valid_until: 2030-12-31", "valid_until: 2026-03-31")
    run.issue()
    run.sign_all()
    run.edit("valid_until: 2026-03-31", "valid_until: 2030-12-31")
    assert "ksf renew" in run.refused("issue", CLUSTER, "--on", "2026-06-01")


EVERY = [
    ("issue",),
    ("approve", "--party", "4601"),
    ("sign", "--party", "4601", "--on", "2026-02-03", "--name", "Anne"),
    ("open-signing",),
    ("remove-party", "--party", "4601"),
    ("notice", "--party", "4601", "--received", "2026-02-03"),
    ("accede", "--party", "4601"),
    ("contacts",),
    ("plan", "--year", "2026"),
    ("renew",),
    ("amend",),
    ("status",),
    ("parties",),
    ("why",),
    ("log",),
]


HOSTILE = ["borte", "../clusters/helse-omsorg-vest", "{x}", "%s", "a\nb", ""]
CASES = [*((words, "../x") for words in EVERY), *((("contacts",), cluster) for cluster in HOSTILE)]


@pytest.mark.parametrize(("words", "cluster"), CASES, ids=lambda one: one[0] if isinstance(one, tuple) else repr(one))
def test_a_cluster_without_file_is_refused_and_those_there_are_are_named(
    issued: Commands, words: tuple[str, ...], cluster: str
) -> None:
    said = issued.refused(words[0], cluster, *words[1:])
    assert "There is no cluster" in said
    assert "alle-valg, helse-omsorg-vest" in said


def test_a_cluster_file_with_errors_is_not_issued_and_every_error_is_told(run: Commands) -> None:
    run.issue("2026-01-12", SMALL)
    run.edit('motor_municipality: "4601"', 'motor_municipality: "0301"')
    run.edit("region: vest", "region: sør")
    said = run.refused("issue", CLUSTER, "--on", "2026-01-12")
    assert "Nothing was issued" in said
    assert said.count("error") >= 2
    assert "sør" in said


def test_documents_that_cannot_be_written_are_kept_and_written_by_the_same_command_later(run: Commands) -> None:
    out = run.workspace / "utfil"
    out.write_text("her", encoding="utf-8")
    ran = run("issue", CLUSTER, "--on", "2026-01-12", "--out", out)
    assert ran.code == 3
    assert "Version 1 of helse-omsorg-vest is issued and kept in the register" in ran.err
    assert "Run the command again" in ran.err
    assert run.status()["status"] == "issued"
    head = run.head()
    out.unlink()
    assert "recorded already" in run.ok("issue", CLUSTER, "--on", "2026-01-12", "--out", out)
    assert sorted(file.name for file in out.iterdir()) == [f"{CLUSTER}-kontaktpersoner.docx", f"{CLUSTER}.docx"]
    assert run.head() == head


def test_a_file_that_cannot_be_kept_is_refused(issued: Commands, tmp_path: Path) -> None:
    folder, pipe, big = tmp_path / "mappe", tmp_path / "rør", tmp_path / "stor.pdf"
    folder.mkdir()
    os.mkfifo(pipe)
    with big.open("wb") as target:
        target.truncate(40 * 1024 * 1024)
    assert "not a file that can be kept" in sign(issued, "4601", "--file", str(folder))
    assert "not a file that can be kept" in sign(issued, "4601", "--file", str(pipe))
    assert "larger than 30 MB" in sign(issued, "4601", "--file", str(big))
    assert "is not there" in sign(issued, "4601", "--file", str(tmp_path / "borte.pdf"))


@pytest.mark.parametrize("day", ["2026-2-3", "3.2.2026", "20260203", "2026-02-30", "0000-01-01", "i dag", "{x}", ""])
def test_a_date_is_written_year_month_day(issued: Commands, day: str) -> None:
    assert "--on" in sign(issued, "4601", on=day)


@pytest.mark.parametrize("party", ["{x}", "%s%n", "a\nb", "\x1b[31m", "", "../x", "4601\n", "x" * 5000])
def test_a_hostile_name_of_a_municipality_is_only_a_name_that_nobody_has(issued: Commands, party: str) -> None:
    before = issued.head()
    ran = issued("sign", CLUSTER, "--party", party, "--on", "2026-02-03", "--name", "Anne")
    if party.strip() == "4601":
        assert ran.code == 0
        return
    assert ran.code in {1, 2}
    assert "\x1b" not in ran.err
    assert issued.head() == before


@pytest.mark.parametrize("name", ["{party}", "%(x)s", "Anne\nEksempel", "\x1b[31mAnne", "<script>", "=1+1", "𝔸" * 300])
def test_a_hostile_name_of_a_signatory_is_kept_as_it_is(issued: Commands, name: str) -> None:
    issued.ok("sign", CLUSTER, "--party", "4601", "--on", "2026-02-03", "--name", name, "--as", name)
    for view in (("status", CLUSTER), ("why", CLUSTER), ("log", CLUSTER)):
        assert "\x1b" not in issued.ok(*view)
    assert issued.json("log", CLUSTER)[-1]["actor"] == name
    head = issued.head()
    issued.ok("sign", CLUSTER, "--party", "4601", "--on", "2026-02-03", "--name", name)
    assert issued.head() == head


# --- warned of, never refused ---


def warned(run: Commands, command: str, *words: str) -> str:
    ran = run(command, *words)
    assert ran.code == 0, ran.err
    return ran.err


def test_a_signature_without_approval_before_signing_is_opened_and_by_another_warns(issued: Commands) -> None:
    said = warned(issued, "sign", CLUSTER, "--party", "4631", "--on", "2026-02-03", "--name", "En Annen")
    assert "No approval is recorded for 4631 Alver (clause 5)." in said
    assert "The signing of version 1 has not been opened." in said
    assert "Another signatory was planned for 4631 Alver." in said
    assert issued.status()["signed"] == 1


def test_a_signature_as_planned_warns_of_nothing(issued: Commands) -> None:
    issued.ok("approve", CLUSTER, "--party", "4601", "--body", "byråd", "--case", "26/1", "--on", "2026-01-20")
    issued.ok("open-signing", CLUSTER, "--on", "2026-01-25")
    words = ("--party", "4601", "--on", "2026-02-03", "--name", "Anne Eksempel")
    assert warned(issued, "sign", CLUSTER, *words) == ""


def test_opening_the_signing_without_approvals_warns_of_who_lacks_them(issued: Commands) -> None:
    issued.ok("approve", CLUSTER, "--party", "4601", "--body", "byråd", "--on", "2026-01-20")
    said = warned(issued, "open-signing", CLUSTER, "--on", "2026-01-25")
    assert "4631 Alver" in said
    assert "4601" not in said


def test_a_city_government_where_there_is_none_warns(issued: Commands) -> None:
    said = warned(issued, "approve", CLUSTER, "--party", "4631", "--body", "byråd", "--on", "2026-01-20")
    assert "4631 Alver has no city government" in said


def test_a_party_in_two_clusters_warns_on_issue(issued: Commands) -> None:
    file = issued.workspace / "clusters" / f"{CLUSTER}.yaml"
    (file.parent / "annen.yaml").write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    said = warned(issued, "issue", "annen", "--on", "2026-01-13")
    assert said.count("helse-omsorg-vest") >= 9


def test_a_notice_without_a_copy_warns(in_force: Commands) -> None:
    assert "--copied" in warned(in_force, "notice", CLUSTER, "--party", "4630", "--received", "2026-05-04")


def test_an_accession_without_an_approval_warns(in_force: Commands) -> None:
    assert "--case" in warned(in_force, "accede", CLUSTER, "--party", "Samnanger", "--on", "2026-08-01")
