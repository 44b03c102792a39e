"""Takes in a folder of files that came back: each is examined, decided on, and filed, or left for a person.

Files are read in bounded children, two at a time, and never moved or changed. Each is its own transaction: one that
cannot be filed stops no other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import Event, EventVoided, FileReceived, Method, PackageMade
from ksf_agreements.domain.filing.case import Case, Known, Party, Plan, Reason, Signer
from ksf_agreements.domain.filing.deciding import decide
from ksf_agreements.domain.verdict import FileKind, Match, Verdict
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import KsfError, UsageError
from ksf_agreements.register.chain import sha256
from ksf_agreements.services.agreements.issuing import snapshot
from ksf_agreements.services.desk import FILE_LIMIT, Desk, Work, media_type_of
from ksf_agreements.services.rehearsing import Rehearsal
from ksf_agreements.services.signing.evidence import Examiner
from ksf_agreements.services.signing.recording import Signature, sign
from ksf_agreements.services.signing.signed_file import SignedFile
from ksf_agreements.text import T

CHILDREN: Final = 2
"""Files that are examined at once."""
_NORWAY = ZoneInfo("Europe/Oslo")
_NOISE = ("thumbs.db", "desktop.ini")
_SEEM_READABLE = frozenset(
    {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".heic", ".heif", ".webp", ".gif", ".bmp", ".asice", ".sdo"}
)
"""Names of what may well be a signed agreement: as another kind of file than can be read it needs a person."""
_UNTOUCHED = T("The file is where it was.")


Read: TypeAlias = Callable[[], bytes]
"""Reads a file. Raises `Refused`, in words about this file."""


class Fate(StrEnum):
    """What became of a file."""

    SIGNED = "signed"
    """A signature was recorded of it."""
    FILED = "filed"
    """It was filed with its version; whose ink it carries is a question."""
    KNOWN = "known"
    """It is recorded already."""
    PERSON = "person"
    """Nothing was recorded; a person must look."""
    LEFT = "left"
    """It is nothing that can be examined, and was left alone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One file with its fate. `events` are those it was recorded by now, or is recorded by already."""

    path: Path
    fate: Fate
    plan: Plan
    came: SignedFile | None = None
    events: tuple[int, ...] = ()
    same_as: str = ""

    @property
    def needs_person(self) -> bool:
        """Whether it may be something of ours that is not filed."""
        return self.fate is Fate.PERSON


@dataclass
class Intake:
    """Takes in files at one desk; at a `Rehearsal` it only tells what would become of them, and there are no events."""

    desk: Desk
    _seen: dict[str, str] = field(default_factory=dict)
    _fates: dict[str, Fate] = field(default_factory=dict)

    def folder(self, folder: Path) -> Iterator[Taken]:
        """Take in the plain files directly in a folder, by name. Raises `UsageError` where it is none."""
        if not folder.is_dir():
            raise UsageError(T("{folder} is not a folder. Name the folder with the files.", folder=str(folder)))
        try:
            paths = sorted((path for path in folder.iterdir() if not _is_noise(path)), key=lambda path: path.name)
        except OSError as fault:
            reason = fault.strerror or str(fault)
            raise UsageError(T("{folder} cannot be read: {reason}", folder=str(folder), reason=reason)) from None
        return self._take((path, partial(_read, path)) for path in paths)

    def pile(self, files: Iterable[tuple[Path, Read]]) -> Iterator[Taken]:
        """Take in files that lie in no folder: what each is called, and how it is read."""
        return self._take(files)

    def examined(self, path: Path, came: SignedFile) -> Taken:
        """Take in a file that was examined before."""
        return self._told(self._filed(path, came))

    def _take(self, files: Iterable[tuple[Path, Read]]) -> Iterator[Taken]:
        """Examine ahead of what is filed, by a few files: a long pile is never all in memory."""
        _ = self._recorded  # read once, before there are threads
        ahead: deque[tuple[Path, Future[SignedFile] | Taken]] = deque()
        with ThreadPoolExecutor(CHILDREN) as pool:
            for path, read in files:
                ahead.append((path, self._begin(path, read, pool)))
                if len(ahead) > CHILDREN:
                    yield self._told(self._end(*ahead.popleft()))
            while ahead:
                yield self._told(self._end(*ahead.popleft()))

    def _told(self, taken: Taken) -> Taken:
        """Let a file that is the same as one before share its fate, if that has not been recorded."""
        first = self._fates.get(taken.same_as)
        fate = first if first in {Fate.PERSON, Fate.LEFT} else taken.fate
        self._fates[taken.path.name] = fate
        return replace(taken, fate=fate)

    def _begin(self, path: Path, read: Read, pool: ThreadPoolExecutor) -> Future[SignedFile] | Taken:
        try:
            data = read()
        except _Left as fault:
            return Taken(path, Fate.LEFT, Plan(why=fault.message))
        except Refused as fault:
            return Taken(path, Fate.PERSON, Plan(reason=Reason.UNREADABLE, why=fault.message))
        digest = sha256(data)
        if (first := self._seen.setdefault(digest, path.name)) != path.name:
            return Taken(path, Fate.KNOWN, Plan(), same_as=first)
        return pool.submit(self._examine, data)

    def _examine(self, data: bytes) -> SignedFile:
        return SignedFile(data, media_type_of(data), self._examiner.examine(data))

    def _end(self, path: Path, begun: Future[SignedFile] | Taken) -> Taken:
        if isinstance(begun, Taken):
            return begun
        try:
            came = begun.result()
        except Exception:  # whatever a hostile file brought about: the others go on
            why = T("The file could not be examined.")
            return Taken(path, Fate.PERSON, Plan(reason=Reason.UNREADABLE, why=why, mend=_UNTOUCHED))
        return self._filed(path, came)

    def _filed(self, path: Path, came: SignedFile) -> Taken:
        try:
            return self._file(path, came)
        except KsfError as fault:  # told with this file, and the next one goes on
            return Taken(path, Fate.PERSON, Plan(reason=Reason.REFUSED, why=fault.message, mend=_UNTOUCHED))

    # One file

    def _file(self, path: Path, came: SignedFile) -> Taken:
        reading = came.verdict.reading
        if reading.kind is FileKind.OTHER:
            why = T("It is neither a PDF nor a PNG, JPEG or TIFF image.")
            if path.suffix.lower() not in _SEEM_READABLE:
                return Taken(path, Fate.LEFT, Plan(why=why), came)
            mend = T("Save it as PDF, PNG or JPEG, and take it in again.")
            return Taken(path, Fate.PERSON, Plan(reason=Reason.UNREADABLE, why=why, mend=mend), came)
        recorded = self._recorded.get(reading.sha256, ())
        clusters = tuple(dict.fromkeys(match.cluster for match in came.verdict.matches))
        if not clusters:
            return _told(path, decide(Case(came.verdict, {}, _day), recorded), came)
        with self.desk.working(clusters[0]) as work:
            works = {one: work if one == work.cluster else Work(self.desk, one, work.transaction) for one in clusters}
            plan = decide(_case(works, came.verdict), recorded)
            events = tuple(_receive(works[one.cluster], one, came) for one in plan.received)
        if plan.signers:
            plan, events = self._sign_all(plan, came)
        if isinstance(self.desk, Rehearsal):
            events = ()
        self._recorded[reading.sha256] = (*recorded, *events)
        return _told(path, plan, came, events)

    def _sign_all(self, plan: Plan, came: SignedFile) -> tuple[Plan, tuple[int, ...]]:
        """Record every signature of a file; return the plan as far as it was carried out, and the events."""
        events: list[int] = []
        for signer in plan.signers:
            try:
                events.append(self._sign(signer, came))
            except KsfError as fault:
                done = plan.signers[: len(events)]
                plan = replace(plan, signers=done, reason=Reason.REFUSED, why=fault.message, mend=_UNTOUCHED)
                break
        return plan, tuple(events)

    def _sign(self, signer: Signer, came: SignedFile) -> int:
        said = Signature(
            party=signer.party,
            on=signer.on,
            name=signer.name,
            title=signer.title,
            method=Method.EID,
            authority=signer.authority,
            file=came,
            version=signer.version,
        )
        done = sign(self.desk, signer.cluster, said)
        event = done.repeated or done.events[0]
        return event.number

    @cached_property
    def _examiner(self) -> Examiner:
        return Examiner(self.desk)

    @cached_property
    def _recorded(self) -> dict[str, tuple[int, ...]]:
        """The events that name each file that came back."""
        _ = self._examiner.sent
        named: dict[int, str] = {}
        with self.desk.register.reading() as transaction:
            for event in transaction.stream_events():
                if isinstance(event.payload, EventVoided):
                    named.pop(event.payload.event, None)
                elif file := getattr(event.payload, "file", None):
                    named[event.number] = file
        found: dict[str, tuple[int, ...]] = {}
        for number, file in named.items():
            found[file] = (*found.get(file, ()), number)
        return found


def _told(path: Path, plan: Plan, came: SignedFile, events: tuple[int, ...] = ()) -> Taken:
    if plan.reason is not None:
        return Taken(path, Fate.PERSON, plan, came, events)
    if plan.signers or plan.received:
        return Taken(path, Fate.SIGNED if plan.signers else Fate.FILED, plan, came, events)
    return Taken(path, Fate.KNOWN, plan, came, plan.repeated)


def _receive(work: Work, match: Match, came: SignedFile) -> int:
    """File a scan with its version, and return the event's number."""
    file = work.transaction.keep_file(came.data, came.media_type)
    payload = FileReceived(
        version=match.version, file=file, verdict=came.keep_verdict(work), pages=tuple(sorted(match.pages))
    )
    return work.append(payload, work.desk.today).number


