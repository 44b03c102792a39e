"""Letters: from a cluster, what the register knows of its agreement, and a day, to the Word files people send and sign.

Nothing is written here. A fact that a letter rests on and that is not there gives a refusal, never a gap.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from ksf_agreements import __version__
from ksf_agreements.documents.context import AgreementContext, DocumentContext, agreement_context
from ksf_agreements.documents.letters import About, Facts, LetterContext, LetterKind
from ksf_agreements.documents.template import load_template
from ksf_agreements.documents.wording import WORDS, written_date
from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.cluster import Cluster, Language, Regions
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import Event, VersionIssued
from ksf_agreements.domain.folded import Folded, read
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.domain.status import AgreementStatus, status_of
from ksf_agreements.domain.versions import Version
from ksf_agreements.register.store import Register
from ksf_agreements.services.documents.generating import template_path
from ksf_agreements.services.letters.case import Case, mark, shared_fields
from ksf_agreements.services.letters.facts import ADDITIONS, NEEDLESS, OBSTACLES
from ksf_agreements.text import T, Text


@dataclass(frozen=True, slots=True)
class Records:
    """What the register knows of one agreement; nothing where nothing has been issued.

    `snapshot` returns the cluster as it was when a version was issued, by the SHA-256 that the version's event has, or
    None where it has been erased.
    """

    events: tuple[Event, ...] = ()
    snapshot: Callable[[str], Cluster | None] = lambda _: None


def recorded(register: Register, cluster: str) -> Records:
    """Return what a register knows of one cluster's agreement."""
    with register.reading() as reader:
        events = reader.events(cluster)
        issued = (event.payload.snapshot for event in events if isinstance(event.payload, VersionIssued))
        kept = {sha256: data for sha256 in issued if (data := reader.file(sha256)) is not None}
    clusters = {sha256: _cluster(data) for sha256, data in kept.items()}
    return Records(events, clusters.get)


