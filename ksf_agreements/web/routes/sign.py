"""Registrer en signatur: with its file, which is looked at first and recorded on a yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.events import Authority, Event, Method, SignatureRecorded
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.verdict import Verdict, page_runs
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import KsfError, UsageError
from ksf_agreements.services.desk import Done, media_type_of
from ksf_agreements.services.rehearsing import rehearsal
from ksf_agreements.services.signing.evidence import Examiner
from ksf_agreements.services.signing.recording import Signature, SpeaksAgainst, sign
from ksf_agreements.services.signing.signatures import Row, brief, given, rows
from ksf_agreements.services.signing.signed_file import SignedFile
from ksf_agreements.services.signing.verdict_words import verdict_lines
from ksf_agreements.text import T
from ksf_agreements.web import done as told
from ksf_agreements.web.asked import Answers, Field, Kind, answered, file_of, read_upload, started
from ksf_agreements.web.pages import Notice
from ksf_agreements.web.routes.acts import here
from ksf_agreements.web.routes.cluster import known, name_of
from ksf_agreements.web.routes.signatures import AUTHORITIES, METHODS, WEIGHTS, Cell
from ksf_agreements.web.visit import Visit, endpoint


@dataclass(frozen=True, slots=True)
class Shown:
    """A signature that is held until somebody confirms it; `event` is the one it was recorded as, 0 before."""

    cluster: str
    said: Signature
    file_name: str
    event: int = 0


def _fields(visit: Visit, found: Sequence[Row]) -> tuple[Field, ...]:
    say = visit.say
    parties = tuple((one.party, one.called) for one in found if one.signature is None or one.lacks)
    methods = (("", say(T("As the file shows"))), *((str(one), say(words)) for one, words in METHODS.items()))
    return (
        Field("part", T("Municipality"), Kind.CHOICE, required=True, choices=parties),
        Field("dag", T("Day of the signature"), Kind.DAY, required=True),
        Field("navn", T("Who signed"), required=True, help=T("The name as it stands in the document.")),
        Field("tittel", T("Title"), help=T("For example ordfører.")),
        Field("maate", T("How it was signed"), Kind.CHOICE, choices=methods),
        Field(
            "fullmakt",
            T("By what power"),
            Kind.CHOICE,
            choices=tuple((str(one), say(words)) for one, words in AUTHORITIES.items()),
            start=str(Authority.MAYOR),
        ),
        Field(
            "forbehold",
            T("Signed with a reservation about approval"),
            Kind.YES,
            help=T("Then it counts from the day the reservation falls away, which you record here later."),
        ),
        Field(
            "fil",
            T("The signed file"),
            Kind.FILE,
            help=T("PDF or scan, at most 30 MB. You see what the file is before anything is recorded."),
        ),
    )


def _at_hand(visit: Visit) -> tuple[str, Folded, Version]:
    """Return the version that signatures are for: the one the form was opened for, else the open one."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    asked = visit.text("versjon") or visit.query("versjon")
    version = folded.version(int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None
    version = version or folded.open_version or folded.in_force
    if version is None:
        raise UsageError(T("Nothing has been issued yet, so there is nothing to sign."))
    return cluster, folded, version


def form(visit: Visit) -> Response:
    """Show the form of a signature, begun with who was planned."""
    cluster, folded, version = _at_hand(visit)
    found = rows(visit.desk, folded, version)
    fields = _fields(visit, found)
    planned = next((one for one in found if one.party == visit.query("part")), None)
    given_words = (
        {"part": planned.party, "navn": planned.planned_name, "tittel": planned.planned_title} if planned else {}
    )
    return _form(visit, cluster, folded, version, fields, started(fields, **given_words))


def _form(
    visit: Visit,
    cluster: str,
    folded: Folded,
    version: Version,
    fields: Sequence[Field],
    answers: Answers,
    refusal: str = "",
    status: int = 200,
) -> Response:
    return visit.page(
        "sign.html",
        status,
        id=cluster,
        name=name_of(visit, folded, cluster),
        version=version,
        fields=fields,
        answers=answers,
        refusal=refusal,
        everybody=not fields[0].choices,
    )


def send(visit: Visit) -> Response:
    """Take a signature: with a file it is looked at and held, without one it is recorded."""
    cluster, folded, version = _at_hand(visit)
    found = rows(visit.desk, folded, version)
    fields = _fields(visit, found)
    if visit.text("part") in version.terms.parties and visit.text("part") not in dict(fields[0].choices):
        everybody = tuple((one.party, one.called) for one in found)
        fields = (replace(fields[0], choices=everybody), *fields[1:])  # signed meanwhile, perhaps in another tab
    answers = answered(visit, fields)
    if answers.faults:
        return _form(visit, cluster, folded, version, fields, answers, status=422)
    upload = file_of(visit, "fil")
    try:
        said = _said(answers, version)
        if upload is None:
            done = sign(visit.desk, cluster, said)
            return visit.redirect(f"{here(cluster)}", *told.notices(visit.say, done))
        data = read_upload(upload)
        with visit.office.backroom.turn():
            verdict = Examiner(visit.desk).examine(data)
        said = replace(said, file=SignedFile(data, media_type_of(data), verdict))
        _rehearsed(visit, cluster, said)
    except KsfError as fault:
        return _form(visit, cluster, folded, version, fields, answers, visit.say(fault.message), 422)
    shown = Shown(cluster, said, (upload.filename or "")[-120:])
    key = visit.office.backroom.hold(visit.session, shown, len(data))
    return visit.redirect(f"{here(cluster)}/se/{key}")


def _said(answers: Answers, version: Version) -> Signature:
    return Signature(
        party=answers["part"],
        on=answers.days["dag"],
        name=answers["navn"],
        title=answers["tittel"],
        method=Method(answers["maate"]) if answers["maate"] else None,
        authority=Authority(answers["fullmakt"] or Authority.MAYOR),
        reservation=answers["forbehold"] == "ja",
        version=version.number,
    )


def _rehearsed(visit: Visit, cluster: str, said: Signature) -> Done:
    """Return what would be recorded, also where the file speaks against it. Raises `Refused`."""
    return sign(rehearsal(visit.desk), cluster, replace(said, even_so=True))


# The verdict, before it is recorded


def _held(visit: Visit, cluster: str) -> Shown | None:
    shown = visit.office.backroom.held(visit.session, visit.path["key"], Shown)
    return shown if shown is not None and shown.cluster == cluster else None


def look(visit: Visit, refusal: str = "", status: int = 200) -> Response:
    """Show what the file is, in plain words, and ask whether the signature is to be recorded."""
    cluster = known(visit)
    shown = _held(visit, cluster)
    if shown is None:
        return _gone(visit, cluster)
    if shown.event:
        return visit.redirect(f"{here(cluster)}", _already(visit, shown.event))
    try:
        done = _rehearsed(visit, cluster, shown.said)
    except KsfError as fault:
        return visit.redirect(f"{here(cluster)}", Notice("danger", visit.say(fault.message)))
    if done.repeated is not None:
        return visit.redirect(f"{here(cluster)}", *told.notices(visit.say, done))
    against = None
    try:
        sign(rehearsal(visit.desk), cluster, shown.said)
    except SpeaksAgainst as fault:
        against = fault.reason
    file = shown.said.file
    assert isinstance(file, SignedFile)  # noqa: S101 (nothing else is held)
    warnings = tuple(visit.say(one) for one in done.warnings if against is None or one.msgid != _EVEN_SO)
    return visit.page(
        "verdict.html",
        status,
        **_verdict(visit, cluster, shown.said.version or 0, file.verdict),
        id=cluster,
        name=name_of(visit, done.folded, cluster),
        file_name=shown.file_name,
        said=shown.said,
        called=visit.desk.call(shown.said.party),
        how=visit.say(METHODS[shown.said.method or file.method(shown.said.name)]),
        authority=visit.say(AUTHORITIES[shown.said.authority]),
        against=visit.say(against) if against else "",
        warnings=warnings,
        refusal=refusal,
        event=0,
    )


_EVEN_SO = "Recorded even so: {reason}"


def _verdict(visit: Visit, cluster: str, version: int, verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as the page shows it: in a few words, and in sentences, some below others."""
    weight, words = brief(verdict, cluster, version)
    lines = tuple(visit.say(one) for one in verdict_lines(verdict, visit.desk.call))
    return {
        "brief": Cell(visit.say(words), *WEIGHTS[weight]),
        "lines": tuple((line.strip(), line.startswith("  ")) for line in lines),
        "national_ids": page_runs(one for one in verdict.reading.national_ids if one) or "–"
        if verdict.reading.national_ids
        else "",
    }


def confirm(visit: Visit) -> Response:
    """Record the signature that was shown; a second time it is told that it is recorded."""
    cluster = known(visit)
    shown = _held(visit, cluster)
    if shown is None:
        return _gone(visit, cluster)
    if shown.event:
        return visit.redirect(f"{here(cluster)}", _already(visit, shown.event))
    said = replace(shown.said, even_so=visit.text("likevel") == "ja")
    try:
        done = sign(visit.desk, cluster, said)
    except SpeaksAgainst:
        words = T("The file speaks against the signature. Tick that it is right all the same, or choose another file.")
        return look(visit, visit.say(words), 422)
    except KsfError as fault:
        return look(visit, visit.say(fault.message), 422)
    event = done.repeated or done.events[0]
    visit.office.backroom.change(
        visit.path["key"], replace(shown, said=replace(said, file=None), event=event.number), 0
    )
    return visit.redirect(f"{here(cluster)}", *told.notices(visit.say, done))


def _already(visit: Visit, event: int) -> Notice:
    text = T("This is recorded already (event {number}); nothing was written.", number=event)
    return Notice("info", visit.say(text))


def _gone(visit: Visit, cluster: str) -> Response:
    text = T("The file is kept here for a few minutes only, and is gone now. Nothing was recorded: choose it again.")
    return visit.redirect(f"{here(cluster)}/registrer", Notice("warning", visit.say(text)))


# The verdict of what is recorded


def recorded(visit: Visit) -> Response:
    """Show what was found in the file of a signature that is recorded."""
    cluster = known(visit)
    event = signature_event(visit, cluster)
    with visit.desk.register.reading() as reader:
        signature = given(reader, event)
    if not signature.file:
        raise UsageError(T("No file was recorded with this signature."))
    payload = event.payload
    assert isinstance(payload, SignatureRecorded)  # noqa: S101 (just looked up as such)
    found = _verdict(visit, cluster, signature.version, signature.verdict) if signature.verdict else {}
    return visit.page(
        "verdict.html",
        **{"brief": None, "lines": (), "national_ids": "", **found},
        id=cluster,
        name=name_of(visit, visit.desk.read(cluster), cluster),
        file_name="",
        said=signature,
        called=visit.desk.call(payload.party),
        how=visit.say(METHODS[signature.method]),
        authority=visit.say(AUTHORITIES[signature.authority]),
        against="",
        warnings=(),
        refusal="",
        event=event.number,
    )


def signature_event(visit: Visit, cluster: str) -> Event:
    """Return the recorded signature that the address names. Raises `UsageError` where there is none."""
    asked = visit.path["event"]
    for event in visit.desk.read(cluster).events:
        if str(event.number) == asked and isinstance(event.payload, SignatureRecorded):
            return event
    raise UsageError(T("There is no such signature in this agreement."))


_HERE = "/klynge/{cluster}/signaturer"
ROUTES = (
    Route(f"{_HERE}/registrer", endpoint(form)),
    Route(f"{_HERE}/registrer", endpoint(send), methods=["POST"]),
    Route(f"{_HERE}/se/{{key}}", endpoint(look)),
    Route(f"{_HERE}/se/{{key}}", endpoint(confirm), methods=["POST"]),
    Route(f"{_HERE}/hendelse/{{event}}", endpoint(recorded)),
)