# What the register knows


def _case(works: dict[str, Work], verdict: Verdict) -> Case:
    known = {}
    for match in verdict.matches:
        version = works[match.cluster].folded.version(match.version)
        known[match.cluster, match.version] = _known(works[match.cluster], match, version, verdict.reading.sha256)
    return Case(verdict, known, _day)


def _known(work: Work, match: Match, version: Version | None, file: str) -> Known:
    """Return what is known of a version; one that was struck out has no parties, and is never the current one."""
    folded = work.folded
    current = folded.open_version or folded.in_force
    if version is None:
        return Known(match.cluster, match.version, current.number if current else 0, {})
    issued = snapshot(work, version)
    mine = [event for event in folded.events if getattr(event.payload, "version", 0) == version.number]
    naming = [event for event in mine if getattr(event.payload, "file", None) == file]
    return Known(
        match.cluster,
        match.version,
        current.number if current else 0,
        {party: _party(work, version, issued, party) for party in version.terms.parties},
        _blocks(mine),
        next((event.number for event in naming if isinstance(event.payload, FileReceived)), 0),
        any(not isinstance(event.payload, FileReceived) for event in naming),
    )


def _party(work: Work, version: Version, issued: Cluster | None, party: str) -> Party:
    members = issued.members if issued is not None else ()
    planned = next((one.signatory for one in members if one.municipality == party), None)
    name, title = (planned.name or "", planned.title or "") if planned else ("", "")
    event = version.records[party].signature
    day, number = (event.occurred_on, event.number) if event else (None, 0)
    return Party(work.folded.call(party), name, title, day, number)


