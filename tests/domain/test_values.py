"""The small values: each takes what it can be as it stands, and refuses the rest with a code and a mend."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ksf_agreements.domain.values import (
    CITED_LIMIT,
    LINE_LIMIT,
    PARAGRAPHS_LIMIT,
    AnnexPath,
    CountyNumber,
    Email,
    Fault,
    IsoDate,
    Line,
    MunicipalityNumber,
    Paragraphs,
    YesNo,
    cited,
    is_blank,
    parse_iso_date,
    unprintable,
)
from tests import factories


def fault(type_: Any, value: object) -> Fault:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(type_).validate_python(value)
    (error,) = caught.value.errors()
    found = error["ctx"]["error"]
    assert isinstance(found, Fault)
    assert found.mend is not None, "every fault tells its mend"
    return found


def taken(type_: Any, value: object) -> object:
    return TypeAdapter(type_).validate_python(value)


@given(factories.lines(LINE_LIMIT))
def test_a_line_is_taken_as_it_stands(text: str) -> None:
    assert taken(Line, text) == text


@given(factories.paragraphs())
def test_paragraphs_are_taken_as_they_stand(text: str) -> None:
    assert taken(Paragraphs, text) == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "blank"),
        (" \t ", "blank"),
        ("\u00a0", "blank"),
        ("\u200b\u2060", "blank"),
        ("to\nlinjer", "line-break"),
        ("a\x07b", "control-character"),
        ("a\x00b", "control-character"),
        ("a\rb", "control-character"),
        ("a\x85b", "control-character"),
        ("a\u2028b", "control-character"),
        ("a\u202eb", "control-character"),
        ("a\u2066b", "control-character"),
        ("a\ufffeb", "control-character"),
        ("a\ud800b", "control-character"),
        ("x" * (LINE_LIMIT + 1), "too-long"),
        (None, "not-text"),
        (("a",), "not-text"),
        ({"a": "b"}, "not-text"),
        (7, "not-text"),
    ],
)
def test_a_line_refuses(value: object, code: str) -> None:
    assert fault(Line, value).code == code


def test_paragraphs_refuse_what_a_document_cannot_carry_and_what_is_too_long() -> None:
    assert fault(Paragraphs, "a\n\n\x0bb").code == "control-character"
    assert fault(Paragraphs, "x" * (PARAGRAPHS_LIMIT + 1)).code == "too-long"
    assert taken(Paragraphs, "x" * PARAGRAPHS_LIMIT) == "x" * PARAGRAPHS_LIMIT


def test_tabs_and_line_breaks_can_be_printed_and_a_bell_is_named() -> None:
    assert unprintable("a\tb\nc") == ""
    assert unprintable("a\x07b\x08") == "U+0007"


@given(st.text())
def test_a_blank_text_is_one_without_a_letter(text: str) -> None:
    assert not (is_blank(text) and any(letter.isalnum() for letter in text))
    assert is_blank(f" {text}") == is_blank(text)


@given(st.dates())
def test_a_date_is_what_it_says(day: date) -> None:
    assert parse_iso_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0", "not-a-date"),
        ("2030", "not-a-date"),
        ("2030-2-9", "not-a-date"),
        ("20300209", "not-a-date"),
        ("2030-02-29", "no-such-date"),
        ("2030-00-10", "no-such-date"),
        ("0000-01-01", "no-such-date"),
        ("2029-12-31T00:00", "not-a-date"),
        ("2029-12-31 ", "not-a-date"),
        ("2029-W01-1", "not-a-date"),
        ("2029-365", "not-a-date"),
        ("+2029-12-31", "not-a-date"),
        ("２０２９-12-31", "not-a-date"),
        ("31.12.2029", "not-a-date"),
        ("9" * 5000, "not-a-date"),
        (None, "not-a-date"),
        (("2029", "12"), "not-a-date"),
        (20291231, "not-a-date"),
    ],
)
def test_a_date_refuses(value: object, code: str) -> None:
    assert fault(IsoDate, value).code == code


@pytest.mark.parametrize("text", ["31.12.2029", "31. 12. 2029", " 31.12.2029 "])
def test_a_norwegian_date_is_answered_with_the_right_writing(text: str) -> None:
    assert str(fault(IsoDate, text).mend) == "Write it as 2029-12-31 (year-month-day)."
    assert "2029-12-31" not in str(fault(IsoDate, "31.02.2030").mend).replace("for example 2029-12-31", "")


@pytest.mark.parametrize(("text", "meant"), [("true", True), ("ja", True), ("false", False), ("nei", False)])
def test_yes_and_no_are_true_and_false_in_both_languages(text: str, meant: bool) -> None:
    assert taken(YesNo, text) is meant


@pytest.mark.parametrize("value", ["yes", "no", "on", "True", "1", "", "kanskje", None, ("true",)])
def test_anything_else_is_neither_yes_nor_no(value: object) -> None:
    assert fault(YesNo, value).code == "not-yes-or-no"


@pytest.mark.parametrize(
    "text", ["kari@example.no", "k.o+ks@a-b.kommune.no", "kåre@bø.kommune.no", "o'neil@x.no", "a@b.museum"]
)
def test_an_address_that_can_be_one_is_taken(text: str) -> None:
    assert taken(Email, text) == text


@given(factories.emails)
def test_hostile_letters_in_an_address_are_kept(text: str) -> None:
    assert taken(Email, text) == text


@pytest.mark.parametrize(
    "text",
    [
        "kari",
        "kari@",
        "@example.no",
        "kari@example",
        "kari@example.",
        "kari@.no",
        "kari@-example.no",
        "kari@example-.no",
        "kari@example..no",
        "ka ri@example.no",
        "kari@exa mple.no",
        "kari@@example.no",
        "kari@example.no, ola@example.no",
        "Kari <kari@example.no>",
        "mailto:kari@example.no",
        ".kari@example.no",
        "kari.@example.no",
        "ka..ri@example.no",
        "kari@example.1",
        "kari@127.0.0.1",
        " kari@example.no",
        "ka\u200bri@example.no",
        "kari@example.no\u2060",
        f"{'k' * 250}@example.no",
    ],
)
def test_an_address_that_cannot_be_one_is_refused(text: str) -> None:
    assert fault(Email, text).code == "not-an-email"


def test_a_municipality_number_has_four_digits_and_a_lost_zero_is_guessed() -> None:
    assert taken(MunicipalityNumber, "0301") == "0301"
    assert str(fault(MunicipalityNumber, "301").mend) == 'Municipality numbers have four digits: did you mean "0301"?'
    for text in ("Bergen", "46011", "4601 ", "４６０１", "46o1", "-601", "4.6e3"):
        assert fault(MunicipalityNumber, text).code == "not-a-municipality-number"


def test_a_county_number_has_two_digits() -> None:
    assert taken(CountyNumber, "03") == "03"
    for text in ("3", "003", "Vestland"):
        assert fault(CountyNumber, text).code == "not-a-county-number"


@pytest.mark.parametrize("text", ["annexes/plan.pdf", "annexes/under/Plan Å.DOCX", "plan.pdf"])
def test_an_annex_is_a_pdf_or_a_word_file_of_the_workspace(text: str) -> None:
    assert taken(AnnexPath, text) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/etc/plan.pdf", "annex-outside"),
        ("../plan.pdf", "annex-outside"),
        ("annexes/../../plan.pdf", "annex-outside"),
        ("annexes/./plan.pdf", "annex-outside"),
        ("annexes//plan.pdf", "annex-outside"),
        ("C:\\plan.pdf", "annex-outside"),
        ("C:/plan.pdf", "annex-outside"),
        ("annexes\\plan.pdf", "annex-outside"),
        ("https://example.no/plan.pdf", "annex-outside"),
        ("annexes/plan.txt", "annex-type"),
        ("annexes/plan", "annex-type"),
    ],
)
def test_an_annex_elsewhere_or_of_another_type_is_refused(text: str, code: str) -> None:
    assert fault(AnnexPath, text).code == code


def test_what_a_message_quotes_is_short_and_on_one_line() -> None:
    assert cited("4601 ") == "4601 "
    assert cited("a\nb") == "a b"
    assert cited("x" * 3000) == "x" * (CITED_LIMIT - 1) + "…"
    assert len(str(fault(IsoDate, "x" * 3000).message)) < 2 * CITED_LIMIT
