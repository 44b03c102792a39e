"""The sample workspace's documents, word for word, as files that people can read: tests/golden."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran
from tests.documents.word import body_texts, element_text, root, styled_texts

SAMPLES = ["helse-omsorg-vest", "alle-valg"]


def told(data: bytes) -> str:
    """Return a document as lines: each paragraph with its style, header and footer at the end."""
    lines = [f"{style + ':':<16} {text}".rstrip(" ") for style, text in styled_texts(data)]
    lines.append(f"{'(header)':<16} {element_text(root(data, 'word/header1.xml'))}")
    # The content hash goes with the template's file too, and is tested elsewhere.
    mark = re.sub(r"[0-9a-f]{12}", "<12 hex digits>", element_text(root(data, "word/footer1.xml")))
    lines.append(f"{'(footer)':<16} {mark}")
    return "".join(line.replace("\n", "\n" + " " * 17) + "\n" for line in lines)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("ending", ["", "-kontaktpersoner"])
def test_a_sample_document_is_what_it_was(
    ksf: Callable[..., Ran], workspace: Path, golden: Callable[[str, str], None], sample: str, ending: str
) -> None:
    assert ksf("-w", workspace, "generate", workspace / "clusters" / f"{sample}.yaml").code == 0
    data = (workspace / "out" / f"{sample}{ending}.docx").read_bytes()
    golden(f"{sample}{ending}.txt", told(data))


def test_the_sample_agreement_names_the_nine_municipalities(ksf: Callable[..., Ran], workspace: Path) -> None:
    assert ksf("-w", workspace, "generate", "--all").code == 0
    text = "\n".join(body_texts((workspace / "out" / "helse-omsorg-vest.docx").read_bytes()))
    assert (
        "Avtalen inngås mellom Bergen kommune, Alver kommune, Askøy kommune, Austrheim kommune, Bjørnafjorden kommune, "
        "Masfjorden kommune, Osterøy kommune, Vaksdal kommune og Voss herad. Bergen kommune er klyngens motorkommune."
    ) in text
    assert "gjelder frem til og med 31. desember 2030." in text
    assert text.count("\nFor ") == 9
    assert "For Voss herad (partnerkommune)" in text


def test_the_sample_workspace_says_that_it_is_an_example(workspace: Path) -> None:
    for file in (workspace / "clusters").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        assert "# EKSEMPEL, ikke en virkelig avtale" in text
        for address in re.findall(r"[\w.]+@[\w.]+", text):
            assert address.endswith("example.no")
