"""What is reminded of, when, and whom: a table of rules over what is due (agreement.md section 7); pure.

An occasion is something that stands undone on a day. Its rule gives the steps: days counted from the occasion's own
day, and then again and again as long as it stands. The latest step that has come is reminded of once; a step that
falls on a holiday waits for the next working day, and one that a later step has overtaken is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from ksf_agreements.domain.deadlines import WHAT, lagging, obligations
from ksf_agreements.domain.events import ReminderSent
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.recurring import TASKS, YearPlan, tasks
from ksf_agreements.domain.versions import Version
from ksf_agreements.domain.workdays import is_working_day, next_working_day
from ksf_agreements.text import T, Text


class Recipient(StrEnum):
    """Who gets a reminder, by role; the people are found when it is sent."""

    PARTY = "party"
    """The FoUI contacts of the municipality that the occasion is about."""
    LEADER = "cluster_leader"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Rule:
    """When one kind of occasion is reminded of.

    `days` are counted from the occasion's day (-30: thirty days before); `every` goes on from the last of them, in
    days, 0 for never. `passes` tells that the occasion is over with its day, so that nobody is reminded afterwards.
    """

    code: str
    days: tuple[int, ...]
    every: int
    to: tuple[Recipient, ...]
    advice: Text
    passes: bool = False


_ONE_DAY = timedelta(days=1)
_PARTY, _LEADER, _COORDINATOR = (Recipient.PARTY,), (Recipient.LEADER,), (Recipient.COORDINATOR,)

RULES: tuple[Rule, ...] = (
    Rule(
        "signature", (14,), 7, _PARTY, T("Sign the agreement as the letter says, or tell the cluster leader why not.")
    ),
    Rule(
        "approval", (14,), 14, _PARTY, T("Get the approval that clause 5 asks for, and send its case number and date.")
    ),
    Rule(
        "signing-deadline",
        (-7,),
        0,
        _PARTY,
        T("Sign before the deadline; a signing job that has run out must be made anew."),
        passes=True,
    ),
    Rule(
        "renewal-ask",
        (-14, 0),
        30,
        (*_LEADER, *_COORDINATOR),
        T("Ask every party in writing, and tell whoever keeps the register when that is done."),
    ),
    Rule(
        "renewal-draft",
        (-14, 0),
        30,
        _LEADER,
        T("Go through the draft with the parties, so that the new version can be approved as it stands."),
    ),
    Rule(
        "renewal-approvals",
        (-30, 0),
        30,
        _LEADER,
        T("Ask every party for its approval by clause 5, with case number and date."),
    ),
    Rule(
        "renewal-signing",
        (-14, 0),
        14,
        _LEADER,
        T("Have the new version sent to be signed, so that all have signed before the old one runs out."),
    ),
    Rule(
        "term-end",
        (-90, -30, -7),
        0,
        (*_LEADER, *_COORDINATOR),
        T(
            "Have a renewal signed before then, or tell the parties that the agreement ends: without a signed renewal "
            "nobody is bound after that day."
        ),
        passes=True,
    ),
    Rule(
        "notice-end",
        (-60, -14),
        0,
        (*_PARTY, *_LEADER, *_COORDINATOR),
        T("Settle what the municipality takes part in, and update lists and access."),
        passes=True,
    ),
    Rule(
        "new-motor",
        (-270, -180, -90, -30),
        0,
        (*_COORDINATOR, *_LEADER),
        T("Find a new motor municipality, and let all parties sign the change."),
        passes=True,
    ),
    Rule(
        "notice-copy",
        (0,),
        7,
        _LEADER,
        T("Send the regional coordinator the copy, and record it with the day it was sent."),
    ),
    Rule(
        "foui-contact", (0,), 30, (*_PARTY, *_LEADER), T("Name at least one FoUI contact, and tell the cluster leader.")
    ),
    Rule("action-plan", (-30, 0), 30, _LEADER, T("Draw up the plan with the partners and have it adopted.")),
    Rule("annual-report", (-30, 0), 30, _LEADER, T("Gather what the cluster has done, and send it to the region.")),
    Rule("contact-review", (0,), 30, _LEADER, T("Ask every municipality whether its contact persons are still right.")),
    Rule("grant-report", (-30, -7, 0), 7, _LEADER, T("Report to KS as the grant letter says.")),
)
"""The rules as they stand where the settings change nothing."""

OCCASIONS: Mapping[str, Text] = MappingProxyType(
    {
        **WHAT,
        **TASKS,
        "signature": T("the agreement waits for the signature of the municipality"),
        "approval": T("no approval of the agreement is recorded"),
    }
)
"""What stands undone, by the code of its rule."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that stands undone.

    `day` is what its rule counts from, `due` what people are told (None: no day is set); `party` the municipality it
    is about, or ''; `event` the number of the event it follows from, or 0 (of what a version asks for: the event that
    began its term, so that an amendment does not begin it anew); `period` tells apart what comes again.
    """

    code: str
    day: date
    due: date | None
    clause: str
    party: str = ""
    event: int = 0
    period: str = ""

    @property
    def what(self) -> Text:
        """What is to be done."""
        return OCCASIONS[self.code]

    @property
    def key(self) -> str:
        """What tells it from all others of its agreement, whoever is reminded."""
        return f"{self.event}/{self.party}/{self.period or self.day.isoformat()}"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One occasion for one recipient, by the step of its rule that has come."""

    rule: Rule
    occasion: Occasion
    step: date
    to: Recipient

    @property
    def subject(self) -> str:
        """How the journal keeps that it was sent."""
        return f"{self.occasion.key}:{self.to}@{self.step.isoformat()}"


