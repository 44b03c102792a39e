"""What every decision shares: a payload to append or a refusal, and which version and party are meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from ksf_agreements.domain.events import (
    Event,
    Payload,
)
from ksf_agreements.domain.folded import STATUS_WORDS, Folded
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T, Text


class Refused(KsfError):
    """Something that cannot be recorded: why, and what to do instead. Nothing was written."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall be appended, from which day it counts, and what is unusual about it."""

    payload: Payload
    occurred_on: date
    warnings: tuple[Text, ...] = field(default=())


def not_in_future(day: date, today: date) -> None:
    """Refuse a day that has not come."""
    if day > today:
        raise Refused(
            T("{day} has not come yet; today is {today}. Record it when it has happened.", day=day, today=today)
        )


def the_version(folded: Folded, number: int | None = None, then: Folded | None = None) -> Version:
    """Return the version that is meant: the one named, else the one open for signing, else the one in force.

    ``then`` is the agreement on the day of the fact: what happened to a version that has run out since may still be
    recorded.
    """
    if number is not None:
        named = folded.version(number)
        if named is None:
            raise Refused(T("There is no version {number}. 'ksf status' shows which there are.", number=number))
        return named
    version = folded.open_version or folded.in_force
    if version is None and then is not None:
        past = then.open_version or then.in_force
        version = folded.version(past.number) if past is not None else None
    if version is None and folded.versions:
        newest = folded.versions[-1]
        raise Refused(
            T(
                "Version {number} is over ({status}), and no other is open. Issue a new one with 'ksf renew'.",
                number=newest.number,
                status=STATUS_WORDS[folded.status_of(newest)],
            )
        )
    if version is None:
        raise Refused(T("Nothing has been issued yet. Do it with 'ksf issue {cluster}'.", cluster=folded.cluster))
    return version


def party_of(folded: Folded, version: Version, party: str) -> None:
    """Refuse somebody who is no party of the version."""
    if party not in version.terms.parties:
        raise Refused(
            T(
                "{party} is no party of version {number}. The parties are: {parties}.",
                party=folded.call(party),
                number=version.number,
                parties=folded.call_all(version.terms.parties),
            )
        )


def same_fact(events: Iterable[Event], payload: Payload, day: date) -> Event | None:
    """Return the event that says the same of the same day already, or None."""
    return next((event for event in events if event.occurred_on == day and event.payload == payload), None)
