"""What is recorded of a signing beside the signatures: sending out, approvals, refusals and the rest, as a table.

A new act is a row: its address, what is explained before it, its fields, whom it can be about, and the service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.cluster import ApprovalBody
from ksf_agreements.domain.events import ApprovalPurpose, Outcome, SignatureRecorded
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import InputError, KsfError, UsageError
from ksf_agreements.services.agreements import issuing
from ksf_agreements.services.desk import Desk, Done
from ksf_agreements.services.rehearsing import rehearsal
from ksf_agreements.services.signing import recording
from ksf_agreements.text import T, Text
from ksf_agreements.web import done as told
from ksf_agreements.web.asked import Answers, Field, Kind, answered, started, uploaded
from ksf_agreements.web.days import written
from ksf_agreements.web.routes.cluster import known, name_of
from ksf_agreements.web.visit import Visit, endpoint

Words: TypeAlias = tuple[tuple[str, Text], ...]

BODIES: Words = (
    (str(ApprovalBody.MUNICIPAL_DIRECTOR), T("municipal director (kommunedirektør)")),
    (str(ApprovalBody.CITY_GOVERNMENT), T("city government (byråd)")),
    (str(ApprovalBody.EXECUTIVE_COMMITTEE), T("executive committee (formannskap)")),
    (str(ApprovalBody.COUNCIL), T("municipal council")),
)
COUNCILS: Words = (
    ("kommunestyre", T("municipal council (kommunestyre)")),
    ("bystyre", T("city council (bystyre)")),
    ("heradsstyre", T("council of a herad (heradsstyre)")),
)
OUTCOMES: Words = (
    (str(Outcome.INFORMATION), T("taken as information")),
    (str(Outcome.DECIDED), T("decided")),
)
PURPOSES: Words = (
    (str(ApprovalPurpose.AGREEMENT), T("the agreement")),
    (str(ApprovalPurpose.RENEWAL), T("a renewal")),
    (str(ApprovalPurpose.ACCESSION), T("joining")),
    (str(ApprovalPurpose.NOTICE), T("a notice")),
)
CHANNELS: Words = (
    ("manual", T("by e-mail, post or upload, by hand")),
    ("folder", T("through a folder that a signing service fetches from")),
)


@dataclass(frozen=True, slots=True)
class Case:
    """What an act is done with: the desk, the agreement, its answers, and the file that came with them."""

    desk: Desk
    cluster: str
    answers: Answers
    file: Path | None
    folder: Path

    @property
    def party(self) -> str:
        """The municipality it is about."""
        return self.answers["part"]

    @property
    def on(self) -> date:
        """The day it happened; today where nobody said."""
        return self.answers.day("dag", self.desk.today)


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of an act, before its choices have their words; '' as ``name`` of the municipality is the act's own."""

    name: str
    label: Text
    kind: Kind = Kind.LINE
    help: Text | None = None
    required: bool = False
    choices: Words = ()


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to record. `about` explains it; `whom` are the parties it can be about, None where it is about none.

    `asks_again`: what would come of it is shown, and it is done when a person confirms.
    """

    slug: str
    title: Text
    button: Text
    about: tuple[Text, ...]
    fields: tuple[Asked, ...]
    do: Callable[[Case], Done]
    whom: Callable[[Version], tuple[str, ...]] | None = None
    open_only: bool = False
    asks_again: bool = False

    def is_for(self, folded: Folded, version: Version) -> bool:
        """Whether there is somebody it can be about just now."""
        if self.open_only and folded.open_version is None:
            return False
        return self.whom is None or bool(self.whom(version))


DAY = Asked("dag", T("Day"), Kind.DAY, required=True)
FILE = Asked("fil", T("Document"), Kind.FILE, T("It is kept in the register. At most 30 MB."))


def _all(version: Version) -> tuple[str, ...]:
    return version.terms.parties


def _unsigned(version: Version) -> tuple[str, ...]:
    return tuple(
        party
        for party in version.terms.parties
        if version.records[party].signature is None and version.records[party].declined is None
    )


def _reserved(version: Version) -> tuple[str, ...]:
    found = []
    for party in version.terms.parties:
        record = version.records[party]
        payload = record.signature.payload if record.signature else None
        if isinstance(payload, SignatureRecorded) and payload.reservation and record.lifted is None:
            found.append(party)
    return tuple(found)


def _confirming(version: Version) -> tuple[str, ...]:
    before = version.replaces
    if before is None or set(before.terms.parties) <= set(version.terms.parties):
        return ()
    return tuple(
        party
        for party in version.terms.parties
        if before.counts_from(party) is not None
        and version.records[party].signature is None
        and version.records[party].confirmed is None
    )


def _removable(version: Version) -> tuple[str, ...]:
    parties = version.terms.parties
    return tuple(party for party in parties if party != version.terms.motor_municipality) if len(parties) > 2 else ()


_ROWS = (
    Act(
        "utsending",
        T("Sent out for signing"),
        T("Record that it was sent"),
        (
            T("Record it when the agreement has been sent to those who sign. Reminders count from that day."),
            T("National e-signing keeps a job open for 90 days at most."),
        ),
        (
            Asked("dag", T("Day it was sent"), Kind.DAY, required=True),
            Asked("frist", T("When the signatures are wanted"), Kind.DAY),
            Asked("kanal", T("How it was sent"), Kind.CHOICE, choices=CHANNELS),
        ),
        lambda case: recording.open_signing(
            case.desk, case.cluster, case.on, case.answers.days.get("frist"), case.answers["kanal"] or "manual"
        ),
        open_only=True,
    ),
    Act(
        "godkjenning",
        T("Approval in a municipality"),
        T("Record the approval"),
        (
            T(
                "Clause 5: the agreement is approved by the municipal director or the city government, as the "
                "municipality's own delegation rules say. A missing approval never stops a signature, it is told."
            ),
        ),
        (
            Asked("organ", T("Who approved"), Kind.CHOICE, required=True, choices=BODIES),
            Asked("dag", T("Day of the decision"), Kind.DAY, required=True),
            Asked("sak", T("Case number")),
            Asked("formaal", T("What was approved"), Kind.CHOICE, choices=PURPOSES),
            FILE,
        ),
        lambda case: recording.approve(
            case.desk,
            case.cluster,
            case.party,
            case.on,
            body=case.answers["organ"],
            case=case.answers["sak"],
            purpose=ApprovalPurpose(case.answers["formaal"] or ApprovalPurpose.AGREEMENT),
            file=case.file,
        ),
        whom=_all,
    ),
    Act(
        "fremleggelse",
        T("Put before the council"),
        T("Record the presentation"),
        (
            T(
                "Clause 5 recommends that the agreement is put before the council. It is recorded apart from the "
                "approval."
            ),
        ),
        (
            Asked("organ", T("Which council"), Kind.CHOICE, required=True, choices=COUNCILS),
            Asked("utfall", T("What came of it"), Kind.CHOICE, required=True, choices=OUTCOMES),
            Asked("dag", T("Day of the meeting"), Kind.DAY, required=True),
            Asked("sak", T("Case number")),
            FILE,
        ),
        lambda case: recording.present(
            case.desk,
            case.cluster,
            case.party,
            case.on,
            body=case.answers["organ"],
            outcome=Outcome(case.answers["utfall"]),
            case=case.answers["sak"],
            file=case.file,
        ),
        whom=_all,
    ),
    Act(
        "forbehold",
        T("A reservation has fallen away"),
        T("Record that it fell away"),
        (T("The signature counts from the day the reservation falls away: the day of the approval, say."),),
        (DAY,),
        lambda case: recording.lift_reservation(case.desk, case.cluster, case.party, case.on),
        whom=_reserved,
    ),
    Act(
        "avslag",
        T("Does not want to take part"),
        T("Record it"),
        (
            T(
                "The agreement names its parties (clause 2), so it cannot be in force without this one: leave it out "
                "afterwards, which makes a new version."
            ),
        ),
        (Asked("dag", T("Day it was told"), Kind.DAY, required=True),),
        lambda case: recording.decline(case.desk, case.cluster, case.party, case.on),
        whom=_unsigned,
        open_only=True,
    ),
    Act(
        "uten-part",
        T("Leave a municipality out"),
        T("Show what would come of it"),
        (
            T("A new version is made, without the municipality, and takes the place of the one that is open."),
            T(
                "Those who have signed keep their signature only when they confirm in writing that the agreement "
                "stands without who was left out, or sign anew."
            ),
            T("The motor municipality cannot be left out: choose another first, under Fill in."),
        ),
        (Asked("dag", T("Day of issue"), Kind.DAY, required=True),),
        lambda case: issuing.remove_party(case.desk, case.cluster, case.party, case.on, case.folder),
        whom=_removable,
        open_only=True,
        asks_again=True,
    ),
    Act(
        "bekreftelse",
        T("Confirms that it stands without who was left out"),
        T("Record the confirmation"),
        (
            T(
                "The municipality signed the version before. With its confirmation in writing that signature counts "
                "still."
            ),
        ),
        (Asked("dag", T("Day of the confirmation"), Kind.DAY, required=True), FILE),
        lambda case: recording.confirm(case.desk, case.cluster, case.party, case.on, case.file),
        whom=_confirming,
        open_only=True,
    ),
)
ACTS: Mapping[str, Act] = MappingProxyType({row.slug: row for row in _ROWS})


def address(cluster: str, page: str = "") -> str:
    """Return the address of a cluster, or of one of its pages."""
    return f"/klynge/{quote(cluster, safe='')}{'/' if page else ''}{page}"


def here(cluster: str) -> str:
    """Return the address of a cluster's signatures."""
    return address(cluster, "signaturer")


