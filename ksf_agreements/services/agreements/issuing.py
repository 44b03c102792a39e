"""Issue a version: check, render, freeze and number; the first, one in place of an open one, a renewal, an amendment.

What is issued is kept whole: the snapshot of the cluster, the documents and their hashes. Later edits of the cluster
file never rewrite it.
"""

from __future__ import annotations

import io
import json
import secrets
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ksf_agreements import __version__
from ksf_agreements.documents.context import AgreementContext, DocumentContext, agreement_context
from ksf_agreements.documents.files import WriteError, write_together
from ksf_agreements.documents.template import Template, load_template
from ksf_agreements.documents.wording import WORDS
from ksf_agreements.domain.agreement import AgreementKind, DocumentType
from ksf_agreements.domain.checks import Purpose
from ksf_agreements.domain.cluster import Cluster, Language, Region
from ksf_agreements.domain.codes import LETTERS, document_code
from ksf_agreements.domain.comparison import differences
from ksf_agreements.domain.decisions import Refused, not_in_future
from ksf_agreements.domain.events import Basis, DocumentHash, Event, VersionIssued
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import InputError, KsfError, Problem
from ksf_agreements.services.clusters.checking import Checker
from ksf_agreements.services.desk import DOCX_TYPE, Desk, Done, Work
from ksf_agreements.services.documents.generating import document_name, template_path
from ksf_agreements.text import TN, T, Text


