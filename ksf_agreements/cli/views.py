"""Commands that look: status, due, parties, log and why. Each takes a date, and speaks as table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import click

from ksf_agreements.cli.base import N, command, option, say
from ksf_agreements.cli.desk import number, on_option, open_desk
from ksf_agreements.domain.agreement import Role
from ksf_agreements.domain.folded import STATUS_WORDS, Reason, Status
from ksf_agreements.domain.status import PARTY_WORDS, PartyState, PartyStatus
from ksf_agreements.domain.telling import dated, told
from ksf_agreements.errors import UsageError
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.following import overview, recurring
from ksf_agreements.services.following.overview import Standing, View
from ksf_agreements.text import T

_WITHIN = re.compile(r"(\d{1,4})\s*([dwmy]?)")
_DAYS = {"": 1, "d": 1, "w": 7, "m": 31, "y": 366}


def format_option(*forms: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the option ``--format``."""
    return option("--format", "form", help=N("How to print."), type=click.Choice(forms), default=forms[0])


def as_json(value: object) -> str:
    """Return a value as JSON for programs."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV with semicolons, as Norwegian Excel opens it; no cell can be a formula."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")  # so that cells with either are quoted
    lines = []
    for row in (header, *([_cell(value) for value in row] for row in rows)):
        writer.writerow(row)
        lines.append(target.getvalue().removesuffix("\r\n"))
        target.seek(0)
        target.truncate()
    return "\n".join(lines)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def status_json(desk: Desk, shown: View) -> dict[str, object]:
    """Return an agreement's status as programs read it."""
    status = shown.status
    coming = status.upcoming
    return {
        "cluster": status.cluster,
        "name": status.name,
        "version": status.version,
        "status": str(status.status),
        "in_force_from": _iso(status.in_force_from),
        "valid_until": _iso(status.valid_until),
        "signed": status.signed,
        "of": status.of,
        "parties": [_party_json(desk, party) for party in status.parties],
        "next": [
            {"date": item.due.isoformat(), "what": say(item.what), "who": item.who, "clause": item.clause}
            for item in shown.due
        ],
        "upcoming": None
        if coming is None
        else {
            "version": coming.version,
            "basis": str(coming.basis),
            "status": str(coming.status),
            "signed": coming.signed,
            "of": coming.of,
            "valid_from": _iso(coming.valid_from),
            "valid_until": _iso(coming.valid_until),
        },
        "region": shown.region,
        "ends_on": _iso(status.ends_on),
        "why": _reason_json(status.reason),
        "alerts": [_reason_json(alert) for alert in shown.alerts],
    }


def _party_json(desk: Desk, party: PartyStatus) -> dict[str, object]:
    known = desk.municipalities.get(party.municipality)
    return {
        "municipality": party.municipality,
        "name": known.title() if known else party.municipality,
        "role": str(party.role),
        "state": str(party.state),
        "signed_on": _iso(party.signed_on),
        "bound_from": _iso(party.bound_from),
        "bound_until": _iso(party.bound_until),
    }


def _reason_json(reason: Reason) -> dict[str, object]:
    return {"text": say(reason.text), "clause": reason.clause, "event": reason.event or None}


def _day(day: date | None) -> str:
    return f"{day.day}.{day.month}.{day.year}" if day else "–"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@command(help=N("How agreements stand: all of them by region, or one with its parties; on a date, as known now."))
@click.argument("cluster", required=False)
@on_option(N("The situation of that date (else today)."))
@format_option("table", "json", "csv")
def status(cluster: str | None, on: date | None, form: str) -> None:
    """Look and print."""
    desk = open_desk()
    day = on or desk.today
    if form == "table":
        if cluster:
            _print_one(desk, overview.view(desk, cluster, day))
        else:
            _print_all(desk, overview.rows(desk, day), day)
        return
    shown = (overview.view(desk, cluster, day),) if cluster else overview.views(desk, day)
    if form == "json":
        rows = [status_json(desk, one) for one in shown]
        click.echo(as_json(rows[0] if cluster else rows))
    else:
        click.echo(_status_csv(desk, shown))


def _status_csv(desk: Desk, shown: Sequence[View]) -> str:
    header = ("region", "cluster", "name", "status", "version", "in_force_from", "valid_until", "municipality", "party",
              "role", "state", "signed_on", "bound_from", "bound_until")  # fmt: skip
    rows = []
    for one in shown:
        status = one.status
        about = (
            one.region,
            status.cluster,
            status.name,
            status.status,
            status.version,
            status.in_force_from,
            status.valid_until,
        )
        for party in status.parties:
            cells = _party_json(desk, party)
            rows.append((*about, *cells.values()))
    return as_csv(header, rows)


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _print(*things: Any) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    for thing in things:
        console.print(thing, markup=False)


