"""``ksf generate --format pdf`` as a person runs it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from ksf_agreements.errors import Problem
from ksf_agreements.pdf import office
from ksf_agreements.pdf.converter import Converter
from ksf_agreements.pdf.seal import PdfState, pdf_state, sealed
from ksf_agreements.services.documents import converting
from ksf_agreements.text import T
from tests.conftest import Ran, copy_workspace
from tests.pdf.conftest import NAMES, Printed
from tests.pdf.printed import contents, headings, pages, poppler, unspaced

Ksf = Callable[..., Ran]
PDF = b"%PDF-1.6\ntrailer\n<</ID [ <" + b"0" * 32 + b"> <" + b"0" * 32 + b"> ]>>\n%%EOF\n"


@pytest.fixture
def generate(ksf: Ksf, workspace: Path) -> Ksf:
    return lambda *words: ksf("-w", workspace, "--lang", "en", "generate", *words)


@pytest.fixture
def no_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without LibreOffice, which is a Debian."""
    monkeypatch.setattr(office, "_find", lambda: None)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: {"ID": "debian"})


def ours(data: bytes = PDF, made_of: bytes = b"") -> bytes:
    """A PDF that bears our seal, of a document that nobody has."""
    made = sealed(data, made_of)
    assert made
    return made


# --- what is made ----------------------------------------------------------------------------------------------------


def test_each_document_is_made_as_word_and_pdf(printed: Printed) -> None:
    assert printed.ran.code == 0, printed.ran.err
    made = sorted(path.name for path in (printed.workspace / "out").iterdir())
    assert made == sorted(f"{name}.{end}" for name in NAMES for end in ("docx", "pdf"))
    assert printed.ran.out.count("Wrote ") == 12
    assert printed.ran.out.endswith("3 clusters done.\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_pdf_is_what_it_is_said_to_be(printed: Printed, name: str) -> None:
    told = poppler("pdfinfo", printed.pdf(name))
    assert re.search(r"^Tagged: +yes$", told, re.MULTILINE)
    title = docx.Document(str(printed.docx(name))).core_properties.title
    assert title
    assert re.search(rf"^Title: +{re.escape(title)}$", told, re.MULTILINE)
    fonts = poppler("pdffonts", printed.pdf(name)).splitlines()[2:]
    assert fonts
    assert all(re.search(r" yes (yes|no) +(yes|no) +\d+ +\d+$", font) for font in fonts)
    metadata = poppler("pdfinfo", "-meta", printed.pdf(name))
    for sign in ("<pdfaid:part>2<", "<pdfaid:conformance>B<", "<pdfuaid:part>1<"):
        assert sign in metadata
    assert b"/Lang(nb-NO)" in printed.pdf(name).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_every_paragraph_stands_in_the_pdf(printed: Printed, name: str) -> None:
    furniture = re.compile(
        r"^(Utkast · innhold .*|(Samarbeidsavtale|Kontaktpersoner) · .*|Side \d+ av \d+)$", re.MULTILINE
    )
    text = unspaced(furniture.sub("", poppler("pdftotext", "-raw", printed.pdf(name), "-")))
    document = docx.Document(str(printed.docx(name)))
    told = [
        unspaced(one.text)
        for one in document.element.body.iter("{*}p")
        for one in [docx.text.paragraph.Paragraph(one, document)]
        if "\t" not in one.text
    ]
    assert len(told) > 8
    assert [one for one in told if one not in text] == []


@pytest.mark.parametrize("name", ["alle-valg", "lang"])
def test_the_contents_print_the_pages_of_their_headings(printed: Printed, name: str) -> None:
    told = contents(printed.pdf(name))
    assert len(told) == 13
    assert told == headings(printed.pdf(name))
    paragraphs = docx.Document(str(printed.docx(name))).element.body.iter("{*}p")
    texts = [[one.text or "" for one in paragraph.iter("{*}t")] for paragraph in paragraphs]
    stale = {one[0]: int(one[1]) for one in texts if len(one) == 2 and one[1].isdigit()}
    assert stale.keys() == told.keys()
    # A contents that nobody renews would be wrong for this cluster.
    assert name == "lang" or stale != told


def test_a_signature_block_is_never_split(printed: Printed) -> None:
    for text in pages(printed.pdf("lang"))[1:]:
        assert text.count("partnerkommune)") + text.count("(motorkommune)") == len(
            re.findall(r"^Dato:", text, re.MULTILINE)
        )
    assert sum(text.count("partnerkommune)") for text in pages(printed.pdf("lang"))) == 29


# --- what is left alone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (ours() + b"1 0 obj <</ByteRange [0 1 2 3]>> endobj\n%%EOF\n", "has been signed"),
        (ours() + b"\n% a note", "has been edited since it was generated"),
        (PDF, "has been edited since it was generated"),
        (b"something else", "has been edited since it was generated"),
    ],
)
def test_a_pdf_that_is_not_as_we_made_it_is_left(generate: Ksf, workspace: Path, there: bytes, said: str) -> None:
    pdf = workspace / "out" / "alle-valg.pdf"
    pdf.parent.mkdir()
    pdf.write_bytes(there)
    ran = generate(workspace / "clusters" / "alle-valg.yaml", "--format", "pdf")
    assert ran.code == 1
    assert f"alle-valg: alle-valg.pdf {said}, and is left as it is. Move it, or use --force" in ran.err
    assert pdf.read_bytes() == there
    assert [path.name for path in pdf.parent.iterdir()] == ["alle-valg.pdf"]


