"""Kalender og Excel: calendars, the overview, the report, and the member sheet out and back in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.app import now
from ksf_agreements.domain.member_form import CHOICES, Change, Kind
from ksf_agreements.errors import InputError, KsfError, Problem
from ksf_agreements.services.clusters import sheets
from ksf_agreements.services.following import exporting
from ksf_agreements.services.following import report as pages
from ksf_agreements.services.following.calendar import Choice, entries
from ksf_agreements.text import TN, T, Text
from ksf_agreements.web.asked import file_of, read_upload
from ksf_agreements.web.downloads import ICS, XLSX, download
from ksf_agreements.web.pages import Notice
from ksf_agreements.web.routes.cluster import name_of
from ksf_agreements.web.visit import Visit, endpoint

CLUSTER, REGION, PARTY, FILE, REMOVE = "klynge", "region", "kommune", "fil", "fjern"
_NAME = "skjema.xlsx"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A filled sheet that was shown and not confirmed yet."""

    cluster: str
    data: bytes
    remove_missing: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What a sheet changes in one field."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Group:
    """What a sheet changes for one municipality, or for the cluster."""

    name: str
    lines: tuple[Line, ...]


def show(visit: Visit) -> Response:
    """Show what can be taken away, and where a filled sheet comes in."""
    return _page(visit)


def _page(
    visit: Visit,
    code: int = 200,
    *,
    refusal: str = "",
    problems: Sequence[Problem] = (),
    notices: Sequence[Notice] = (),
) -> Response:
    desk = visit.desk
    with_file = tuple(path.stem for path in desk.workspace.cluster_paths())
    names = {one: name_of(visit, desk.read(one), one) for one in dict.fromkeys((*desk.clusters(), *with_file))}
    files = tuple((one, names[one]) for one in with_file)
    return visit.page(
        "exports.html",
        code,
        notices=tuple(notices),
        agreements=tuple(sorted(((one, names[one]) for one in desk.clusters()), key=lambda one: one[1])),
        regions=tuple((key, f"KSF {one.name}") for key, one in desk.workspace.regions.items()),
        files=files,
        suggestions=tuple((one.number, one.title(with_county=True)) for one in desk.municipalities.in_use()),
        refusal=refusal,
        problems=problems,
        chosen=visit.text(CLUSTER) or visit.query(CLUSTER),
        remove=bool(visit.text(REMOVE)),
        party=visit.query(PARTY),
        region=visit.query(REGION),
    )


def calendar(visit: Visit) -> Response:
    """Return a calendar file: of all, an agreement, a region or a municipality."""
    desk, say = visit.desk, visit.say
    cluster, region, typed = visit.query(CLUSTER), visit.query(REGION), visit.query(PARTY).strip()
    try:
        party = desk.municipality(typed).number if typed else ""
        found = entries(desk, Choice(cluster, region, party), desk.today, say)
    except KsfError as fault:
        return _page(visit, 422, refusal=say(fault.message))
    from ksf_agreements.delivery.calendar import calendar_file  # icalendar takes its time

    parts = (cluster, desk.workspace.regions[region].name if region else "", desk.call(party) if party else "")
    name = " – ".join((say(T("KSF agreements")), *(part for part in parts if part)))
    file = "-".join(("ksf-kalender", *(part for part in (cluster, region, party) if part)))
    return download(calendar_file(found, name, say.language, now()), f"{file}.ics", ICS)


def overview(visit: Visit) -> Response:
    """Return the overview as a workbook, of all or of a region."""
    desk, region = visit.desk, visit.query(REGION)
    try:
        data = exporting.export(desk, desk.today, visit.say, region)
    except KsfError as fault:
        return _page(visit, 422, refusal=visit.say(fault.message))
    name = "-".join(part for part in ("ksf-oversikt", region, desk.today.isoformat()) if part)
    return download(data, f"{name}.xlsx", XLSX)


def report(visit: Visit) -> Response:
    """Return the report as one HTML file."""
    desk = visit.desk
    page = pages.report_page(desk, desk.today, visit.say, visit.say.language)
    return download(page.encode(), f"ksf-rapport-{desk.today.isoformat()}.html", "text/html")


def member_sheet(visit: Visit) -> Response:
    """Return the member sheet of a cluster."""
    cluster = visit.path["cluster"]
    if all(path.stem != cluster for path in visit.desk.workspace.cluster_paths()):
        raise HTTPException(404)
    try:
        data = sheets.make_sheet(visit.app.workspace, visit.app.municipalities, cluster, visit.app.today, visit.say)
    except InputError as fault:
        return _page(visit, 422, refusal=visit.say(fault.message), problems=fault.problems)
    return download(data, f"medlemsark-{cluster}.xlsx", XLSX)


