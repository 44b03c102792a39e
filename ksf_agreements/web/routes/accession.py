"""Tiltredelse: a municipality joins an agreement that is in force; and who continues a party after a merger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.documents.letters import LETTERS
from ksf_agreements.domain.decisions import Refused, addendum_signers
from ksf_agreements.domain.events import AccessionRecorded, PartyContinued
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.values import Fault
from ksf_agreements.services.agreements import changes
from ksf_agreements.services.desk import Done
from ksf_agreements.services.following import overview
from ksf_agreements.services.letters import drafting
from ksf_agreements.text import T, Text
from ksf_agreements.web.asked import Answers, Field, Kind
from ksf_agreements.web.days import read_day, written
from ksf_agreements.web.downloads import DOCX, download
from ksf_agreements.web.guided import FILE, Attempt, Explained, Flow, guided
from ksf_agreements.web.routes.cluster import known
from ksf_agreements.web.visit import Visit, endpoint

PARTY, DAY, SIGNED, CASE, NEWCOMER = "part", "dag", "signert", "sak", "ny"
HEIR, DECISION = "etterfolger", "vedtak"
_LIST = "kommuner"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A municipality that may be chosen by its name."""

    number: str
    name: str


def show(visit: Visit) -> Response:
    """Show how a municipality joins, and take an addendum that is signed."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    version = folded.in_force
    signers = addendum_signers(folded, version, folded.on) if version else ()
    everybody = dict.fromkeys((*signers, *folded.bound()))
    fields = (
        _newcomer(T("The municipality that joins")),
        Field(DAY, T("In force from"), Kind.DAY, T("The accession counts from this day."), required=True),
        Field(
            SIGNED,
            T("Who has signed the addendum"),
            Kind.MANY,
            _who_must(folded, signers),
            choices=(
                (NEWCOMER, visit.say(T("the municipality that joins"))),
                *((one, folded.call(one)) for one in everybody),
            ),
        ),
        Field(CASE, T("Case number of its approval"), help=T("The approval by the one that joins (clause 5).")),
        Field(
            FILE,
            T("The signed addendum as a file"),
            Kind.FILE,
            T("PDF, Word or a picture; it is kept in the register."),
        ),
    )
    flow = Flow(
        cluster=cluster,
        name=_name(folded),
        title=T("Accession"),
        fields=fields,
        attempt=lambda one: _accede(one, cluster),
        explain=_acceded,
        confirm=T("Record the accession"),
        back=f"/klynge/{quote(cluster)}/tiltredelse",
        template="accession.html",
        values={
            "version": version,
            "suggestions": _suggestions(visit),
            "continuations": tuple(one.text for one in overview.continuations(visit.desk, folded)),
            "today": visit.desk.today,
            "letter_party": visit.query(PARTY),
        },
    )
    return guided(visit, flow, **{DAY: written(visit.desk.today), PARTY: visit.query(PARTY)})


def _newcomer(label: Text) -> Field:
    return Field(PARTY, label, help=T("By name or number, for example Voss or 4621."), required=True, suggested=_LIST)


def _who_must(folded: Folded, signers: tuple[str, ...]) -> Text:
    names = folded.call_all(signers)
    if len(signers) == 1:
        return T("By this agreement the one that joins and the motor municipality sign: {names}.", names=names)
    return T("By this agreement the one that joins and all the parties sign: {names}.", names=names)


def _suggestions(visit: Visit) -> tuple[Suggestion, ...]:
    every = visit.desk.municipalities.in_use()
    return tuple(Suggestion(one.number, one.title(with_county=True)) for one in every)


def _accede(one: Attempt, cluster: str) -> Done:
    party = one.desk.municipality(one.answers[PARTY]).number
    ticked = one.answers[SIGNED].split()
    signed = tuple(party if value == NEWCOMER else value for value in ticked)
    day = one.answers.days[DAY]
    return changes.accede(one.desk, cluster, party, day, signed_by=signed, case=one.answers[CASE], file=one.file)


def _acceded(done: Done, answers: Answers) -> Explained:
    event = done.events[-1]
    assert isinstance(event.payload, AccessionRecorded)  # noqa: S101 (what the service appends)
    party, folded = event.payload.party, done.folded
    mine = [one for one in folded.bindings if one.party == party]
    last = max((one.bound_until for one in mine), default=None)
    facts = [(T("Municipality"), folded.call(party)), (T("In force from"), written(event.occurred_on))]
    if last is not None:
        facts.append((T("Bound through"), written(last)))
    if answers[CASE]:
        facts.append((T("Case"), answers[CASE]))
    return Explained(
        tuple(facts), tuple(_accession_lines(done, party, event.occurred_on, last)), (*done.warnings, *done.notes)
    )


def _accession_lines(done: Done, party: str, first: date, last: date | None) -> Iterator[Text]:
    folded, who = done.folded, done.folded.call(party)
    yield T("{party} is bound from {date}, and not before.", party=who, date=first)
    if last is not None:
        yield T("The end date of the agreement holds for it too: {date}.", date=last)
    yield T("Bound from that day are: {names}.", names=folded.call_all(folded.bound(first)))
    yield T("The agreement itself is not issued anew; the addendum lies beside it.")


def addendum(visit: Visit) -> Response:
    """Return the addendum by which a municipality joins, as Word."""
    cluster = known(visit)
    try:
        day = read_day(visit.query("dato")) if visit.query("dato") else visit.desk.today
    except Fault as fault:
        raise Refused(T("{message}. Nothing was made.", message=fault.message)) from None
    party = visit.desk.municipality(visit.query("kommune")).number
    made = drafting.letters(visit.desk, cluster, LETTERS["tiltredelse"], day, party=party)
    return download(made.letters[0].data, made.letters[0].name, DOCX)


def continuation(visit: Visit) -> Response:
    """Take what was decided after a merger or a split."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    parties = dict.fromkeys((*folded.bound(), *(one.party for one in folded.bindings)))
    fields = (
        Field(
            PARTY,
            T("The party that was merged or split"),
            Kind.CHOICE,
            required=True,
            choices=tuple((one, folded.call(one)) for one in parties),
        ),
        Field(
            HEIR,
            T("Who takes its place"),
            help=T("By name or number. Left blank: nobody; the party is then no longer bound."),
            suggested=_LIST,
        ),
        Field(DAY, T("From"), Kind.DAY, T("The first day of the one that takes its place."), required=True),
        Field(DECISION, T("The decision"), help=T("Who decided it, and the case number.")),
        Field(FILE, T("The decision as a file"), Kind.FILE, T("PDF, Word or a picture; it is kept in the register.")),
    )
    back = f"/klynge/{quote(cluster)}/tiltredelse"
    flow = Flow(
        cluster=cluster,
        name=_name(folded),
        title=T("After a merger or a split"),
        lead=(
            T(
                "When municipalities merge or split, people decide who takes a party's place; the program never does. "
                "A municipality that has only got a new number needs nothing."
            ),
        ),
        crumbs=((back, T("Accession")),),
        fields=fields,
        attempt=lambda one: _continue(one, cluster),
        explain=_continued,
        confirm=T("Record the decision"),
        back=back,
        template="accession_list.html",
        values={"suggestions": _suggestions(visit)},
    )
    return guided(visit, flow, **{DAY: written(visit.desk.today), PARTY: visit.query(PARTY)})


