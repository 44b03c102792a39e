"""Oppsigelse: the notices there are, and recording one: from a party, to one, its copy, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.binding import Notice
from ksf_agreements.domain.events import NoticeGivenToParty, NoticeReceived
from ksf_agreements.domain.folded import Folded
from ksf_agreements.services.agreements import notices
from ksf_agreements.services.agreements.notice_effects import Effects, effects
from ksf_agreements.services.desk import Done
from ksf_agreements.text import T, Text
from ksf_agreements.web.asked import Answers, Field, Kind
from ksf_agreements.web.days import written
from ksf_agreements.web.guided import FILE, Explained, Flow, guided
from ksf_agreements.web.routes.cluster import known
from ksf_agreements.web.visit import Visit, endpoint

PARTY, RECEIVED, SENT, COPIED, DAY, CONSENTS = "part", "mottatt", "sendt", "kopi", "dag", "samtykke"
GROUND, DECISION, LAST = "grunn", "vedtak", "siste"


@dataclass(frozen=True, slots=True)
class Row:
    """A notice in the list. `state` is in words; what may be done with it are addresses, '' for nothing."""

    event: int
    party: str
    is_to_party: bool
    received: date
    ends_on: date
    bound_until: date | None
    copied_on: date | None
    state: str
    tone: str
    copy_link: str
    withdraw_link: str


def show(visit: Visit) -> Response:
    """Show the notices there are, and take a new one."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    rows = tuple(_row(visit, folded, one, f"/klynge/{quote(cluster)}/oppsigelse") for one in reversed(folded.notices))
    fields = (
        _party(folded, T("Who gives notice")),
        Field(
            RECEIVED,
            T("Received"),
            Kind.DAY,
            T(
                "The day it came to the cluster leader. The motor municipality's post counts, also while nobody is "
                "cluster leader."
            ),
            required=True,
        ),
        Field(SENT, T("Sent"), Kind.DAY, T("The date of the letter, where it is known.")),
        Field(
            COPIED,
            T("Copy to the region's coordinator"),
            Kind.DAY,
            T("The day the coordinator got the copy. It can be recorded later."),
        ),
        Field(FILE, T("The notice as a file"), Kind.FILE, T("PDF, Word or a picture; it is kept in the register.")),
    )
    flow = Flow(
        cluster=cluster,
        name=_name(folded),
        title=T("Notice of termination"),
        fields=fields,
        attempt=lambda one: notices.give_notice(
            one.desk,
            cluster,
            one.answers[PARTY],
            one.answers.days[RECEIVED],
            sent=one.answers.days.get(SENT),
            copied=one.answers.days.get(COPIED),
            file=one.file,
        ),
        explain=lambda done, answers: _given(visit, done, answers),
        confirm=T("Record the notice"),
        back=f"/klynge/{quote(cluster)}/oppsigelse",
        template="notice.html",
        values={"rows": rows, "may_give": bool(fields[0].choices), "today": visit.desk.today},
    )
    return guided(visit, flow, **{PARTY: visit.query(PARTY), RECEIVED: written(visit.desk.today)})


def to_party(visit: Visit) -> Response:
    """Take a notice that is given to a party."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    fields = (
        _party(folded, T("Who is given notice")),
        Field(DAY, T("The day notice is given"), Kind.DAY, required=True),
        Field(
            GROUND,
            T("The ground"),
            help=T("What the agreement has as a ground: contributions that are lacking, or one of its own."),
            required=True,
        ),
        Field(DECISION, T("The decision"), help=T("Who decided it, and the case number.")),
        Field(LAST, T("The party's last day"), Kind.DAY, T("The party is bound through this day."), required=True),
        Field(FILE, T("The notice as a file"), Kind.FILE, T("PDF, Word or a picture; it is kept in the register.")),
    )
    flow = Flow(
        cluster=cluster,
        name=_name(folded),
        title=T("Notice to a party"),
        lead=(
            T(
                "This is for a party that the others give notice, on a ground that the agreement has (clause 12). "
                "Where a municipality itself gives notice, use the page of notices."
            ),
        ),
        crumbs=_crumbs(cluster),
        fields=fields,
        attempt=lambda one: notices.notice_to_party(
            one.desk,
            cluster,
            one.answers[PARTY],
            one.answers.days[DAY],
            ground=one.answers[GROUND],
            decision=one.answers[DECISION],
            ends_on=one.answers.days[LAST],
            file=one.file,
        ),
        explain=lambda done, answers: _given(visit, done, answers),
        confirm=T("Record the notice"),
        back=f"/klynge/{quote(cluster)}/oppsigelse",
    )
    return guided(visit, flow, **{PARTY: visit.query(PARTY), DAY: written(visit.desk.today)})


def copy(visit: Visit) -> Response:
    """Take the day on which the coordinator got the copy."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    running = _running(folded)
    fields = (
        Field(
            PARTY,
            T("Whose notice"),
            Kind.CHOICE,
            required=True,
            choices=tuple((one.party, folded.call(one.party)) for one in running if one.copied_on is None),
        ),
        Field(DAY, T("The day the coordinator got the copy"), Kind.DAY, required=True),
    )
    flow = Flow(
        cluster=cluster,
        name=_name(folded),
        title=T("Copy to the region's coordinator"),
        lead=(T("Clause 12 wants a copy of every notice sent to the region's coordinator."),),
        crumbs=_crumbs(cluster),
        fields=fields,
        attempt=lambda one: notices.copy_notice(one.desk, cluster, one.answers[PARTY], one.answers.days[DAY]),
        explain=lambda _done, answers: Explained(
            facts=((T("Notice from"), folded.call(answers[PARTY])),),
            lines=(
                T(
                    "That {name} got the copy on {date} is recorded. It changes nothing in how long anybody is bound.",
                    name=_coordinator(visit, _region(folded)),
                    date=answers.days[DAY],
                ),
            ),
        ),
        confirm=T("Record the copy"),
        back=f"/klynge/{quote(cluster)}/oppsigelse",
    )
    return guided(visit, flow, **{PARTY: visit.query(PARTY), DAY: written(visit.desk.today)})


