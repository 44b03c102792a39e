"""Events and situations in sentences: what happened, and what comes next; for the log, commands and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, TypeAlias

from ksf_agreements.domain.deadlines import LASTING, Obligation, obligations
from ksf_agreements.domain.events import Event, PackageMade, Payload, Task
from ksf_agreements.domain.folded import Folded, Status
from ksf_agreements.domain.recurring import TASKS
from ksf_agreements.domain.schedule import OCCASIONS
from ksf_agreements.domain.status import status_of
from ksf_agreements.text import TN, T, Text

Call: TypeAlias = Callable[[str], str]

SENTENCES: Mapping[str, Text] = MappingProxyType(
    {
        "agreement:version:issued": T("version {version} was issued for signing, valid until {valid_until}"),
        "agreement:approval:recorded": T("{party}: approved by {body}, case {case}"),
        "agreement:presentation:recorded": T("{party}: put before {body} ({outcome})"),
        "agreement:signing:opened": T("the signing of version {version} was opened"),
        "agreement:package:made": T("the package to sign of version {version} was made"),
        "agreement:file:received": T("a file that belongs to version {version} was received"),
        "agreement:signature:recorded": T("{party} signed version {version}"),
        "agreement:reservation:lifted": T("{party}: the reservation fell away"),
        "agreement:signature:declined": T("{party} does not want to take part"),
        "agreement:absence:confirmed": T("{party} confirmed that the agreement stands without who was left out"),
        "agreement:notice:received": T("notice of termination received from {party}"),
        "agreement:notice:copied": T("the regional coordinator got the copy of the notice from {party}"),
        "agreement:notice:withdrawn": T("{party} took its notice back"),
        "agreement:notice:given_to_party": T("notice given to {party}, which is bound through {ends_on}: {ground}"),
        "agreement:accession:recorded": T("{party} joined the agreement"),
        "agreement:amendment:recorded": T("version {version} amends version {amends}, clauses {clauses}"),
        "agreement:motor:changed": T("version {version} makes {new} the motor municipality after {old}"),
        "agreement:renewal:started": T("the parties were asked to renew until {valid_until}"),
        "agreement:contacts:changed": T("contact persons changed"),
        "agreement:focus_areas:adopted": T("focus areas adopted"),
        "agreement:plan:adopted": T("action plan for {year} adopted"),
        "agreement:party:continuation": T("{party} is continued by {successor}"),
        "agreement:task:done": T("done: {task}, {period}"),
        "agreement:reminder:sent": T("reminder sent: {rule}"),
        "agreement:event:voided": T("event {event} voided: {reason}"),
        "register:data:erased": T("personal data or files erased: {reason}"),
        "agreement:history:imported": T("entered from {source}"),
    }
)
_PARTIES = frozenset({"party", "old", "new", "successor"})


def told(event: Event, call: Call) -> Text:
    """Return what happened, as a sentence; ``call`` names a party."""
    return Text(SENTENCES[event.kind].msgid, tuple(_arguments(event.payload, call)))


def _arguments(payload: Payload, call: Call) -> Iterable[tuple[str, Any]]:
    for name, value in payload:
        if name in _PARTIES:
            yield name, call(value) if value else T("nobody")
        elif isinstance(value, date):
            yield name, value
        elif isinstance(value, Task):
            yield name, TASKS[value]
        elif name == "rule":
            yield name, OCCASIONS.get(value, value)
        elif isinstance(value, tuple):
            yield name, ", ".join(map(str, value)) or "–"
        else:
            yield name, str(value) if value not in {None, ""} else "–"


def next_steps(folded: Folded, limit: int = 3) -> tuple[Text, ...]:
    """Return what comes next in an agreement, nearest first."""
    status = status_of(folded)
    if status.status is Status.DRAFT:
        return (T("issue the agreement: ksf issue {cluster}", cluster=folded.cluster),)
    steps: list[Text] = []
    waiting = folded.open_version
    if waiting is not None and waiting.opened is None and not waiting.signed_parties():
        if waiting.terms.documents and waiting.number not in _packaged(folded):
            steps.append(T("make the package to sign: ksf package {cluster}", cluster=folded.cluster))
        steps.append(T("open the signing: ksf open-signing {cluster}", cluster=folded.cluster))
    if waiting is not None:
        lacking = tuple(folded.call(one) for one in waiting.terms.parties if waiting.counts_from(one) is None)
        if lacking and waiting.in_force_from is None:
            text = TN(
                "{n} signature is lacking: {names}", "{n} signatures are lacking: {names}", len(lacking), names=lacking
            )
            steps.append(text)
    steps += [dated(item, folded.call) for item in upcoming_obligations(folded)]
    return tuple(steps[:limit])


def _packaged(folded: Folded) -> frozenset[int]:
    """Return the versions of which a package to sign has been made."""
    made = (event.payload for event in folded.events)
    return frozenset(payload.version for payload in made if isinstance(payload, PackageMade))


def upcoming_obligations(folded: Folded) -> tuple[Obligation, ...]:
    """Return what is due from the day of the fold on, and what is overdue and not done."""
    return tuple(item for item in obligations(folded) if item.due >= folded.on or item.code in LASTING)


def dated(item: Obligation, call: Call) -> Text:
    """Return an obligation as a line: the date, what, and whom it is about."""
    if item.party:
        return T("{date}: {what} ({party})", date=item.due, what=item.what, party=call(item.party))
    return T("{date}: {what}", date=item.due, what=item.what)
