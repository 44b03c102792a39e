"""The very package that is sent: issued, made, printed, scanned, and taken in again."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from tests.cli.register import CLUSTER, Commands
from tests.conftest import Ran
from tests.scans.paper import DPI
from tests.scans.scanner import as_pdf, readable, scanned


def prints(bundle: Path) -> list[Image.Image]:
    """The pages of a PDF as a printer gives them."""
    document = pypdfium2.PdfDocument(bundle.read_bytes())
    try:
        return [page.render(scale=DPI / 72, grayscale=True).to_pil().convert("L") for page in document]
    finally:
        document.close()


@pytest.mark.usefixtures("converter")
def test_a_package_comes_back_as_a_scan(ksf: Callable[..., Ran], workspace: Path, tmp_path: Path) -> None:
    commands, out, inbox = Commands(ksf, workspace), tmp_path / "out", tmp_path / "innboks"
    commands.issue()
    commands.ok("package", CLUSTER, "--out", str(out))
    sheets = prints(next(out.glob("*.pdf")))
    chance = random.Random(4)  # noqa: S311 (the same for every run)
    hows = [readable(chance) for _ in sheets]
    pages = [(scanned(sheet, how, chance), how) for sheet, how in zip(sheets, hows, strict=True)]
    inbox.mkdir()
    (inbox / "alt.pdf").write_bytes(as_pdf(pages))
    (inbox / "side.pdf").write_bytes(as_pdf(pages[6:7]))
    ran = commands("intake", inbox, "--format", "json")
    assert ran.code == 0, ran.out
    whole, one = json.loads(ran.out)
    (match,) = whole["matches"]
    assert (match["cluster"], match["version"], match["missing"]) == (CLUSTER, 1, [])
    assert [question["page"] for question in whole["questions"]] == match["signature_pages"]
    assert len({party for question in whole["questions"] for party in question["parties"]}) == 9
    assert one["matches"][0]["pages"] == [7]
    assert one["questions"][0]["parties"] == whole["questions"][0]["parties"]
