"""An agreement's life of which a dossier is made: issued, packaged, signed, noticed, renewed, partly erased."""

from __future__ import annotations

import hashlib
import io
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path

from pypdf import PdfWriter

from ksf_agreements.app import App
from ksf_agreements.cli.main import main
from ksf_agreements.domain.events import (
    FileReceived,
    Method,
    PackagedFile,
    PackageMade,
    PackageRole,
    SignatureRecorded,
    VersionIssued,
)
from ksf_agreements.domain.verdict import ESignature, FileKind, Integrity, Reading, Verdict
from ksf_agreements.pdf.converter import Converter
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.documents.converting import Printing, convert
from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran

PDF = "application/pdf"
ERASED = "Kari Koordinatorvikar"
SIGNATORY = "Anne Eksempel"


def run(*words: str | Path) -> Ran:
    """Run ``ksf`` in this process, outside any test."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(word) for word in words])
    return Ran(code, out.getvalue(), err.getvalue())


def pdf(text: str) -> bytes:
    """Return a small PDF that differs by its title."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": text})
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def live(workspace: Path, converter: Converter) -> Commands:
    """Fill the register of a workspace and return its commands; the agreement ends up with two versions."""
    commands = Commands(run, workspace)
    papers = workspace / "papirer"
    papers.mkdir()
    for name in ("vedtak", "slettes", "feil", "oppsigelse", "plan"):
        (papers / f"{name}.pdf").write_bytes(pdf(name))
    ok = commands.ok
    ok("issue", CLUSTER, "--on", "2025-01-12", "--as", ERASED)
    ok("issue", "alle-valg", "--on", "2025-01-12")
    ok("approve", CLUSTER, "--party", "4601", "--body", "byråd", "--case", "2025/17", "--on", "2025-01-15",
       "--file", papers / "vedtak.pdf")  # fmt: skip
    ok("approve", CLUSTER, "--party", "4631", "--on", "2025-01-16", "--file", papers / "slettes.pdf")
    ok("present", CLUSTER, "--party", "4631", "--body", "kommunestyret", "--outcome", "orientering",
       "--case", "25/9", "--on", "2025-01-20")  # fmt: skip
    ok("approve", CLUSTER, "--party", "4627", "--on", "2025-01-21", "--file", papers / "feil.pdf")
    ok("void", "6", "--reason", "gjaldt en annen klynge")
    ok("open-signing", CLUSTER, "--on", "2025-01-25", "--deadline", "2025-03-01")
    desk = App.open(str(workspace)).desk("Per Arkivar")
    package(desk, converter)
    signatures(desk)
    ok("notice", CLUSTER, "--party", "4621", "--received", "2025-06-01", "--sent", "2025-05-28",
       "--file", papers / "oppsigelse.pdf")  # fmt: skip
    ok("plan", CLUSTER, "--year", "2025", "--on", "2025-03-01", "--file", papers / "plan.pdf")
    ok("erase", "4", "--reason", "feil fil")
    ok("erase", "--name", ERASED, "--reason", "har bedt om det")
    ok("renew", CLUSTER, "--until", "2033-12-31", "--on", "2025-12-01")
    return commands


def package(desk: Desk, converter: Converter) -> None:
    """Keep a package as it is sent to be signed: the agreement as PDF/A, an annex, and all in one."""
    with desk.working(CLUSTER) as work:
        issued = next(event.payload for event in work.folded.events if isinstance(event.payload, VersionIssued))
        docx = work.transaction.file(issued.documents[0].sha256)
        assert docx is not None
    agreement = convert(converter, Printing(docx))
    with desk.working(CLUSTER) as work:
        keep = work.transaction.keep_file
        files = (
            PackagedFile(role=PackageRole.BUNDLE, sha256=keep(pdf("samlet"), PDF), parties=issued.parties, pages=9),
            PackagedFile(role=PackageRole.AGREEMENT, sha256=keep(agreement, PDF), pages=8),
            PackagedFile(role=PackageRole.ANNEX, sha256=keep(pdf("vedlegg"), PDF), title="Handlingsplan"),
            PackagedFile(role=PackageRole.ANNEX, sha256=keep(pdf("mandat"), PDF), title="Mandat"),
        )
        work.append(PackageMade(version=1, channel="manual", files=files), date(2025, 1, 24))


_PDFA_3B = b"""
9 0 obj << /Metadata 8 0 R >> endobj
8 0 obj <pdfaid:part>3</pdfaid:part><pdfaid:conformance>B< endobj
trailer << /Root 9 0 R >>
"""


def signatures(desk: Desk) -> None:
    """Let one sign with ink on a scan, and the others electronically in one file that says it is PDF/A-3b."""
    with desk.working(CLUSTER) as work:
        keep = work.transaction.keep_file
        scan, signed = pdf("skann"), pdf("signert") + _PDFA_3B
        ink = SignatureRecorded(
            version=1, party=NINE[0], signatory=work.person(name=SIGNATORY, title="ordfører"), file=keep(scan, PDF)
        )
        work.append(ink, date(2025, 2, 1))
        received = keep(verdict(scan, FileKind.SCAN, national_ids=(2,)), "application/json")
        work.append(FileReceived(version=1, file=keep(scan, PDF), verdict=received, pages=(1,)), date(2025, 2, 1))
        found = keep(verdict(signed, FileKind.SIGNED_PDF), "application/json")
        for party in NINE[1:]:
            payload = SignatureRecorded(
                version=1,
                party=party,
                signatory=work.person(name=f"Bjørn Eksempel {party}", title="ordfører"),
                method=Method.EID,
                file=keep(signed, PDF),
                verdict=found,
            )
            work.append(payload, date(2025, 2, 3))


def verdict(data: bytes, kind: FileKind, national_ids: tuple[int, ...] = ()) -> bytes:
    """Return the verdict of a file, as it is kept."""
    esigned = (ESignature(signer="Bjørn Eksempel", integrity=Integrity.TRUSTED, covers=True),)
    reading = Reading(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        kind=kind,
        pages=1,
        signatures=esigned if kind is FileKind.SIGNED_PDF else (),
        national_ids=national_ids,
    )
    return Verdict(reading=reading).model_dump_json().encode()