def _print_one(desk: Desk, shown: View) -> None:
    status = shown.status
    click.echo(f"{status.name or status.cluster} ({status.cluster})")
    words = say(STATUS_WORDS[status.status])
    click.echo(f"{say(T('Status'))}: {_because(words, say(status.reason.text))}")
    if status.in_force_from and status.status is not Status.IN_FORCE:
        click.echo(say(T("In force from {date}", date=status.in_force_from)))
    if status.valid_until:
        click.echo(say(T("Valid through {date}", date=status.valid_until)))
    click.echo(say(T("Signed: {signed} of {of}", signed=status.signed, of=status.of)))
    table = _table(*(say(T(name)) for name in _PARTY_HEADS))
    for party in status.parties:
        table.add_row(*_party_row(desk, party))
    _print(table)
    if status.upcoming:
        coming = status.upcoming
        text = T(
            "On its way: version {n} ({signed} of {of} have signed)",
            n=coming.version,
            signed=coming.signed,
            of=coming.of,
        )
        click.echo(say(text))
    for alert in shown.alerts:
        click.echo(f"! {say(alert.text)}")
    for item in shown.due[:6]:
        click.echo(f"→ {say(dated(item, shown.folded.call))}")


def _because(state: str, reason: str) -> str:
    """Return a state and why it is so, without saying the same twice: 'bound from 1.2.2026'."""
    return reason if reason.startswith(state.split(" (", maxsplit=1)[0]) else f"{state} – {reason}"


_CLUSTER_HEADS = (N("Cluster"), N("Status"), N("Signed"), N("Valid through"), N("Next"))
_PARTY_HEADS = (N("Party"), N("State"), N("Signed"), N("Bound from"), N("Through"))
_MOTOR = T("motor")


def _party_row(desk: Desk, party: PartyStatus) -> tuple[str, ...]:
    known = desk.municipalities.get(party.municipality)
    motor = f" ({say(_MOTOR)})" if party.role is Role.MOTOR_MUNICIPALITY else ""
    state = PARTY_WORDS[party.state]
    if party.state is PartyState.LEAVING:
        state = T(state.msgid, date=party.bound_until or "")
    elif party.signed_on and party.state in {PartyState.INVITED, PartyState.APPROVED}:
        state = party.reason.text  # a signature with a reservation
    return (
        f"{party.municipality} {known.name if known else ''}{motor}".strip(),
        say(state),
        _day(party.signed_on),
        _day(party.bound_from),
        _day(party.bound_until),
    )


def _print_all(desk: Desk, shown: Sequence[Standing], day: date) -> None:
    if not shown:
        click.echo(say(T("There are no clusters yet. Write one in the folder clusters, or run 'ksf init'.")))
        return
    first = overview.nearest(desk, day)

    def when(one: Standing) -> tuple[date, str]:
        item = first.get(one.cluster)
        return (item.due if item else date.max, one.cluster)

    for place, key in enumerate(dict.fromkeys(one.region for one in shown)):
        if place:
            click.echo()
        region = desk.workspace.regions.get(key)
        click.echo(f"KSF {region.name}" if region else say(T("Without a region")))
        table = _table(*(say(T(name)) for name in _CLUSTER_HEADS))
        for one in sorted((one for one in shown if one.region == key), key=when):
            item = first.get(one.cluster)
            nearest = say(dated(item, desk.call)) if item else "–"
            signed = f"{one.signed}/{one.of}"
            table.add_row(one.cluster, say(STATUS_WORDS[one.status]), signed, _day(one.valid_until), nearest)
        _print(table)
    alone = overview.without_cluster(desk, day)
    for key, municipalities in alone.items():
        name = desk.workspace.regions[key].name
        names = tuple(one.name for one in municipalities)
        if names:
            text = T(
                "Municipalities without a cluster in KSF {region} ({n}): {names}",
                region=name,
                n=len(names),
                names=names,
            )
            click.echo()
            _print(say(text))


@command(
    help=N(
        "What is due, nearest first: renewal steps, notice ends, signing deadlines, missing copies, the year's tasks "
        "and reports to KS."
    )
)
@option("--within", help=N("How far ahead: 180d, 12w, 6m or 1y."), default="180d", metavar="TIME")
@on_option(N("Counted from that date (else today)."))
@format_option("table", "json", "csv")
def due(within: str, on: date | None, form: str) -> None:
    """Look and print."""
    match = _WITHIN.fullmatch(within.strip())
    if not match:
        raise UsageError(T("'{value}' is no length of time. Write 180d, 12w, 6m or 1y.", value=within))
    desk = open_desk()
    found = recurring.due(desk, on or desk.today, timedelta(days=int(match[1]) * _DAYS[match[2]]))
    keys = ("date", "cluster", "what", "who", "party", "clause")
    rows = [
        (item.obligation.due.isoformat(), item.cluster, say(item.obligation.what), item.obligation.who,
         item.obligation.party, item.obligation.clause)
        for item in found
    ]  # fmt: skip
    if form == "json":
        click.echo(as_json([dict(zip(keys, row, strict=True)) for row in rows]))
    elif form == "csv":
        click.echo(as_csv(keys, rows))
    elif not rows:
        click.echo(say(T("Nothing is due in that time.")))
    else:
        table = _table(*(say(T(name)) for name in (N("Date"), N("Cluster"), N("What"), N("Party"), N("Clause"))))
        for item in found:
            one = item.obligation
            party = desk.call(one.party) if one.party else "–"
            table.add_row(_day(one.due), item.cluster, say(one.what), party, one.clause)
        _print(table)


