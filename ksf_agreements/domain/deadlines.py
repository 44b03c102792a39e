"""What must be done when: the term's end and the renewal plan before it, notice ends, signing deadlines, contacts.

Counted backwards from `valid_until` (agreement.md section 7). An obligation that the events show as done is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeAlias

from ksf_agreements.domain.binding import Binding, unbroken
from ksf_agreements.domain.checks import FOUI_CONTACT_DAYS
from ksf_agreements.domain.cluster import EntryIntoForce
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.events import Basis, ContactsChanged, RenewalStarted, SigningOpened
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.versions import ONE_DAY, Version
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
    versions = [version for version in (folded.in_force, folded.open_version, *_coming(folded)) if version]
    found = {item for version in versions for rule in RULES for item in rule(folded, version)}
    return tuple(sorted(found, key=lambda item: (item.due, item.code, item.party)))


def _coming(folded: Folded) -> Iterator[Version]:
    """Yield the versions that are fully signed and begin later."""
    return (one for one in folded.versions if (day := one.in_force_from) is not None and day > folded.on)


def _obligation(folded: Folded, code: str, due: date, who: str, *, party: str = "", event: int = 0) -> Obligation:
    return Obligation(due, code, WHAT[code], who, folded.kind.term_clause, party, event)


def _binds(folded: Folded, version: Version) -> bool:
    return any(binding.version.number == version.number for binding in folded.bindings)


def _renewal_plan(folded: Folded, version: Version) -> Iterator[Obligation]:
    """Yield the steps before the end of the term; what was done for the version that it amends is done."""
    mine = [binding for binding in folded.bindings if binding.version.number == version.number]
    if not mine or version.superseded_on is not None:
        return
    last = max(binding.bound_until for binding in mine)
    of_term = {one.number for one in folded.versions if one.term == version.term}
    renewal = next((one for one in reversed(folded.versions) if _renews(one, of_term)), None)
    asked = any(
        isinstance(event.payload, RenewalStarted) and event.payload.of_version in of_term for event in folded.events
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


def _renews(version: Version, of_term: AbstractSet[int]) -> bool:
    return version.basis is Basis.RENEWAL and version.follows is not None and version.follows.number in of_term


def _term_end(folded: Folded, version: Version) -> Iterator[Obligation]:
    if _binds(folded, version):
        last = max(one.bound_until for one in folded.bindings if one.version.number == version.number)
        if version.superseded_on is None:
            yield _obligation(folded, "term-end", last, "parties", event=version.event.number)


def _notices(folded: Folded, version: Version) -> Iterator[Obligation]:
    """Yield what follows from notices, for each party that the version binds.

    A party's last day may be its own notice's, or come before it by another's that leaves fewer than two, and may be
    the day before an amendment or a renewal without it begins. Where the agreement runs out first, no notice ends
    anything.
    """
    of_term = [one for one in folded.bindings if one.version.term == version.term]
    last_version = max((one.version for one in of_term), key=lambda one: one.number, default=version)
    for party in sorted({one.party for one in of_term if one.version.number == version.number}):
        mine = [one for one in of_term if one.party == party]
        yield from _missing_copies(folded, mine)
        last = max(mine, key=lambda one: (one.bound_until, not one.notices))
        ends = last.bound_until
        runs_out = ends >= last_version.terms.valid_until
        goes_on = party in folded.bound(ends + ONE_DAY)  # by a renewal
        if not last.notices or ends < folded.on or runs_out or goes_on:
            continue
        event = min(last.notices, key=lambda one: one.ends_on).event.number
        yield _obligation(folded, "notice-end", ends, party, party=party, event=event)
        if party == folded.motor_of(version) and not _has_successor(folded, last):
            yield _obligation(folded, "new-motor", ends, "coordinator", party=party, event=event)


def _missing_copies(folded: Folded, mine: Iterable[Binding]) -> Iterator[Obligation]:
    """Yield the notices of which the coordinator has no copy, as long as the party is bound."""
    found = {notice.event.number: notice for one in mine if one.bound_until >= folded.on for notice in one.notices}
    for number, notice in found.items():
        if notice.copied_on is None:
            received, party = notice.event.occurred_on, notice.party
            yield _obligation(folded, "notice-copy", received, "motor_municipality", party=party, event=number)


def _has_successor(folded: Folded, motor: Binding) -> bool:
    """Whether another motor municipality has taken over the day after the last one's, or nobody is left to lead."""
    after = motor.bound_until + ONE_DAY
    bound = {one.version.number: one.version for one in folded.bindings if one.covers(after)}
    return all(folded.motor_of(version) != motor.party for version in bound.values())


def _signing(folded: Folded, version: Version) -> Iterator[Obligation]:
    opened = version.opened
    deadline = opened.payload.deadline if opened and isinstance(opened.payload, SigningOpened) else None
    if opened is not None and deadline is not None:
        for party in lagging(folded, version):
            yield _obligation(folded, "signing-deadline", deadline, party, party=party, event=opened.number)


def lagging(folded: Folded, version: Version) -> Iterator[str]:
    """Yield whose signatures are wanted; where each is bound on signing, also those of a version that is in force."""
    begins = version.in_force_from
    if begins is not None and version.terms.entry_into_force is not EntryIntoForce.EACH_ON_SIGNING:
        return
    been = {one.party for one in folded.bindings if one.version.term == version.term}
    for party in version.terms.parties:
        if version.counts_from(party) is not None or version.records[party].declined is not None:
            continue
        # Who has left, or has a successor, does not come in by signing late.
        if begins is None or (party not in been and folded.changes.holder_of(party, folded.on) == party):
            yield party


def _contacts(folded: Folded, version: Version) -> Iterator[Obligation]:
    """Yield who has no FoUI contact: due a while after it was bound (cl. 6), whatever was amended since."""
    without = version.terms.without_contact
    for event in folded.events:
        # A version says how it stood when it was issued; what was changed before is in it.
        if isinstance(event.payload, ContactsChanged) and event.occurred_on >= version.issued_on:
            without = event.payload.parties_without_contact
    for party in without:
        first = _bound_from(folded, version, party)
        if first is not None:
            due = first + timedelta(days=FOUI_CONTACT_DAYS)
            yield Obligation(due, "foui-contact", WHAT["foui-contact"], party, "6", party, version.event.number)


def _bound_from(folded: Folded, version: Version, party: str) -> date | None:
    """Return the first day from which a party is bound in the version's term; None where it has left or never was."""
    mine = [one for one in folded.bindings if one.party == party and one.version.term == version.term]
    if not any(one.version.number == version.number and one.bound_until >= folded.on for one in mine):
        return None
    return unbroken(mine)[0]


RULES: tuple[Rule, ...] = (_renewal_plan, _term_end, _notices, _signing, _contacts)
