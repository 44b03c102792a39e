"""The codes on paper: written, read again, and nothing else taken for one."""

from __future__ import annotations

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from ksf_agreements.domain.codes import LETTERS, SMALLEST, Code, document_code, page_code, read_code

documents = st.text(alphabet=LETTERS, min_size=8, max_size=8).map(lambda drawn: f"KSF-{drawn[:4]}-{drawn[4:]}")
numbers = st.integers(1, 9999)


def test_a_page_s_code_names_document_version_and_page() -> None:
    assert page_code("KSF-7Q4M-2XKD", 2, 8) == "KSF-7Q4M-2XKD/2/8"
    assert document_code("KSF-7Q4M-2XKD", 2) == "KSF-7Q4M-2XKD/2"


@given(documents, numbers, st.none() | numbers)
def test_what_is_written_is_read(document: str, version: int, page: int | None) -> None:
    code = Code(document, version, page)
    assert read_code(str(code)) == code


@given(documents, st.integers(1, 99), st.integers(1, 99))
def test_it_is_the_smallest_square(document: str, version: int, page: int) -> None:
    code = page_code(document, version, page)
    assert len(code) <= SMALLEST
    assert segno.make(code, error="m", micro=False, boost_error=False).designator == "1-M"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "KSF-7Q4M-2XKD",
        "KSF-7Q4M-2XKD/",
        "KSF-7Q4M-2XKD/0",
        "KSF-7Q4M-2XKD/02",
        "KSF-7Q4M-2XKD/2/",
        "KSF-7Q4M-2XKD/2/0",
        "KSF-7Q4M-2XKD/2/8/1",
        "KSF-7Q4M-2XKD/2/8\n",
        " KSF-7Q4M-2XKD/2/8",
        "ksf-7q4m-2xkd/2/8",
        "KSF-7Q4I-2XKD/2/8",
        "KSF-7Q4U-2XKD/2/8",
        "KSF-7Q4M-2XK/2/8",
        "KSF-7Q4M-2XKD/٢/٨",
        "KSF-7Q4M-2XKD/²",
        "KSF-7Q4M-2XKD/99999",
        "https://example.no/KSF-7Q4M-2XKD/2/8",
    ],
)
def test_nothing_else_is_a_code(text: str) -> None:
    assert read_code(text) is None