def _blocks(events: Iterable[Event]) -> dict[int, tuple[str, ...]]:
    """Return whose signature blocks are on each page of the bundles that were sent, all counterparts together."""
    found: dict[int, tuple[str, ...]] = {}
    for event in events:
        for file in event.payload.files if isinstance(event.payload, PackageMade) else ():
            for one in file.signature_pages:
                found[one.page] = tuple(dict.fromkeys((*found.get(one.page, ()), *one.parties)))
    return found


def _day(instant: datetime) -> date:
    return instant.astimezone(_NORWAY).date()


# Files on the disk


def _is_noise(path: Path) -> bool:
    """Whether a file is what systems leave in folders: hidden, a lock file, thumbnails."""
    return path.name.startswith((".", "~$")) or path.name.lower() in _NOISE


class _Left(Refused):
    """Something that is no file, and is left alone."""


def _read(path: Path) -> bytes:
    """Read a plain file, no more of it than is taken. Raises `Refused`, in words about this file."""
    if path.is_dir() and not path.is_symlink():
        raise _Left(T("It is a folder: take in its files by naming it."))
    if path.is_symlink():
        raise Refused(T("It points to another place; put the file itself into the folder."))
    if not path.is_file():
        raise Refused(T("It is no plain file."))
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as fault:
        raise Refused(T("It cannot be read: {reason}", reason=fault.strerror or str(fault))) from None
    if len(data) > FILE_LIMIT:
        raise Refused(T("It is larger than {limit} MB.", limit=FILE_LIMIT // 2**20))
    if not data:
        raise Refused(T("It is empty."))
    return data
