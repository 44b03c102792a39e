"""National identity numbers are told by page, and what merely looks like one is not."""

from __future__ import annotations

import random

import pytest
from stdnum.no import fodselsnummer

from ksf_agreements.signed.national_ids import has_national_id
from ksf_agreements.signed.reader import read
from tests.signed.papers import agreement, paper
from tests.signed.signing import issuer, sign


def made(nine: str) -> str:
    """A number of nine digits with its control digits; it is nobody's: the year is 1860."""
    first = fodselsnummer.calc_check_digit1(nine)
    return nine + first + fodselsnummer.calc_check_digit2(nine + first)


NUMBER, D_NUMBER, H_NUMBER = made("010160600"), made("410160605"), made("014160601")


@pytest.mark.parametrize("number", [NUMBER, D_NUMBER, H_NUMBER])
@pytest.mark.parametrize(
    "written",
    ["{0}", "{0:.6} {1}", "{0:.6}-{1}", "{0:.6}\u00a0{1}", "Fnr.: {0}.", "fnr{0}", "({0})", "f. {0:.6}–{1}, ordfører"],
)
def test_a_number_is_found_however_it_is_written(number: str, written: str) -> None:
    assert len(number) == 11
    assert has_national_id("Ordfører i Eksempel kommune, " + written.format(number, number[6:]))


@pytest.mark.parametrize(
    "text",
    [
        "KSF-7Q4M-2XKD · versjon 2",
        "Org.nr. 974 760 673 MVA",
        "tlf. 55 56 62 00, +47 55 56 62 00",
        "sak 2026/010160-10012",
        "konto 1503.12.34567",
        "{0}1",
        "1{0}",
        "{0}.5",
        "123.{0}",
        "010160 2 10012",
        "320120 10012",
        "12345678901 11111111111 00000000000",
        "5f{0:.3}e7",
    ],
)
def test_other_numbers_are_not(text: str) -> None:
    assert not has_national_id(text.format(NUMBER))


def test_wrong_control_digits_are_not() -> None:
    for last in range(100):
        number = f"{NUMBER[:9]}{last:02}"
        assert has_national_id(number) == (number == NUMBER)


def test_few_of_many_numbers_are_flagged_by_chance() -> None:
    drawn = random.Random(4)  # noqa: S311 (the same numbers every time)
    found = sum(has_national_id(f"{drawn.randrange(10**11):011}") for _ in range(20_000))
    assert found < 20


# --- in a file --------------------------------------------------------------------------------------------------------


def test_the_page_is_told_and_never_the_number() -> None:
    pages = (*agreement(), f"Signert av 010160 {NUMBER[6:]}", "side fem")
    reading = read(paper(pages))
    assert reading.national_ids == (4,)
    assert NUMBER[6:] not in reading.model_dump_json()


def test_one_outside_the_pages_is_told_as_such() -> None:
    assert read(paper(agreement(), info=f"fnr {NUMBER}")).national_ids == (0,)


def test_one_in_a_certificate_is_told() -> None:
    signed = sign(paper(agreement()), issuer().identity("Anne Eksempel", names={"serial": NUMBER}))
    reading = read(signed)
    assert reading.national_ids == (0,)
    assert NUMBER not in reading.model_dump_json()
