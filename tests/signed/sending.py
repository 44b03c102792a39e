"""An agreement that was issued and sent to be signed, without LibreOffice: the register is told of its package here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ksf_agreements.app import App
from ksf_agreements.domain.events import PackagedFile, PackageMade, PackageRole, SignaturePage
from ksf_agreements.services.desk import Desk
from tests.cli.register import Commands
from tests.factories import TODAY, cluster_text
from tests.factories import cluster as make_cluster
from tests.signed.papers import agreement, paper

CLUSTER, PARTIES = "vest", ("4601", "4631")
BLOCKS = "for kommunen"
ANNEX = ("Vedlegg 1\nKS' plan for KSF", "Vedlegg 1\nSide to av planen")


@dataclass(frozen=True)
class Sent:
    """What was sent: the bundles, and the document they are of."""

    document_id: str
    version: int
    bundles: tuple[bytes, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the pages of the only bundle."""
        return texts_of(self.document_id, self.version)

    @property
    def bundle(self) -> bytes:
        """The only bundle."""
        (one,) = self.bundles
        return one


def write_cluster(workspace: Path, cluster: str = CLUSTER, **changes: object) -> None:
    """Let the workspace have one cluster of two municipalities."""
    (workspace / "clusters" / f"{cluster}.yaml").write_text(cluster_text(make_cluster(), **changes), encoding="utf-8")


def texts_of(document_id: str, version: int = 1, *, blocks: str = BLOCKS) -> tuple[str, ...]:
    """The texts of a bundle's pages: two of clauses, one of signatures, two of an annex."""
    pages = agreement(3, document_id, version)
    return (*pages[:-1], pages[-1].replace(BLOCKS, blocks), *ANNEX)


def issue(commands: Commands, cluster: str = CLUSTER) -> tuple[str, int]:
    """Issue a version, and return its document id and number."""
    commands.issue(cluster=cluster)
    terms = desk_of(commands.workspace).read(cluster).versions[-1].terms
    return terms.document_id, terms.version


def desk_of(workspace: Path) -> Desk:
    """Open the register."""
    return App.open(str(workspace)).desk("Kari Koordinator")


def send(commands: Commands, cluster: str = CLUSTER, *, bundles: Sequence[tuple[str, ...]] = (PARTIES,)) -> Sent:
    """Issue a version and record that its package was made: a bundle for each group of parties."""
    document_id, version = issue(commands, cluster)
    made = tuple(
        paper(texts_of(document_id, version, blocks=" og ".join(parties) if len(bundles) > 1 else BLOCKS))
        for parties in bundles
    )
    record_package(commands.workspace, cluster, version, tuple(zip(bundles, made, strict=True)))
    return Sent(document_id, version, made)


def record_package(
    workspace: Path, cluster: str, version: int, bundles: Sequence[tuple[tuple[str, ...], bytes]]
) -> None:
    """Record that a package was made of these bundles, whose third page is for signatures."""
    desk = desk_of(workspace)
    with desk.working(cluster) as work:
        files = tuple(
            PackagedFile(
                role=PackageRole.BUNDLE,
                sha256=work.transaction.keep_file(data, "application/pdf"),
                parties=parties,
                pages=5,
                stamped=3,
                signature_pages=(SignaturePage(page=3, parties=parties),),
            )
            for parties, data in bundles
        )
        work.append(PackageMade(version=version, channel="manual", files=files), TODAY)
    desk.register.close()


def trust(workspace: Path, *certificates: bytes) -> None:
    """Let the operator trust these issuers."""
    folder = workspace / "tillit"
    folder.mkdir(exist_ok=True)
    for number, certificate in enumerate(certificates):
        (folder / f"utsteder-{number}.pem").write_bytes(certificate)
    (workspace / "ksf.toml").write_text('trust_roots = "tillit"\n', encoding="utf-8")
