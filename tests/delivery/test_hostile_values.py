"""Five hundred hostile values through the channels: exact or refused, never changed in silence."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import lxml.html
import pytest

from ksf_agreements.cli.views import as_csv
from ksf_agreements.delivery.calendar import Entry, UncalendarError, calendar_file
from ksf_agreements.delivery.mail import Letter, Sender, UnmailableError, compose
from ksf_agreements.documents.wording import joined
from ksf_agreements.domain.cluster import Language
from ksf_agreements.domain.schedule import RULES, Occasion, Recipient, Reminder
from ksf_agreements.services.reminders.reminding import Item, Mail
from ksf_agreements.services.reminders.words import letter
from ksf_agreements.text import T
from tests.delivery import rfc5545
from tests.hostile import hostile_values

VALUES = list(hostile_values())
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = date(2026, 3, 2)


def test_there_are_five_hundred_and_all_differ() -> None:
    assert len(set(VALUES)) == 500


def test_mail_headers() -> None:
    for value in VALUES:
        made = Letter("k" * 20, value, "a@example.no", value, "x", "<p>x</p>", "nb", "KSF")
        data = compose(made, Sender("b@example.no", value), AT, draft=False)
        read = message_from_bytes(data, policy=default)
        assert sorted(read.keys()) == sorted(
            ["From", "To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted", "MIME-Version",
             "Content-Type"]
        ), repr(value)  # fmt: skip
        assert str(read["Subject"]) in {value, "KSF"}, repr(value)
        for header, address in (("To", "a@example.no"), ("From", "b@example.no")):
            (one,) = read[header].addresses
            assert (one.addr_spec, one.display_name in {value, ""}) == (address, True), repr(value)


@pytest.mark.parametrize("address", ["a@b\r\nBcc: c@example.no", "a b@example.no", "", "a@", "<a@example.no>"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UnmailableError):
        compose(Letter("k", "A", address, "x", "x", "x", "nb"), Sender("b@example.no"), AT, draft=False)


def test_the_words_of_a_mail(tmp_path: Path) -> None:
    """Names go into the text as they are, and into the HTML so that a reader sees them as they are."""
    rule = next(rule for rule in RULES if rule.code == "signature")
    reminder = Reminder(rule, Occasion("signature", DAY, DAY, "13", "4621", 2), DAY, Recipient.PARTY)
    for value in VALUES:
        item = Item("klynge", value, reminder, value, T("{party}", party=value))
        made = letter(Mail(value, "a@example.no", Language.NB, (item,)), Sender("b@example.no", value), DAY, tmp_path)
        assert f"Hei {value}!" in made.text
        assert f"({value})" in made.text or not value
        if "\x00" not in value and all(ord(letter) > 31 or letter in "\t\n" for letter in value):  # what XML can hold
            page = lxml.html.fromstring(made.html)
            plain = value.replace("\r\n", "\n")
            assert page.findtext(".//h2") == plain or not plain.strip(), repr(value)
            assert not page.xpath("//script | //img | //@onerror"), repr(value)
        data = compose(made, Sender("b@example.no"), AT, draft=True)
        body = message_from_bytes(data, policy=default).get_body(("plain",))
        assert body is not None
        assert "".join(body.get_content().split()) == "".join(made.text.split()), repr(value)


def test_calendars() -> None:
    for number, value in enumerate(VALUES):
        entry = Entry(f"{number}@x", 1, DAY, value or "x", value or "x", "KSF")
        try:
            data = calendar_file([entry], value or "x", "nb", AT)
        except UncalendarError:
            assert re.search(r"[\x00-\x08\x0b-\x1f\x7f\ufeff]", value), repr(value)
            continue
        (event,) = rfc5545.read(data).inner
        assert event.value("SUMMARY") == (value or "x"), repr(value)


def test_csv_is_read_back_and_holds_no_formula() -> None:
    rows = [(value, "x") for value in VALUES]
    read = list(csv.reader(io.StringIO(as_csv(("a", "b"), rows), newline=""), delimiter=";"))
    for value, row in zip(VALUES, read[1:], strict=True):
        guarded = value[:1] in {"=", "+", "-", "@", "\t", "\r"}
        # A guard that is documented: an apostrophe before what a spreadsheet would take for a formula.
        assert row[0] == (f"'{value}" if guarded else value), repr(value)


def test_lists_of_names_lose_nothing() -> None:
    for value in VALUES:
        assert value in joined([value, "A"])
