"""A mail as a value, and as the bytes that a mail server or Outlook reads: plain text and HTML of the same."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime

from ksf_agreements.errors import KsfError
from ksf_agreements.text import T


class UnmailableError(KsfError):
    """A name or an address cannot stand in a mail's header."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mail is from."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person. `key` makes its Message-ID and its file's name: it says nothing of anybody."""

    key: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    language: str


def compose(letter: Letter, sender: Sender, at: datetime, *, draft: bool) -> bytes:
    """Return the mail's bytes. A ``draft`` is opened by Outlook ready to be sent. Raises `UnmailableError`."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = _address(sender.name, sender.address)
        message["To"] = _address(letter.to_name, letter.to_address)
        message["Subject"] = letter.subject
        if str(message["Subject"]) != letter.subject:
            raise ValueError(letter.subject)
    except (ValueError, IndexError) as fault:
        who = letter.to_name or letter.to_address
        raise UnmailableError(
            T("No mail can be addressed to {name}: the name or the address is wrong.", name=who)
        ) from fault
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{letter.key}@{sender.address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday greeting is to answer it
    if draft:
        message["X-Unsent"] = "1"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.language  # after the contents, which take such headers with them
    return message.as_bytes()


def _address(name: str, address: str) -> Address:
    """Return an address with its name; a name that a header would change is left to the mail's own text."""
    made = Address(name, addr_spec=address)
    header = EmailMessage(policy=SMTP)
    with suppress(ValueError, IndexError):  # a line break, say
        header["To"] = made
        read = message_from_bytes(header.as_bytes(), policy=default)["To"].addresses
        if [(one.display_name, one.addr_spec) for one in read] == [(name, address)]:
            return made
    return Address("", addr_spec=address)
