"""Scans are recognised: nearly every page that can be read, and never one for another. Figures with ``-s``."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from ksf_agreements.signed.pages import find_pages
from tests.scans.measure import ONE, Outcome, Page, figures, pile
from tests.scans.paper import BACK, CODE, MM, Sheet, printed
from tests.scans.scanner import Scan, as_image, as_pdf, as_tiff, readable, scanned


def test_readable_pages_are_recognised_and_none_is_taken_for_another() -> None:
    pages = [page for seed in (3, 6, 7, 45) for page in pile(seed)]
    print("\n" + figures(pages))  # noqa: T201 (figures are to be seen)
    right = sum(page.outcome is Outcome.RIGHT for page in pages)
    assert not [page for page in pages if page.outcome is Outcome.WRONG]
    assert right >= 0.99 * len(pages), [page for page in pages if page.outcome is not Outcome.RIGHT]


def too_bad(chance: random.Random) -> Scan:
    """Draw a scan that a person reads with effort, or not at all."""
    how = readable(chance)
    worse = (
        {"dpi": 30},
        {"dpi": 60, "quality": 10},
        {"blur": 0.9},
        {"noise": 127, "ink": 170, "paper": 200},
        {"quality": 1, "dpi": 75, "skew": 7.0},
    )
    return replace(how, **chance.choice(worse))


def test_pages_in_too_bad_a_state_are_never_taken_for_another() -> None:
    pages: list[Page] = [page for seed in (6, 7, 14, 22, 30, 47) for page in pile(seed, too_bad)]
    print("\n" + figures(pages))  # noqa: T201
    wrong = [page for page in pages if page.outcome is Outcome.WRONG and page.sheet.document_id]
    # A page that is faded away may pass for blank; it is never another page.
    assert not [page for page in wrong if page.how.dpi > 60 and page.how.blur < 0.5 and page.how.noise < 100]
    assert any(page.outcome is Outcome.UNREAD for page in pages)


def cut(part: float) -> bytes:
    """A page whose code is cut: so much of it is left."""
    image = printed(ONE[0])
    _, top, size = (edge * MM for edge in CODE)
    return as_image(image.crop((0, round(top + size * (1 - part)), image.width, image.height)), Scan(), "PNG")


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.8])
def test_a_code_that_is_cut_is_not_read(part: float) -> None:
    looked = find_pages(cut(part))
    assert (looked.found, looked.unread) == ((), (1,))


def test_two_documents_on_one_page_are_neither() -> None:
    one, other = printed(ONE[0]), printed(Sheet("KSF-B0DE-88GZ", 1, 4))
    both = one.copy()
    left, top, size = (round(edge * MM) for edge in CODE)
    both.paste(other.crop((left, top, left + size, top + size)), (left - 2 * size, top))
    looked = find_pages(as_image(both, Scan(), "PNG"))
    assert (looked.found, looked.unread) == ((), (1,))


def test_the_code_of_the_page_goes_before_that_of_its_document() -> None:
    page, whole = printed(ONE[4]), printed(replace(ONE[4], page=0))
    both = page.copy()
    left, top, size = (round(edge * MM) for edge in CODE)
    both.paste(whole.crop((left, top, left + size, top + size)), (left - 2 * size, top))
    (found,) = find_pages(as_image(both, Scan(), "PNG")).found
    assert (found.document_id, found.version, found.page) == ("KSF-7Q4M-2XKD", 2, 5)


def test_only_the_pages_asked_for_are_looked_at() -> None:
    how = Scan(dpi=150)
    data = as_pdf([(scanned(printed(sheet), how, random.Random(1)), how) for sheet in (*ONE[:2], BACK)])  # noqa: S311
    looked = find_pages(data, (2, 3, 9))
    assert (looked.pages, [page.place for page in looked.found], looked.blank, looked.unread) == (3, [2], (3,), ())


def test_a_file_of_very_many_pages_is_read_as_far_as_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ksf_agreements.signed.pages.PAGES", 3)
    looked = find_pages(as_tiff([printed(BACK).resize((83, 117))] * 8))
    assert (looked.pages, looked.blank, looked.unread) == (4, (1, 2, 3), (4,))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 and no more", b"\x89PNG\r\n\x1a\n", b"II*\x00\xff\xff\xff\xff"])
def test_garbage_has_no_pages(data: bytes) -> None:
    looked = find_pages(data)
    assert not looked.found
    assert looked.pages == len(looked.unread)
