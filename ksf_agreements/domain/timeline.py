"""What the register keeps ready for quick answers: the status of an agreement from day to day, and what is due.

Derived from the events alone, and recomputed with every change from the first day that it changes; `ksf verify`
compares it with a fresh derivation. The status changes only on a few days, so a list of segments answers every date.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.deadlines import LASTING, Obligation, obligations
from ksf_agreements.domain.events import Event, EventVoided
from ksf_agreements.domain.folded import Folded, read
from ksf_agreements.domain.status import AgreementStatus, PartyState, status_of

DERIVATION = 4
"""The number of this way of deriving: raise it with every change of what it says; then registers are derived anew."""

FAR = date(9999, 1, 1)
"""A day after everything that can be recorded."""

_GONE = frozenset({PartyState.LEFT, PartyState.DECLINED})
_ONE_DAY = timedelta(days=1)
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)  # made once: `dumps` makes one for each call


@dataclass(frozen=True, slots=True)
class Derived:
    """The derived rows of one agreement.

    `segments` are (first day, summary as JSON), each true until the next; `obligations` are (due, code, party, details
    as JSON).
    """

    segments: tuple[tuple[date, str], ...]
    obligations: tuple[tuple[date, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Since:
    """The first day that new events change, and the summary that stands before it ('' where none does)."""

    day: date = date.min
    summary: str = ""


EVER = Since()
"""Since the beginning."""


def changed_since(event: Event) -> date:
    """Return the first day on which the agreement may be another because of an event.

    A day is read from what had occurred by then, so an event changes no day before its own; but a voided one never was.
    """
    return date.min if isinstance(event.payload, EventVoided) else event.occurred_on


def derive(cluster: str, events: tuple[Event, ...], since: Since = EVER) -> Derived:
    """Return the derived rows of an agreement: its segments since a day (those before stand), and its obligations."""
    segments: list[tuple[date, str]] = []
    occurred = {event.occurred_on for event in events}
    first, last = max(min(occurred, default=FAR), since.day), max(occurred, default=date.min)
    ahead: list[Folded] = []
    before = since.summary
    for day in sorted(day for day in set(_turning_days(cluster, events)) if day >= first):
        folded = read(cluster, events, day)
        summary = _ENCODER.encode(summary_of(folded))
        if summary != before:
            segments.append((day, summary))
            before = summary
        if day >= last:
            ahead.append(folded)
    return Derived(tuple(segments), tuple(_obligations(ahead)))


def _obligations(ahead: Sequence[Folded]) -> Iterator[tuple[date, str, str, str]]:
    """Yield what is due after the last event; ``ahead`` are the readings of that day and of the turning days after."""
    later: list[tuple[Obligation, ...]] | None = None
    for item in obligations(ahead[0]) if ahead else ():
        until = FAR
        if item.code in LASTING:  # until it is no longer asked for, as when the agreement is over
            later = later if later is not None else [obligations(folded) for folded in ahead]
            gone = (folded.on for folded, found in zip(ahead, later, strict=True) if item not in found)
            until = next(gone, FAR) - _ONE_DAY
        details = {"who": item.who, "clause": item.clause, "event": item.event, "until": until.isoformat()}
        yield item.due, item.code, item.party, _ENCODER.encode(details)


def _turning_days(cluster: str, events: tuple[Event, ...]) -> Iterator[date]:
    """Yield every day on which the status may change."""
    for event in events:
        yield event.occurred_on
    whole = read(cluster, events, FAR)
    for binding in whole.bindings:
        yield binding.bound_from
        yield binding.bound_until + _ONE_DAY
    for version in whole.versions:
        months = whole.kind.first_renewal_step(contributions=version.terms.contributions_required)
        yield add_months(version.terms.valid_until, -months) + _ONE_DAY
        yield version.terms.valid_until + _ONE_DAY


def summary_of(folded: Folded) -> dict[str, str | int | None]:
    """Return what an overview shows of an agreement."""
    status = status_of(folded)
    version = folded.version(status.version)
    return {
        "name": status.name,
        "region": version.terms.region if version else "",
        "version": status.version,
        "status": str(status.status),
        "in_force_from": _iso(status.in_force_from),
        "valid_until": _iso(status.valid_until),
        "ends_on": _iso(status.ends_on),
        "signed": status.signed,
        "of": status.of,
        "leaving": sum(party.state is PartyState.LEAVING for party in status.parties),
        "upcoming": _upcoming(status),
        "parties": " ".join(party.municipality for party in status.parties if party.state not in _GONE),
    }


def _upcoming(status: AgreementStatus) -> str:
    coming = status.upcoming
    return f"{coming.basis} {coming.signed}/{coming.of}" if coming else ""


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
