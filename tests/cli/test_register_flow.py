"""An agreement's life through the commands: issued, signed, in force, left, renewed, amended."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import docx
import pytest

import ksf_agreements.app
from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran


@pytest.fixture
def run(ksf: Callable[..., Ran], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setattr(ksf_agreements.app, "today", lambda: date(2026, 11, 20))
    return Commands(ksf, workspace)


@pytest.fixture
def in_force(run: Commands) -> Commands:
    run.issue()
    run.sign_all()
    return run


KEYS = (
    "cluster",
    "name",
    "version",
    "status",
    "in_force_from",
    "valid_until",
    "signed",
    "of",
    "parties",
    "next",
    "upcoming",
)
PARTY_KEYS = ("municipality", "name", "role", "state", "signed_on", "bound_from", "bound_until")


def test_before_anything_is_issued_the_agreement_is_a_draft(run: Commands) -> None:
    status = run.status()
    assert (status["status"], status["version"], status["of"], status["signed"]) == ("draft", 0, 9, 0)
    assert [party["municipality"] for party in status["parties"]] == list(NINE)


def test_the_json_of_status_has_the_keys_that_others_rely_on(in_force: Commands) -> None:
    status = in_force.status()
    assert set(KEYS) <= set(status)
    assert all(set(PARTY_KEYS) <= set(party) for party in status["parties"])
    assert all(set(item) == {"date", "what", "who", "clause"} for item in status["next"])


def test_signatures_are_counted_until_the_last_puts_the_agreement_in_force(run: Commands) -> None:
    run.issue()
    assert run.status()["status"] == "issued"
    run.sign_all("2026-02-03", NINE[:8])
    status = run.status()
    assert (status["status"], status["signed"], status["of"], status["in_force_from"]) == ("signing", 8, 9, None)
    run.sign("Voss", "2026-02-10")
    status = run.status()
    assert (status["status"], status["signed"], status["in_force_from"]) == ("in_force", 9, "2026-02-10")
    assert run.status("2026-02-09")["status"] == "signing"
    assert run.bound("2026-02-09") == []
    assert run.bound("2026-02-10") == list(NINE)
    assert run.party("4601")["bound_from"] == "2026-02-10"
    assert run.party("4601")["signed_on"] == "2026-02-03"


def test_a_notice_binds_through_the_same_day_a_year_later_and_the_others_go_on(in_force: Commands) -> None:
    out = in_force.ok("notice", CLUSTER, "--party", "Osterøy", "--received", "2026-05-04", "--copied", "2026-05-05")
    assert "4630 Osterøy is bound through 4.5.2027" in out
    assert in_force.party("4630")["state"] == "leaving"
    assert in_force.party("4630", "2026-05-03")["state"] == "bound"
    assert in_force.party("4630", "2027-05-05")["state"] == "left"
    assert "4630" in in_force.bound("2027-05-04")
    assert in_force.bound("2027-05-05") == [one for one in NINE if one != "4630"]
    assert in_force.status("2027-05-05")["status"] == "in_force"


def test_a_year_from_29_february_ends_on_28_february(run: Commands) -> None:
    run.edit("valid_until: 2030-12-31", "valid_until: 2027-12-31")
    run.issue("2024-01-10")
    run.sign_all("2024-02-01")
    run.ok("notice", CLUSTER, "--party", "4630", "--received", "2024-02-29")
    assert run.party("4630", "2024-03-01")["bound_until"] == "2025-02-28"


def test_where_the_agreement_runs_out_first_the_party_is_bound_until_then(run: Commands) -> None:
    run.edit("valid_until: 2030-12-31", "valid_until: 2026-12-31")
    run.issue()
    run.sign_all()
    out = run.ok("notice", CLUSTER, "--party", "4630", "--received", "2026-06-01")
    assert "The agreement itself ends before the notice would." in out
    assert run.party("4630")["bound_until"] == "2026-12-31"


def test_a_missing_copy_is_shown_changes_nothing_and_is_told_later(in_force: Commands) -> None:
    in_force.ok("notice", CLUSTER, "--party", "4630", "--received", "2026-05-04")
    before = in_force.party("4630")
    assert any("copy" in item["what"] for item in in_force.status()["next"])
    in_force.ok("notice", CLUSTER, "--party", "4630", "--copied", "2026-06-01")
    assert not any("copy" in item["what"] for item in in_force.status()["next"])
    assert in_force.party("4630") == before


def test_a_notice_is_taken_back_late_only_with_everybodys_consent(in_force: Commands) -> None:
    in_force.ok("notice", CLUSTER, "--party", "4630", "--received", "2026-05-04")
    others = [one for one in NINE if one != "4630"]
    some = [word for one in others[:-1] for word in ("--consent", one)]
    said = in_force.refused("withdraw-notice", CLUSTER, "--party", "4630", "--on", "2026-06-01", *some)
    assert "4621 Voss" in said
    in_force.ok("withdraw-notice", CLUSTER, "--party", "4630", "--on", "2026-06-01", *some, "--consent", "Voss")
    assert in_force.party("4630")["state"] == "bound"


def test_a_notice_is_taken_back_alone_on_the_day_it_arrives(in_force: Commands) -> None:
    in_force.ok("notice", CLUSTER, "--party", "4630", "--received", "2026-05-04")
    in_force.ok("withdraw-notice", CLUSTER, "--party", "4630", "--on", "2026-05-04")
    assert in_force.party("4630")["state"] == "bound"


def test_a_signature_with_a_reservation_counts_from_its_lifting(run: Commands) -> None:
    run.issue()
    run.sign_all(parties=NINE[:8])
    run.sign("4621", "2026-02-04", "--reservation")
    assert run.status()["signed"] == 8
    run.ok("lift-reservation", CLUSTER, "--party", "4621", "--on", "2026-03-02")
    assert run.status()["in_force_from"] == "2026-03-02"


def test_a_reservation_of_a_later_signature_is_not_lifted_by_what_lifted_the_one_before(run: Commands) -> None:
    run.issue()
    run.sign_all(parties=NINE[:8])
    run.sign("4621", "2026-02-04", "--reservation")
    run.ok("lift-reservation", CLUSTER, "--party", "4621", "--on", "2026-02-10")
    (*_, signature, _lifting) = run.json("log", CLUSTER)
    run.ok("void", str(signature["event"]), "--reason", "feil dag")
    run.sign("4621", "2026-02-20", "--reservation")
    assert (run.status()["signed"], run.status()["in_force_from"]) == (8, None)
    run.ok("lift-reservation", CLUSTER, "--party", "4621", "--on", "2026-03-02")
    assert run.status()["in_force_from"] == "2026-03-02"
    run.ok("verify")


def test_each_on_signing_binds_from_the_second_signature_on(run: Commands) -> None:
    run.edit("valid_until:", "entry_into_force: each_on_signing\nvalid_until:")
    run.issue()
    run.sign("4601", "2026-02-01")
    assert run.bound("2026-03-01") == []
    run.sign("4631", "2026-02-05")
    run.sign("4627", "2026-02-09")
    assert run.bound("2026-02-05") == ["4601", "4631"]
    assert run.bound("2026-02-09") == ["4601", "4631", "4627"]
    assert run.party("4601")["bound_from"] == "2026-02-05"


def test_a_laggard_is_left_out_and_earlier_signatures_count_with_a_confirmation(run: Commands) -> None:
    run.issue()
    run.sign_all(parties=NINE[:8])
    out = run.ok("remove-party", CLUSTER, "--party", "Voss", "--on", "2026-04-01")
    assert "ksf confirm" in out
    assert run.status()["version"] == 2
    assert run.status()["signed"] == 0
    for party in NINE[:7]:
        run.ok("confirm", CLUSTER, "--party", party, "--on", "2026-04-10")
    assert run.status()["in_force_from"] is None
    run.sign("4628", "2026-04-20")
    assert run.status()["in_force_from"] == "2026-04-20"
    assert run.bound("2026-04-20") == list(NINE[:8])


def test_a_notice_to_a_party_ends_its_part(in_force: Commands) -> None:
    words = ("--to-party", "4630", "--ground", "manglende bidrag", "--on", "2026-06-01", "--ends", "2026-08-31")
    in_force.ok("notice", CLUSTER, *words)
    assert in_force.party("4630")["bound_until"] == "2026-08-31"


def test_the_motor_municipalitys_notice_alerts_until_another_takes_over(in_force: Commands) -> None:
    out = in_force.ok("notice", CLUSTER, "--party", "Bergen", "--received", "2026-05-04")
    assert "motor municipality" in out
    assert in_force.status()["status"] == "ending"
    in_force.ok("change-motor", CLUSTER, "--to", "Alver", "--on", "2026-06-01")
    status = in_force.status()
    assert status["status"] == "in_force"
    assert (status["upcoming"]["version"], status["upcoming"]["basis"]) == (2, "motor_change")
    for party in NINE:
        in_force.sign(party, "2026-07-01")
    roles = {one["municipality"]: one["role"] for one in in_force.status()["parties"]}
    assert (roles["4631"], roles["4601"]) == ("motor_municipality", "partner_municipality")
    assert in_force.party("4601")["bound_until"] == "2027-05-04"
    assert in_force.party("4601", "2026-06-30")["role"] == "motor_municipality"


def test_when_fewer_than_two_are_left_the_agreement_ends(run: Commands) -> None:
    cluster = "alle-valg"
    run.edit("entry_into_force: each_on_signing\n", "", cluster)
    run.issue(cluster=cluster)
    run.sign_all(parties=("5001", "5041"), cluster=cluster)
    run.ok("notice", cluster, "--party", "Snåsa", "--received", "2026-03-02")
    assert run.status(cluster=cluster)["status"] == "ending"
    assert run.status("2027-03-03", cluster)["status"] == "terminated"
    assert run.bound("2027-03-03", cluster) == []


def test_a_renewal_begins_the_day_after_and_never_by_itself(run: Commands) -> None:
    run.edit("valid_until: 2030-12-31", "valid_until: 2026-12-31")
    run.issue()
    run.sign_all()
    run.ok("renew", CLUSTER, "--until", "2029-12-31", "--on", "2026-09-01")
    status = run.status()
    assert status["version"] == 1
    assert (status["upcoming"]["version"], status["upcoming"]["valid_from"]) == (2, "2027-01-01")
    run.sign_all("2026-10-01")
    assert run.status("2026-12-31")["version"] == 1
    status = run.status("2027-01-01")
    assert (status["version"], status["status"], status["in_force_from"]) == (2, "in_force", "2027-01-01")


@pytest.mark.parametrize("begins", [(), ("--from", "2026-04-01")])
def test_a_late_renewal_leaves_days_without_an_agreement(run: Commands, begins: tuple[str, ...]) -> None:
    run.edit("valid_until: 2030-12-31", "valid_until: 2026-03-31")
    run.issue()
    run.sign_all()
    assert run.status("2026-04-01")["status"] == "expired"
    out = run.ok("renew", CLUSTER, "--until", "2029-12-31", "--on", "2026-05-01", *begins)
    assert "No agreement is in force from 1.4.2026" in out
    run.sign_all("2026-06-01")
    assert run.bound("2026-05-31") == []
    assert run.bound("2026-06-01") == list(NINE)


def test_a_party_whose_notice_runs_is_not_invited_to_renew(run: Commands) -> None:
    run.edit("valid_until: 2030-12-31", "valid_until: 2026-12-31")
    run.issue()
    run.sign_all()
    run.ok("notice", CLUSTER, "--party", "Voss", "--received", "2026-03-01", "--copied", "2026-03-01")
    out = run.ok("renew", CLUSTER, "--until", "2029-12-31", "--on", "2026-09-01")
    assert "Voss" in out
    run.sign_all("2026-10-01", NINE[:8])
    assert "4621" not in run.bound("2027-01-01")
    assert "4621" in run.bound("2026-12-31")


def test_a_municipality_joins_on_its_own_date_until_the_old_end(in_force: Commands) -> None:
    in_force.ok("accede", CLUSTER, "--party", "Samnanger", "--on", "2026-08-01", "--case", "2026/9")
    assert "4623" not in in_force.bound("2026-07-31")
    assert "4623" in in_force.bound("2026-08-01")
    assert in_force.party("4623")["bound_until"] == "2030-12-31"
    assert in_force.status()["of"] == 10


def test_an_amendment_binds_when_all_have_signed_and_the_old_one_until_then(in_force: Commands) -> None:
    in_force.edit("minimum 50 prosent stilling", "minimum 80 prosent stilling")
    in_force.ok("amend", CLUSTER, "--on", "2026-06-01")
    in_force.sign_all("2026-07-01", NINE[:8])
    assert in_force.status()["version"] == 1
    assert in_force.status()["upcoming"]["signed"] == 8
    in_force.sign("4621", "2026-08-01")
    assert in_force.status()["version"] == 2
    assert in_force.status("2026-07-31")["version"] == 1
    assert in_force.bound("2026-08-01") == list(NINE)


def test_contacts_focus_areas_and_plans_change_without_signing_again(in_force: Commands) -> None:
    in_force.edit("Lise Leder", "Leif Leder")
    assert "ksf contacts" in in_force.refused("amend", CLUSTER, "--on", "2026-06-01")
    in_force.ok("contacts", CLUSTER, "--on", "2026-06-01")
    in_force.ok("focus-areas", CLUSTER, "--on", "2026-06-01")
    in_force.ok("plan", CLUSTER, "--year", "2027", "--on", "2026-10-01")
    status = in_force.status()
    assert (status["version"], status["status"], status["upcoming"]) == (1, "in_force", None)


def test_a_new_version_in_place_of_an_open_one_tells_what_changed_and_whose_signatures_are_lost(run: Commands) -> None:
    run.issue()
    run.sign("4601")
    run.edit("minimum 50 prosent stilling", "minimum 80 prosent stilling")
    out = run.ok("issue", CLUSTER, "--on", "2026-02-20")
    assert "clause 7" in out
    assert "4601 Bergen" in out
    status = run.status()
    assert (status["version"], status["status"], status["signed"]) == (2, "issued", 0)


def test_a_split_is_flagged_until_somebody_decides_and_a_new_number_is_nobodys_worry(run: Commands) -> None:
    text = (run.workspace / "clusters" / f"{CLUSTER}.yaml").read_text(encoding="utf-8")
    text = text.replace('"4631"', '"1507"').replace('"4627"', '"3005"').replace("2030-12-31", "2027-12-31")
    (run.workspace / "clusters" / "gammel.yaml").write_text(text, encoding="utf-8")
    numbers = tuple({"4631": "1507", "4627": "3005"}.get(one, one) for one in NINE)
    run.issue("2022-01-10", "gammel")
    run.sign_all("2022-02-01", numbers, "gammel")
    assert run.json("status", "gammel", "--on", "2023-12-31")["alerts"] == []
    alerts = [one["text"] for one in run.json("status", "gammel", "--on", "2024-06-01")["alerts"]]
    assert len(alerts) == 1
    assert "1507 Ålesund" in alerts[0]
    assert "1580 Haram" in alerts[0]
    words = ("--party", "1507", "--successor", "1508", "--on", "2024-01-01", "--decision", "kommunestyret 12/24")
    run.ok("continuation", "gammel", *words)
    assert run.json("status", "gammel", "--on", "2024-06-01")["alerts"] == []
    assert "1508" in run.bound("2024-01-01", "gammel")
    assert "1507" not in run.bound("2024-01-01", "gammel")
    assert "1507" in run.bound("2023-12-31", "gammel")


def test_the_issued_document_carries_id_version_and_code_and_is_kept_as_it_was_written(run: Commands) -> None:
    run.issue()
    file = run.workspace / "out" / f"{CLUSTER}.docx"
    document = docx.Document(str(file))
    with sqlite3.connect(run.workspace / "register.sqlite") as register:
        kept = [bytes(row[0]) for row in register.execute("SELECT content FROM file")]
        hashes = {row[0] for row in register.execute("SELECT sha256 FROM file")}
    register.close()
    assert file.read_bytes() in kept
    assert hashlib.sha256(file.read_bytes()).hexdigest() in hashes
    section = document.sections[0]
    footer = "".join(paragraph.text for paragraph in section.footer.paragraphs)
    assert "KSF-" in footer
    assert "versjon 1" in footer
    drawings = section.header._element.xpath(".//wp:docPr[@name='qr']")
    assert "QR-kode" in drawings[0].get("descr")


def test_the_same_issue_on_the_same_day_is_recognised(run: Commands) -> None:
    run.issue()
    head = run.head()
    (run.workspace / "out" / f"{CLUSTER}.docx").unlink()
    assert "recorded already" in run.issue()
    assert run.head() == head
    assert (run.workspace / "out" / f"{CLUSTER}.docx").is_file()


def test_views_speak_as_table_json_and_csv(in_force: Commands) -> None:
    assert "4601 Bergen" in in_force.ok("status", CLUSTER)
    assert CLUSTER in in_force.ok("status")
    assert in_force.ok("status", CLUSTER, "--format", "csv").count("\n") == 10
    assert in_force.ok("due", "--within", "20y", "--format", "csv").startswith("date;cluster;what")
    assert len(in_force.json("log", CLUSTER)) == 10
    assert in_force.json("due")[0]["date"] == "2026-05-04"  # the action plan of the first year
    assert "2029-12-31" in [one["date"] for one in in_force.json("due", "--within", "20y")]
    assert "clause 12" in in_force.ok("why", CLUSTER)
    why = in_force.json("why", CLUSTER)
    assert all(one["clause"] and one["event"] for one in why)


def test_the_report_is_one_page_without_scripts(in_force: Commands) -> None:
    target = in_force.workspace / "overview.html"
    in_force.ok("report", "--out", target)
    page = target.read_text(encoding="utf-8")
    assert "Kunnskapskommunen Helse Omsorg Vest" in page
    assert "<script" not in page
    assert "<svg" in page


def test_a_register_in_a_synced_folder_is_warned_of(
    ksf: Callable[..., Ran], workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ksf_agreements.app, "today", lambda: date(2026, 11, 20))
    synced = tmp_path / "OneDrive" / "klynger"
    shutil.copytree(workspace, synced)
    ran = ksf("--lang", "en", "-w", synced, "status")
    assert ran.code == 0
    assert "OneDrive" in ran.err
