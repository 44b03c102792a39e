"""The package to sign: agreement and annexes in one PDF, with who signs it; kept in the register as it was sent.

Making it takes seconds, so it happens outside the register's transaction; in the transaction it is seen that nothing
changed meanwhile. What was made once is never made anew from the same files: the kept one is sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ksf_agreements.delivery.channels import CHANNELS, BundleFile, Enclosure, Parcel
from ksf_agreements.documents.files import FileState, file_state, write_together
from ksf_agreements.documents.letters import LETTERS
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.esigning import NATIONAL
from ksf_agreements.domain.events import PackageMade, PackageRole, SigningOpened
from ksf_agreements.domain.folded import Folded, Status
from ksf_agreements.register.chain import sha256
from ksf_agreements.services.desk import Desk, Done, Work
from ksf_agreements.services.letters.writing import LetterWriter, recorded
from ksf_agreements.services.package.job import Job, gather, newest_package, not_enclosed
from ksf_agreements.services.package.making import Made, make_package
from ksf_agreements.services.signing.signers import (
    Signer,
    bundle_names,
    edited_lists,
    signer_warnings,
    signers_csv,
    signers_json,
    signers_names,
    signers_of,
)
from ksf_agreements.text import T, Text

if TYPE_CHECKING:
    from ksf_agreements.pdf.converter import Converter

PDF_TYPE = "application/pdf"
GUIDE = "signeringsveiledning"


def package(
    desk: Desk,
    cluster: str,
    channel: str,
    out: Path,
    *,
    number: int | None = None,
    force: bool = False,
    converter: Converter | None = None,
) -> Done:
    """Make the package of a version, or take the one that was made of the same files; record and deliver it.

    ``converter`` is one that stays up, for the packages of many agreements.
    """
    job = gather(desk, cluster, number)
    signers = _signers(job)
    table = signers_csv(signers)
    if channel == "manual" and not force:
        _leave_alone(desk, job, out, {signers_names(cluster)[0]: table, signers_names(cluster)[1]: _json(job, signers)})
    made = _kept(desk, job) or _make(desk, job, converter)
    with desk.working(cluster) as work:
        done = _record(work, job, made, channel)
    warnings = (*done.warnings, *not_enclosed(job), *signer_warnings(signers, job.issued), *_limits(desk, job, made))
    return _deliver(desk, job, made, replace(done, warnings=warnings), channel, out)


def _signers(job: Job) -> tuple[Signer, ...]:
    names = bundle_names(job.cluster, len(job.groups))
    return signers_of(list(zip(names, job.groups, strict=True)), job.names, job.now, job.issued)


def _json(job: Job, signers: tuple[Signer, ...]) -> bytes:
    return signers_json(signers, job.version.terms.document_id, job.version.number)


def _leave_alone(desk: Desk, job: Job, out: Path, texts: Mapping[str, bytes]) -> None:
    """Refuse to write over what is not ours: a signed PDF of the same name, a list that somebody has added to.

    `texts` are the lists of signers as they would be written, CSV and JSON.
    """
    with desk.register.reading() as transaction:
        foreign = [
            name
            for name in bundle_names(job.cluster, len(job.groups))
            if (path := out / name).is_file() and transaction.media_type(sha256(path.read_bytes())) is None
        ]
    there = {name: (out / name).read_bytes() if (out / name).is_file() else None for name in texts}
    edited = zip(texts, edited_lists(*there.values()), strict=True)
    foreign += [name for name, is_edited in edited if is_edited and there[name] != texts[name]]
    guide = out / f"{job.cluster}-{GUIDE}.docx"
    if file_state(guide) is FileState.EDITED:
        foreign.append(guide.name)
    if foreign:
        raise Refused(
            T(
                "These are other files than the package's, signed or edited perhaps, and nothing was made: {files}. "
                "Move them, or use --force to replace them.",
                files=tuple(foreign),
            )
        )


def _kept(desk: Desk, job: Job) -> Made | None:
    """Return the package that was made of the same files, where all of it is kept still."""
    payload = job.last.payload if job.last else None
    if not isinstance(payload, PackageMade) or not job.is_made_as(payload):
        return None
    with desk.register.reading() as transaction:
        data = {one.sha256: transaction.file(one.sha256) for one in payload.files}
    whole = {digest: found for digest, found in data.items() if found is not None}
    return Made(payload.files, whole) if len(whole) == len(data) else None


def _make(desk: Desk, job: Job, converter: Converter | None) -> Made:
    from ksf_agreements.pdf.converter import Converter

    if converter is not None:
        return make_package(desk, job, converter)
    with Converter() as own:
        return make_package(desk, job, own)


def _record(work: Work, job: Job, made: Made, channel: str) -> Done:
    """Keep the package, unless it is the one that was recorded last."""
    folded = work.folded
    version, last = folded.version(job.version.number), newest_package(folded, job.version)
    changed = version is None or version.terms != job.version.terms or folded.status_of(version) is Status.SUPERSEDED
    if changed or (last and last.number) != (job.last and job.last.number):
        raise Refused(T("Somebody recorded something else meanwhile, and nothing was kept. Run the command again."))
    payload = PackageMade(version=job.version.number, channel=channel, files=made.files)
    if last is not None and last.payload == payload:
        return work.done((), made.warnings, repeated=last)
    warnings = [*made.warnings]
    if last is not None and isinstance(last.payload, PackageMade) and last.payload.files != made.files:
        warnings.append(
            T(
                "What was made before (event {n}) is another document. Who has been sent it must get this one instead; "
                "a signature on the old one is no signature on this.",
                n=last.number,
            )
        )
    for data in made.data.values():
        work.transaction.keep_file(data, PDF_TYPE)
    return work.done((work.append(payload, work.desk.today),), tuple(warnings))


def _limits(desk: Desk, job: Job, made: Made) -> tuple[Text, ...]:
    """Return where the package meets the limits of national e-signing."""
    found: list[Text] = []
    if len(job.groups) > 1:
        found.append(
            T(
                "National e-signing takes {most} signers in one job, and the agreement has {n} parties: it is "
                "signed in {count} counterparts. Put them together afterwards with 'ksf package {cluster} --assemble'.",
                most=NATIONAL.signers,
                n=len(job.version.terms.parties),
                count=len(job.groups),
                cluster=job.cluster,
            )
        )
    largest = max(len(made.data[one.sha256]) for one in made.files if one.role is PackageRole.BUNDLE)
    if largest > NATIONAL.megabytes * 10**6:
        found.append(
            T(
                "The PDF has {size} MB; national e-signing takes {limit} MB. Make the annexes smaller.",
                size=-(-largest // 10**6),
                limit=NATIONAL.megabytes,
            )
        )
    opened = job.version.opened
    deadline = opened.payload.deadline if opened and isinstance(opened.payload, SigningOpened) else None
    begins = opened.occurred_on if opened else desk.today
    if deadline is not None and deadline > begins + timedelta(days=NATIONAL.open_days):
        found.append(
            T(
                "The deadline {deadline} is more than {days} days after {begins}; national e-signing keeps a job open "
                "no longer.",
                deadline=deadline,
                days=NATIONAL.open_days,
                begins=begins,
            )
        )
    return tuple(found)


def _deliver(desk: Desk, job: Job, made: Made, done: Done, channel: str, out: Path) -> Done:
    signers = _signers(job)
    names = bundle_names(job.cluster, len(job.groups))
    table, data = signers_names(job.cluster)
    bundles = [one for one in made.files if one.role is PackageRole.BUNDLE]
    others = [Enclosure(table, signers_csv(signers)), *_guide(desk, job, done.folded)]
    parcel = Parcel(
        cluster=job.cluster,
        document_id=job.version.terms.document_id,
        version=job.version.number,
        bundles=tuple(
            BundleFile(name, made.data[one.sha256], one.parties) for name, one in zip(names, bundles, strict=True)
        ),
        signers=Enclosure(data, _json(job, signers)),
        others=tuple(others),
    )
    delivered = CHANNELS[channel].deliver(parcel, out, write_together)
    if set(job.version.signed_parties()) == set(job.version.terms.parties):  # a copy of what has been signed
        return replace(done, files=delivered.files)
    notes = [*done.notes, *delivered.notes]
    if job.version.opened is None and not job.version.signed_parties():
        command = f"ksf open-signing {job.cluster}" + ("" if channel == "manual" else f" --channel {channel}")
        notes.append(T("When it is sent, record that: {command} --deadline DATE", command=command))
    notes.append(
        T(
            "Download the signed file within {days} days after signing; then the signing service deletes it.",
            days=NATIONAL.kept_days,
        )
    )
    return replace(done, files=delivered.files, notes=tuple(notes))


def papers(desk: Desk, cluster: str, number: int | None = None) -> tuple[Enclosure, ...]:
    """Return what goes with a version's package, as of now: who signs, as CSV and JSON, and the instruction letter."""
    job = gather(desk, cluster, number)
    signers = _signers(job)
    table, data = signers_names(cluster)
    listed = (Enclosure(table, signers_csv(signers)), Enclosure(data, _json(job, signers)))
    return (*listed, *_guide(desk, job, desk.read(cluster)))


def _guide(desk: Desk, job: Job, folded: Folded) -> Iterator[Enclosure]:
    """Yield the instruction letter, as long as the version is open for signing."""
    waiting = folded.open_version
    if waiting is None or waiting.number != job.version.number:
        return
    writer = LetterWriter(
        id=job.cluster,
        cluster=job.now,
        kind=folded.kind,
        municipalities=desk.municipalities,
        regions=desk.workspace.regions,
        templates=desk.templates,
        records=recorded(desk.register, job.cluster),
    )
    for letter in writer.write(LETTERS[GUIDE], desk.today).letters:
        yield Enclosure(letter.name, letter.data)
