"""``ksf municipalities`` as a person runs it."""

from __future__ import annotations

import csv
import io
import json

import pytest

from ksf_agreements.cli.main import main

BOTH_HEROY = "1515 Herøy (Møre og Romsdal), 1818 Herøy (Nordland)"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["--lang", "en", "municipalities", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_name_without_its_norwegian_letter(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "alesund")
    head, row = out.splitlines()
    assert code == 0
    assert err == ""
    assert head.split() == ["No.", "Name", "Parallel", "names", "County", "Org.", "no.", "Language"]
    assert row.split() == ["1508", "Ålesund", "kommune", "Møre", "og", "Romsdal", "929911709", "nøytral"]


def test_several_words_need_no_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "nore", "og", "uvdal")
    assert "3338  Nore og Uvdal kommune" in out


def test_a_sami_name(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "karasjohka")
    assert "5610  Karasjok kommune  Kárášjohka" in out


def test_both_heroy_are_shown_with_their_counties(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "Herøy")
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["1515", "1818"]
    assert "Møre og Romsdal" in out
    assert "Nordland" in out


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("1201", "1201 Bergen: until 31.12.2019, now 4601 Bergen (new number)"),
        ("svelvik", "0711 Svelvik: until 31.12.2019, now 3301 Drammen (merged, new number)"),
        ("1507", "1507 Ålesund: until 31.12.2023, now 1508 Ålesund, 1580 Haram (split)"),
        ("0137", "0137 Våler (Østfold): until 31.12.2019, now 3114 Våler (Østfold) (new number)"),
    ],
)
def test_an_ended_number_says_what_became_of_it(capsys: pytest.CaptureFixture[str], search: str, sentence: str) -> None:
    assert run(capsys, search) == (0, sentence + "\n", "")


def test_ended_ones_beside_those_in_use_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "bergen")
    assert "1201" not in out
    _, out, _ = run(capsys, "bergen", "--all")
    assert "4601  Bergen kommune" in out
    assert "1201 Bergen: until 31.12.2019" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["301"], "Found no municipality “301”. Did you mean 0301 Oslo?"),
        (["stavnger"], "Found no municipality “stavnger”. Did you mean 1103 Stavanger?"),
        (["herøi"], f"Found no municipality “herøi”. Did you mean {BOTH_HEROY}?"),
        (["qqqqqq"], "Found no municipality “qqqqqq”."),
        (["bergen", "--county", "56"], "Found no municipality “bergen” in county 56."),
        (["--county", "30"], "No municipality in use in county 30; --all shows those that were."),
    ],
)
def test_nothing_found_is_a_sentence_and_code_1(
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    assert run(capsys, *words) == (1, "", sentence + "\n")


def test_the_whole_list_fits_a_hundred_columns(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys)
    lines = out.splitlines()
    assert len(lines) == 358
    assert max(map(len, lines)) <= 100
    column = lines[0].index("Org. no.")
    assert all(line[column : column + 9].isdigit() for line in lines[1:])


def test_a_county_by_number_or_name(capsys: pytest.CaptureFixture[str]) -> None:
    _, by_number, _ = run(capsys, "--county", "56")
    _, by_name, _ = run(capsys, "--county", "finnmark")
    assert by_number == by_name
    assert len(by_number.splitlines()) == 19


def test_an_unknown_county_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--county", "99")
    assert (code, out) == (2, "")
    assert err == "unknown county '99': give its two digits or its name\n"


def test_json_and_csv_carry_the_same_fields(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "1201", "--format", "json")
    (record,) = json.loads(out)
    assert record["valid_to"] == "2019-12-31"
    assert record["successors"] == "4601"
    _, out, _ = run(capsys, "1201", "--format", "csv")
    assert list(csv.DictReader(io.StringIO(out))) == [record]


def test_json_of_nothing_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "qqqqqq", "--format", "json")
    assert (code, json.loads(out)) == (1, [])
    assert err
