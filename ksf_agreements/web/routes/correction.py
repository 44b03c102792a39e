"""What was entered by mistake: an event is voided with a reason, and stays in the history as voided."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import DataErased, Event, EventVoided
from ksf_agreements.domain.folded import STATUS_WORDS
from ksf_agreements.domain.status import status_of
from ksf_agreements.domain.telling import told
from ksf_agreements.services.agreements import changes
from ksf_agreements.services.desk import Done
from ksf_agreements.text import T, Text
from ksf_agreements.web.asked import Answers, Field, Kind
from ksf_agreements.web.days import written
from ksf_agreements.web.guided import Attempt, Explained, Flow, guided
from ksf_agreements.web.routes.cluster import known
from ksf_agreements.web.visit import Visit, endpoint

EVENT, REASON = "hendelse", "grunn"


def void(visit: Visit) -> Response:
    """Take it that an event was entered by mistake."""
    cluster = known(visit)
    desk = visit.desk
    with desk.register.reading() as reader:
        events = reader.events(cluster)
    voided = {one.payload.event for one in events if isinstance(one.payload, EventVoided)}
    open_ = [one for one in reversed(events) if not isinstance(one.payload, EventVoided | DataErased)]
    choices = tuple((str(one.number), _line(visit, one)) for one in open_ if one.number not in voided)
    folded = desk.read(cluster)
    back = f"/klynge/{quote(cluster)}"
    flow = Flow(
        cluster=cluster,
        name=folded.versions[-1].terms.name if folded.versions else cluster,
        title=T("Entered by mistake"),
        lead=(
            T(
                "Nothing is ever deleted from the history. What was entered by mistake is voided: it stays, with the "
                "reason, and no longer counts. Record the right fact afterwards, on its own page."
            ),
        ),
        fields=(
            Field(EVENT, T("What was wrong"), Kind.CHOICE, required=True, choices=choices),
            Field(REASON, T("Why it was wrong"), required=True),
        ),
        attempt=lambda one: _void(one, {value for value, _ in choices}),
        explain=lambda done, answers: _explained(visit, done, answers, dict(choices)),
        confirm=T("Void it"),
        back=back,
    )
    return guided(visit, flow, **{EVENT: visit.query(EVENT)})


def _void(one: Attempt, mine: set[str]) -> Done:
    number = one.answers[EVENT]
    if number not in mine:
        raise Refused(T("Choose one of those in the list."))
    return changes.void(one.desk, int(number), one.answers[REASON])


def _explained(visit: Visit, done: Done, answers: Answers, choices: dict[str, str]) -> Explained:
    before, after = status_of(visit.desk.read(done.cluster)), done.status
    lines: list[Text] = []
    if before.status is not after.status:
        old, new = STATUS_WORDS[before.status], STATUS_WORDS[after.status]
        lines.append(T("The agreement was: {old}. It becomes: {new}.", old=old, new=new))
    was, is_ = set(visit.desk.read(done.cluster).bound()), set(done.folded.bound())
    if gone := sorted(was - is_):
        lines.append(T("No longer bound: {names}.", names=done.folded.call_all(gone)))
    if came := sorted(is_ - was):
        lines.append(T("Bound again: {names}.", names=done.folded.call_all(came)))
    for one in after.parties:
        old_one = next((party for party in before.parties if party.municipality == one.municipality), None)
        if old_one and one.bound_until and old_one.bound_until not in {None, one.bound_until}:
            who = done.folded.call(one.municipality)
            lines.append(T("{party} is bound through {date}.", party=who, date=one.bound_until))
    if not lines:
        lines.append(T("The status of the agreement does not change."))
    facts = ((T("Event"), choices[answers[EVENT]]), (T("Reason"), answers[REASON]))
    return Explained(facts, tuple(lines))


def _line(visit: Visit, event: Event) -> str:
    words = visit.say(told(event, visit.desk.call))
    return f"{event.number}: {written(event.occurred_on)}, {words}"


ROUTES = (Route("/klynge/{cluster}/feilfort", endpoint(void), methods=["GET", "POST"]),)
