"""The municipality register against a reference list, history, arithmetic, and the way people type names."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.no import orgnr

from ksf_agreements.domain.folding import distance, fold
from ksf_agreements.domain.municipality import (
    ChangeKind,
    LanguageDecision,
    Municipality,
    MunicipalityChange,
    MunicipalityKind,
    MunicipalityRegister,
    NameLanguage,
)
from ksf_agreements.loading.municipalities import load_register

REGISTER = load_register()
TODAY = date(2026, 1, 1)
REFERENCE = list(
    csv.DictReader(
        (Path(__file__).parent / "data" / "municipalities-2026.csv").read_text(encoding="utf-8").splitlines()
    )
)


def numbers(found: Iterable[Municipality]) -> list[str]:
    return [one.number for one in found]


def get(number: str) -> Municipality:
    found = REGISTER.get(number)
    assert found is not None, number
    return found


# The data


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: row["kommunenummer"])
def test_every_field_agrees_with_the_reference(row: dict[str, str]) -> None:
    one = get(row["kommunenummer"])
    assert (one.name, one.official_name) == (row["navn"], row["offisielt_navn"])
    assert (one.county_number, one.county) == (row["fylkesnummer"], row["fylke"])
    assert one.language_decision == row["spraakvedtak"]
    assert one.organisation_number == row["organisasjonsnummer"]
    assert not one.has_ended
    assert (one.kind is MunicipalityKind.HERAD) == row["brreg_navn"].split()[-1].startswith("HERAD")


def test_the_register_in_use_is_the_reference_and_nothing_more() -> None:
    assert numbers(REGISTER.in_use()) == sorted(row["kommunenummer"] for row in REFERENCE)
    assert len(REFERENCE) == 357


@pytest.mark.parametrize(
    ("day", "count"),
    [
        ("2016-12-31", 428),
        ("2017-01-01", 426),
        ("2018-01-01", 422),
        ("2019-12-31", 422),
        ("2020-01-01", 356),
        ("2023-12-31", 356),
        ("2024-01-01", 357),
        ("2026-01-01", 357),
    ],
)
def test_as_many_municipalities_as_norway_had(day: str, count: int) -> None:
    found = REGISTER.all_on(date.fromisoformat(day))
    assert len(found) == len(set(numbers(found))) == count


def test_municipalities_of_each_county_that_came_and_went() -> None:
    counts = Counter(one.county for one in REGISTER.all_on(date(2023, 12, 31)))
    assert (counts["Viken"], counts["Vestfold og Telemark"], counts["Troms og Finnmark"]) == (51, 23, 39)
    assert Counter(one.county for one in REGISTER.all_on(date(2019, 12, 31)))["Hordaland"] == 33


def test_organisation_numbers_have_their_check_digit_and_follow_the_legal_person() -> None:
    given_numbers = [one for one in REGISTER if one.organisation_number]
    assert all(orgnr.is_valid(one.organisation_number) for one in given_numbers)
    in_use = [one.organisation_number for one in REGISTER.in_use()]
    assert len(set(in_use)) == len(in_use) == 357
    for change in REGISTER.changes:
        if change.kind is ChangeKind.RENUMBERING:
            (old,), (new,) = change.old, change.new
            assert get(old).organisation_number == get(new).organisation_number


def test_what_the_data_is_made_of_is_well_formed() -> None:
    for one in REGISTER:
        assert len(one.number) == 4
        assert one.number.isdigit()
        assert one.official_name.split(" - ").count(one.name) == 1
        assert set(one.official_name.split(" - ")) <= set(one.names)
        assert one.name == one.name.strip() != ""
        assert one.valid_from is None or one.valid_to is None or one.valid_from <= one.valid_to
        assert one.has_ended or one.language_decision is not None


def test_every_ended_number_goes_somewhere_and_every_new_one_comes_from_somewhere() -> None:
    first_in_table = min(change.date for change in REGISTER.changes)
    ends = {number: change.date for change in REGISTER.changes for number in set(change.old) - set(change.new)}
    starts = {number: change.date for change in REGISTER.changes for number in set(change.new) - set(change.old)}
    for one in REGISTER:
        day_after = one.valid_to + timedelta(days=1) if one.valid_to else None
        assert ends.get(one.number) == day_after, one
        if one.valid_from and one.valid_from >= first_in_table:
            assert starts.get(one.number) == one.valid_from, one
        else:
            assert one.number not in starts, one
    for one in REGISTER:
        assert bool(REGISTER.successors(one.number)) == one.has_ended, one


def test_each_change_is_of_its_kind() -> None:
    for change in REGISTER.changes:
        sides = (len(change.old), len(change.new))
        if change.kind is ChangeKind.RENUMBERING:
            assert sides == (1, 1)
        elif change.kind is ChangeKind.MERGER:
            assert sides[0] > 1
            assert sides[1] == 1
        else:
            assert sides[0] == 1
            assert sides[1] > 1
        assert len(set(change.old)) == sides[0]
        for number in change.old:
            assert REGISTER.on(number, change.date - timedelta(days=1)), change
        for number in change.new:
            assert REGISTER.on(number, change.date), change


@pytest.mark.parametrize(
    ("day", "kind", "count"),
    [
        ("2018-01-01", ChangeKind.RENUMBERING, 46),
        ("2020-01-01", ChangeKind.MERGER, 43),
        ("2020-01-01", ChangeKind.SPLIT, 2),
        ("2024-01-01", ChangeKind.RENUMBERING, 113),
        ("2024-01-01", ChangeKind.SPLIT, 1),
    ],
)
def test_how_much_changed(day: str, kind: ChangeKind, count: int) -> None:
    changed = [change for change in REGISTER.changes if change.date == date.fromisoformat(day) and change.kind is kind]
    assert len(changed) == count


def test_the_sami_and_kven_names_are_in_their_languages() -> None:
    def languages(number: str) -> dict[str, str]:
        return {parallel.language.value: parallel.name for parallel in get(number).parallel_names}

    assert languages("5612") == {"se": "Guovdageaidnu"}
    assert languages("5622") == {"se": "Porsáŋgu", "fkv": "Porsanki"}
    assert languages("1875") == {"smj": "Hábmer"}
    assert languages("5001") == {"sma": "Tråante"}
    assert languages("4601") == {}
    counts = Counter(parallel.language for one in REGISTER.in_use() for parallel in one.parallel_names)
    assert counts == {
        NameLanguage.NORTH_SAMI: 16,
        NameLanguage.LULE_SAMI: 3,
        NameLanguage.SOUTH_SAMI: 10,
        NameLanguage.KVEN: 5,
    }


# History


@pytest.mark.parametrize(
    ("number", "first", "last"),
    [
        ("4601", "2020-01-01", None),
        ("1201", None, "2019-12-31"),
        ("0301", None, None),
        ("1507", "2020-01-01", "2023-12-31"),
        ("1508", "2024-01-01", None),
        ("1580", "2024-01-01", None),
        ("4621", "2020-01-01", None),
        ("1001", None, "2019-12-31"),
        ("1103", None, None),
        ("5001", "2018-01-01", None),
        ("1601", None, "2017-12-31"),
        ("5030", "2018-01-01", "2019-12-31"),
        ("1567", None, "2018-12-31"),
        ("5061", "2019-01-01", None),
        ("0710", "2017-01-01", "2019-12-31"),
        ("0729", "2018-01-01", "2019-12-31"),
        ("3005", "2020-01-01", "2023-12-31"),
        ("1160", "2006-01-01", None),
        ("1505", "2008-01-01", None),
    ],
)
def test_first_and_last_days(number: str, first: str | None, last: str | None) -> None:
    one = get(number)
    assert one.valid_from == (date.fromisoformat(first) if first else None)
    assert one.valid_to == (date.fromisoformat(last) if last else None)


@pytest.mark.parametrize(
    ("number", "now", "renumbered"),
    [
        ("1201", ["4601"], True),
        ("0101", ["3101"], True),
        ("3005", ["3301"], True),
        ("1601", ["5001"], True),
        ("1902", ["5501"], True),
        ("0602", ["3301"], False),
        ("0711", ["3301"], False),
        ("1235", ["4621"], False),
        ("1234", ["4621"], False),
        ("1001", ["4204"], False),
        ("1141", ["1103"], False),
        ("0720", ["3907"], False),
        ("1444", ["1577"], False),
        ("1507", ["1508", "1580"], False),
        ("1534", ["1508", "1580"], False),
        ("1850", ["1806", "1875"], False),
        ("5012", ["5055", "5056", "5059"], False),
        ("1613", ["5055", "5056", "5059"], False),
        ("4601", [], False),
        ("9999", [], False),
    ],
)
def test_what_became_of_a_number(number: str, now: list[str], *, renumbered: bool) -> None:
    assert numbers(REGISTER.successors(number)) == now
    assert REGISTER.is_renumbered(number) is renumbered


def test_changes_of_a_number_that_stayed_name_who_came_in() -> None:
    (change,) = REGISTER.changes_of("1103")
    assert change == MunicipalityChange(date(2020, 1, 1), ChangeKind.MERGER, ("1103", "1141", "1142"), ("1103",))
    assert REGISTER.changes_after("1103") == ()


def test_the_last_day_is_inclusive() -> None:
    assert REGISTER.on("1201", date(2019, 12, 31)) == get("1201")
    assert REGISTER.on("1201", date(2020, 1, 1)) is None
    assert REGISTER.on("4601", date(2019, 12, 31)) is None
    assert REGISTER.on("4601", date(2020, 1, 1)) == get("4601")
    assert REGISTER.on("4602", date(2019, 12, 31)) is None
    assert REGISTER.on("9999", TODAY) is None


def test_titles_in_running_text() -> None:
    titles = [get(number).title() for number in ("4621", "1235", "4620", "4622", "1231", "4618", "5612", "3338")]
    assert titles == [
        "Voss herad",
        "Voss kommune",
        "Ulvik herad",
        "Kvam herad",
        "Ullensvang herad",
        "Ullensvang kommune",
        "Kautokeino kommune",
        "Nore og Uvdal kommune",
    ]
    assert get("1818").title(with_county=True) == "Herøy kommune (Nordland)"


def test_the_shared_names_of_today_are_heroy_and_vaaler() -> None:
    shared = {one.name: numbers(REGISTER.sharing_name(one)) for one in REGISTER.in_use() if REGISTER.sharing_name(one)}
    assert shared == {"Herøy": ["1515"], "Våler": ["3114"]}
    assert numbers(REGISTER.sharing_name(get("1515"))) == ["1818"]
    assert numbers(REGISTER.sharing_name(get("0821"))) == ["1867"]
    assert numbers(REGISTER.sharing_name(get("3018"))) == ["3419"]
    assert REGISTER.sharing_name(get("1201")) == ()


# Finding


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4601", ["4601"]),
        ("1201", ["1201"]),
        ("964338531", ["4601", "1201"]),
        ("herøy", ["1515", "1818"]),
        ("HERØY", ["1515", "1818"]),
        ("Herøy (Nordland)", ["1818"]),
        ("Herøy Nordland", ["1818"]),
        ("Voss herad", ["4621"]),
        ("Voss kommune", ["1235"]),
        ("tråante", ["5001"]),
        ("Guovdageaidnu - Kautokeino", ["5612", "2011", "5430"]),
        ("301", []),
        ("", []),
        ("  ", []),
        ("-", []),
        ("berg", ["1929"]),
    ],
)
def test_find_takes_whole_names_and_numbers_only(text: str, found: list[str]) -> None:
    assert numbers(REGISTER.find(text)) == found


def test_a_name_written_just_so_goes_before_one_that_folds_alike() -> None:
    assert numbers(REGISTER.find("ål"))[0] == "3328"
    assert "3328" not in numbers(REGISTER.find("Os"))
    assert {one.name for one in REGISTER.find("Bø")} == {"Bø"}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("alesund", "1508"),
        ("aalesund", "1508"),
        ("ålesund", "1508"),
        ("A\N{COMBINING RING ABOVE}lesund", "1508"),
        ("tromso", "5501"),
        ("tromsoe", "5501"),
        ("karasjohka", "5610"),
        ("guovdageaidnu", "5612"),
        ("kautokeino", "5612"),
        ("vaeroy", "1857"),
        ("veroy", "1857"),
        ("baerum", "3201"),
        ("porsangu", "5622"),
        ("yykea", "5536"),
        ("stientje", "5006"),
        ("oslove", "0301"),
        ("nord odal", "3414"),
        ("nordodal", "3414"),
        ("aurskog", "3226"),
        ("uvdal", "3338"),
        ("haa", "1119"),
        ("  Bergen ", "4601"),
        ("0301", "0301"),
    ],
)
def test_search_without_special_letters(text: str, first: str) -> None:
    assert numbers(REGISTER.search(text))[0] == first


def test_search_puts_exact_before_beginning_before_inside() -> None:
    in_use = [one.name for one in REGISTER.search("nes") if not one.has_ended]
    assert in_use[:3] == ["Nes", "Nesbyen", "Nesna"]
    assert in_use.index("Nesseby") < in_use.index("Birkenes")
    found = REGISTER.search("sand")
    assert len(set(found)) == len(found)


def test_digits_are_numbers_in_use_and_never_mended_silently() -> None:
    assert numbers(REGISTER.search("110")) == ["1101", "1103", "1106", "1108"]
    assert REGISTER.search("301") == ()
    assert numbers(REGISTER.suggest("301")) == ["0301"]
    assert "4601" in numbers(REGISTER.suggest("4061"))
    assert "4601" in numbers(REGISTER.suggest("964338351"))


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("stavnger", ["1103"]),
        ("trondhjem", ["5001"]),
        ("berjen", ["4601"]),
        ("karasjoka", ["5610"]),
        ("guovdagaidno", ["5612"]),
        ("herøi", ["1515", "1818"]),
        ("kvam kommune", ["4622"]),
        ("Kautokeino kommun", ["5612"]),
        ("svelvk", ["0711"]),
        ("Bergn", ["4601"]),  # as near is Berg, which ended in 2019
        ("staanger", ["3413", "1103"]),
        ("aalsund", ["1508"]),
        ("xyzzyx", []),
        ("", []),
        ("  ", []),
    ],
)
def test_suggestions_are_the_nearest_and_those_in_use(text: str, suggested: list[str]) -> None:
    assert numbers(REGISTER.suggest(text)) == suggested


def test_suggestions_for_a_day_are_those_of_that_day() -> None:
    assert numbers(REGISTER.suggest("Bergn", on=date(2019, 6, 30))) == ["1929", "1201"]
    assert numbers(REGISTER.suggest("Bergn", on=date(2026, 3, 2))) == ["4601"]


def test_every_name_is_found_as_it_is_and_folded() -> None:
    for one in REGISTER:
        assert all(one in REGISTER.find(name) for name in one.names), one
    for one in REGISTER.municipalities[::7]:
        assert one in REGISTER.find(one.title())
        assert one in REGISTER.find(one.title(with_county=True))
        assert all(one in REGISTER.search(fold(name)) for name in one.names), one


names_in_use = st.sampled_from([(one, name) for one in REGISTER.in_use() for name in one.names])


@settings(max_examples=150, deadline=None)
@given(names_in_use, st.integers(min_value=0), st.sampled_from(["drop", "swap", "double"]))
def test_a_lightly_damaged_name_is_found_or_suggested(named: tuple[Municipality, str], at: int, damage: str) -> None:
    one, name = named
    text = fold(name)
    place = at % len(text)
    damaged = {
        "drop": text[:place] + text[place + 1 :],
        "swap": text[:place] + text[place : place + 2][::-1] + text[place + 2 :],
        "double": text[:place] + text[place] + text[place:],
    }[damage]
    # 'Smola' without its m is Sola: what is a name itself means itself.
    if fold(damaged) and not REGISTER.find(damaged):
        assert one in REGISTER.search(damaged) + REGISTER.suggest(damaged, limit=1000)


def test_a_dropped_letter_never_pushes_the_right_one_out_of_the_short_list() -> None:
    # Every 20th: all of them hold too, and take a minute.
    for one in REGISTER.in_use()[::20]:
        text = fold(one.name)
        for place in range(len(text)):
            damaged = text[:place] + text[place + 1 :]
            if len(damaged) >= 3 and not REGISTER.find(damaged):
                assert one in REGISTER.search(damaged) + REGISTER.suggest(damaged), damaged


@settings(deadline=None)
@given(st.text(max_size=30))
def test_no_text_is_too_strange_to_search_for(text: str) -> None:
    found = REGISTER.find(text) + REGISTER.search(text) + REGISTER.suggest(text)
    assert all(isinstance(one, Municipality) for one in found)


@given(st.text("abc", max_size=6), st.text("abc", max_size=6), st.integers(0, 6))
def test_distance_is_bounded_and_symmetric(left: str, right: str, most: int) -> None:
    exact = distance(left, right, 12)
    assert distance(left, right, most) == min(exact, most + 1) == distance(right, left, most)
    assert (exact == 0) == (left == right)


def test_distance_counts_a_swap_of_neighbours_once() -> None:
    assert distance("oslo", "solo", 3) == 1
    assert distance("bergen", "beregn", 3) == 1
    assert distance("moss", "voss", 3) == 1


# The register's own guard


def municipality(number: str, first: date | None = None, last: date | None = None) -> Municipality:
    return Municipality(
        number,
        "Nes",
        MunicipalityKind.KOMMUNE,
        "Nes",
        (),
        number[:2],
        "X",
        "",
        LanguageDecision.BOKMAL,
        first,
        last,
    )


def test_a_number_may_have_two_validities_but_not_at_once() -> None:
    first = municipality("0716", None, date(2001, 12, 31))
    second = municipality("0716", date(2002, 1, 1))
    register = MunicipalityRegister([second, first], [])
    assert register.get("0716") is second
    assert register.on("0716", date(2001, 12, 31)) is first
    assert register.on("0716", date(2002, 1, 1)) is second
    for last in (None, date(2002, 1, 1)):
        with pytest.raises(ValueError, match="0716 is given twice"):
            MunicipalityRegister([municipality("0716", None, last), second], [])


def test_a_change_of_an_unknown_number_is_refused() -> None:
    change = MunicipalityChange(date(2020, 1, 1), ChangeKind.RENUMBERING, ("0101",), ("3001",))
    with pytest.raises(ValueError, match="3001"):
        MunicipalityRegister([municipality("0101")], [change])


def test_the_register_is_read_once() -> None:
    assert load_register() is REGISTER