def reminders(
    folded: Folded, rules: Sequence[Rule], year: YearPlan, report_dates: Sequence[date] = ()
) -> tuple[Reminder, ...]:
    """Return what is to be reminded of on the day of the fold; nothing on a day that is no working day."""
    if not is_working_day(folded.on):
        return ()
    sent = _sent(folded)
    found = []
    by_code = {rule.code: rule for rule in rules}
    for occasion in occasions(folded, year, report_dates):
        rule = by_code.get(occasion.code)
        step = ripe_step(rule, occasion.day, folded.on) if rule else None
        if rule is None or step is None or (rule.passes and folded.on > occasion.day):
            continue
        if occasion.code == "term-end" and folded.bound(occasion.day + _ONE_DAY):
            continue  # a renewal that is signed goes on from there
        for recipient in rule.to:
            last = sent.get((rule.code, f"{occasion.key}:{recipient}"))
            if last is None or last < step:
                found.append(Reminder(rule, occasion, step, recipient))
    return tuple(found)


def ripe_step(rule: Rule, day: date, on: date) -> date | None:
    """Return the rule's latest step, counted from ``day``, that has come on ``on``; None before the first."""
    latest = None
    for step in _steps(rule, day, on):
        if next_working_day(step) <= on:
            latest = step
    return latest


def _steps(rule: Rule, day: date, on: date) -> Iterator[date]:
    for offset in rule.days:
        yield day + timedelta(days=offset)
    if rule.every and rule.days:
        last = day + timedelta(days=rule.days[-1])
        passed = max((on - last).days // rule.every, 0)
        # The latest repetition may wait for a working day: then the one before it is what has come.
        yield from (last + timedelta(days=rule.every * times) for times in (passed - 1, passed) if times > 0)


def _sent(folded: Folded) -> dict[tuple[str, str], date]:
    """Return the latest step that was reminded of, by rule and by occasion with its recipient."""
    found: dict[tuple[str, str], date] = {}
    for event in folded.events:
        if isinstance(event.payload, ReminderSent):
            about, _, step = event.payload.subject.rpartition("@")
            key = event.payload.rule, about
            found[key] = max(found.get(key, date.min), date.fromisoformat(step))
    return found


def occasions(folded: Folded, year: YearPlan, report_dates: Sequence[date] = ()) -> tuple[Occasion, ...]:
    """Return everything that stands undone in an agreement on the day of the fold, by day."""
    began = {one.event.number: version.event.number for one in folded.versions if (version := folded.version(one.term))}
    asked = (
        Occasion(item.code, item.due, item.due, item.clause, item.party, began.get(item.event, item.event))
        for item in obligations(folded)
    )
    found = list(dict.fromkeys(asked))  # an amendment to come asks for the same as the version in force
    for version in (folded.in_force, folded.open_version):
        found += _unsigned(folded, version) if version is not None else ()
    found += [
        Occasion(task.code, task.due, task.due, task.clause, period=task.period)
        for task in tasks(folded, year, report_dates)
    ]
    return tuple(sorted(found, key=lambda one: (one.day, one.code, one.party, one.period)))


def _unsigned(folded: Folded, version: Version) -> Iterator[Occasion]:
    """Yield who has not signed, and who has no approval recorded, while a version is out for signing."""
    opened = version.opened
    if opened is None:
        return
    deadline = getattr(opened.payload, "deadline", None)
    for party in lagging(folded, version):
        record = version.records[party]
        if record.signature is None:
            yield Occasion("signature", opened.occurred_on, deadline, "13", party, opened.number)
        if record.approval is None:
            yield Occasion("approval", opened.occurred_on, None, "5", party, opened.number)
