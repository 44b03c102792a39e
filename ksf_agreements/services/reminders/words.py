"""The words of a reminder: templates in two languages, as text and as HTML, which a workspace may have its own of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from traceback import walk_tb

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ksf_agreements.delivery.mail import Letter, Sender
from ksf_agreements.documents.wording import joined, written_date
from ksf_agreements.errors import KsfError
from ksf_agreements.i18n import Translator, translator
from ksf_agreements.resources import data_file
from ksf_agreements.services.reminders.reminding import Item, Mail
from ksf_agreements.text import TN, T

FOLDER = "mail"
"""The folder of a workspace in which its own templates stand, by the names of the program's."""
_LIMIT = 100_000
_FAULTS = (
    TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
    MemoryError,
)
"""What somebody's own template may raise: it calls methods of texts, and may call itself."""


class MailTemplateError(KsfError):
    """A workspace's own mail template cannot be used."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One reminder as a template prints it; `due` is '' where no day is set."""

    what: str
    party: str
    due: str
    is_late: bool
    advice: str
    clause: str


@dataclass(frozen=True, slots=True)
class Group:
    """The reminders of one agreement, and as what this person gets them ('cluster leader of ...')."""

    name: str
    because: str
    items: tuple[Line, ...]


def letter(mail: Mail, sender: Sender, on: date, root: Path) -> Letter:
    """Return a mail in words, by the templates of the workspace at ``root`` or the program's own."""
    say = translator(mail.language)
    groups = tuple(_groups(mail, on, say))
    said: dict[str, object] = {
        "name": mail.name,
        "sender": sender.name or sender.address,
        "sender_address": sender.address,
        "clusters": groups,
        "on": written_date(on),
    }
    count = sum(len(group.items) for group in groups)
    names = tuple(group.name for group in groups)
    subject = TN("Reminder: {names}", "{n} reminders: {names}", count, names=names)
    text, html = (_rendered(f"paaminnelse.{mail.language}.{form}", root, said) for form in ("txt", "html"))
    plain = say(T("Reminder of agreements in KSF"))
    return Letter(mail.key, mail.name, mail.address, say(subject), text, html, str(mail.language), plain)


def _groups(mail: Mail, on: date, say: Translator) -> Iterator[Group]:
    for cluster in dict.fromkeys(item.cluster for item in mail.items):
        mine = [item for item in mail.items if item.cluster == cluster]
        # Who is cluster leader and coordinator in one is told each fact once.
        once = {(item.reminder.rule.code, item.reminder.occasion.key): item for item in reversed(mine)}
        lines = tuple(_line(item, on, say) for item in reversed(once.values()))
        reasons = dict.fromkeys(say(item.because) for item in mine if item.because is not None)
        yield Group(mine[0].name, joined(tuple(reasons)), lines)


def _line(item: Item, on: date, say: Translator) -> Line:
    occasion = item.reminder.occasion
    due = written_date(occasion.due) if occasion.due else ""
    late = occasion.due is not None and occasion.due < on
    return Line(say(occasion.what), item.party, due, late, say(item.reminder.rule.advice), occasion.clause)


def _rendered(name: str, root: Path, said: dict[str, object]) -> str:
    own = root / FOLDER / name
    file = own if own.is_file() else data_file("mail") / name
    try:
        text = _template(file, file.stat().st_mtime_ns).render(said)
    except _FAULTS as fault:
        line = getattr(fault, "lineno", None) or _line_of(fault)
        message = T(
            "The mail template {file} cannot be used (line {line}). Nothing was sent. Mend it, or remove it: then the "
            "program's own is used.",
            file=f"{FOLDER}/{name}",
            line=str(line),
        )
        raise MailTemplateError(message) from fault
    return text


def _line_of(fault: BaseException) -> int | str:
    """Return the line of the template that a fault arose in, which jinja writes into the traceback."""
    lines = [line for frame, line in walk_tb(fault.__traceback__) if frame.f_code.co_filename == "<template>"]
    return lines[-1] if lines else "?"


@lru_cache(maxsize=16)
def _template(file: Path, changed: int) -> Template:  # noqa: ARG001 (a changed file is read anew)
    with file.open(encoding="utf-8") as source:
        text = source.read(_LIMIT + 1)
    if len(text) > _LIMIT:
        raise ValueError("too long")
    environment = ImmutableSandboxedEnvironment(
        autoescape=file.suffix == ".html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(text)
