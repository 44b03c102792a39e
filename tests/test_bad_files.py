"""Files that are wrong, one way each: the line, the exact words, and that nothing is made of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.conftest import ROOT, Ran

BAD_FILES = Path(__file__).parent / "bad_files"

# The current directory is a folder of bad files, and the workspace has no cluster of its own.
pytestmark = pytest.mark.usefixtures("bad")

Expected = tuple[tuple[int, str], ...]
"""Every error of a file: its line and its code."""

WRITTEN: Mapping[str, Expected] = {
    "anchor": ((3, "anchor"), (17, "anchor")),
    "annex-absolute": ((25, "annex-outside"),),
    "annex-missing": ((25, "annex-missing"),),
    "annex-outside": ((25, "annex-outside"),),
    "annex-type": ((25, "annex-type"),),
    "bidi-character": ((3, "control-character"),),
    "blank-focus-area": ((20, "blank"),),
    "blank-name": ((3, "blank"),),
    "choices": ((21, "not-a-choice"), (22, "not-a-choice"), (23, "not-yes-or-no")),
    "colon-in-text": ((3, "yaml-syntax"),),
    "control-character-escaped": ((3, "control-character"),),
    "control-character-raw": ((3, "yaml-syntax"),),
    "date-impossible": ((21, "no-such-date"),),
    "date-norwegian": ((21, "not-a-date"),),
    "date-with-time": ((21, "not-a-date"),),
    "date-zero": ((21, "not-a-date"),),
    "duplicate-key": ((21, "duplicate-key"),),
    "duplicate-key-nested": ((14, "duplicate-key"),),
    "email": ((10, "not-an-email"), (15, "not-an-email")),
    "ended-municipality": ((7, "municipality-not-valid"),),
    "group-for-list": ((6, "not-a-list"),),
    "indentation": ((13, "yaml-syntax"),),
    "line-break-in-line": ((3, "line-break"),),
    "list-file": ((2, "not-a-mapping"),),
    "list-for-text": ((3, "not-text"),),
    "many-at-once": (
        (4, "unknown-region"),
        (10, "not-an-email"),
        (11, "not-a-municipality-number"),
        (17, "unknown-key"),
        (21, "not-a-date"),
        (25, "annex-missing"),
    ),
    "member-twice": ((6, "too-few-members"), (11, "member-twice")),
    "members-as-numbers": ((7, "not-a-group"), (8, "not-a-group")),
    "missing-agreement": ((2, "missing"),),
    "missing-fields": (
        (2, "missing"),
        (2, "missing"),
        (2, "missing"),
        (2, "missing"),
        (2, "missing"),
        (5, "missing"),
        (7, "missing"),
    ),
    "motor-not-member": ((5, "motor-not-member"),),
    "municipality-by-name": ((11, "not-a-municipality-number"),),
    "municipality-three-digits": ((11, "not-a-municipality-number"),),
    "no-space-after-colon": ((4, "yaml-syntax"),),
    "number-key": ((5, "key-not-text"),),
    "one-member": ((6, "too-few-members"),),
    "only-comments": ((1, "empty-file"),),
    "quote-in-quote": ((3, "yaml-syntax"),),
    "tab": ((19, "yaml-syntax"),),
    "tag": ((3, "tag"),),
    "text-for-group": ((22, "not-a-group"),),
    "text-for-list": ((18, "not-a-list"),),
    "too-deep": ((17, "too-much"),),
    "too-long": ((3, "too-long"),),
    "two-documents": ((21, "two-documents"),),
    "unclosed-bracket": ((16, "yaml-syntax"),),
    "unclosed-quote": ((3, "yaml-syntax"),),
    "unclosed-quote-last": ((24, "yaml-syntax"),),
    "unknown-agreement": ((2, "unknown-agreement"),),
    "unknown-approval-body": ((13, "not-a-choice"),),
    "unknown-key": ((4, "unknown-key"),),
    "unknown-key-nested": ((13, "unknown-key"), (15, "unknown-key")),
    "unknown-language": ((5, "not-a-choice"),),
    "unknown-municipality": ((11, "unknown-municipality"),),
    "unknown-region": ((4, "unknown-region"),),
}
"""The files of tests/bad_files; the first line of each says what is wrong with it."""

GOOD = (BAD_FILES / "motor-not-member.yaml").read_bytes().replace(b'ty: "4601"', b'ty: "1103"')

MADE: Mapping[str, tuple[bytes, Expected]] = {
    "empty": (b"", ((1, "empty-file"),)),
    "latin-1": (GOOD.decode().encode("latin-1"), ((3, "not-utf-8"),)),
    "utf-16": (GOOD.decode().encode("utf-16"), ((1, "not-utf-8"),)),
    "utf-16-without-mark": (GOOD.decode().encode("utf-16-le"), ((1, "not-utf-8"),)),
    "a-word-document": ((ROOT / "annexes" / "mandat.docx").read_bytes(), ((1, "not-utf-8"),)),
    "too-large": (GOOD + b"# " + b"x" * 600_000, ((1, "too-large"),)),
    "too-many-values": (GOOD + b"local_text: [" + b"x," * 30_000 + b"]\n", ((26, "too-much"),)),
    "too-many-members": (
        GOOD.replace(b"members:\n", b"members:\n" + b'  - municipality: "1103"\n' * 400),
        ((6, "too-many"),),
    ),
    "bomb": (b"".join(b"a%d: &a%d [%s]\n" % (n, n, b"*a%d," % (n - 1) * 3) for n in range(1, 4)), ((1, "missing"),)),
}
"""Files that an editor or git would mend, or that are too large to keep."""

ALL: Mapping[str, Expected] = {**WRITTEN, **{name: expected for name, (_, expected) in MADE.items()}}


@pytest.fixture
def bad(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with every bad file and one good one; the current directory, so that messages name plain files."""
    (workspace / "ksf.toml").write_text('plan = "annexes/mandat.docx"\n', encoding="utf-8")
    for path in (workspace / "clusters").iterdir():
        path.unlink()
    folder = tmp_path / "files"
    shutil.copytree(BAD_FILES, folder)
    for name, (data, _) in MADE.items():
        (folder / f"{name}.yaml").write_bytes(data)
    (folder / "good.yaml").write_bytes(GOOD)
    monkeypatch.chdir(folder)
    return folder


