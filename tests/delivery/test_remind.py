"""Reminders by mail: who gets what, against real servers that also refuse, break off and ask for a password."""

from __future__ import annotations

import json
import re
import signal
import ssl
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

import ksf_agreements.app
from ksf_agreements.delivery.mail import Letter, Sender, UnmailableError, compose
from ksf_agreements.delivery.outbox import Notes
from ksf_agreements.delivery.smtp import Smtp
from ksf_agreements.services.reminders import mailing, reminding
from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran, start_program
from tests.delivery.servers import Mailbox, broken_server, mail_server
from tests.factories import TODAY

SIX = NINE[3:]
FIRST = "david.kontakt@austrheim.example.no"


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """A workspace where three of nine have signed, and the others have had the agreement for three weeks."""
    monkeypatch.setattr(Smtp, "sleep", staticmethod(lambda _seconds: None), raising=False)
    monkeypatch.delenv("KSF_SMTP_PASSWORD", raising=False)
    made = Commands(ksf, workspace)
    settings(made)
    made.issue()
    made.ok("open-signing", CLUSTER, "--on", "2026-02-09", "--deadline", "2026-04-30")
    made.sign_all("2026-02-10", NINE[:3])
    return made


def settings(commands: Commands, **mail: str | int) -> None:
    said = {"sender": "klynge@example.no", "sender_name": "KSF Vest: Kari Koordinator", **mail}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in said.items()]
    (commands.workspace / "ksf.toml").write_text("\n".join(["[mail]", *lines, ""]), encoding="utf-8")


def planned(commands: Commands, on: str = "") -> Any:
    return commands.json("remind", *(["--on", on] if on else []))


def recorded(commands: Commands) -> list[str]:
    return [one["what"] for one in commands.json("log", CLUSTER) if one["kind"] == "agreement:reminder:sent"]


def test_each_person_gets_one_mail_of_everything_and_only_once(commands: Commands) -> None:
    found = planned(commands)
    assert [len(mail["reminders"]) for mail in found["mails"]] == [2] * 6
    assert {one["rule"] for one in found["mails"][0]["reminders"]} == {"signature", "approval"}
    head = commands.head()
    assert "6 mails sent" in commands.ok("remind", "--send")
    assert commands.head() != head
    files = sorted((commands.workspace / "utboks").glob("*.eml"))
    assert len(files) == 6
    assert not any("kontakt" in file.name for file in files)
    letter = message_from_bytes(files[0].read_bytes(), policy=default)
    assert letter["X-Unsent"] == "1"
    assert len(recorded(commands)) == 12
    assert planned(commands)["mails"] == []
    assert "0 mails sent" in commands.ok("remind", "--send")
    assert planned(commands, "2026-03-03")["mails"] == []
    assert len(planned(commands, "2026-03-09")["mails"]) == 6


def test_what_the_mail_says(commands: Commands, golden: Callable[[str, str], None]) -> None:
    commands.ok("remind", "--send")
    letters = [
        message_from_bytes(file.read_bytes(), policy=default) for file in (commands.workspace / "utboks").glob("*.eml")
    ]
    letter = next(one for one in letters if "Ingrid" in str(one["To"]))
    assert letter["Subject"] == "2 påminnelser: Kunnskapskommunen Helse Omsorg Vest"
    assert str(letter["From"]) == '"KSF Vest: Kari Koordinator" <klynge@example.no>'
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "nb"
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    golden("paaminnelse.txt", text.replace("\r\n", "\n"))
    golden("paaminnelse.html", html.replace("\r\n", "\n"))


def test_a_holiday_sends_nothing(commands: Commands) -> None:
    found = planned(commands, "2026-04-03")
    assert (found["working_day"], found["mails"]) == (False, [])
    assert "no working day" in commands.ok("remind", "--on", "2026-04-03")


def test_nothing_is_sent_for_another_day_or_without_a_sender(commands: Commands) -> None:
    assert "another day" in commands.refused("remind", "--send", "--on", "2026-03-03")
    (commands.workspace / "ksf.toml").write_text("", encoding="utf-8")
    assert "sender" in commands.refused("remind", "--send")