def take_in(visit: Visit) -> Response:
    """Show what a filled sheet would change; write it when that is confirmed."""
    key = visit.text("skjema")
    if key:
        held = visit.office.backroom.held(visit.session, key, Sheet)
        if held is None:
            text = T("The sheet is no longer here. Choose it once more; nothing was written.")
            return _page(visit, 422, refusal=visit.say(text))
    else:
        try:
            held = _uploaded(visit)
        except KsfError as fault:
            return _page(visit, 422, refusal=visit.say(fault.message))
    try:
        with TemporaryDirectory(prefix="ksf-web-") as folder:
            path = Path(folder) / _NAME
            path.write_bytes(held.data)
            found = sheets.plan(visit.app.checker(()), held.cluster, path, remove_missing=held.remove_missing)
        if key and visit.text("steg") == "bekreft":
            return _written(visit, held, found, key)
    except InputError as fault:
        return _page(visit, 422, refusal=visit.say(fault.message), problems=fault.problems)
    except KsfError as fault:
        return _page(visit, 422, refusal=visit.say(fault.message))
    return _changes(visit, held, found, key or visit.office.backroom.hold(visit.session, held, len(held.data)))


def _uploaded(visit: Visit) -> Sheet:
    upload = file_of(visit, FILE)
    if upload is None:
        raise KsfError(T("Choose the filled sheet first. Nothing was written."))
    return Sheet(visit.text(CLUSTER), read_upload(upload), bool(visit.text(REMOVE)))


def _written(visit: Visit, held: Sheet, found: sheets.Plan, key: str) -> Response:
    """Write what was shown, and nothing else."""
    if visit.text("vist") != _digest(found):
        text = T("The cluster file has changed since the page was made. Nothing was written; look through it again.")
        return _changes(visit, held, found, key, Notice("warning", visit.say(text)))
    sheets.apply(found)
    count = len(found.changes)
    text = TN("{n} change written to {file}.", "{n} changes written to {file}.", count, file=found.path.name)
    return visit.redirect("/last-ned", Notice("success", visit.say(text)))


def _digest(found: sheets.Plan) -> str:
    """Return a name of what a plan does: the same file before, the same after."""
    return hashlib.sha256(hashlib.sha256(found.before).digest() + found.after).hexdigest()


def _changes(visit: Visit, held: Sheet, found: sheets.Plan, key: str, *notices: Notice) -> Response:
    groups: dict[str, list[Line]] = {}
    for one in found.changes:
        label = visit.say(one.label)
        label = f"{label} ({one.person})" if one.person else label
        line = Line(label, _value(visit, one, one.old), _value(visit, one, one.new))
        groups.setdefault(one.municipality, []).append(line)
    return visit.page(
        "sheet_changes.html",
        409 if notices else 200,
        notices=notices,
        id=held.cluster,
        groups=tuple(
            Group(_call(visit, number) if number else visit.say(T("The cluster")), tuple(lines))
            for number, lines in groups.items()
        ),
        count=len(found.changes),
        warnings=found.warnings,
        missing=tuple(_call(visit, number) for number in found.missing),
        removes=held.remove_missing,
        comments=found.comments,
        is_stale=found.is_stale,
        key=key,
        digest=_digest(found),
    )


def _value(visit: Visit, change: Change, text: str) -> str:
    if not text:
        return visit.say(T("(blank)"))
    if change.kind is Kind.MUNICIPALITY:
        return _call(visit, text)
    if change.kind is Kind.DATE:
        day = date.fromisoformat(text)
        return f"{day.day}.{day.month}.{day.year}"
    words: Text | None = CHOICES[change.kind].get(text) if change.kind in CHOICES else None
    return visit.say(words) if words is not None else text


def _call(visit: Visit, number: str) -> str:
    known = visit.app.municipalities.get(number)
    return f"{number} {known.title()}" if known else number


ROUTES = (
    Route("/last-ned", endpoint(show)),
    Route("/last-ned/kalender.ics", endpoint(calendar)),
    Route("/last-ned/oversikt.xlsx", endpoint(overview)),
    Route("/last-ned/rapport.html", endpoint(report)),
    Route("/last-ned/kommuneskjema/{cluster}.xlsx", endpoint(member_sheet)),
    Route("/last-ned/kommuneskjema", endpoint(take_in), methods=["POST"]),
)