def test_every_bad_file_is_expected() -> None:
    assert {path.stem for path in BAD_FILES.glob("*.yaml")} == set(WRITTEN)
    assert len(WRITTEN) > 20


def test_the_good_file_has_no_problem_at_all(workspace: Path, ksf: Callable[..., Ran]) -> None:
    ran = ksf("-w", workspace, "--lang", "en", "check", "good.yaml")
    assert (ran.code, ran.out, ran.err) == (0, "1 file checked: 0 errors, 0 warnings.\n", "")


@pytest.mark.parametrize("name", ALL)
def test_every_error_of_a_bad_file_is_found_on_its_line(name: str, workspace: Path, ksf: Callable[..., Ran]) -> None:
    ran = ksf("-w", workspace, "check", f"{name}.yaml", "--format", "json")
    rows = [row for row in json.loads(ran.out) if row["severity"] == "error"]
    if name != "bomb":
        assert tuple((row["line"], row["code"]) for row in rows) == ALL[name]
    assert (rows[0]["line"], rows[0]["code"]) == ALL[name][0]
    assert {row["file"] for row in rows} == {f"{name}.yaml"}
    assert ran.code == 1


@pytest.mark.parametrize("name", ALL)
def test_a_bad_file_is_told_in_these_words(
    name: str, workspace: Path, ksf: Callable[..., Ran], golden: Callable[[str, str], None]
) -> None:
    ran = ksf("-w", workspace, "check", f"{name}.yaml")
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out
    assert not ran.err
    golden(f"bad_files/{name}.txt", ran.out)


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_written_of_a_bad_file_and_the_others_are_made(
    name: str, workspace: Path, ksf: Callable[..., Ran], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = ksf("-w", workspace, "generate", f"{name}.yaml", "good.yaml", "--out", out)
    assert ran.code == 1
    assert f"{name}.yaml:{ALL[name][0][0]}:" in ran.err
    assert "Traceback" not in ran.err
    assert sorted(path.name for path in out.iterdir()) == ["good-kontaktpersoner.docx", "good.docx"]


def test_many_bad_files_are_all_told_in_one_run(bad: Path, workspace: Path, ksf: Callable[..., Ran]) -> None:
    ran = ksf("-w", workspace, "generate", *(f"{name}.yaml" for name in ALL), "--out", bad / "out")
    assert ran.code == 1
    assert [name for name in ALL if f"{name}.yaml:{ALL[name][0][0]}:" not in ran.err] == []
    assert not (bad / "out").exists()


@pytest.mark.parametrize("name", ["many-at-once", "latin-1", "bomb"])
def test_a_program_that_reads_the_output_gets_utf_8_and_no_traceback(name: str, bad: Path, workspace: Path) -> None:
    words = ["-w", workspace, "generate", f"{name}.yaml", "--out", bad / "out"]
    environment = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "", "PYTHONUTF8": "0"}
    ran = subprocess.run(
        [sys.executable, "-m", "ksf_agreements.cli.main", *map(str, words)],
        capture_output=True,
        check=False,
        env={name: value for name, value in environment.items() if value and name != "KSF_LANG"},
        cwd=bad,
    )
    told = ran.stderr.decode("utf-8")
    assert ran.returncode == 1, told
    assert f"{name}.yaml:{ALL[name][0][0]}:" in told
    assert "Traceback" not in told
    assert name != "many-at-once" or "må" in told
    assert not (bad / "out").exists()
