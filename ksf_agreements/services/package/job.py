"""What a package is made from: the version's documents, its annexes, and who signs.

Gathered from the register and the workspace, before anything is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ksf_agreements.documents.context import AgreementContext, agreement_context
from ksf_agreements.documents.wording import WORDS
from ksf_agreements.domain.agreement import DocumentType
from ksf_agreements.domain.cluster import Cluster, Language
from ksf_agreements.domain.decisions import Refused, the_version
from ksf_agreements.domain.esigning import counterparts
from ksf_agreements.domain.events import Event, PackageMade, PackageRole
from ksf_agreements.domain.folded import Folded, Status, read
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.files import read_bounded
from ksf_agreements.register.chain import sha256
from ksf_agreements.services.agreements.issuing import cluster_of
from ksf_agreements.services.clusters.checking import Checker
from ksf_agreements.services.desk import FILE_LIMIT, Desk
from ksf_agreements.text import T, Text


@dataclass(frozen=True, slots=True)
class Source:
    """An annex of a version and the file it is made from; without ``data`` it is not enclosed.

    `ours` tells that the file is a document of the version itself.
    """

    number: int
    title: str
    name: str = ""
    data: bytes = b""
    ours: bool = False

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file."""
        return sha256(self.data)


@dataclass(frozen=True, slots=True)
class Job:
    """All that a package is made from. `last` is the newest package of the version, if there is one."""

    cluster: str
    version: Version
    issued: Cluster
    now: Cluster
    context: AgreementContext
    agreement: bytes
    annexes: tuple[Source, ...]
    last: Event | None

    @property
    def language(self) -> Language:
        """The document's language."""
        return self.version.terms.language

    @property
    def enclosed(self) -> tuple[Source, ...]:
        """The annexes that have a file."""
        return tuple(annex for annex in self.annexes if annex.data)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Who signs which counterpart."""
        return counterparts(self.version.terms.parties)

    @property
    def names(self) -> Mapping[str, str]:
        """The parties' names in running text, by number."""
        return {
            number: party.name for number, party in zip(self.version.terms.parties, self.context.parties, strict=True)
        }

    def is_made_as(self, package: PackageMade) -> bool:
        """Whether a package was made from these very files."""
        told = [(one.role, one.title, one.source) for one in package.files if one.role is not PackageRole.BUNDLE]
        bundles = tuple(one.parties for one in package.files if one.role is PackageRole.BUNDLE)
        mine = [(PackageRole.AGREEMENT, "", sha256(self.agreement))]
        mine += [(PackageRole.ANNEX, one.title, one.sha256) for one in self.enclosed]
        return told == mine and bundles == self.groups


def gather(desk: Desk, cluster: str, number: int | None = None) -> Job:
    """Return what a package is made from. Raises `Refused` where something that it needs is not there."""
    with desk.register.reading() as transaction:
        events = transaction.events(cluster)
        if not events:
            desk.cluster_file(cluster)  # a cluster that nobody knows is told as such
        folded = read(cluster, events, desk.today, desk.municipalities)
        version = the_version(folded, number)
        if folded.status_of(version) is Status.SUPERSEDED:
            raise Refused(T("Version {n} has been replaced; it is not sent to be signed.", n=version.number))
        issued = cluster_of(transaction.file(version.terms.snapshot))
        documents = {one.type: transaction.file(one.sha256) for one in version.terms.documents}
    agreement = documents.get(DocumentType.AGREEMENT)
    if issued is None or agreement is None:
        raise Refused(
            T(
                "The register does not have the document of version {n}: it was signed before the register was there, "
                "or it has been erased. There is nothing to send.",
                n=version.number,
            )
        )
    context = agreement_context(issued, folded.kind, desk.municipalities, desk.workspace.regions)
    return Job(
        cluster=cluster,
        version=version,
        issued=issued,
        now=_now(desk, cluster) or issued,
        context=context,
        agreement=agreement,
        annexes=tuple(_sources(desk, issued, context, documents.get(DocumentType.CONTACTS))),
        last=newest_package(folded, version),
    )


def newest_package(folded: Folded, version: Version) -> Event | None:
    """Return the event of the package of a version that was made last, or None."""
    made = (event for event in folded.events if isinstance(event.payload, PackageMade))
    return max(
        (one for one in made if isinstance(one.payload, PackageMade) and one.payload.version == version.number),
        key=lambda event: event.number,
        default=None,
    )


def _now(desk: Desk, cluster: str) -> Cluster | None:
    """Return the cluster file as it is now, where it has no errors: for who signs."""
    try:
        file = desk.cluster_file(cluster)
    except UsageError:
        return None
    return Checker.of(desk.workspace, desk.municipalities, desk.today, (file,)).check(file).cluster


def _sources(desk: Desk, issued: Cluster, context: AgreementContext, contacts: bytes | None) -> Iterator[Source]:
    """Yield the annexes in the order and with the numbers of the document."""
    words = WORDS[issued.language]
    paths = {
        words.plan: desk.workspace.settings.plan,
        words.financial_commitments: issued.annexes.financial_commitments or "",
        words.action_plan: issued.annexes.action_plan or "",
        words.mandate: issued.annexes.mandate or "",
    }
    for annex in context.annexes:
        if annex.title == words.contacts and contacts is not None:
            yield Source(annex.number, annex.title, "kontaktpersoner.docx", contacts, ours=True)
        elif not (path := paths.get(annex.title, "")) or (annex.title == words.plan and not desk.workspace.find(path)):
            yield Source(annex.number, annex.title)
        else:
            yield Source(annex.number, annex.title, path, _read(desk, annex.number, path))


def _read(desk: Desk, number: int, path: str) -> bytes:
    found = desk.workspace.find(path)
    try:
        data = read_bounded(found, FILE_LIMIT) if found else b""
    except OSError:
        data = b""
    if not data:
        raise Refused(
            T("Annex {n}, the file {file}, is not there or cannot be read. Nothing was made.", n=number, file=path)
        )
    if len(data) > FILE_LIMIT:
        raise Refused(T("{file} is larger than {limit} MB.", file=path, limit=FILE_LIMIT // 2**20))
    return data


def not_enclosed(job: Job) -> tuple[Text, ...]:
    """Return that annex 1 is not enclosed, where it is not; the others belong to the document by their files."""
    lacking = tuple(one for one in job.annexes if one.number == 1 and not one.data)
    return tuple(
        T("Annex 1, {title}, has no file and is not enclosed. Name it in ksf.toml: plan.", title=one.title)
        for one in lacking
    )
