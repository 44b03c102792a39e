"""A workspace with an agreement that was issued and sent, without LibreOffice, for the tests of signing pages."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from tests.cli.register import Commands
from tests.conftest import Ran
from tests.scans.paper import Sheet, printed
from tests.scans.scanner import Scan, as_image, as_pdf, scanned
from tests.signed.sending import CLUSTER, PARTIES, Sent, trust, write_cluster
from tests.signed.signing import issuer

PLAIN = Scan(dpi=150)
HERE = f"/klynge/{CLUSTER}/signaturer"
DOCUMENTS = f"/klynge/{CLUSTER}/dokumenter"


def prepared(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The commands, in a workspace with one cluster of two municipalities, signatories planned, one trusted issuer."""
    for file in (workspace / "clusters").glob("*.yaml"):
        file.unlink()
    write_cluster(workspace)
    file = workspace / "clusters" / f"{CLUSTER}.yaml"
    text = file.read_text(encoding="utf-8")
    for party, name in zip(PARTIES, ("Anne Eksempel", "Bjørn Eksempel"), strict=True):
        text = text.replace(f"Sigrid Eksempel {party}", name)
    file.write_text(text, encoding="utf-8")
    trust(workspace, issuer().pem)
    return Commands(ksf, workspace)


def scan(sent: Sent, *pages: int) -> bytes:
    """A PDF of some pages of what was sent, scanned; the third is for signatures."""
    chance = random.Random(1)  # noqa: S311 (the same for every run)
    sheets = (Sheet(sent.document_id, sent.version, page, signature=page == 3) for page in pages)
    return as_pdf([(scanned(printed(sheet), PLAIN, chance), PLAIN) for sheet in sheets])


def photograph(document_id: str, version: int, page: int) -> bytes:
    """A photograph of one page to be signed."""
    sheet = Sheet(document_id, version, page, signature=True)
    return as_image(scanned(printed(sheet), PLAIN, random.Random(1)), PLAIN, "JPEG")  # noqa: S311