class NotWritten(KsfError):
    """The version is issued; only its files could not be written."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a version is to be issued from: a cluster without errors, and what was unusual about it."""

    cluster: Cluster
    kind: AgreementKind
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a version stands among the others."""

    basis: Basis
    follows: int | None = None
    valid_from: date | None = None


def replacing(version: Version) -> Step:
    """Return the step that takes the place of an open version."""
    return Step(Basis.REPLACEMENT, version.number, version.terms.valid_from)


def prepare(desk: Desk, cluster: str, on: date, changes: dict[str, object] | None = None) -> Intent:
    """Check a cluster file as of a day, with some fields ``changes`` put in. Raises `InputError` with every problem."""
    file = desk.cluster_file(cluster)
    checker = Checker.of(desk.workspace, desk.municipalities, on, (file,))
    checked = checker.check(file, Purpose.ISSUE)
    found = (*checker.workspace_problems(), *checked.problems)
    if changes and file.cluster is not None:
        changed = file.cluster.model_copy(update=changes)
        checked = checker.check(replace(file, cluster=changed), Purpose.ISSUE)
        found = (*checker.workspace_problems(), *checked.problems)
    if checked.cluster is None or any(problem.is_error for problem in found):
        raise InputError(T("Nothing was issued: the cluster file has errors."), found)
    return Intent(checked.cluster.model_copy(update={"grant_letter": None}), file.kind, found)


def issue(desk: Desk, cluster: str, on: date, out: Path) -> Done:
    """Issue the first version, or a new one in place of one that is open for signing."""
    not_in_future(on, desk.today)
    intent = prepare(desk, cluster, on)
    with desk.working(cluster) as work:
        folded = work.folded
        waiting = folded.open_version
        if (repeated := issued_already(work, intent, on)) is not None:
            done = work.done((), repeated=repeated.event)
        elif waiting is None and folded.in_force is not None:
            raise Refused(_change_or_renew(work, folded.in_force, intent))
        elif waiting is None and folded.versions:
            text = T("The agreement has ended. A new term is issued with 'ksf renew {cluster}'.", cluster=cluster)
            raise Refused(text)
        else:
            step = (
                Step(Basis.REPLACEMENT, waiting.number, waiting.terms.valid_from) if waiting else Step(Basis.ORIGINAL)
            )
            notes = _lost_signatures(work, waiting, intent) if waiting else ()
            done = issue_version(work, intent, step, on, notes)
    return write_documents(desk, done, out)


def remove_party(desk: Desk, cluster: str, party: str, on: date, out: Path) -> Done:
    """Issue the open version anew without a party that will not sign (cl. 2 names the parties)."""
    not_in_future(on, desk.today)
    file = desk.cluster_file(cluster)
    members = tuple(member for member in (file.cluster.members if file.cluster else ()) if member.municipality != party)
    if (repeated := _removed_already(desk.read(cluster), party)) is not None:
        with desk.working(cluster) as work:
            return write_documents(desk, work.done((), repeated=repeated.event), out)
    _removable(desk.read(cluster), party)
    intent = prepare(desk, cluster, on, {"members": members})
    with desk.working(cluster) as work:
        waiting = _removable(work.folded, party)
        signed = tuple(work.folded.call(one) for one in waiting.signed_parties() if one != party)
        notes = [T("{party} is left out. Remove it from the cluster file too.", party=work.folded.call(party))]
        if signed:
            notes.append(
                T(
                    "These have signed version {n}; their signatures count for the new one only when they confirm in "
                    "writing that the agreement stands without {party} ('ksf confirm'), or sign anew: {signed}",
                    n=waiting.number,
                    party=work.folded.call(party),
                    signed=signed,
                )
            )
        done = issue_version(work, intent, replacing(waiting), on, tuple(notes))
    return write_documents(desk, done, out)


def _removable(folded: Folded, party: str) -> Version:
    """Return the open version that ``party`` can be left out of, or refuse."""
    waiting, who = folded.open_version, folded.call(party)
    if waiting is None:
        raise Refused(T("No version is open for signing; a party that is bound leaves by notice: 'ksf notice'."))
    if party not in waiting.terms.parties:
        there = folded.call_all(waiting.terms.parties)
        raise Refused(
            T("{party} is no party of the open version. The parties are: {parties}.", party=who, parties=there)
        )
    if party == waiting.terms.motor_municipality:
        raise Refused(
            T("{party} is the motor municipality: choose another in the cluster file first, and issue anew.", party=who)
        )
    return waiting


def _removed_already(folded: Folded, party: str) -> Version | None:
    """Return the open version where it is the one before without just this party."""
    waiting = folded.open_version
    if waiting is None or waiting.replaces is None:
        return None
    before, now = set(waiting.replaces.terms.parties), set(waiting.terms.parties)
    return waiting if before - now == {party} and now <= before else None


def _change_or_renew(work: Work, version: Version, intent: Intent) -> Text:
    """Say what to do instead of issuing while a version is in force."""
    old = snapshot(work, version)
    found = differences(old, intent.cluster, intent.kind) if old is not None else ()
    signed = tuple(T("{label} (clause {clause})", label=one.label, clause=one.clause) for one in found if not one.free)
    if signed:
        return T(
            "Version {n} is in force. Changed in the cluster file: {what}. Use 'ksf amend', 'ksf accede', 'ksf renew' "
            "or 'ksf change-motor'; all bound parties must sign, and the old version binds until then.",
            n=version.number,
            what=signed,
        )
    return T("Version {n} is in force. A new term is issued with 'ksf renew'.", n=version.number)


def _lost_signatures(work: Work, waiting: Version, intent: Intent) -> tuple[Text, ...]:
    """Say what changed since the open version, and whose signatures no longer count."""
    old = snapshot(work, waiting)
    found = differences(old, intent.cluster, intent.kind) if old is not None else ()
    notes = [
        T("Changed: {label} (clause {clause})", label=one.label, clause=one.clause or "–")
        for one in found
        if not one.free
    ]
    if signed := tuple(work.folded.call(one) for one in waiting.signed_parties()):
        text = TN(
            "The signature on version {version} no longer counts: {names}",
            "The signatures on version {version} no longer count: {names}",
            len(signed),
            version=waiting.number,
            names=signed,
        )
        notes.append(text)
    return tuple(notes)


def issue_version(
    work: Work, intent: Intent, step: Step, on: date, notes: tuple[Text, ...] = (), before: tuple[Event, ...] = ()
) -> Done:
    """Render, keep and append a version."""
    desk, cluster, kind = work.desk, intent.cluster, intent.kind
    number = next_number(work)
    document_id = new_document_id()
    context = agreement_context(cluster, kind, desk.municipalities, desk.workspace.regions)
    kept: list[DocumentHash] = []
    digest = ""
    for type_, name in kind.templates.items():
        template = load_template(template_path(desk.templates, name, cluster.language), AgreementContext)
        digest = digest or template.digest
        data = issued_document(template, context, work.cluster, cluster.language, document_id, number)
        kept.append(DocumentHash(type=str(type_), sha256=work.transaction.keep_file(data, DOCX_TYPE)))
    assert cluster.name and cluster.region and cluster.motor_municipality and cluster.valid_until  # noqa: S101, PT018 (checked: no gaps)
    parties, region = cluster.parties(), desk.workspace.regions[cluster.region]
    payload = VersionIssued(
        version=number,
        basis=step.basis,
        follows=step.follows,
        document_id=document_id,
        agreement_kind=kind.id,
        name=cluster.name,
        region=cluster.region,
        language=cluster.language,
        motor_municipality=cluster.motor_municipality,
        parties=tuple(member.municipality for member in parties),
        valid_from=step.valid_from,
        valid_until=cluster.valid_until,
        entry_into_force=cluster.entry_into_force,
        accession=cluster.accession,
        contributions_required=cluster.contributions_required,
        without_contact=tuple(member.municipality for member in parties if not member.foui_contacts),
        snapshot=work.transaction.keep_file(_snapshot_bytes(cluster, region), "application/json"),
        documents=tuple(kept),
        template=kind.templates[DocumentType.AGREEMENT],
        template_digest=digest,
    )
    event = work.append(payload, on)
    warnings = tuple(problem.message for problem in intent.problems)
    return work.done((*before, event), warnings, notes=notes)


def next_number(work: Work) -> int:
    """Return the number of the next version; one that was voided has had its number, on paper too."""
    events = work.transaction.events(work.cluster)
    given = (event.payload.version for event in events if isinstance(event.payload, VersionIssued))
    return max(given, default=0) + 1


def issued_document(
    template: Template, context: AgreementContext, cluster_id: str, language: Language, document_id: str, number: int
) -> bytes:
    """Return a document of a version: its id, version and QR code on every page."""
    words = WORDS[language]
    mark = f"{document_id} · {words.version} {number}"
    properties = {
        "KSF-klynge": cluster_id,
        "KSF-dokument": document_id,
        "KSF-versjon": str(number),
        "KSF-mal": template.info.name,
        "KSF-malversjon": template.info.version,
        "KSF-programversjon": __version__,
    }
    alternative = words.qr_alt.format(document=document_id, version=number)
    return template.render(context.marked(DocumentContext(mark, alternative)), properties, qr_png(document_id, number))


def qr_png(document_id: str, number: int) -> bytes:
    """Return the QR code of a version as PNG; it says ``KSF-XXXX-XXXX/2``."""
    import segno  # only issued documents carry a code

    target = io.BytesIO()
    segno.make(document_code(document_id, number), error="m", micro=False).save(target, kind="png", scale=6, border=2)
    return target.getvalue()


def new_document_id() -> str:
    """Return a random document id: 'KSF-7Q4M-2XKD'."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"KSF-{drawn[:4]}-{drawn[4:]}"


