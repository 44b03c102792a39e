"""The tables of ksf.toml: mail, the yearly tasks' days, and what is changed in the rules of reminders; each typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ksf_agreements.domain.recurring import MonthDay, YearPlan
from ksf_agreements.domain.schedule import RULES, Recipient, Rule
from ksf_agreements.domain.values import Email, Line
from ksf_agreements.text import T, Text


class Security(StrEnum):
    """How the connection to a mail server is protected; `none` is for this machine's own only."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class MailSettings(_Table):
    """How mail leaves: into the folder `outbox` as .eml files, or by SMTP where a `host` is named.

    `sender` and `sender_name` are who it is from. `password_file` is a file outside the workspace's own files; the
    environment's KSF_SMTP_PASSWORD goes before it. `timeout` is in seconds.
    """

    sender: Annotated[Email | None, Field(examples=['"klynge@example.no"'])] = None
    sender_name: Annotated[Line | None, Field(examples=['"KSF Vest"'])] = None
    outbox: Annotated[Line, Field(examples=['"utboks"'])] = "utboks"
    host: Annotated[Line | None, Field(examples=['"smtp.example.no"'])] = None
    port: Annotated[int, Field(ge=1, le=65535, examples=["587"])] = 587
    security: Annotated[Security, Field(strict=False, examples=['"starttls"'])] = Security.STARTTLS
    user: Annotated[Line | None, Field(examples=['"klynge@example.no"'])] = None
    password_file: Annotated[Line | None, Field(examples=['"../smtp-passord.txt"'])] = None
    timeout: Annotated[int, Field(ge=1, le=600, examples=["30"])] = 30


class _Year(_Table):
    action_plan: Annotated[str, Field(examples=['"01-31"'])] = "01-31"
    annual_report: Annotated[str, Field(examples=['"03-01"'])] = "03-01"
    contact_review: Annotated[str, Field(examples=['"09-01"'])] = "09-01"


_Days: TypeAlias = Annotated[tuple[Annotated[int, Field(ge=-730, le=730)], ...], Field(strict=False, max_length=12)]


class _Change(_Table):
    """What is changed in one rule; what is None stays."""

    off: Annotated[bool, Field(examples=["true"])] = False
    days: Annotated[_Days | None, Field(examples=["[-30, 0]"])] = None
    every: Annotated[int | None, Field(ge=0, le=366, examples=["7"])] = None
    to: Annotated[
        tuple[Annotated[Recipient, Field(strict=False)], ...] | None, Field(strict=False, examples=['["party"]'])
    ] = None


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables say."""

    mail: MailSettings = field(default_factory=MailSettings)
    year: YearPlan = field(default_factory=YearPlan)
    rules: tuple[Rule, ...] = RULES


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in a table: the keys that lead to it, a code, what is wrong, and the mend."""

    path: tuple[str, ...]
    code: str
    message: Text
    mend: Text


def read_tables(values: Mapping[str, Any]) -> tuple[Tables, tuple[Fault, ...]]:
    """Return what the tables of a parsed ksf.toml say, and every fault in them; what has a fault keeps its default."""
    faults: list[Fault] = []
    mail = _read(MailSettings, values.get("mail", {}), ("mail",), faults) or MailSettings()
    days = _read(_Year, values.get("year", {}), ("year",), faults) or _Year()
    year = YearPlan(**{name: _month_day(name, text, faults) for name, text in days})
    return Tables(mail, year, tuple(_rules(values.get("reminders", {}), faults))), tuple(faults)


def _rules(said: Any, faults: list[Fault]) -> Iterator[Rule]:
    if not isinstance(said, dict):
        faults.append(_not_a_table(("reminders",)))
        said = {}
    known = [rule.code for rule in RULES]
    faults += [_unknown(("reminders", code), known) for code in said if code not in known]
    for rule in RULES:
        change = _read(_Change, said.get(rule.code, {}), ("reminders", rule.code), faults) or _Change()
        if change.off:
            continue
        new = {name: value for name in ("days", "every", "to") if (value := getattr(change, name)) is not None}
        if "days" in new:
            new["days"] = tuple(sorted(set(new["days"])))
        yield replace(rule, **new)


def _month_day(name: str, text: str, faults: list[Fault]) -> MonthDay:
    try:
        day = date.fromisoformat(f"2001-{text}")  # a year without 29 February: every year has the day
    except ValueError:
        example = str(_Year.model_fields[name].examples[0])  # type: ignore[index]
        message = T("'{key}' must be a month and a day that every year has", key=name)
        faults.append(
            Fault(("year", name), "not-a-day", message, T("Write {key} = {example}.", key=name, example=example))
        )
        return getattr(YearPlan(), name)  # type: ignore[no-any-return]
    return day.month, day.day


def _read(model: type[_Table], said: Any, path: tuple[str, ...], faults: list[Fault]) -> Any:
    if not isinstance(said, dict):
        faults.append(_not_a_table(path))
        return None
    try:
        return model.model_validate(said)
    except ValidationError as error:
        wrong = {str(fault["loc"][0]): fault["type"] for fault in error.errors()}
        for key, kind in wrong.items():
            faults.append(
                _unknown((*path, key), list(model.model_fields))
                if kind == "extra_forbidden"
                else _wrong(model, (*path, key))
            )
        return model.model_validate({key: value for key, value in said.items() if key not in wrong})


def _wrong(model: type[_Table], path: tuple[str, ...]) -> Fault:
    key = path[-1]
    example = str((model.model_fields[key].examples or [""])[0])
    message = T("'{key}' does not have a value that it can have", key=key)
    return Fault(path, "wrong-value", message, T("Write {key} = {example}.", key=key, example=example))


def _unknown(path: tuple[str, ...], known: list[str]) -> Fault:
    near = get_close_matches(path[-1], known, 1, 0.6)
    mend = T("Did you mean '{name}'?", name=near[0]) if near else T("Choose one of: {names}", names=tuple(known))
    return Fault(path, "unknown-key", T("the key '{key}' is not known here", key=path[-1]), mend)


def _not_a_table(path: tuple[str, ...]) -> Fault:
    name = ".".join(path)
    return Fault(
        path, "not-a-table", T("'{key}' must be a table", key=name), T("Write [{key}] on a line of its own.", key=name)
    )
