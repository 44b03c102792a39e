"""A mail as a value, and as the bytes that a mail server or Outlook reads: plain text and HTML of the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
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
    """A mail to one person. `key` makes its Message-ID and its file's name: it says nothing of anybody.

    `plain_subject` serves where a header would change the subject; the mail itself says everything.
    """

    key: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    language: str
    plain_subject: str = "KSF"


def compose(letter: Letter, sender: Sender, at: datetime, *, draft: bool) -> bytes:
    """Return the mail's bytes. A ``draft`` is opened by Outlook ready to be sent. Raises `UnmailableError`."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = _address(sender.name, sender.address)
        message["To"] = _address(letter.to_name, letter.to_address)
        message["Subject"] = letter.subject if _survives("Subject", letter.subject) else letter.plain_subject
    except (ValueError, IndexError, MessageError) as fault:
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
    bare = Address("", addr_spec=address)
    try:
        made = Address(name, addr_spec=address)
    except ValueError:  # a line break in the name
        return bare
    return made if _survives("To", made) else bare


def _survives(header: str, value: str | Address) -> bool:
    """Whether a header says exactly this when it is read again."""
    message = EmailMessage(policy=SMTP)
    try:
        message[header] = value
        read = message_from_bytes(message.as_bytes(), policy=default)[header]
    except (ValueError, IndexError):  # a line break, say
        return False
    if isinstance(value, str):
        return str(read) == value
    return [(one.display_name, one.addr_spec) for one in read.addresses] == [(value.display_name, value.addr_spec)]
