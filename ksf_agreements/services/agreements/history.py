"""Enter agreements that were signed on paper before the register existed: all of a spreadsheet, or nothing.

The spreadsheet is kept in the register, like every file that something was recorded from; each agreement's first event
points at it. There are no documents: those are on paper.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ksf_agreements.domain.cluster import Accession, Cluster, Member, Region
from ksf_agreements.domain.events import (
    AccessionRecorded,
    Basis,
    Event,
    HistoryImported,
    PersonalRef,
    SignatureRecorded,
    VersionIssued,
)
from ksf_agreements.domain.folded import read, standing
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.domain.paper.checks import agreements_of
from ksf_agreements.domain.paper.rows import Column, PaperAgreement
from ksf_agreements.domain.status import AgreementStatus, status_of
from ksf_agreements.errors import InputError, Problem, UsageError
from ksf_agreements.loading.files import is_file, read_bounded, unreadable
from ksf_agreements.loading.history import PROBLEMS_LIMIT, read_history
from ksf_agreements.loading.sheets import BYTES_LIMIT
from ksf_agreements.register.chain import sha256
from ksf_agreements.register.transaction import NewEvent, Transaction
from ksf_agreements.services.agreements.issuing import new_document_id
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Imported:
    """What was entered: how each agreement stands now, and what is unusual in the sheet.

    `repeated` says that this very file was entered before; then nothing was appended.
    """

    agreements: tuple[AgreementStatus, ...]
    warnings: tuple[Problem, ...]
    repeated: bool = False


def import_history(desk: Desk, file: Path, encoding: str = "utf-8") -> Imported:
    """Enter every agreement of a spreadsheet. Raises `InputError` with every problem, with sheet, row and column."""
    data = _data(file)
    sheet = read_history(data, encoding)
    agreements, faults = agreements_of(sheet.rows, desk.municipalities, desk.workspace.regions, desk.today)
    problems = _in_order((*sheet.problems, *faults), len({row.place.sheet for row in sheet.rows}))
    with desk.register.writing() as transaction:
        known = {one.casefold(): one for one in transaction.agreements()}
        ids = {one.cluster: known.get(one.cluster.casefold(), "") for one in agreements}
        before = {cluster: transaction.events(id_) for cluster, id_ in ids.items() if id_}
        digest = sha256(data)
        repeated = bool(before) and all(_came_from(before.get(one.cluster, ()), digest) for one in agreements)
        if not repeated:
            problems += tuple(_refusals(agreements, before))
        if any(problem.is_error for problem in problems):
            raise _refused(file, problems)
        if not repeated:
            _append(desk, transaction, agreements, before, data)
        entered = tuple(
            status_of(read(one.cluster, transaction.events(one.cluster), desk.today, desk.municipalities))
            for one in agreements
        )
    return Imported(entered, problems, repeated)


def _in_order(problems: Iterable[Problem], sheets: int) -> tuple[Problem, ...]:
    """Return the problems from the top of the sheet downwards; those of several sheets as they were found."""
    return tuple(sorted(problems, key=lambda one: (one.line, one.column))) if sheets < 2 else tuple(problems)


def _data(file: Path) -> bytes:
    if not is_file(file):
        raise UsageError(T("The file {file} is not there.", file=str(file)))
    try:
        return read_bounded(file, BYTES_LIMIT)
    except OSError as fault:
        raise _refused(file, (unreadable(str(file), fault),)) from fault


def _refused(file: Path, problems: tuple[Problem, ...]) -> InputError:
    if len(problems) > PROBLEMS_LIMIT:
        more = Problem("more-problems", T("there are {count} problems; these are the first", count=len(problems)))
        problems = (*problems[:PROBLEMS_LIMIT], more)
    return InputError(T("Nothing was entered. Mend {file} and try again.", file=file.name), problems)


def _came_from(events: Iterable[Event], digest: str) -> bool:
    counting = standing(events, date.max)
    return any(isinstance(event.payload, HistoryImported) and event.payload.source == digest for event in counting)


def _refusals(agreements: Iterable[PaperAgreement], before: Mapping[str, tuple[Event, ...]]) -> Iterator[Problem]:
    """Yield a problem for each agreement that the register has; one whose versions are all voided is not there."""
    for one in agreements:
        events = standing(before.get(one.cluster, ()), date.max)
        if any(isinstance(event.payload, VersionIssued) for event in events):
            what = T("the register has the agreement '{id}' already", id=events[0].agreement)
            mend = T("Remove its rows; what happened to it since is entered with the other commands.")
            yield one.place.problem("known", what, Column.CLUSTER, mend)


def _append(
    desk: Desk,
    transaction: Transaction,
    agreements: Iterable[PaperAgreement],
    before: Mapping[str, tuple[Event, ...]],
    data: bytes,
) -> None:
    source = transaction.keep_file(data, _XLSX if data.startswith(b"PK") else "text/csv")
    actor = transaction.keep_person({"name": desk.actor})
    unnamed = transaction.keep_person({})  # enters only where a row names nobody
    news: list[NewEvent] = []
    for one in agreements:
        news.append(NewEvent(one.cluster, HistoryImported(source=source), desk.today))
        news += _events(desk, transaction, one, unnamed, _number(before.get(one.cluster, ())))
    transaction.append_many(news, actor)


def _number(events: Iterable[Event]) -> int:
    """Return the number of the version: never one that was voided, whose signatures would count for it."""
    used = (event.payload.version for event in events if isinstance(event.payload, VersionIssued))
    return max(used, default=0) + 1


def _events(
    desk: Desk, transaction: Transaction, one: PaperAgreement, unnamed: PersonalRef, number: int
) -> Iterator[NewEvent]:
    region = desk.workspace.regions.get(one.region)
    terms = VersionIssued(
        version=number,
        basis=Basis.ORIGINAL,
        document_id=new_document_id(),
        agreement_kind=KSF_CLUSTER.id,
        name=one.name,
        region=one.region,
        language=one.language,
        motor_municipality=one.parties[0],
        parties=one.parties,
        valid_until=one.valid_until,
        entry_into_force=one.entry,
        accession=one.accession,
        contributions_required=one.contributions,
        snapshot=transaction.keep_file(_snapshot(one, region), "application/json"),
        documents=(),
        template="",
        template_digest="",
    )
    yield NewEvent(one.cluster, terms, one.issued)
    for signed in one.signatures:
        who = {name: value for name, value in (("name", signed.name), ("title", signed.title)) if value}
        signatory = transaction.keep_person(who) if who else unnamed
        signature = SignatureRecorded(
            version=number, party=signed.party, signatory=signatory, authority=signed.authority
        )
        yield NewEvent(one.cluster, signature, signed.on)
    bound = one.parties
    for party, day in one.joined:
        needed = one.parties[:1] if one.accession is Accession.MOTOR else bound
        yield NewEvent(one.cluster, AccessionRecorded(party=party, signed_by=(party, *needed)), day)
        bound = (*bound, party)


def _snapshot(one: PaperAgreement, region: Region | None) -> bytes:
    """Return what the sheet says of the agreement, as the snapshot of an issued version has it; no names of people."""
    cluster = Cluster(
        agreement=KSF_CLUSTER.id,
        name=one.name,
        region=one.region or None,
        language=one.language,
        motor_municipality=one.parties[0],
        members=tuple(Member(municipality=party) for party in one.parties),
        valid_until=one.valid_until,
        entry_into_force=one.entry,
        accession=one.accession,
        contributions_required=one.contributions,
    )
    known = region.model_copy(update={"coordinator": None}).model_dump(mode="json") if region else None
    said = {"cluster": cluster.model_dump(mode="json"), "region": known}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8")