def test_who_has_had_a_mail_today_gets_the_rest_another_day(commands: Commands) -> None:
    commands.ok("remind", "--send")
    commands.ok("issue", "alle-valg", "--on", "2026-01-12")
    commands.edit("arne.kontakt@trondheim.example.no", FIRST, "alle-valg")
    commands.ok("open-signing", "alle-valg", "--on", "2026-02-02")
    found = planned(commands)
    assert FIRST not in {mail["to"] for mail in found["mails"]}
    assert found["postponed"] == 1
    assert FIRST in {mail["to"] for mail in planned(commands, "2026-03-03")["mails"]}


def test_without_an_address_the_cluster_leader_is_told(commands: Commands) -> None:
    commands.edit("        email: david.kontakt@austrheim.example.no\n", "")
    leader = next(mail for mail in planned(commands)["mails"] if mail["to"] == "lise.leder@bergen.example.no")
    assert {one["party"] for one in leader["reminders"]} == {"4632"}


def test_whoever_is_told_instead_hears_why(commands: Commands) -> None:
    """The cluster leader is no FoUI contact: the mail says what it comes to her as."""
    commands.edit("        email: david.kontakt@austrheim.example.no\n", "")
    commands.ok("remind", "--send")
    text = plain_text(commands, "Lise Leder")
    assert "som klyngeleder for Kunnskapskommunen" in text
    assert "ingen FoUI-kontakt for Austrheim kommune har e-postadresse" in text
    assert "fordi du er" not in text
    commands.edit("  email: lise.leder@bergen.example.no\n", "")
    commands.edit("        email: eli.kontakt@bjornafjorden.example.no\n", "")
    commands.ok("remind", "--send")
    assert "som FoUI-kontakt for motorkommunen i Kunnskaps" in plain_text(commands, "Anne Kontakt")


