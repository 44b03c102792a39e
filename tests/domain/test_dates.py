"""Calendar arithmetic: whole months and years, for every day that an agreement may start on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ksf_agreements.domain.dates import add_months

FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)


def every_day() -> list[date]:
    return [FIRST + timedelta(days) for days in range((LAST - FIRST).days + 1)]


@pytest.mark.parametrize("years", [1, 3])
def test_years_keep_month_and_day_except_29_february(years: int) -> None:
    for day in every_day():
        later = add_months(day, 12 * years)
        assert later.year == day.year + years
        assert later.month == day.month
        assert later.day == (28 if (day.month, day.day) == (2, 29) else day.day)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("1896-02-29", 48, "1900-02-28"),  # 1900 is no leap year
        ("1996-02-29", 48, "2000-02-29"),  # 2000 is one
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 6, "2026-07-31"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-12-31", 12, "2027-12-31"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2026-01-01", -1, "2025-12-01"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-05-17", 0, "2026-05-17"),
    ],
)
def test_months_end_on_the_month_s_last_day_where_it_is_shorter(day: str, months: int, later: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


def test_a_later_start_never_ends_earlier() -> None:
    ends = [add_months(day, 12) for day in every_day()]
    assert ends == sorted(ends)
