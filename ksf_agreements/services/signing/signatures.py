"""Who has signed a version, and with what: a row for each party, with all that is recorded of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import ValidationError

from ksf_agreements.domain.events import (
    ApprovalRecorded,
    Authority,
    Event,
    Method,
    Outcome,
    PresentationRecorded,
    SignatureRecorded,
)
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.verdict import NOT_VALID, FileKind, Integrity, TextMatch, Verdict
from ksf_agreements.domain.versions import PartyRecord, Version
from ksf_agreements.register.reader import Reader
from ksf_agreements.services.agreements.issuing import cluster_of
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T, Text


class Weight(StrEnum):
    """What a verdict weighs for whoever looks over a table."""

    GOOD = "good"
    LOOK = "look"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Given:
    """A signature that is recorded: of which day, by whom ('' where it was erased), how, and with which file.

    `version` is the one that was signed: another than the row's where the party's confirmation carries it over.
    `verdict` is None where there is no file, or what was found in it is kept no longer.
    """

    event: int
    version: int
    on: date
    name: str
    title: str
    method: Method
    authority: Authority
    reservation: bool
    file: str
    has_file: bool
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Row:
    """A party of a version. `counts_from` is the day from which its signature counts, None before."""

    party: str
    called: str
    is_motor: bool
    planned_name: str
    planned_title: str
    counts_from: date | None
    signature: Given | None
    lifted_on: date | None
    approved_on: date | None
    approved_by: str
    case: str
    presented_on: date | None
    presented_to: str
    outcome: Outcome | None
    declined_on: date | None
    confirmed_on: date | None

    @property
    def is_reserved(self) -> bool:
        """Whether the party has signed with a reservation that stands."""
        return self.signature is not None and self.signature.reservation and self.lifted_on is None

    @property
    def lacks(self) -> bool:
        """Whether the party's signature is still to come, or to count."""
        return self.counts_from is None


def rows(desk: Desk, folded: Folded, version: Version) -> tuple[Row, ...]:
    """Return a row for each party of a version, in the order of the agreement."""
    with desk.register.reading() as reader:
        issued = cluster_of(reader.file(version.terms.snapshot))
        planned = {one.municipality: one.signatory for one in issued.members} if issued else {}
        return tuple(_row(reader, folded, version, party, planned.get(party)) for party in version.terms.parties)


def _row(reader: Reader, folded: Folded, version: Version, party: str, planned: object) -> Row:
    record = version.records.get(party) or PartyRecord()
    approval = record.approval.payload if record.approval else None
    presented = record.presentation.payload if record.presentation else None
    return Row(
        party=party,
        called=folded.call(party),
        is_motor=party == folded.motor_of(version),
        planned_name=getattr(planned, "name", None) or "",
        planned_title=getattr(planned, "title", None) or "",
        counts_from=version.counts_from(party),
        signature=_given(reader, version, party),
        lifted_on=_day(record.lifted),
        approved_on=_day(record.approval),
        approved_by=approval.body if isinstance(approval, ApprovalRecorded) else "",
        case=approval.case if isinstance(approval, ApprovalRecorded) else "",
        presented_on=_day(record.presentation),
        presented_to=presented.body if isinstance(presented, PresentationRecorded) else "",
        outcome=presented.outcome if isinstance(presented, PresentationRecorded) else None,
        declined_on=_day(record.declined),
        confirmed_on=_day(record.confirmed),
    )


def _day(event: Event | None) -> date | None:
    return event.occurred_on if event else None


def _given(reader: Reader, version: Version, party: str) -> Given | None:
    """Return the signature on the version, or the one before that the party's confirmation carries over."""
    meant = (version, *version.replaced()) if version.counts_from(party) is not None else (version,)
    for one in meant:
        record = one.records.get(party)
        event = record.signature if record else None
        if event is not None and isinstance(event.payload, SignatureRecorded):
            return given(reader, event)
    return None


def given(reader: Reader, event: Event) -> Given:
    """Return a recorded signature with who gave it and what was found in its file."""
    payload = event.payload
    assert isinstance(payload, SignatureRecorded)  # noqa: S101 (the caller has looked)
    person = reader.person(payload.signatory) or {}
    return Given(
        event=event.number,
        version=payload.version,
        on=event.occurred_on,
        name=person.get("name", ""),
        title=person.get("title", ""),
        method=payload.method,
        authority=payload.authority,
        reservation=payload.reservation,
        file=payload.file or "",
        has_file=bool(payload.file) and reader.media_type(payload.file or "") is not None,
        verdict=kept_verdict(reader, payload.verdict),
    )


def kept_verdict(reader: Reader, digest: str | None) -> Verdict | None:
    """Return a verdict that is kept; None where there is none, it was erased, or it is of a form that is not known."""
    data = reader.file(digest) if digest else None
    if data is not None:
        with suppress(ValidationError):
            return Verdict.model_validate_json(data)
    return None


def brief(verdict: Verdict, cluster: str, version: int) -> tuple[Weight, Text]:
    """Return a verdict in a few words, and what it weighs, for a signature on a version."""
    reading, integrity = verdict.reading, verdict.integrity
    match = next((one for one in verdict.matches if (one.cluster, one.version) == (cluster, version)), None)
    cases = (
        (integrity is Integrity.ALTERED, Weight.AGAINST, T("changed after it was signed")),
        (match is None and bool(reading.found), Weight.AGAINST, T("another document, or another version")),
        (
            match is not None and match.text is TextMatch.OTHER_TEXT,
            Weight.AGAINST,
            T("another text than what was sent"),
        ),
        (reading.kind in {FileKind.OTHER, FileKind.UNREADABLE}, Weight.LOOK, T("could not be looked at")),
        (integrity is Integrity.UNVERIFIED, Weight.LOOK, T("the electronic signature could not be checked")),
        (match is None, Weight.LOOK, T("does not show which document it is")),
        (
            match is not None and bool(match.added or match.stamped or match.drawn),
            Weight.LOOK,
            T("what was sent, with something added"),
        ),
        (any(one.reason for one in verdict.people), Weight.LOOK, T("signed with words that you must read")),
        (
            any(one.remark in NOT_VALID for one in verdict.people),
            Weight.LOOK,
            T("intact, by a certificate that was not valid"),
        ),
        (
            integrity is Integrity.UNTRUSTED,
            Weight.LOOK,
            T("intact, by an issuer that you have not said you trust"),
        ),
        (
            integrity is Integrity.TRUSTED,
            Weight.GOOD,
            T("electronic signature that holds, on the right version"),
        ),
        (reading.kind is FileKind.SCAN, Weight.GOOD, T("scan of the right version")),
        (True, Weight.GOOD, T("the right version")),
    )
    return next((weight, words) for holds, weight, words in cases if holds)