def _snapshot_bytes(cluster: Cluster, region: Region) -> bytes:
    said = {"cluster": cluster.model_dump(mode="json"), "region": region.model_dump(mode="json")}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8")


def snapshot(work: Work, version: Version) -> Cluster | None:
    """Return the cluster as it was when a version was issued, or None where it has been erased."""
    return cluster_of(work.transaction.file(version.terms.snapshot))


def cluster_of(data: bytes | None) -> Cluster | None:
    """Return the cluster that a kept snapshot holds; None where the snapshot has been erased."""
    return Cluster.model_validate_json(json.dumps(json.loads(data)["cluster"])) if data is not None else None


def same_content(work: Work, version: Version, intent: Intent) -> bool:
    """Whether a version was issued from exactly this cluster."""
    return snapshot(work, version) == intent.cluster


def issued_already(work: Work, intent: Intent, on: date) -> Version | None:
    """Return the newest version where it was issued from exactly this cluster, and by the template of today.

    One that is open is the same whatever the day: a new one would only throw its signatures away.
    """
    newest = work.folded.versions[-1] if work.folded.versions else None
    if newest is None or not same_content(work, newest, intent):
        return None
    name = intent.kind.templates[DocumentType.AGREEMENT]
    template = load_template(template_path(work.desk.templates, name, intent.cluster.language), AgreementContext)
    waiting = work.folded.open_version
    is_open = waiting is not None and waiting.number == newest.number
    same = newest.terms.template_digest == template.digest and (is_open or newest.issued_on == on)
    return newest if same else None


def planned_signatory(work: Work, version: Version, party: str) -> str:
    """Return the name of the signatory that the version was issued with, or ''."""
    old = snapshot(work, version)
    for member in old.members if old is not None else ():
        if member.municipality == party and member.signatory is not None:
            return member.signatory.name or ""
    return ""


def write_documents(desk: Desk, done: Done, out: Path) -> Done:
    """Write the documents of the version just issued; they are kept in the register whatever happens here."""
    issued = (event.payload for event in (*done.events, done.repeated) if event is not None)
    version = next((payload for payload in issued if isinstance(payload, VersionIssued)), None)
    written: list[tuple[Path, bytes]] = []
    with desk.register.reading() as transaction:
        for document in version.documents if version else ():
            data = transaction.file(document.sha256)
            if data is not None:
                path = out / document_name(done.cluster, DocumentType(document.type))
                written.append((path, data))
    try:
        write_together(written)
    except WriteError as fault:
        raise NotWritten(
            T(
                "Version {n} of {cluster} is issued and kept in the register, but its documents were not written: "
                "{reason} Run the command again to write them, with another --out if need be.",
                n=version.version if version else 0,
                cluster=done.cluster,
                reason=fault.message,
            )
        ) from fault
    return replace(done, files=tuple(path for path, _ in written))