def plain_text(commands: Commands, name: str) -> str:
    letters = [
        message_from_bytes(file.read_bytes(), policy=default) for file in (commands.workspace / "utboks").glob("*.eml")
    ]
    letter = next(one for one in letters if name in str(one["To"]))
    return str(letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_who_shares_a_mailbox_gets_one_mail_with_both_names(commands: Commands) -> None:
    commands.edit("eli.kontakt@bjornafjorden.example.no", "David.Kontakt@AUSTRHEIM.example.no")
    mail = next(one for one in planned(commands)["mails"] if "David" in one["name"])
    assert mail["name"] == "David Kontakt og Eli Kontakt"
    assert {one["party"] for one in mail["reminders"]} == {"4632", "4624"}
    assert "5 mails sent" in commands.ok("remind", "--send")
    assert planned(commands)["mails"] == []


def two_contacts(commands: Commands) -> str:
    """Let a municipality have two FoUI contacts, and return the second one's address."""
    first = f"        email: {FIRST}\n"
    commands.edit(first, f"{first}      - name: Dora Kontakt\n        email: dora@austrheim.example.no\n")
    return "dora@austrheim.example.no"


def test_of_two_contacts_the_one_whose_mail_was_refused_is_reminded_again(commands: Commands) -> None:
    second = two_contacts(commands)
    mailbox = Mailbox(refuse={second: ["550 no such user"]})
    with mail_server(mailbox) as port:
        settings(commands, host="127.0.0.1", port=port, security="none")
        assert commands("remind", "--send").code == 3
        assert [one["to"] for one in planned(commands)["mails"]] == [second]
        assert "1 mail sent" in commands.ok("remind", "--send")
    assert planned(commands)["mails"] == []
    assert [to for to, _ in mailbox.letters].count((FIRST,)) == 1


def test_of_two_contacts_the_one_who_had_another_mail_today_gets_the_rest(commands: Commands) -> None:
    second = two_contacts(commands)
    commands.ok("issue", "alle-valg", "--on", "2026-01-12")
    commands.edit("arne.kontakt@trondheim.example.no", second, "alle-valg")
    commands.ok("open-signing", "alle-valg", "--on", "2026-02-02")
    commands.ok("remind", "--send", "alle-valg")
    commands.ok("remind", "--send")
    assert planned(commands)["postponed"] == 1
    (mail,) = planned(commands, "2026-03-03")["mails"]
    assert (mail["to"], {one["party"] for one in mail["reminders"]}) == (second, {"4632"})


def test_somebody_new_is_told_and_somebody_erased_may_have_been_anybody(commands: Commands) -> None:
    commands.ok("remind", "--send")
    commands.edit(FIRST, "dora@austrheim.example.no")
    assert [one["to"] for one in planned(commands, "2026-03-03")["mails"]] == ["dora@austrheim.example.no"]
    commands.ok("erase", "--name", "David Kontakt", "--reason", "har sluttet")
    assert planned(commands, "2026-03-03")["mails"] == []


def test_settings_that_cannot_be_read_send_nothing(commands: Commands) -> None:
    """Else a rule that somebody meant to turn off would go on."""
    with (commands.workspace / "ksf.toml").open("a", encoding="utf-8") as file:
        file.write("[reminders.signatur]\noff = true\n")
    ran = commands("remind")
    assert (ran.code, "'signature'" in ran.err) == (0, True)
    ran = commands("remind", "--send")
    assert ran.code == 1
    assert "Nothing was sent" in ran.err
    assert recorded(commands) == []


def test_a_cluster_file_with_errors_is_told_and_what_was_issued_serves(commands: Commands) -> None:
    commands.edit("agreement: ksf-cluster", "agreement: [")
    ran = commands("remind")
    assert CLUSTER in ran.err
    assert "have errors" in ran.err
    assert ran.out.count("To ") == 6


def test_a_real_server_gets_every_mail(commands: Commands) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        settings(commands, host="127.0.0.1", port=port, security="none")
        assert "6 mails sent" in commands.ok("remind", "--send")
        assert "0 mails sent" in commands.ok("remind", "--send")
    assert len(mailbox.letters) == len({to for to, _ in mailbox.letters}) == 6
    letter = next(one for one in mailbox.parsed() if "Ingrid" in str(one["To"]))
    assert letter["X-Unsent"] is None
    assert "Voss herad" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert not list((commands.workspace / "utboks").glob("**/*.json"))


def test_a_refused_recipient_is_told_and_the_rest_goes_on(commands: Commands) -> None:
    mailbox = Mailbox(refuse={FIRST: ["550 no such user"]})
    with mail_server(mailbox) as port:
        settings(commands, host="127.0.0.1", port=port, security="none")
        ran = commands("remind", "--send")
        assert ran.code == 3
        assert FIRST in ran.err
        assert "550" in ran.err
        assert "5 mails sent" in ran.out
        assert len(mailbox.letters) == 5
        assert "1 mail sent" in commands.ok("remind", "--send")  # the next run tries again, and only that one
    assert [to for to, _ in mailbox.letters].count((FIRST,)) == 1


def test_a_temporary_refusal_is_tried_again(commands: Commands) -> None:
    mailbox = Mailbox(refuse={FIRST: ["451 later", "421 later still"]})
    with mail_server(mailbox) as port:
        settings(commands, host="127.0.0.1", port=port, security="none")
        assert "6 mails sent" in commands.ok("remind", "--send")


@pytest.mark.parametrize("where", ["message"])
def test_a_connection_cut_in_the_message_is_made_again(where: str, commands: Commands) -> None:
    with broken_server(where) as (port, taken):
        settings(commands, host="127.0.0.1", port=port, security="none")
        assert "6 mails sent" in commands.ok("remind", "--send")
    assert len(taken) == 6
    assert len(recorded(commands)) == 12


def test_a_connection_cut_before_the_answer_is_never_sent_twice_by_itself(commands: Commands) -> None:
    with broken_server("end") as (port, taken):
        settings(commands, host="127.0.0.1", port=port, security="none")
        ran = commands("remind", "--send")
        assert ran.code == 3
        assert "perhaps sent" in ran.err
        assert "--unsettled" in ran.err
        assert len(taken) == 5
        assert commands("remind", "--send").code == 3
        assert len(taken) == 5
        assert "1 mail is settled" in commands.ok("remind", "--unsettled", "again")
        assert "1 mail sent" in commands.ok("remind", "--send")
    assert len(taken) == 6
    assert len(recorded(commands)) == 12


@pytest.mark.parametrize("answer", ["251 taken, and forwarded", "200 fine"])
def test_every_yes_is_a_yes(answer: str, commands: Commands) -> None:
    with mail_server(Mailbox(answer=answer)) as port:
        settings(commands, host="127.0.0.1", port=port, security="none")
        assert "6 mails sent" in commands.ok("remind", "--send")
    assert len(recorded(commands)) == 12


@pytest.mark.parametrize("answer", ["thank you", "354 go on", "250 " + "x" * 9000])
def test_an_answer_that_is_neither_yes_nor_no_is_never_sent_twice_by_itself(answer: str, commands: Commands) -> None:
    """The whole mail was handed over, and nobody said that it was refused."""
    mailbox = Mailbox(answer=answer)
    with mail_server(mailbox) as port:
        settings(commands, host="127.0.0.1", port=port, security="none")
        assert "perhaps sent" in commands("remind", "--send").err
        assert len(mailbox.letters) == 6
        mailbox.answer = "250 taken"
        commands("remind", "--send")
    assert len(mailbox.letters) == 6


def test_a_mail_that_was_sent_after_all_is_recorded(commands: Commands) -> None:
    with broken_server("end", times=1) as (port, _):
        settings(commands, host="127.0.0.1", port=port, security="none")
        commands("remind", "--send")
    assert len(recorded(commands)) == 10
    commands.ok("remind", "--unsettled", "sent")
    assert len(recorded(commands)) == 12
    assert planned(commands)["mails"] == []


def test_a_run_that_is_killed_has_sent_nothing_twice_and_says_what_is_left(commands: Commands) -> None:
    """Killed when the server has its first mail and before the register knows: a person settles that one."""
    run: list[subprocess.Popen[str]] = []

    class Killer(Mailbox):
        async def handle_DATA(self, *said: Any) -> str:  # noqa: N802
            answer = await super().handle_DATA(*said)
            if len(self.letters) == 1:
                run[0].kill()
                run[0].wait()
            return answer

    mailbox = Killer()
    with mail_server(mailbox) as port:
        settings(commands, host="127.0.0.1", port=port, security="none")
        run.append(start_program("-w", commands.workspace, "remind", "--send"))
        run[0].communicate()
        assert run[0].returncode == -signal.SIGKILL
        assert recorded(commands) == []
        ran = commands("remind", "--send")
        assert (ran.code, "5 mails sent" in ran.out) == (3, True)
        assert "perhaps sent" in ran.err
        first, *others = [to for to, _ in mailbox.letters]
        assert first not in others
        commands.ok("remind", "--unsettled", "sent")
        assert "0 mails sent" in commands.ok("remind", "--send")
    assert len({to for to, _ in mailbox.letters}) == len(mailbox.letters) == 6
    assert len(recorded(commands)) == 12
    commands.ok("verify")


def test_of_several_that_may_have_been_sent_each_is_settled_by_itself(commands: Commands) -> None:
    with broken_server("end", times=6) as (port, _):
        settings(commands, host="127.0.0.1", port=port, security="none")
        commands("remind", "--send")
    assert FIRST in commands("remind").err  # also who only looks is told, and of whom
    commands.refused("remind", "--unsettled", "sent", "--to", "nobody@example.no")
    commands.refused("remind", "--to", FIRST)
    assert FIRST in commands.ok("remind", "--unsettled", "sent", "--to", FIRST.upper())
    assert len(recorded(commands)) == 2
    assert "5 mails are settled" in commands.ok("remind", "--unsettled", "again")
    assert FIRST not in {mail["to"] for mail in planned(commands)["mails"]}
    assert len(planned(commands)["mails"]) == 5


def test_an_unreachable_server_is_told_and_nothing_is_recorded(commands: Commands) -> None:
    with broken_server("greeting", times=99) as (port, _):
        settings(commands, host="127.0.0.1", port=port, security="none")
        ran = commands("remind", "--send")
    assert ran.code == 3
    assert "cannot be reached" in ran.err
    assert recorded(commands) == []
    assert not list((commands.workspace / "utboks").glob("**/*.json"))


def test_a_server_that_says_nothing_is_given_up(commands: Commands) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings(commands, host="127.0.0.1", port=listener.getsockname()[1], security="none", timeout=1)
        ran = commands("remind", "--send")
    assert ran.code == 3
    assert "cannot be reached" in ran.err


def test_two_runs_at_once_send_nothing_twice(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other run has a mail on its way: this one leaves it alone."""
    mailbox = Mailbox()
    begun: list[str] = []
    original = Notes.begin

    def begin(self: Notes, key: str, data: bytes) -> bool:
        if not begun:
            begun.append(key)
            assert original(self, key, data)  # another process was first
        return original(self, key, data)

    monkeypatch.setattr(Notes, "begin", begin)
    with mail_server(mailbox) as port:
        settings(commands, host="127.0.0.1", port=port, security="none")
        ran = commands("remind", "--send")
    assert len(mailbox.letters) == 5
    assert "being sent" in ran.err


def test_a_mail_that_may_have_been_sent_holds_back_whatever_else_would_go_there(commands: Commands) -> None:
    """Otherwise the same would go once more with the next that is due."""
    with broken_server("end", times=1) as (port, taken):
        settings(commands, host="127.0.0.1", port=port, security="none")
        assert commands("remind", "--send").code == 3
        commands.ok("issue", "alle-valg", "--on", "2026-01-12")
        commands.edit("arne.kontakt@trondheim.example.no", FIRST, "alle-valg")
        commands.ok("open-signing", "alle-valg", "--on", "2026-02-02")
        ran = commands("remind", "--send")
        assert ran.code == 3
        assert "perhaps sent" in ran.err
        assert "was not sent" not in ran.err
    assert len(taken) == 5 + 2  # the other two of alle-valg


def test_what_another_run_has_sent_meanwhile_is_not_sent_again(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other run was of one agreement, so that its mail said less."""
    commands.ok("issue", "alle-valg", "--on", "2026-01-12")
    commands.edit("arne.kontakt@trondheim.example.no", FIRST, "alle-valg")
    commands.ok("open-signing", "alle-valg", "--on", "2026-02-02")
    desk = ksf_agreements.app.App.open(str(commands.workspace)).desk()
    everything = reminding.plan(desk, TODAY)
    monkeypatch.setattr("ksf_agreements.cli.remind.plan", lambda *_: everything)
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        settings(commands, host="127.0.0.1", port=port, security="none")
        for mail in everything.mails:
            if mail.address == FIRST:
                items = tuple((one.cluster, one.reminder.rule.code, one.reminder.subject) for one in mail.items[:1])
                mailing.record(desk, mailing.Note(mail.mailbox, mail.address, mail.name, items))
        ran = commands("remind", "--send")
    assert (ran.code, (FIRST,) in [to for to, _ in mailbox.letters]) == (3, False)
    assert "another run" in ran.err


def test_an_outbox_that_cannot_be_written_sends_nothing(commands: Commands) -> None:
    (commands.workspace / "utboks").write_text("a file in its place")
    ran = commands("remind", "--send")
    assert ran.code == 3
    assert "cannot be written" in ran.err
    assert "6 mails were not sent" in ran.err
    assert recorded(commands) == []


def certificate(path: Path) -> Path:
    """Write a key and a certificate of this machine, for a day, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    day = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day - timedelta(days=1))
        .not_valid_after(day + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_starttls_with_a_password_from_a_file(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path / "here.pem")
    mailbox = Mailbox()
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    (tmp_path / "passord.txt").write_text(f"{SECRET}\n", encoding="utf-8")
    with mail_server(mailbox, tls=file, password=SECRET) as port:
        where = {"host": "localhost", "port": port, "user": "klynge"}
        settings(commands, **where)
        assert "KSF_SMTP_PASSWORD" in commands.refused("remind", "--send")
        for wrong, told in (("feil", "does not accept"), ("blåbær", "letters")):
            monkeypatch.setenv("KSF_SMTP_PASSWORD", wrong)
            ran = commands("remind", "--send")
            assert ran.code == 3
            assert told in ran.err
            assert wrong not in ran.err
        monkeypatch.delenv("KSF_SMTP_PASSWORD")
        settings(commands, **where, password_file=str(tmp_path / "passord.txt"))
        assert "6 mails sent" in commands.ok("remind", "--send")


def test_a_certificate_that_is_not_trusted_sends_nothing(commands: Commands, tmp_path: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, tls=certificate(tmp_path / "here.pem")) as port:
        settings(commands, host="localhost", port=port)
        ran = commands("remind", "--send")
    assert ran.code == 3
    assert "safely" in ran.err
    assert mailbox.letters == []


def test_a_server_elsewhere_must_be_asked_in_safety(commands: Commands) -> None:
    settings(commands, host="smtp.example.no", security="none")
    assert "starttls" in commands.refused("remind", "--send")


def test_a_workspace_has_its_own_words(commands: Commands) -> None:
    folder = commands.workspace / "mail"
    folder.mkdir()
    (folder / "paaminnelse.nb.txt").write_text("Kjære {{ name }}: {{ clusters[0].items[0].what }}\n", encoding="utf-8")
    commands.ok("remind", "--send")
    file = next((commands.workspace / "utboks").glob("*.eml"))
    text = message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.startswith("Kjære ")
    assert "registrert" in text


@pytest.mark.parametrize(
    "words",
    [
        "{{ nmae }}",
        "{% if %}",
        "{{ name",
        "{{ ''.__class__.__mro__ }}",
        "{{ 1 / 0 }}",
        "{{ '{1}'.format(name) }}",
        "{{ '{x}'.format(name) }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    ],
)
def test_a_template_that_cannot_be_used_is_told_and_nothing_is_sent(words: str, commands: Commands) -> None:
    folder = commands.workspace / "mail"
    folder.mkdir()
    (folder / "paaminnelse.nb.html").write_text(f"<p>\n{words}", encoding="utf-8")
    told = commands.refused("remind", "--send")
    assert "paaminnelse.nb.html" in told
    assert "line 2" in told
    assert not list((commands.workspace / "utboks").glob("*.eml"))


def test_nynorsk_agreements_are_reminded_of_in_nynorsk(commands: Commands) -> None:
    from ksf_agreements.domain.cluster import Language
    from ksf_agreements.services.reminders import reminding
    from ksf_agreements.services.reminders import words as reminder_text

    desk = ksf_agreements.app.App.open(str(commands.workspace)).desk()
    mail = reminding.plan(desk, date(2026, 3, 2)).mails[0]
    letter = reminder_text.letter(
        reminding.Mail(mail.name, mail.address, Language.NN, mail.items),
        Sender("a@example.no"),
        TODAY,
        desk.workspace.root,
    )
    assert "påminning frå" in letter.text
    assert "ventar på signaturen" in letter.html
    assert letter.language == "nn"


HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Content-Language",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
}
SECRET = "".join(("hemmelig", " ", "ord"))
NASTY = st.text(st.characters(codec="utf-8"), min_size=1, max_size=80)


@given(NASTY, NASTY, NASTY)
def test_a_mail_says_exactly_what_it_was_given_or_is_refused(name: str, subject: str, body: str) -> None:
    """Hostile values: headers stay one line each, and the words come out as they went in."""
    letter = Letter("k" * 20, name, "a@example.no", " ".join(subject.split()) or "x", body, f"<p>{body}</p>", "nb")
    try:
        data = compose(letter, Sender("klynge@example.no", "KSF"), datetime(2026, 3, 2, 8, tzinfo=UTC), draft=False)
    except UnmailableError:
        return
    read = message_from_bytes(data, policy=default)
    assert set(read.keys()) == HEADERS
    assert [one.addr_spec for one in read["To"].addresses] == ["a@example.no"]
    assert read["To"].addresses[0].display_name in {name, ""}
    assert read["Subject"] == letter.subject
    got = read.get_body(("plain",)).get_content().replace("\r\n", "\n")
    # Lines end in one way in a mail, and its last one ends.
    assert got.removesuffix("\n") == re.sub("\r\n?", "\n", body).removesuffix("\n")


def test_the_client_trusts_only_certificates_that_are_good() -> None:
    context = Smtp("localhost", 25).context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