def _cluster(data: bytes) -> Cluster:
    return Cluster.model_validate_json(json.dumps(json.loads(data)["cluster"]))


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is ready: the name of its file, and the file. `party` is the municipality it is about, or ''."""

    name: str
    data: bytes
    party: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """The letters of one call, and why some municipalities got none."""

    letters: tuple[Letter, ...]
    left_out: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class LetterWriter:
    """Writes the letters of one cluster. `cluster` is one without errors, `id` its file's stem."""

    id: str
    cluster: Cluster
    kind: AgreementKind
    municipalities: MunicipalityRegister
    regions: Regions
    templates: Path
    records: Records = Records()

    def write(self, letter: LetterKind, on: date, *, party: str = "", year: int = 0) -> Written:
        """Return the letters of a kind, dated ``on``: one, or one for each municipality that gets its own.

        Raises `Refused` where the facts are missing; for letters to each municipality only where none can be written.
        """
        folded = read(self.id, self.records.events, on, self.municipalities)
        version = _version(letter, folded)
        if letter.context is AgreementContext:
            return Written((self._contacts(letter, folded),))
        if letter.about is not About.EACH or party:
            return Written((self._one(letter, self._case(letter, folded, version, party, year)),))
        found: list[Letter] = []
        left_out: list[Text] = []
        for number in self._case(letter, folded, version, "", year).numbers:
            case = self._case(letter, folded, version, number, year)
            reasons = (table[letter.name](case) for table in (OBSTACLES, NEEDLESS) if letter.name in table)
            reason = next((one for one in reasons if one is not None), None)
            if reason is None:
                found.append(self._one(letter, case))
            else:
                left_out.append(reason)
        if not found:
            raise Refused(T("No municipality is to have this letter. {reasons}", reasons=tuple(left_out)))
        return Written(tuple(found), tuple(left_out))

    def _one(self, letter: LetterKind, case: Case) -> Letter:
        if letter.name in OBSTACLES and (obstacle := OBSTACLES[letter.name](case)) is not None:
            raise Refused(obstacle)
        model = letter.context
        assert issubclass(model, LetterContext)  # noqa: S101 (the list of contacts is made elsewhere)
        values = shared_fields(case)
        for inherited in reversed(model.__mro__):
            if inherited in ADDITIONS:
                values |= ADDITIONS[inherited](case)
        context = model(**{one.name: values[one.name] for one in fields(model)})
        about = case.party if letter.about is not About.NOBODY else ""
        return self._rendered(letter, context, case.language, about, str(case.year or "") if letter.needs_year else "")

    def _case(self, letter: LetterKind, folded: Folded, version: Version | None, party: str, year: int) -> Case:
        agreed = self.records.snapshot(version.terms.snapshot) if version else None
        status = status_of(folded) if version else None
        if status is not None and version is not None and status.version != version.number:
            status = None  # an open version beside the one in force: its parties are those of its own text
        return Case(
            cluster=self.cluster,
            agreed=agreed or self.cluster,
            has_snapshot=agreed is not None,
            kind=self.kind,
            municipalities=self.municipalities,
            regions=self.regions,
            language=self._language(version),
            folded=folded,
            version=version,
            status=status,
            numbers=_parties(letter, self.cluster, folded, version, status),
            party=party,
            year=year,
        )

    def _language(self, version: Version | None) -> Language:
        """Return the language of the version that a letter is about; where there is none, that of the cluster file."""
        return version.terms.language if version else self.cluster.language

    def _contacts(self, letter: LetterKind, folded: Folded) -> Letter:
        """Return the list of contact persons, dated: it changes without a new version."""
        language = self._language(folded.in_force)
        now = self.cluster.model_copy(update={"language": language})
        context = agreement_context(now, self.kind, self.municipalities, self.regions)
        marks = (mark(folded.in_force, WORDS[language]), written_date(folded.on))
        dated = context.marked(DocumentContext(" · ".join(part for part in marks if part), ""))
        return self._rendered(letter, dated, language)

    def _rendered(
        self,
        letter: LetterKind,
        context: LetterContext | AgreementContext,
        language: Language,
        party: str = "",
        year: str = "",
    ) -> Letter:
        template = load_template(template_path(self.templates, letter.template, language), letter.context)
        properties = {
            "KSF-klynge": self.id,
            "KSF-mal": template.info.name,
            "KSF-malversjon": template.info.version,
            "KSF-programversjon": __version__,
        }
        name = "-".join(part for part in (self.id, letter.name, party, year) if part)
        return Letter(f"{name}.docx", template.render(context, properties), party)


def _version(letter: LetterKind, folded: Folded) -> Version | None:
    """Return the version that a letter is about; refuse where it needs one that is not there."""
    if letter.facts is Facts.FILE:
        return None
    if not folded.versions:
        raise Refused(
            T(
                "This letter needs an agreement that has been issued by {date}, and none is recorded. Do it with "
                "'ksf issue {cluster}'.",
                date=folded.on,
                cluster=folded.cluster,
            )
        )
    if letter.facts is Facts.ISSUED:
        return folded.version(status_of(folded).version)
    if letter.facts is Facts.OPEN:
        if folded.open_version is None:
            raise Refused(T("No version is open for signing on {date}.", date=folded.on))
        return folded.open_version
    if folded.in_force is None:
        status = status_of(folded)
        raise Refused(
            T(
                "The agreement is not in force on {date}: {reason}. Choose another day with --on.",
                date=folded.on,
                reason=status.reason.text,
            )
        )
    return folded.in_force


def _parties(
    letter: LetterKind, cluster: Cluster, folded: Folded, version: Version | None, status: AgreementStatus | None
) -> tuple[str, ...]:
    """Return the numbers of the parties that a letter tells of, the motor municipality first."""
    if version is None:
        return tuple(member.municipality for member in cluster.parties())
    if letter.facts is Facts.OPEN or status is None:
        return version.terms.parties
    bound, motor = folded.bound(), folded.motor_of(version) or ""
    listed = [party.municipality for party in status.parties if party.municipality in bound]
    listed += [party for party in bound if party not in listed]
    return _motor_first(listed, motor)


def _motor_first(numbers: Iterable[str], motor: str) -> tuple[str, ...]:
    return tuple(sorted(numbers, key=lambda number: number != motor))
