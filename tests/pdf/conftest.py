"""What the tests of PDFs share: the sample workspace and a long cluster, printed once by ``ksf generate``."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from ksf_agreements.cli.main import main
from ksf_agreements.pdf.converter import Converter
from ksf_agreements.services.documents.expecting import expected
from tests.bench.cases import cluster_yaml
from tests.conftest import Ran, copy_workspace

NAMES = tuple(f"{name}{end}" for name in ("alle-valg", "helse-omsorg-vest", "lang") for end in ("", "-kontaktpersoner"))
"""The documents that `printed` makes."""


@dataclass(frozen=True)
class Printed:
    """A workspace whose documents are made as Word and PDF, and what the command said."""

    workspace: Path
    ran: Ran

    def pdf(self, name: str) -> Path:
        """Return the PDF of a document."""
        return self.workspace / "out" / f"{name}.pdf"

    def docx(self, name: str) -> Path:
        """Return a Word document."""
        return self.workspace / "out" / f"{name}.docx"


@pytest.fixture(scope="session")
def printed(converter: Converter, today: date, tmp_path_factory: pytest.TempPathFactory) -> Printed:  # noqa: ARG001
    """The sample clusters and one of thirty members; tests read them and change nothing."""
    workspace = copy_workspace(tmp_path_factory.mktemp("printed") / "workspace")
    (workspace / "clusters" / "lang.yaml").write_text(cluster_yaml(30), encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["-w", str(workspace), "--lang", "en", "generate", "--all", "--format", "pdf"])
    return Printed(workspace, Ran(code, out.getvalue(), err.getvalue()))


@dataclass(frozen=True)
class Again:
    """Converts a document that a test has changed, as the service would, but with no proof-check."""

    converter: Converter

    def __call__(self, docx: bytes) -> bytes:
        """Return the PDF."""
        wanted = expected(docx)
        return self.converter.convert(docx, title=wanted.title, language=wanted.language)


@pytest.fixture(scope="session")
def convert(converter: Converter) -> Again:
    """Convert without a proof-check."""
    return Again(converter)
