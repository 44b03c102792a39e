"""How the documents look on paper: LibreOffice makes PDF of them, and the pages are read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from ksf_agreements.cli.main import main
from ksf_agreements.documents.context import DocumentContext
from ksf_agreements.domain.cluster import Cluster, LocalText, Signatory
from tests.conftest import copy_workspace
from tests.documents.test_render import context_of, filled, templates
from tests.documents.word import AGREEMENT, blocks_of, parts, styled_texts
from tests.factories import TODAY, cluster, member, register

TOOLS = ("soffice", "pdftotext")
LONG = "Interkommunalt kunnskapssamarbeid for helse, omsorg, oppvekst og samfunnsutvikling"
AGREEMENTS = ["helse-omsorg-vest", "alle-valg", "thirty", "issued"]
LISTS = ["helse-omsorg-vest-kontaktpersoner", "alle-valg-kontaktpersoner", "thirty-kontaktpersoner"]


@dataclass(frozen=True)
class Paper:
    """A document, and the text of each page of its PDF, any white space as one space."""

    data: bytes
    pages: tuple[str, ...]

    def holds_on_one_page(self, text: str) -> bool:
        """Whether a text stands whole on a page."""
        return any(bare(text) in bare(page) for page in self.pages)


def squeezed(text: str) -> str:
    """Return a text with any white space as one space."""
    return " ".join(text.split())


def bare(text: str) -> str:
    """Return a text without white space and hyphens: pdftotext takes one at the end of a line for a break."""
    return re.sub(r"[\s-]+", "", text)


def thirty_parties() -> Cluster:
    """Return a cluster of 30 parties with long names and every local text."""
    chosen = register().all_on(TODAY)[::11][:30]
    members = tuple(
        member(
            one.number,
            name_as_signed=f"{one.official_name} kommune, {LONG}, {one.number}",
            signatory=Signatory(name=f"Underskriver {one.number}, {LONG}", title=f"ordfører, {LONG}"),
        )
        for one in chosen
    )
    texts = LocalText(**dict.fromkeys(LocalText.model_fields, f"{LONG}. " * 6 + "\n\nSlik:\n- en\n- to"))
    return cluster(name=LONG, members=members, motor_municipality=chosen[-1].number, local_text=texts)


def documents(folder: Path) -> dict[str, bytes]:
    """Return the sample workspace's documents, those of thirty parties, and one with a QR code."""
    workspace = copy_workspace(folder / "workspace")
    assert main(["-w", str(workspace), "generate", "--all"]) == 0
    _, agreement, contacts = filled(thirty_parties())
    issued = context_of(cluster()).marked(DocumentContext("KSF-2026-0001 · versjon 1", "QR-kode til avtalen"))
    picture = parts(AGREEMENT.read_bytes())["word/media/qr.png"]
    return {
        **{file.stem: file.read_bytes() for file in (workspace / "out").glob("*.docx")},
        "thirty": agreement,
        "thirty-kontaktpersoner": contacts,
        "issued": templates()[0].render(issued, {}, picture),
    }


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Paper]:
    """Print every document in one run of LibreOffice."""
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        sentence = f"{' and '.join(missing)} not found: apt-get install libreoffice-writer poppler-utils"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    folder = tmp_path_factory.mktemp("papers")
    made = documents(folder)
    for name, data in made.items():
        (folder / f"{name}.docx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{tmp_path_factory.mktemp('profile')}"
    options = ["--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    files = [str(folder / f"{name}.docx") for name in made]
    subprocess.run(["soffice", profile, *options, *files], check=True, capture_output=True, timeout=300)  # noqa: S607
    return {name: Paper(data, pages_of(folder / f"{name}.pdf")) for name, data in made.items()}


def pages_of(pdf: Path) -> tuple[str, ...]:
    """Return the text of each page."""
    command = ["pdftotext", "-enc", "UTF-8", str(pdf), "-"]
    text = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode("utf-8")
    return tuple(squeezed(page) for page in text.split("\f")[:-1])


@pytest.mark.parametrize("name", AGREEMENTS)
def test_no_signature_block_is_split_over_two_pages(papers: dict[str, Paper], name: str) -> None:
    paper = papers[name]
    blocks = list(blocks_of(styled_texts(paper.data)))
    assert blocks
    for block in blocks:
        assert paper.holds_on_one_page(" ".join(block)), block[0]


@pytest.mark.parametrize("name", [*AGREEMENTS, *LISTS])
def test_after_every_heading_comes_its_text_on_the_same_page(papers: dict[str, Paper], name: str) -> None:
    paper = papers[name]
    content = [(style, text) for style, text in styled_texts(paper.data) if text and not style.startswith("TOC")]
    headings = 0
    for (style, heading), (next_style, after) in pairwise(content):
        if style.startswith("Heading"):
            bullet = "• " if next_style == "ListBullet" else ""
            assert paper.holds_on_one_page(f"{heading} {bullet}{' '.join(after.split()[:3])}"), heading
            headings += 1
    assert headings >= (2 if name in LISTS else 20)


@pytest.mark.parametrize("name", [*AGREEMENTS, *LISTS])
def test_every_page_says_which_of_how_many_it_is(papers: dict[str, Paper], name: str) -> None:
    pages = papers[name].pages
    for number, page in enumerate(pages, 1):
        assert f"Side {number} av {len(pages)}" in page


@pytest.mark.parametrize("name", [*AGREEMENTS, *LISTS])
def test_every_page_names_the_document_and_its_mark(papers: dict[str, Paper], name: str) -> None:
    for page in papers[name].pages:
        assert page.startswith("Kontaktpersoner · " if name in LISTS else "Samarbeidsavtale · ")
        assert ("KSF-2026-0001 · versjon 1" if name == "issued" else "Utkast · innhold ") in page


@pytest.mark.parametrize("name", AGREEMENTS)
def test_title_and_contents_have_the_first_page_alone(papers: dict[str, Paper], name: str) -> None:
    first, second, *_ = papers[name].pages
    assert "Innhold 1. Formål med samarbeidsavtalen" in first
    assert "Etableringsplanen" not in first
    assert "1. Formål med samarbeidsavtalen Kommunenes samarbeidsarena for forskning" in second


def test_the_header_row_of_a_long_list_of_contacts_stands_on_every_page(papers: dict[str, Paper]) -> None:
    paper = papers["thirty-kontaktpersoner"]
    assert len(paper.pages) > 1
    for page in paper.pages[1:]:
        assert re.search(r"Kommune Rolle i klyngen Navn Tittel E-post Telefon", page)


@pytest.mark.parametrize("name", AGREEMENTS)
def test_no_value_is_lost_on_paper(papers: dict[str, Paper], name: str) -> None:
    paper = papers[name]
    (name_in_header,) = {page.partition(" Samarbeidsavtale mellom")[0] for page in paper.pages[:1]}
    footer = re.compile(r"(?:Utkast·innhold[0-9a-f]{12}|KSF20260001·versjon1)Side[0-9]+av[0-9]+")
    whole = "".join(footer.sub("", bare(page).removeprefix(bare(name_in_header))) for page in paper.pages)
    for style, text in styled_texts(paper.data):
        if text and not style.startswith("TOC"):
            assert bare(text) in whole
