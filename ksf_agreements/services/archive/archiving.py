"""Make the dossier of an agreement: its documents, journal, history, and the messages for an archive.

The register is only read, and nothing is recorded: an archive's own journal says what it took in. What is said of the
agreement comes from one snapshot of the register; the files, which never change, are fetched one at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ksf_agreements import __version__
from ksf_agreements.archive import verify_dossier
from ksf_agreements.archive.arkivmelding import message
from ksf_agreements.archive.contents import JSON, PDF, Kept
from ksf_agreements.archive.folder import DossierFolder, NotArchived, new_folder
from ksf_agreements.archive.journal import journal_json
from ksf_agreements.archive.readme import NAME as README
from ksf_agreements.archive.readme import readme
from ksf_agreements.archive.verify_dossier import JOURNAL, MESSAGE, MESSAGES
from ksf_agreements.documents.history import HISTORY_TEMPLATE, HistoryContext
from ksf_agreements.documents.template import load_template
from ksf_agreements.documents.wording import written_date
from ksf_agreements.domain.cluster import Language
from ksf_agreements.domain.events import Event
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.status import status_of
from ksf_agreements.pdf.converter import Converter
from ksf_agreements.services.archive.history import HistoryCase, history_context
from ksf_agreements.services.archive.plan import Plan, agreement_path
from ksf_agreements.services.archive.posts import Filed, PostCase, case_folder, posts
from ksf_agreements.services.archive.words import HISTORY_WORDS
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.documents.converting import Printing, convert
from ksf_agreements.services.documents.generating import template_path
from ksf_agreements.text import T


@dataclass(frozen=True, slots=True)
class Archived:
    """A dossier that was made: its folder, how many files it has, and the SHA-256 of its manifest.

    `accessible` are the versions of which it has an accessible PDF/A.
    """

    path: Path
    files: int
    fingerprint: str
    accessible: tuple[int, ...]


def write(desk: Desk, planned: Plan) -> Archived:
    """Make the dossier.

    Raises `OfficeMissing` where there is nothing to make PDF/A with, `ProofFailed` where one is not right,
    `NotArchived` where the disk does not take it; nothing is there then.
    """
    folded, journal = planned.folded, planned.journal
    with Converter() as converter, new_folder(planned.target) as folder:
        filed = [*_from_register(desk, planned, folder), *_made(desk, planned, folder, converter)]
        history = _history(desk, planned, filed, converter)
        extra = (
            Filed(folder.add("historikk.pdf", history, PDF, "Historikk")),
            Filed(folder.add(JOURNAL, journal_json(journal), JSON, "Hendelseslogg fra registeret")),
        )
        _messages(planned, folder, (*filed, *extra))
        text = readme(planned.name, folded.cluster, written_date(folded.on), planned.notes[Language.NB])
        folder.add(README, text, "text/plain", "Om mappen")
        folder.add("verify.py", Path(verify_dossier.__file__).read_bytes(), "text/x-python", "Kontroll av mappen")
        fingerprint = folder.finish(folded.cluster, folded.on, f"ksf-agreements {__version__}")
    there = {file.path for file in folder.files}
    accessible = tuple(version.number for version in folded.versions if agreement_path(version) in there)
    return Archived(planned.target, len(folder.files) + 1, fingerprint, accessible)


def _from_register(desk: Desk, planned: Plan, folder: DossierFolder) -> Iterator[Filed]:
    """Write the files that the register keeps, one at a time; a transaction each, since writers wait for readers."""
    for kept in planned.kept:
        events = tuple(pointer.event.number for pointer in kept.pointers)
        data = _file(desk, kept)
        yield Filed(folder.add(kept.path, data, kept.media_type, kept.title, events), kept)


def _file(desk: Desk, kept: Kept) -> bytes:
    with desk.register.reading() as reader:
        data = reader.file(kept.sha256)
    if data is None:
        raise NotArchived(
            T(
                "The file of event {event} is gone from the register. Nothing was written. Look with 'ksf verify', "
                "and try again.",
                event=kept.first.event.number,
            )
        )
    return data


def _made(desk: Desk, planned: Plan, folder: DossierFolder, converter: Converter) -> Iterator[Filed]:
    """Make the accessible PDF/A that the register does not have."""
    for one in planned.to_make:
        with desk.register.reading() as reader:
            snapshot = reader.file(one.version.terms.snapshot)
        own = tuple(_texts(json.loads(snapshot))) if snapshot is not None else ()
        pdf = convert(converter, Printing(_file(desk, one.docx), own))
        yield Filed(folder.add(one.path, pdf, PDF, one.title))


def _history(desk: Desk, planned: Plan, filed: Sequence[Filed], converter: Converter) -> bytes:
    files: dict[int, list[str]] = {}
    for file in filed:
        for number in file.written.events if file.written.media_type != JSON else ():
            files.setdefault(number, []).append(file.written.path)
    case = HistoryCase(
        folded=planned.folded,
        events=planned.events,
        region=_region(desk, planned.folded),
        person=planned.person,
        files=files,
        verdicts=planned.verdicts,
        notes=planned.notes[planned.language],
        language=planned.language,
    )
    context = history_context(case)
    template = load_template(template_path(desk.templates, HISTORY_TEMPLATE, planned.language), HistoryContext)
    properties = {
        "KSF-klynge": planned.folded.cluster,
        "KSF-mal": template.info.name,
        "KSF-malversjon": template.info.version,
        "KSF-programversjon": __version__,
    }
    return convert(converter, Printing(template.render(context, properties), tuple(_texts(asdict(context)))))


def _region(desk: Desk, folded: Folded) -> str:
    shown = folded.version(status_of(folded).version)
    region = desk.workspace.regions.get(shown.terms.region) if shown else None
    return region.name if region else ""


def _messages(planned: Plan, folder: DossierFolder, filed: Sequence[Filed]) -> None:
    """Write a message for each journal post; the first also makes the case folder."""

    def recorded_by(event: Event) -> str:
        actor = planned.person(event.actor)
        return actor.get("name", "") if actor is not None else HISTORY_WORDS[Language.NB].erased

    case = PostCase(planned.folded, planned.journal.register, filed, recorded_by, planned.verdicts)
    for number, post in enumerate(posts(case)):
        path = f"{MESSAGES}/{post.key}.xml" if number else MESSAGE
        data = message(case_folder(case), post, with_folder=number == 0)
        folder.add(path, data, "application/xml", f"Arkivmelding: {post.title}")


def _texts(value: object) -> Iterator[str]:
    """Yield every text inside a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
