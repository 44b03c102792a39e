"""ksf.toml: every setting optional, every fault told with its line, and no file at all breaks the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksf_agreements.domain.recurring import YearPlan
from ksf_agreements.domain.schedule import RULES
from ksf_agreements.errors import Problem
from ksf_agreements.loading.workspace import open_workspace
from ksf_agreements.services.clusters.checking import Checker
from ksf_agreements.settings import Settings, read_settings
from tests.conftest import Ran
from tests.factories import TODAY, register


def read(root: Path, text: str | bytes) -> tuple[Settings, tuple[Problem, ...]]:
    (root / "ksf.toml").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_settings(root)


def test_without_a_file_every_setting_has_its_default(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == (Settings(), ())


def test_the_settings_are_read_as_they_stand(tmp_path: Path) -> None:
    text = '\ufeff# x\nlanguage = "nn"\nplan = "annexes/plan å.pdf"\nactor = "Kari Koordinator"\n'
    assert read(tmp_path, text) == (Settings("nn", "annexes/plan å.pdf", "Kari Koordinator"), ())


@pytest.mark.parametrize(
    ("text", "code", "line", "mend"),
    [
        ('actor = "a"\nlangauge = "nn"\n', "unknown-key", 2, "Did you mean 'language'?"),
        ('language = "nn"\nlang = "nn"\n', "unknown-key", 2, "language"),
        ('[smtp]\nhost = "x"\n', "unknown-key", 1, "Choose one of"),
        ('actor = "a"\n[mail]\nhots = "x"\n', "unknown-key", 3, "Did you mean 'host'?"),
        ('[mail]\n\npassword = "hemmelig"\n', "unknown-key", 3, "password_file"),
        ('[mail]\nhost = "x"\nport = "25"\n', "wrong-value", 3, "port = 587"),
        ('[mail]\nsender = "ingen adresse"\n', "wrong-value", 2, "klynge@example.no"),
        ('mail = "x"\n', "not-a-table", 1, "[mail]"),
        ('[year]\naction_plan = "02-29"\n', "not-a-day", 2, '"01-31"'),
        ("[reminders.signture]\nevery = 3\n", "unknown-key", 1, "signature"),
        ("[reminders.signature]\nevery = 3\n[reminders.approval]\nevery = -1\n", "wrong-value", 4, "every = 7"),
        ('[reminders]\nsignature = {to = ["nobody"]}\n', "wrong-value", 2, "party"),
        ("# language\n\nlanguage = 3\n", "not-text", 3, 'language = "value"'),
        ("plan = []\n", "not-text", 1, "plan"),
        ('actor = "a"\nlanguage = nn\n', "toml-syntax", 2, "name = "),
        ('actor = "a\n', "toml-syntax", 1, "name = "),
        ('actor = "a"\nactor = "b"\n', "toml-syntax", 2, "name = "),
        (b'actor = "\xe5"\n', "not-utf-8", 1, "UTF-8"),
        ('actor = "\x00"\n', "toml-syntax", 1, "name = "),
        ("x = " + "[" * 20_000, "toml-syntax", 1, "name = "),
        ("x = " + "1" * 6000 + "\n", "toml-syntax", 2, "name = "),
        ("#" * 70_000, "too-large", 1, ""),
    ],
)
def test_a_fault_is_told_with_its_line_and_its_mend(
    text: str | bytes, code: str, line: int, mend: str, tmp_path: Path
) -> None:
    found, problems = read(tmp_path, text)
    assert [(one.code, one.line, one.file) for one in problems] == [(code, line, str(tmp_path / "ksf.toml"))]
    assert mend in str(problems[0].mend or "")
    assert found.plan == ""


def test_a_fault_leaves_the_other_settings(tmp_path: Path) -> None:
    found, problems = read(tmp_path, 'langauge = "nn"\nactor = "Kari"\nplan = 1\n')
    assert found == Settings(actor="Kari")
    assert [one.line for one in problems] == [1, 3]


def test_the_tables_change_what_they_name_and_leave_the_rest(tmp_path: Path) -> None:
    text = (
        '[mail]\nhost = "smtp.example.no"\nsecurity = "tls"\n[year]\nannual_report = "04-15"\n'
        "[reminders]\nsignature = {days = [7, 3], every = 2}\n[reminders.contact-review]\noff = true\n"
    )
    found, problems = read(tmp_path, text)
    assert problems == ()
    rules = {rule.code: rule for rule in found.tables.rules}
    usual = {rule.code: rule for rule in RULES}
    assert (rules["signature"].days, rules["signature"].every, rules["signature"].to) == (
        (3, 7),
        2,
        usual["signature"].to,
    )
    assert set(usual) - set(rules) == {"contact-review"}
    assert {code: rule for code, rule in rules.items() if code != "signature"} == {
        code: rule for code, rule in usual.items() if code not in {"signature", "contact-review"}
    }
    assert found.tables.year == YearPlan(annual_report=(4, 15))
    assert (found.tables.mail.host, found.tables.mail.port, found.tables.mail.security) == (
        "smtp.example.no",
        587,
        "tls",
    )


def test_without_tables_everything_is_as_usual() -> None:
    assert Settings().tables.rules == RULES
    assert Settings().tables.year == YearPlan()


@given(st.binary(max_size=60) | st.text("abc=[]{}\"'\n.#0123\\", max_size=40).map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_at_all_break_the_reader(tmp_path: Path, data: bytes) -> None:
    for problem in read(tmp_path, data)[1]:
        assert str(problem.message)
        assert problem.line >= 1


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "ksf.toml").write_text("")
    monkeypatch.setattr(Path, "open", refuse)
    assert [one.code for one in read_settings(tmp_path)[1]] == ["unreadable"]


def workspace_problems(root: Path) -> list[tuple[str, int]]:
    checker = Checker.of(open_workspace(root), register(), TODAY)
    return [(one.code, one.line) for one in checker.workspace_problems()]


@pytest.mark.parametrize("plan", ["annexes/nowhere.pdf", "../regions.yaml", "annexes", "a\\u0000b", "x" * 5000])
def test_a_plan_that_is_not_there_is_an_error_at_its_line(plan: str, workspace: Path) -> None:
    (workspace / "ksf.toml").write_text(f'# x\nplan = "{plan}"\n', encoding="utf-8")
    assert workspace_problems(workspace) == [("annex-missing", 2)]


def test_a_plan_that_is_there_ends_the_warning(workspace: Path, ksf: Callable[..., Ran]) -> None:
    assert "ksf.toml" in ksf("-w", workspace, "check").out
    (workspace / "ksf.toml").write_text('plan = "annexes/mandat.docx"\n', encoding="utf-8")
    assert "ksf.toml" not in ksf("-w", workspace, "check").out


def test_an_unknown_screen_language_is_an_error_at_its_line(workspace: Path, ksf: Callable[..., Ran]) -> None:
    (workspace / "ksf.toml").write_text('actor = "x"\nlanguage = "svensk"\n', encoding="utf-8")
    assert workspace_problems(workspace) == [("not-a-choice", 2)]
    ran = ksf("-w", workspace, "check")
    assert ran.code == 1
    assert "nb, nn, en" in ran.out


@pytest.mark.parametrize(("language", "word"), [("nn", "åtvaring"), ("nb", "advarsel"), ("en", "warning")])
def test_the_screen_speaks_the_workspace_s_language(
    language: str, word: str, workspace: Path, ksf: Callable[..., Ran]
) -> None:
    (workspace / "ksf.toml").write_text(f'language = "{language}"\n', encoding="utf-8")
    assert f": {word}: " in ksf("-w", workspace, "check").out
    assert ": warning: " in ksf("-w", workspace, "--lang", "en", "check").out
