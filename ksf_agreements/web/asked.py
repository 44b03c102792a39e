"""The fields of a form as a table, and the answers that came, each with what is wrong with it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.datastructures import UploadFile

from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.values import Fault, is_blank, unprintable
from ksf_agreements.services.desk import FILE_LIMIT
from ksf_agreements.text import T, Text
from ksf_agreements.web.days import read_day
from ksf_agreements.web.visit import Visit

LINE_LIMIT = 300
ENDINGS = frozenset({".pdf", ".docx", ".png", ".jpg", ".jpeg", ".tif", ".tiff"})


class Kind(StrEnum):
    """What a field takes."""

    DAY = "day"
    LINE = "line"
    CHOICE = "choice"
    YES = "yes"
    FILE = "file"
    MANY = "many"
    """Several of the choices; the words are their values, with blanks between."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `choices` are values with their words; `start` is what stands there before anybody has answered.

    `suggested` names the page's list of suggestions for a line.
    """

    name: str
    label: Text
    kind: Kind = Kind.LINE
    help: Text | None = None
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    start: str = ""
    suggested: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came: the words as they were typed, the dates they mean, and what is wrong with them, by field."""

    words: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)
    faults: Mapping[str, Text] = field(default_factory=dict)

    def day(self, name: str, otherwise: date) -> date:
        """Return the date of a field, or another where none was given."""
        return self.days.get(name, otherwise)

    def __getitem__(self, name: str) -> str:
        return self.words.get(name, "")


def started(fields: Sequence[Field], **given: str) -> Answers:
    """Return the answers that a form begins with."""
    return Answers({one.name: given.get(one.name) or one.start for one in fields})


def answered(visit: Visit, fields: Sequence[Field]) -> Answers:
    """Return the answers that came with a form."""
    words: dict[str, str] = {}
    days: dict[str, date] = {}
    faults: dict[str, Text] = {}
    for one in fields:
        if one.kind is Kind.FILE:
            continue
        text = words[one.name] = _said(visit, one)
        if fault := _fault(one, text):
            faults[one.name] = fault
        elif one.kind is Kind.DAY and text:
            day, fault = day_of(text)
            days |= {one.name: day} if day else {}
            faults |= {one.name: fault} if fault else {}
    return Answers(words, days, faults)


def _said(visit: Visit, one: Field) -> str:
    if one.kind is not Kind.MANY:
        return visit.text(one.name)
    return " ".join(value for value in visit.form.getlist(one.name) if isinstance(value, str))


def _fault(one: Field, text: str) -> Text | None:
    known = {value for value, _ in one.choices}
    if one.kind is Kind.MANY and text:
        return None if known.issuperset(text.split()) else T("Choose one of those in the list.")
    if fault := line_fault(text, required=one.required):
        return fault
    if one.kind is Kind.CHOICE and text and text not in known:
        return T("Choose one of those in the list.")
    return None


def line_fault(text: str, *, required: bool) -> Text | None:
    """Return what is wrong with one line of text, or None."""
    if not text:
        return T("This must be filled in.") if required else None
    if unprintable(text) or is_blank(text) or "\n" in text:
        return T("There is a sign here that cannot be kept. Type it anew.")
    if len(text) > LINE_LIMIT:
        return T("This is too long: at most {limit} letters.", limit=LINE_LIMIT)
    return None


def day_of(text: str) -> tuple[date | None, Text | None]:
    """Return the date that was typed, or what is wrong with it; neither where nothing was."""
    if not text:
        return None, None
    try:
        return read_day(text), None
    except Fault as fault:
        if fault.mend is None:
            return None, T("{message}.", message=fault.message)
        return None, T("{message}. {mend}", message=fault.message, mend=fault.mend)


def file_of(visit: Visit, name: str) -> UploadFile | None:
    """Return the file of a field; None where none was chosen."""
    found = visit.form.get(name)
    return found if isinstance(found, UploadFile) and (found.filename or found.size) else None


def read_upload(upload: UploadFile) -> bytes:
    """Return what is in a file that was sent. Raises `Refused` for an empty or a too large one."""
    upload.file.seek(0)
    data = upload.file.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        raise Refused(T("The file is larger than {limit} MB. Nothing was recorded.", limit=FILE_LIMIT // 2**20))
    if not data:
        raise Refused(T("The file is empty. Nothing was recorded; choose another."))
    return data


@contextmanager
def uploaded(visit: Visit, name: str) -> Iterator[Path | None]:
    """Give the file of a field as a file on the disk, under a name of ours, for as long as the block lasts."""
    upload = file_of(visit, name)
    if upload is None:
        yield None
        return
    data = read_upload(upload)
    ending = Path(upload.filename or "").suffix.lower()
    with TemporaryDirectory(prefix="ksf-web-") as folder:
        path = Path(folder) / f"vedlegg{ending if ending in ENDINGS else ''}"
        path.write_bytes(data)
        yield path
