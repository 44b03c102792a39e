"""The desk at which an agreement's life is recorded: gathers what is known, lets the domain decide, appends.

One transaction holds the reading, the decision and the writing, so two people at once cannot both be first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ksf_agreements.domain.decisions import Decision, same_fact
from ksf_agreements.domain.events import Event, Payload, PersonalRef
from ksf_agreements.domain.folded import Folded, read
from ksf_agreements.domain.municipality import Municipality, MunicipalityRegister
from ksf_agreements.domain.status import AgreementStatus, status_of
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.cluster_file import ClusterFile, read_cluster
from ksf_agreements.loading.workspace import Workspace
from ksf_agreements.register.store import Register, Transaction
from ksf_agreements.text import T, Text

FILE_LIMIT = 30 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did: the events it appended, what is unusual, and how the agreement stands afterwards.

    `repeated` is the event that said the same already; then nothing was appended.
    """

    cluster: str
    events: tuple[Event, ...]
    warnings: tuple[Text, ...]
    status: AgreementStatus
    folded: Folded
    repeated: Event | None = None
    files: tuple[Path, ...] = ()
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Desk:
    """A workspace with its register open, on a day, for somebody.

    `today` is the day of today in Norway; `actor` who is named in the journal.
    """

    workspace: Workspace
    register: Register
    municipalities: MunicipalityRegister
    templates: Path
    today: date
    actor: str

    @contextmanager
    def working(self, cluster: str) -> Iterator[Work]:
        """Open a transaction on one agreement; it is kept when the block ends, and nothing of it when it raises.

        Raises `UsageError` for a cluster that has neither events nor a file.
        """
        with self.register.writing() as transaction:
            if not transaction.events(cluster, limit=1) and cluster not in self._stems():
                raise self._no_cluster(cluster)
            yield Work(self, cluster, transaction)

    def _stems(self) -> tuple[str, ...]:
        return tuple(path.stem for path in self.workspace.cluster_paths())

    def _no_cluster(self, cluster: str) -> UsageError:
        known = self._stems()
        return UsageError(T("There is no cluster '{cluster}'. There are: {known}", cluster=cluster, known=known))

    def municipality(self, text: str) -> Municipality:
        """Return the municipality that a number or a name means. Raises `UsageError` where none or several do."""
        found = tuple(one for one in self.municipalities.find(text) if not one.has_ended) or self.municipalities.find(
            text
        )
        if len(found) == 1:
            return found[0]
        if found:
            names = tuple(f"{one.number} {one.title(with_county=True)}" for one in found)
            raise UsageError(
                T("'{text}' may be several municipalities; write the number: {names}", text=text, names=names)
            )
        near = tuple(f"{one.number} {one.name}" for one in self.municipalities.suggest(text)[:3])
        if near:
            raise UsageError(T("No municipality is called '{text}'. Did you mean {names}?", text=text, names=near))
        raise UsageError(T("No municipality is called '{text}'.", text=text))

    def cluster_file(self, cluster: str) -> ClusterFile:
        """Return the file of a cluster. Raises `UsageError` where there is none."""
        for path in self.workspace.cluster_paths():
            if path.stem == cluster:
                return read_cluster(path)
        raise self._no_cluster(cluster)

    def read(self, cluster: str, on: date | None = None) -> Folded:
        """Return an agreement as it stands on a day (else today), for looking at."""
        with self.register.reading() as transaction:
            return read(cluster, transaction.events(cluster), on or self.today, self.municipalities)

    def call(self, party: str) -> str:
        """Return a municipality as sentences name it: '4601 Bergen'."""
        known = self.municipalities.get(party)
        return f"{party} {known.name}" if known else party

    def clusters(self) -> tuple[str, ...]:
        """Return the ids of the agreements that the register knows."""
        with self.register.reading() as transaction:
            return transaction.agreements()

    def known(self, cluster: str) -> bool:
        """Whether the register knows the agreement."""
        return cluster in self.clusters()


@dataclass
class Work:
    """An agreement at hand in an open transaction."""

    desk: Desk
    cluster: str
    transaction: Transaction
    _folded: dict[tuple[date, int], Folded] = field(default_factory=dict)

    @property
    def folded(self) -> Folded:
        """The agreement as it is known now."""
        return self.at(self.desk.today)

    def at(self, day: date) -> Folded:
        """Return the agreement as it stood on a day, as known now."""
        events = self.transaction.events(self.cluster)
        key = day, len(events)  # what is appended to is read anew
        if key not in self._folded:
            self._folded[key] = read(self.cluster, events, day, self.desk.municipalities)
        return self._folded[key]

    def person(self, **content: str) -> PersonalRef:
        """Keep what is known of a person beside the chain."""
        return self.transaction.keep_person({name: value for name, value in content.items() if value})

    def file(self, path: Path | None) -> str | None:
        """Keep a file of the user's, and return its SHA-256. Raises `UsageError` where it cannot be read."""
        return None if path is None else self.transaction.keep_file(*document(path))

    def append(self, payload: Payload, occurred_on: date) -> Event:
        """Append one event in the actor's name."""
        return self.transaction.append(self.cluster, payload, self.person(name=self.desk.actor), occurred_on)

    def apply(self, decision: Decision, *, notes: tuple[Text, ...] = ()) -> Done:
        """Append what was decided, unless the journal says the same already."""
        if (repeated := self.repeated(decision.payload, decision.occurred_on)) is not None:
            return self.done((), repeated=repeated)
        return self.done((self.append(decision.payload, decision.occurred_on),), decision.warnings, notes=notes)

    def repeated(self, payload: Payload, day: date) -> Event | None:
        """Return the event that says the same already, or None; voided ones do not count."""
        return same_fact(self.folded.events, payload, day)

    def done(
        self,
        events: tuple[Event, ...],
        warnings: tuple[Text, ...] = (),
        *,
        repeated: Event | None = None,
        files: tuple[Path, ...] = (),
        notes: tuple[Text, ...] = (),
    ) -> Done:
        """Return what was done, with the agreement's status afterwards."""
        folded = self.folded
        return Done(self.cluster, events, warnings, status_of(folded), folded, repeated, files, notes)


def document(path: Path) -> tuple[bytes, str]:
    """Read a file of the user's, and return it with its media type: what it is, whatever it is called.

    Raises `UsageError` where it cannot be read.
    """
    if not path.exists():
        raise UsageError(T("The file {file} is not there.", file=str(path)))
    if not path.is_file():
        raise UsageError(T("{file} is not a file that can be kept. Name a document.", file=str(path)))
    if path.stat().st_size > FILE_LIMIT:
        raise UsageError(T("{file} is larger than {limit} MB.", file=path.name, limit=FILE_LIMIT // 2**20))
    data = path.read_bytes()
    word = path.suffix.lower() == ".docx" and data.startswith(b"PK")
    return data, DOCX_TYPE if word else media_type_of(data)


def media_type_of(data: bytes) -> str:
    """Return the media type of a file by its first bytes."""
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    return next((kind for start, kind in _STARTS if data.startswith(start)), "application/octet-stream")


DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_STARTS = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