def act_form(visit: Visit) -> Response:
    """Show the form of an act."""
    cluster, folded, one, fields = _meant(visit)
    given = {"part": visit.query("part"), "dag": written(visit.desk.today)}
    return _form(visit, cluster, folded, one, fields, started(fields, **given))


def act(visit: Visit) -> Response:
    """Do an act, or first show what would come of it; a refusal keeps what was typed."""
    cluster, folded, one, fields = _meant(visit)
    answers = answered(visit, fields)
    if answers.faults:
        return _form(visit, cluster, folded, one, fields, answers, status=422)
    is_shown = one.asks_again and visit.text("bekreft") != "ja"
    desk = rehearsal(visit.desk) if is_shown else visit.desk
    try:
        with uploaded(visit, "fil") as file, TemporaryDirectory(prefix="ksf-web-") as folder:
            done = one.do(Case(desk, cluster, answers, file, Path(folder)))
    except InputError as fault:
        problems = tuple(visit.say(problem.message) for problem in fault.problems if problem.is_error)
        refusal = " ".join((visit.say(fault.message), *problems))
        return _form(visit, cluster, folded, one, fields, answers, refusal, status=422)
    except KsfError as fault:
        return _form(visit, cluster, folded, one, fields, answers, visit.say(fault.message), status=422)
    if is_shown and done.repeated is None:
        return _form(visit, cluster, folded, one, fields, answers, done=done)
    more = () if done.repeated else done.notes
    return visit.redirect(here(cluster), *told.notices(visit.say, done, more))