@command(help=N("Who is bound by an agreement on a date: those parties and no others."))
@click.argument("cluster")
@on_option(N("The date (else today)."))
@format_option("table", "json", "csv")
def parties(cluster: str, on: date | None, form: str) -> None:
    """Look and print."""
    desk = open_desk()
    shown = overview.view(desk, cluster, on or desk.today)
    bound = set(shown.folded.bound())
    rows = [_party_json(desk, party) for party in shown.status.parties if party.municipality in bound]
    rows += [
        {"municipality": one, "name": shown.folded.call(one)}
        for one in bound - {str(row["municipality"]) for row in rows}
    ]
    if form == "json":
        click.echo(as_json(rows))
    elif form == "csv":
        click.echo(as_csv(tuple(rows[0]) if rows else ("municipality",), [tuple(row.values()) for row in rows]))
    elif not rows:
        click.echo(say(T("Nobody is bound on that day.")))
    else:
        for row in rows:
            click.echo(f"{row['municipality']} {row['name']}")


@command(help=N("The journal: what happened, when, and who recorded it."))
@click.argument("cluster", required=False)
@on_option(N("What had happened by that date."))
@format_option("table", "json", "csv")
def log(cluster: str | None, on: date | None, form: str) -> None:
    """Look and print."""
    desk = open_desk()
    with desk.register.reading() as transaction:
        events = transaction.events(cluster)
        actors = {event.number: (transaction.person(event.actor) or {}).get("name", "–") for event in events}
    if cluster is not None and not events:
        overview.view(desk, cluster, desk.today)  # says so where there is no such cluster
    folded = desk.read(cluster or "", desk.today)
    keys = ("event", "occurred_on", "cluster", "kind", "what", "recorded_at", "actor")
    rows = [
        (event.number, event.occurred_on.isoformat(), event.agreement, event.kind, say(told(event, folded.call)),
         event.recorded_at.isoformat(timespec="seconds"), actors[event.number])
        for event in events
        if on is None or event.occurred_on <= on
    ]  # fmt: skip
    if form == "json":
        click.echo(as_json([dict(zip(keys, row, strict=True)) for row in rows]))
    elif form == "csv":
        click.echo(as_csv(keys, rows))
    else:
        for row, event in zip(rows, (one for one in events if on is None or one.occurred_on <= on), strict=True):
            click.echo(f"{row[0]:>5}  {_day(event.occurred_on):>10}  {row[2]}  {row[4]}  ({row[6]})")


@command(help=N("Why an agreement, or one of its parties, stands as it does: the clause and the event."))
@click.argument("cluster")
@click.argument("party", required=False)
@on_option(N("The situation of that date (else today)."))
@format_option("table", "json")
def why(cluster: str, party: str | None, on: date | None, form: str) -> None:
    """Look and print."""
    desk = open_desk()
    shown = overview.view(desk, cluster, on or desk.today)
    reasons: list[tuple[str, str, Reason]] = []
    if party is None:
        reasons.append((cluster, say(STATUS_WORDS[shown.status.status]), shown.status.reason))
        reasons += [(cluster, "!", alert) for alert in shown.alerts]
    wanted = number(desk, party) if party else None
    for one in shown.status.parties:
        if wanted in {None, one.municipality}:
            row = _party_row(desk, one)
            reasons.append((row[0], row[1], one.reason))
    if wanted is not None and not reasons:
        raise UsageError(T("{party} is no party of {cluster}.", party=shown.folded.call(wanted), cluster=cluster))
    if form == "json":
        click.echo(as_json([{"who": who, "state": state, **_reason_json(reason)} for who, state, reason in reasons]))
        return
    events = {event.number: event for event in shown.folded.events}
    for who, state, reason in reasons:
        text = say(reason.text)
        click.echo(f"! {text}" if state == "!" else f"{who}: {_because(state, text)}")
        clause = say(T("clause {clause}", clause=reason.clause)) if reason.clause else ""
        event = events.get(reason.event)
        source = f"{say(told(event, shown.folded.call))} ({_day(event.occurred_on)}, #{event.number})" if event else ""
        if line := " · ".join(part for part in (clause, source) if part):
            click.echo(f"    {line}")
