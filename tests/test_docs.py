"""The documentation says what the program does."""

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_type_hints

import pytest

from ksf_agreements.documents.context import AgreementContext
from ksf_agreements.documents.letters import LETTERS
from tests.reference import PAGES, ROOT


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_what_the_program_says_of_itself(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name](), "renew it with: make docs"


def _field_names(model: type) -> set[str]:
    names = set()
    hints = get_type_hints(model)
    for field in fields(model):
        names.add(field.name)
        for kind in (hints[field.name], *getattr(hints[field.name], "__args__", ())):
            if is_dataclass(kind) and isinstance(kind, type):
                names |= _field_names(kind)
    return names


CONTEXTS = sorted({row.context for row in LETTERS.values()} | {AgreementContext}, key=lambda model: model.__name__)


@pytest.mark.parametrize("model", CONTEXTS)
def test_every_field_that_a_template_can_print_is_in_the_guide_for_authors(model: type) -> None:
    words = set(re.findall(r"\w+", (ROOT / "docs" / "maler.md").read_text(encoding="utf-8")))
    assert _field_names(model) - words == set()


@pytest.mark.parametrize("kind", LETTERS)
def test_every_letter_is_in_the_guide_for_authors(kind: str) -> None:
    assert f"`{kind}`" in (ROOT / "docs" / "maler.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if "://" not in target and not (page.parent / target).exists()] == []


def test_no_tracked_text_names_a_machine_or_a_registry() -> None:
    words = re.compile(r"/[r]oot/|/[w]ork/|/home/[a-z]|files[.]pythonhosted|registry[.]npmjs")
    texts = [
        *(path for path in ROOT.glob("*.*") if path.name != ".git"),  # in a git worktree, a file with a path
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "ksf_agreements").rglob("*.py"),
        *(ROOT / "tests").rglob("*.py"),
    ]
    assert [
        str(text)
        for text in texts
        if text.is_file() and words.search(text.read_text(encoding="utf-8", errors="ignore"))
    ] == []
