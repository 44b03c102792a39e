"""What must be done when: the term's end and the renewal plan before it, notice ends, signing deadlines, contacts.

Counted backwards from `valid_until` (agreement.md section 7). An obligation that the events show as done is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeAlias

from ksf_agreements.domain.checks import FOUI_CONTACT_DAYS
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.events import Basis, ContactsChanged, RenewalStarted, SigningOpened
from ksf_agreements.domain.status import Folded
from ksf_agreements.domain.versions import Version
from ksf_agreements.text import T, Text


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something due on a day.

    `who` is a role ('motor_municipality', 'coordinator', 'parties') or a municipality number; `party` the municipality
    it is about, or ''; `event` the number of the event it follows from.
    """

    due: date
    code: str
    what: Text
    who: str
    clause: str
    party: str = ""
    event: int = 0


WHAT = MappingProxyType(
    {
        "renewal-ask": T("ask the parties whether they will renew"),
        "renewal-draft": T("have the draft of the new version checked"),
        "renewal-approvals": T("get the approvals of the new version"),
        "renewal-signing": T("open the signing of the new version"),
        "term-end": T("the agreement runs out"),
        "notice-end": T("last day of the municipality that leaves"),
        "new-motor": T("a new motor municipality must have taken over"),
        "notice-copy": T("send the regional coordinator a copy of the notice"),
        "signing-deadline": T("the signatures are wanted"),
        "foui-contact": T("name a FoUI contact"),
    }
)
"""What is to be done, by code."""

LASTING = frozenset({"notice-copy", "signing-deadline", "foui-contact"})
"""What stays due after its day, until it is done or the agreement is over; the others pass with their day."""

Rule: TypeAlias = Callable[[Folded, Version], Iterator[Obligation]]


def obligations(folded: Folded) -> tuple[Obligation, ...]:
    """Return what is due in an agreement, by date, as far as the events show it is not done."""
    versions = [version for version in (folded.in_force or _next_in_force(folded), folded.open_version) if version]
    found = {item for version in versions for rule in RULES for item in rule(folded, version)}
    return tuple(sorted(found, key=lambda item: (item.due, item.code, item.party)))


def _next_in_force(folded: Folded) -> Version | None:
    """Return a version that is fully signed and begins later."""
    return next((one for one in folded.versions if (day := one.in_force_from) is not None and day > folded.on), None)


def _obligation(folded: Folded, code: str, due: date, who: str, *, party: str = "", event: int = 0) -> Obligation:
    return Obligation(due, code, WHAT[code], who, folded.kind.term_clause, party, event)


def _binds(folded: Folded, version: Version) -> bool:
    return any(binding.version.number == version.number for binding in folded.bindings)


def _renewal_plan(folded: Folded, version: Version) -> Iterator[Obligation]:
    mine = [binding for binding in folded.bindings if binding.version.number == version.number]
    if not mine:
        return
    last = max(binding.bound_until for binding in mine)
    renewal = next((one for one in folded.versions if one.basis is Basis.RENEWAL and one.follows is version), None)
    asked = any(
        isinstance(event.payload, RenewalStarted) and event.payload.of_version == version.number
        for event in folded.events
    )
    approved = renewal is not None and all(renewal.records[party].approval for party in renewal.terms.parties)
    opened = renewal is not None and (renewal.opened is not None or bool(renewal.signed_parties()))
    done = (asked or renewal is not None, renewal is not None, approved or opened, opened)
    months = folded.kind.renewal_months
    if version.terms.contributions_required:
        months = folded.kind.renewal_months_with_contributions
    steps = ("renewal-ask", "renewal-draft", "renewal-approvals", "renewal-signing")
    for code, before, is_done in zip(steps, months, done, strict=True):
        due = add_months(version.terms.valid_until, -before)
        if not is_done and due <= last:
            yield _obligation(folded, code, due, "motor_municipality", event=version.event.number)


def _term_end(folded: Folded, version: Version) -> Iterator[Obligation]:
    if _binds(folded, version):
        last = max(one.bound_until for one in folded.bindings if one.version.number == version.number)
        if version.superseded_on is None:
            yield _obligation(folded, "term-end", last, "parties", event=version.event.number)


def _notices(folded: Folded, version: Version) -> Iterator[Obligation]:
    for notice in folded.notices:
        if notice.withdrawn is not None:
            continue
        mine = [one for one in folded.bindings if one.ended_by is notice.event and one.party == notice.party]
        for binding in mine:
            if binding.version.number != version.number:
                continue
            event = notice.event.number
            yield _obligation(folded, "notice-end", binding.bound_until, notice.party, party=notice.party, event=event)
            if notice.party == version.terms.motor_municipality:
                yield _obligation(
                    folded, "new-motor", binding.bound_until, "coordinator", party=notice.party, event=event
                )
        if notice.copied_on is None and mine:
            received = notice.event.occurred_on
            yield _obligation(
                folded, "notice-copy", received, "motor_municipality", party=notice.party, event=notice.event.number
            )


def _signing(folded: Folded, version: Version) -> Iterator[Obligation]:
    opened = version.opened
    if opened is None or version.in_force_from is not None:
        return
    deadline = opened.payload.deadline if isinstance(opened.payload, SigningOpened) else None
    if deadline is not None:
        for party in version.terms.parties:
            if version.counts_from(party) is None and version.records[party].declined is None:
                yield _obligation(folded, "signing-deadline", deadline, party, party=party, event=opened.number)


def _contacts(folded: Folded, version: Version) -> Iterator[Obligation]:
    begins = version.in_force_from
    if begins is None:
        return
    without = version.terms.without_contact
    for event in folded.events:
        if isinstance(event.payload, ContactsChanged):
            without = event.payload.parties_without_contact
    bound = {one.party for one in folded.bindings if one.version.number == version.number}
    for party in without:
        if party in bound:
            due = begins + timedelta(days=FOUI_CONTACT_DAYS)
            yield Obligation(due, "foui-contact", WHAT["foui-contact"], party, "6", party, version.event.number)


RULES: tuple[Rule, ...] = (_renewal_plan, _term_end, _notices, _signing, _contacts)