def _meant(visit: Visit) -> tuple[str, Folded, Act, tuple[Field, ...]]:
    cluster, one = known(visit), ACTS.get(visit.path["act"])
    if one is None:
        raise UsageError(T("There is no such page here."))
    folded = visit.desk.read(cluster)
    version = folded.open_version or folded.in_force or (folded.versions[-1] if folded.versions else None)
    if version is None:
        raise UsageError(T("Nothing has been issued yet, so there is nothing to record."))
    return cluster, folded, one, tuple(_fields(visit, folded, version, one))


def _fields(visit: Visit, folded: Folded, version: Version, one: Act) -> tuple[Field, ...]:
    found = []
    if one.whom is not None:
        # A party that the act was about already is told so by the service, and not by a list without it.
        first = one.whom(version)
        sent = visit.text("part")
        ever = {party for known_ in folded.versions for party in known_.terms.parties}
        parties = (*first, *((sent,) if sent in ever and sent not in first else ()))
        choices = tuple((party, folded.call(party)) for party in parties)
        found.append(Field("part", T("Municipality"), Kind.CHOICE, required=True, choices=choices))
    for row in one.fields:
        words = tuple((value, visit.say(text)) for value, text in row.choices)
        start = words[0][0] if words else ""
        found.append(Field(row.name, row.label, row.kind, row.help, row.required, words, start))
    return tuple(found)


def _form(
    visit: Visit,
    cluster: str,
    folded: Folded,
    one: Act,
    fields: tuple[Field, ...],
    answers: Answers,
    refusal: str = "",
    status: int = 200,
    done: Done | None = None,
) -> Response:
    notes = () if done is None else tuple(visit.say(text) for text in done.notes)
    return visit.page(
        "act.html",
        status,
        id=cluster,
        name=name_of(visit, folded, cluster),
        act=one,
        fields=fields,
        answers=answers,
        refusal=refusal,
        nobody=bool(fields) and fields[0].name == "part" and not fields[0].choices,
        confirming=done is not None,
        notes=notes,
        party=folded.call(answers["part"]) if answers["part"] else "",
        parties=()
        if done is None or done.folded.open_version is None
        else done.folded.call_all(done.folded.open_version.terms.parties),
    )


_HERE = "/klynge/{cluster}/signaturer/{act}"
ROUTES = (Route(_HERE, endpoint(act_form)), Route(_HERE, endpoint(act), methods=["POST"]))