def withdraw(visit: Visit) -> Response:
    """Take it that a party takes its notice back."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    own = tuple(one for one in _running(folded) if not one.to_party)
    alone = own[0].party if len(own) == 1 else ""  # it is asked for no consent to what it does itself
    fields = (
        Field(
            PARTY,
            T("Who takes its notice back"),
            Kind.CHOICE,
            required=True,
            choices=tuple((one.party, folded.call(one.party)) for one in own),
        ),
        Field(DAY, T("The day it was taken back"), Kind.DAY, required=True),
        Field(
            CONSENTS,
            T("Who has consented in writing"),
            Kind.MANY,
            T("Needed where the notice had been received already: from all the other parties."),
            choices=tuple((one, folded.call(one)) for one in folded.bound() if one != alone),
        ),
    )
    flow = Flow(
        cluster=cluster,
        name=_name(folded),
        title=T("A notice is taken back"),
        lead=(
            T(
                "A party may take its notice back alone if that arrives no later than the notice itself. Afterwards "
                "all the other parties must consent in writing."
            ),
        ),
        crumbs=_crumbs(cluster),
        fields=fields,
        attempt=lambda one: notices.withdraw_notice(
            one.desk,
            cluster,
            one.answers[PARTY],
            one.answers.days[DAY],
            tuple(number for number in one.answers[CONSENTS].split() if number != one.answers[PARTY]),
        ),
        explain=_withdrawn,
        confirm=T("Record that it was taken back"),
        back=f"/klynge/{quote(cluster)}/oppsigelse",
    )
    return guided(visit, flow, **{PARTY: visit.query(PARTY), DAY: written(visit.desk.today)})


def _party(folded: Folded, label: Text) -> Field:
    """Return the choice between all that are or have been parties; the service says who was bound on the day."""
    parties = dict.fromkeys((*folded.bound(), *(one.party for one in folded.bindings)))
    return Field(PARTY, label, Kind.CHOICE, required=True, choices=tuple((one, folded.call(one)) for one in parties))


def _crumbs(cluster: str) -> tuple[tuple[str, Text], ...]:
    return ((f"/klynge/{quote(cluster)}/oppsigelse", T("Notice of termination")),)


def _name(folded: Folded) -> str:
    return folded.versions[-1].terms.name if folded.versions else folded.cluster


def _region(folded: Folded) -> str:
    return folded.versions[-1].terms.region if folded.versions else ""


def _running(folded: Folded) -> tuple[Notice, ...]:
    return tuple(one for one in folded.notices if one.withdrawn is None and one.ends_on >= folded.on)


def _coordinator(visit: Visit, key: str) -> str:
    region = visit.desk.workspace.regions.get(key)
    return region.coordinator.name if region and region.coordinator else visit.say(T("the region's coordinator"))


def _given(visit: Visit, done: Done, answers: Answers) -> Explained:
    """Explain a notice before it is recorded."""
    number = done.events[-1].number
    notice = next((one for one in done.folded.notices if one.event.number == number), None)
    found = effects(done.folded, notice) if notice else None
    if notice is None or found is None:
        return Explained(lines=(T("It is recorded, and changes nothing in how long anybody is bound."),))
    facts = [(T("Party"), done.folded.call(notice.party)), (_received_words(notice), _day(notice.event.occurred_on))]
    if sent := answers.days.get(SENT):
        facts.append((T("Sent"), _day(sent)))
    facts.append((T("Bound through"), _day(found.bound_until)))
    return Explained(tuple(facts), tuple(_lines(visit, done.folded, found)), warnings=())


def _received_words(notice: Notice) -> Text:
    return T("Given") if notice.to_party else T("Received")


def _lines(visit: Visit, folded: Folded, found: Effects) -> Iterator[Text]:
    """Yield what follows from a notice, most weighty first."""
    notice, party, last = found.notice, folded.call(found.notice.party), found.bound_until
    clause = folded.kind.term_clause
    if isinstance(notice.event.payload, NoticeReceived):
        yield T(
            "The notice period is {months} months. It runs from the day the notice was received, {received}, through "
            "{last} (clause {clause}).",
            months=folded.kind.notice_months,
            received=notice.event.occurred_on,
            last=notice.ends_on,
            clause=clause,
        )
    elif isinstance(notice.event.payload, NoticeGivenToParty):
        yield T("Those who gave notice have set {last} as the last day.", last=notice.ends_on)
    if found.runs_out_first:
        yield T(
            "The agreement itself runs out first, on {date}: {party} is bound through that day.", party=party, date=last
        )
    elif last < notice.ends_on:
        yield T(
            "{party} is bound only through {date}: the agreement ends before the notice would.", party=party, date=last
        )
    else:
        yield T("{party} is bound through {date}, with rights and duties as before until then.", party=party, date=last)
    yield from _after(folded, found)
    if found.is_motor and not found.ends_all and not found.runs_out_first:
        yield T(
            "{party} is the motor municipality. {name}, the region's coordinator, is alerted, and a new motor "
            "municipality must be found: all parties sign the change, and it must have taken over by {date}.",
            party=party,
            name=_coordinator(visit, found.region),
            date=last,
        )
    if not notice.to_party and notice.copied_on is None:
        yield T(
            "{name}, the region's coordinator, must get a copy (clause {clause}). Record it when it has been sent.",
            name=_coordinator(visit, found.region),
            clause=clause,
        )
    yield T("All the other parties are to be told (clause 9).")


def _after(folded: Folded, found: Effects) -> Iterator[Text]:
    if found.ends_all:
        yield T(
            "Fewer than two parties are left then, so the agreement ends for all on {date}.", date=found.bound_until
        )
    elif found.left:
        yield T("After that day the agreement goes on for: {names}.", names=folded.call_all(found.left))
    else:
        yield T("Nobody is bound after that day, unless the agreement is renewed.")


def _withdrawn(done: Done, answers: Answers) -> Explained:
    party = answers[PARTY]
    last = max((one.bound_until for one in done.folded.bindings if one.party == party), default=None)
    lines = [T("The notice no longer counts. It stays in the history, with the day it was taken back.")]
    if last is not None:
        who = done.folded.call(party)
        lines.append(T("{party} is bound through {date}, as if no notice had been given.", party=who, date=last))
    lines.append(T("Tell all the parties, and the region's coordinator."))
    facts = ((T("Party"), done.folded.call(party)), (T("Taken back"), _day(done.events[-1].occurred_on)))
    return Explained(facts, tuple(lines))


def _day(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


def _row(visit: Visit, folded: Folded, notice: Notice, here: str) -> Row:
    found = effects(folded, notice)
    over = notice.ends_on < folded.on or (found is not None and found.bound_until < folded.on)
    query = f"?{PARTY}={quote(notice.party)}"
    runs = notice.withdrawn is None and not over
    if notice.withdrawn is not None:
        state, tone = T("taken back {date}", date=notice.withdrawn.occurred_on), "neutral"
    elif over:
        state, tone = T("has run out"), "neutral"
    else:
        state, tone = T("is running"), "warning"
    return Row(
        notice.event.number,
        folded.call(notice.party),
        notice.to_party,
        notice.event.occurred_on,
        notice.ends_on,
        found.bound_until if found else None,
        notice.copied_on,
        visit.say(state),
        tone,
        f"{here}/kopi{query}" if runs and notice.copied_on is None else "",
        f"{here}/trekk{query}" if runs and not notice.to_party else "",
    )


ROUTES = (
    Route("/klynge/{cluster}/oppsigelse", endpoint(show), methods=["GET", "POST"]),
    Route("/klynge/{cluster}/oppsigelse/til-part", endpoint(to_party), methods=["GET", "POST"]),
    Route("/klynge/{cluster}/oppsigelse/kopi", endpoint(copy), methods=["GET", "POST"]),
    Route("/klynge/{cluster}/oppsigelse/trekk", endpoint(withdraw), methods=["GET", "POST"]),
)