def test_force_replaces_a_signed_pdf(printed: Printed, ksf: Ksf, tmp_path: Path) -> None:
    workspace = copy_workspace(tmp_path / "w")
    pdf = workspace / "out" / "alle-valg.pdf"
    pdf.parent.mkdir()
    pdf.write_bytes(b"%PDF-1.4 /ByteRange")
    file = workspace / "clusters" / "alle-valg.yaml"
    assert ksf("-w", workspace, "generate", file, "--format", "pdf", "--force").code == 0
    assert pdf_state(pdf) is PdfState.OURS
    assert contents(pdf) == contents(printed.pdf("alle-valg"))


def test_an_outdated_pdf_is_told_when_only_word_documents_are_made(generate: Ksf, workspace: Path) -> None:
    pdf = workspace / "out" / "alle-valg.pdf"
    pdf.parent.mkdir()
    pdf.write_bytes(ours())
    file = workspace / "clusters" / "alle-valg.yaml"
    ran = generate(file)
    assert ran.code == 0
    assert "alle-valg.pdf was made of an earlier Word document. Use --format pdf to make it anew." in ran.err
    assert pdf.exists()
    pdf.write_bytes(ours(made_of=pdf.with_suffix(".docx").read_bytes()))
    assert "earlier Word document" not in generate(file).err


# --- what cannot be done ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_office")
def test_without_libreoffice_the_word_documents_are_made_and_the_way_to_get_it_is_told(
    generate: Ksf, workspace: Path
) -> None:
    pdf = workspace / "out" / "alle-valg.pdf"
    pdf.parent.mkdir()
    pdf.write_bytes(ours())
    ran = generate("--all", "--format", "pdf")
    assert ran.code == 3
    assert ran.err.endswith(
        "Only the Word documents were made. A PDF needs LibreOffice and its bridge to Python, and they are not on this "
        "machine. Install them with: sudo apt install libreoffice-writer-nogui python3-uno fonts-crosextra-carlito\n"
    )
    made = sorted(path.name for path in (workspace / "out").iterdir())
    assert len(made) == 4
    assert all(name.endswith(".docx") for name in made)
    assert "alle-valg.pdf was removed: it was made of an earlier Word document." in ran.err


@pytest.mark.parametrize(
    ("system", "release", "said"),
    [
        ("linux", {"ID": "ubuntu", "ID_LIKE": "debian"}, "sudo apt install libreoffice-writer-nogui python3-uno"),
        ("linux", {"ID": "fedora"}, "sudo dnf install libreoffice-writer libreoffice-pyuno"),
        ("linux", {"ID": "opensuse-leap", "ID_LIKE": "suse opensuse"}, "sudo zypper install libreoffice-writer"),
        ("linux", {"ID": "gentoo"}, "with the system's package manager"),
        ("darwin", {}, "brew install --cask libreoffice"),
        ("win32", {}, "Install LibreOffice from libreoffice.org."),
    ],
)
def test_each_system_is_told_its_own_way(
    monkeypatch: pytest.MonkeyPatch, system: str, release: dict[str, str], said: str
) -> None:
    monkeypatch.setattr(office, "_find", lambda: None)
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("platform.freedesktop_os_release", lambda: release)
    with pytest.raises(office.OfficeMissing, match=re.escape(said)):
        office.find_office()


def test_a_pdf_that_does_not_pass_is_not_released_and_the_word_document_is_there(
    converter: Converter,  # noqa: ARG001 (LibreOffice is needed)
    generate: Ksf,
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fault = Problem("untagged", T("the PDF has no tags for screen readers"))
    monkeypatch.setattr(converting, "prove", lambda _, wanted: (fault,) if "Kontakt" not in wanted.title else ())
    ran = generate(workspace / "clusters" / "alle-valg.yaml", "--format", "pdf")
    assert ran.code == 1
    assert (
        "alle-valg: alle-valg.pdf was not made. The PDF is not released, since the PDF has no tags for screen readers. "
        "The Word document is as it was.\n" in ran.err
    )
    made = sorted(path.name for path in (workspace / "out").iterdir())
    assert made == ["alle-valg-kontaktpersoner.docx", "alle-valg-kontaktpersoner.pdf", "alle-valg.docx"]