def _continue(one: Attempt, cluster: str) -> Done:
    heir = one.desk.municipality(one.answers[HEIR]).number if one.answers[HEIR] else None
    party, day, decision = one.answers[PARTY], one.answers.days[DAY], one.answers[DECISION]
    return changes.continue_party(one.desk, cluster, party, heir, day, decision, one.file)


def _continued(done: Done, answers: Answers) -> Explained:
    event, folded = done.events[-1], done.folded
    assert isinstance(event.payload, PartyContinued)  # noqa: S101 (what the service appends)
    party, heir = folded.call(event.payload.party), event.payload.successor
    facts = [(T("Party"), party), (T("From"), written(event.occurred_on))]
    if answers[DECISION]:
        facts.append((T("The decision"), answers[DECISION]))
    lines = []
    if heir is None:
        lines.append(
            T(
                "{party} is no longer bound from {date}, and nobody takes its place.",
                party=party,
                date=event.occurred_on,
            )
        )
    else:
        lines.append(
            T(
                "{heir} takes the place of {party} from {date}, with its rights, duties and notices.",
                heir=folded.call(heir),
                party=party,
                date=event.occurred_on,
            )
        )
    lines.append(T("Bound from that day are: {names}.", names=folded.call_all(folded.bound(event.occurred_on))))
    return Explained(tuple(facts), tuple(lines))


def _name(folded: Folded) -> str:
    return folded.versions[-1].terms.name if folded.versions else folded.cluster


ROUTES = (
    Route("/klynge/{cluster}/tiltredelse", endpoint(show), methods=["GET", "POST"]),
    Route("/klynge/{cluster}/tiltredelse/tillegg", endpoint(addendum)),
    Route("/klynge/{cluster}/tiltredelse/viderefoering", endpoint(continuation), methods=["GET", "POST"]),
)
