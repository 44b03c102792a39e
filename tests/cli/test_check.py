"""``ksf check``: what it looks at, how it tells it to people, programs and GitHub, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ksf_agreements.errors import Problem
from tests.conftest import ROOT, Ran
from tests.factories import cluster, cluster_text, member

Ksf = Callable[..., Ran]

GOOD = cluster_text(cluster(members=("1103", "1108"), motor_municipality="1103"))
BAD = GOOD.replace('"vest"', '"vset"')


def put(path: Path, text: str | bytes = GOOD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


# --- which files, and from where -------------------------------------------------------------------------------------


def test_without_files_every_file_of_the_workspace_is_checked(workspace: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "--lang", "en", "check")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("2 files checked: 0 errors, 5 warnings.\n")


@pytest.mark.usefixtures("workspace")
def test_files_are_named_from_the_current_directory_also_when_another_workspace_is_named(
    tmp_path: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "here" / "mine.yaml", BAD)
    monkeypatch.chdir(tmp_path / "here")
    ran = ksf("-w", "../workspace", "check", "mine.yaml")
    assert ran.code == 1
    assert ran.out.startswith("mine.yaml:4:13: ")


def test_the_nearest_workspace_upwards_is_used(workspace: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch) -> None:
    put(workspace / "clusters" / "a.yaml", BAD)
    monkeypatch.chdir(workspace / "clusters")
    ran = ksf("check")
    assert ran.code == 1
    assert "a.yaml:4:13: " in ran.out
    assert "3 filer" in ran.out


def test_a_path_is_shown_as_short_as_it_can_be_used(workspace: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch) -> None:
    put(workspace / "clusters" / "a.yaml", BAD)
    monkeypatch.chdir(workspace)
    assert "\nclusters/a.yaml:4:13: " in "\n" + ksf("check").out
    monkeypatch.chdir(workspace.parent)
    assert "\nworkspace/clusters/a.yaml:4:13: " in "\n" + ksf("-w", "workspace", "check").out


def test_without_a_workspace_it_says_how_to_get_one(ksf: Ksf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    ran = ksf("check")
    assert (ran.code, ran.out) == (2, "")
    assert "ksf init" in ran.err
    assert "ksf -w" in ran.err


@pytest.mark.parametrize("folder", ["nowhere", "regions.yaml", "annexes", "x" * 5000])
def test_a_workspace_that_is_none_is_told(folder: str, workspace: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace / folder, "check")
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert folder in ran.err


def test_a_file_of_the_workspace_may_be_named_as_its_cluster(workspace: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "check", "alle-valg", "--format", "json")
    assert ran.code == 0
    assert {Path(one["file"]).name for one in json.loads(ran.out)} == {"alle-valg.yaml"}


def test_every_missing_file_is_told_before_any_is_read(workspace: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "check", "a.yaml", workspace / "clusters" / "alle-valg.yaml", "b.yaml", "x" * 5000)
    assert (ran.code, ran.out) == (2, "")
    assert "a.yaml" in ran.err
    assert "b.yaml" in ran.err
    assert "alle-valg" not in ran.err


def test_a_folder_is_no_file(workspace: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "--lang", "en", "check", workspace / "clusters")
    assert (ran.code, ran.err) == (2, f"These are folders, not files: {workspace / 'clusters'}\n")


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/stdin", "-"])
def test_a_device_is_never_read(name: str, workspace: Path, ksf: Ksf) -> None:
    assert ksf("-w", workspace, "check", "--", name).code == 2


def test_a_pipe_is_never_waited_for(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    os.mkfifo(workspace / "clusters" / "pipe.yaml")
    assert ksf("-w", workspace, "check", tmp_path / "pipe.yaml").code == 2
    ran = ksf("-w", workspace, "check")
    assert ran.code == 1
    assert "pipe.yaml:1:1: " in ran.out


def test_a_file_that_is_named_twice_is_checked_once(workspace: Path, ksf: Ksf) -> None:
    file = workspace / "clusters" / "alle-valg.yaml"
    ran = ksf("-w", workspace, "check", file, workspace / "clusters" / ".." / "clusters" / "alle-valg.yaml")
    assert "1 fil " in ran.out


def test_an_empty_workspace_has_no_problem(workspace: Path, ksf: Ksf) -> None:
    for path in (workspace / "clusters").iterdir():
        path.unlink()
    ran = ksf("-w", workspace, "--lang", "en", "check")
    assert (ran.code, ran.out) == (0, "0 files checked: 0 errors, 0 warnings.\n")


@pytest.mark.parametrize("name", ["-rf", "100 % {0} %s", "blåbær og fløte", "a'b\"c"])
def test_odd_names_of_files_are_told_as_they_are(
    name: str, workspace: Path, tmp_path: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / f"{name}.yaml", BAD)
    monkeypatch.chdir(tmp_path)
    assert ksf("-w", workspace, "check", "--", f"{name}.yaml").out.startswith(f"{name}.yaml:4:13: ")


NAMES = [("a\nb", r"a\nb"), ("a\x1b[31mb", r"a\u001b[31mb"), ("a\u202eb", r"a\u202eb")]


@pytest.mark.parametrize(("name", "shown"), NAMES)
def test_a_name_cannot_command_the_terminal(name: str, shown: str, workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "check", put(tmp_path / f"{name}.yaml"))
    assert ran.code == 1
    assert f"{shown}.yaml:1:1: " in ran.out
    assert "\x1b" not in ran.out


def test_a_value_cannot_command_the_terminal(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    text = GOOD.replace('"language": "nb"', r'"language": "\u001b[31m", "na\u001b[1mme": "x\u202e"')
    ran = ksf("-w", workspace, "check", put(tmp_path / "a.yaml", text))
    assert ran.code == 1
    assert r"\u001b[31m" in ran.out
    assert not {"\x1b", "\u202e"} & set(ran.out)


# --- what is told ----------------------------------------------------------------------------------------------------


def test_every_problem_of_every_file_is_told_in_one_run(workspace: Path, ksf: Ksf) -> None:
    put(workspace / "clusters" / "a.yaml", BAD.replace('"2030-12-31"', '"31.12.2030"'))
    put(workspace / "clusters" / "b.yaml", b"\xff")
    put(workspace / "regions.yaml", "vest:\n  name: KSF Vest\n")
    put(workspace / "ksf.toml", "plan = 1\n")
    ran = ksf("-w", workspace, "check")
    assert ran.code == 1
    for place in (
        "ksf.toml:1:1: ",
        "regions.yaml:1:1: ",
        "regions.yaml:2:9: ",
        "a.yaml:4:13: ",
        f"a.yaml:{GOOD[: GOOD.index('valid_until')].count(chr(10)) + 1}:18: ",
        "b.yaml:1:1: ",
    ):
        assert place in ran.out, place


def test_a_problem_names_place_field_clause_and_mend(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "--lang", "en", "check", put(tmp_path / "a.yaml", BAD))
    place, mend, *_ = ran.out.splitlines()
    assert (
        place
        == f"{tmp_path}/a.yaml:4:13: error: the region 'vset' is not in regions.yaml [region – KSF region, clause 6]"
    )
    assert mend == "    → Did you mean 'vest'?"


def test_members_are_counted_from_one_for_people_and_from_nought_for_programs(
    workspace: Path, tmp_path: Path, ksf: Ksf
) -> None:
    file = put(tmp_path / "a.yaml", GOOD.replace('"municipality": "1108"', '"municipality": "Sandnes"'))
    assert "[members[2].municipality – " in ksf("-w", workspace, "check", file).out
    (row, *_) = json.loads(ksf("-w", workspace, "check", file, "--format", "json").out)
    assert row["field"] == ["members", 1, "municipality"]


def test_what_follows_from_an_error_is_not_told_as_another(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    changes = {
        GOOD.replace('"1103"', '"Stavanger"'): {"not-a-municipality-number"},
        GOOD.replace('"region": "vest"', '"regoin": "vest"'): {"unknown-key"},
        GOOD.replace('"name": "Klyngen Eksempel"', '"name": ""'): {"blank"},
        GOOD.replace('"resources": {', '"resources": {"x": "y",'): {"unknown-key"},
    }
    for text, codes in changes.items():
        ran = ksf("-w", workspace, "check", put(tmp_path / "a.yaml", text), "--format", "json")
        assert {row["code"] for row in json.loads(ran.out) if row["severity"] == "error"} == codes


def test_two_municipalities_of_one_name_are_fine(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    text = cluster_text(cluster(members=("1515", "1818"), motor_municipality="1515"))
    assert ksf("-w", workspace, "check", put(tmp_path / "a.yaml", text)).code == 0


def test_an_unquoted_0301_is_oslo(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    text = GOOD.replace('"1103"', "0301")
    assert ksf("-w", workspace, "check", put(tmp_path / "a.yaml", text)).code == 0


def test_a_file_with_the_mark_of_notepad_and_its_line_breaks_is_fine(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    text = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert ksf("-w", workspace, "check", put(tmp_path / "a.yaml", text)).code == 0


# --- formats ---------------------------------------------------------------------------------------------------------


def test_programs_get_a_list_of_problems_and_nothing_else(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    file = put(tmp_path / "a.yaml", BAD)
    ran = ksf("-w", workspace, "--lang", "en", "check", file, "--format", "json")
    rows = [row for row in json.loads(ran.out) if row["severity"] == "error"]
    assert (ran.code, ran.err) == (1, "")
    assert rows == [
        {
            "file": str(file),
            "line": 4,
            "column": 13,
            "severity": "error",
            "code": "unknown-region",
            "field": ["region"],
            "label": "KSF region",
            "clause": "6",
            "message": "the region 'vset' is not in regions.yaml",
            "mend": "Did you mean 'vest'?",
        }
    ]


def test_programs_get_an_empty_list_where_all_is_well(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    put(workspace / "ksf.toml", 'plan = "annexes/mandat.docx"\n')
    ran = ksf("-w", workspace, "check", put(tmp_path / "a.yaml"), "--format", "json")
    assert (ran.code, json.loads(ran.out)) == (0, [])


def test_github_gets_one_line_a_problem_in_its_own_escapes(
    workspace: Path, tmp_path: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "50%, a:b.yaml", BAD.replace("vset", "100%"))
    monkeypatch.chdir(tmp_path)
    ran = ksf("-w", workspace, "--lang", "en", "check", "50%, a:b.yaml", "--format", "github")
    (line,) = [one for one in ran.out.splitlines() if one.startswith("::error")]
    assert line.startswith("::error file=50%25%2C a%3Ab.yaml,line=4,col=13::")
    assert "100%25" in line
    assert all(one.startswith(("::error ", "::warning ")) for one in ran.out.splitlines())
    assert ran.code == 1


def test_an_unknown_format_is_wrong_usage(workspace: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "check", "--format", "xml")
    assert ran.code == 2
    assert "json" in ran.err


def test_warnings_alone_are_no_failure(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    members = ("1103", member("1108", foui_contacts=()))
    file = put(tmp_path / "a.yaml", cluster_text(cluster(members=members, motor_municipality="1103")))
    for form in ("text", "json", "github"):
        ran = ksf("-w", workspace, "check", file, "--format", form)
        assert ran.code == 0
        assert "FoUI" in ran.out


# --- the workspace's own files ---------------------------------------------------------------------------------------


def test_a_file_with_another_ending_is_not_read_and_that_is_told(workspace: Path, ksf: Ksf) -> None:
    put(workspace / "clusters" / "a.yml", BAD)
    ran = ksf("-w", workspace, "check")
    assert ran.code == 0
    assert "a.yml:1:1: " in ran.out
    assert "a.yaml" in ran.out


def test_an_error_in_the_workspace_s_own_files_is_an_error_of_the_check(workspace: Path, ksf: Ksf) -> None:
    put(workspace / "regions.yaml", (workspace / "regions.yaml").read_bytes() + b"nord:\n  name: Nord\n")
    ran = ksf("-w", workspace, "check", workspace / "clusters" / "alle-valg.yaml")
    assert ran.code == 1
    assert "regions.yaml:18:1: " in ran.out


def test_a_cluster_of_a_broken_region_is_told_to_mend_that_first(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    put(workspace / "regions.yaml", 'vest:\n  name: KSF Vest\n  host_municipality: "4601"\n')
    ran = ksf("-w", workspace, "check", put(tmp_path / "a.yaml"), "--format", "json")
    rows = [row for row in json.loads(ran.out) if row["severity"] == "error"]
    errors = [(Path(row["file"]).name, row["line"], row["code"]) for row in rows]
    assert errors == [("regions.yaml", 2, "region-name-with-ksf"), ("a.yaml", 4, "region-broken")]


# --- as a program ----------------------------------------------------------------------------------------------------


def program(*words: str | Path, cwd: Path, **options: object) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "PYTHON", "KSF_"))}
    return subprocess.run(
        [sys.executable, "-m", "ksf_agreements.cli.main", *map(str, words)],
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**environment, "LANG": "C"},
        **options,  # type: ignore[call-overload]
    )


def test_the_output_is_utf_8_also_in_a_pipe_and_a_plain_locale(workspace: Path) -> None:
    ran = program("-w", workspace, "check", cwd=workspace)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert "målform" in ran.stdout.decode("utf-8").casefold() or "nynorsk" in ran.stdout.decode("utf-8")


def test_a_reader_that_goes_away_gets_no_traceback(workspace: Path) -> None:
    put(workspace / "clusters" / "many.yaml", "name: x\n" * 500)
    shell = f"{sys.executable} -m ksf_agreements.cli.main -w {workspace} check | head -n 1"
    ran = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, check=False, cwd=ROOT)
    assert ran.stdout.count(b"\n") == 1
    assert b"Traceback" not in ran.stderr
    assert b"Exception" not in ran.stderr


def test_a_current_directory_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    shell = f"cd {gone} && rmdir {gone} && {sys.executable} -m ksf_agreements.cli.main check"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, check=False, env=environment)
    assert ran.returncode in {2, 3}
    assert b"Traceback" not in ran.stderr
    assert len(ran.stderr.decode("utf-8").splitlines()) == 1


# --- many files ------------------------------------------------------------------------------------------------------


def test_the_work_grows_with_the_number_of_files_and_no_faster(
    workspace: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: every file is read once, and every check sees only its own cluster's members."""
    numbers = [f"46{number:02d}" for number in range(11, 51)]
    for number in range(100):
        members = tuple(numbers[(number + step) % 40] for step in range(8))
        put(
            workspace / "clusters" / f"k{number:03d}.yaml",
            cluster_text(cluster(members=members, motor_municipality=members[0])),
        )
    reads: list[Path] = []
    plain = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *args, **kw: (reads.append(self), plain(self, *args, **kw))[1])
    ran = ksf("-w", workspace, "check", "--format", "json")
    own = [path for path in reads if path.parent.name == "clusters"]
    assert len(own) == len(set(own)) == 102
    assert {row["code"] for row in json.loads(ran.out)} >= {"in-other-cluster"}


def test_problems_are_values_that_know_their_place() -> None:
    assert Problem("x", None, path=("a", 0, "b")).at("f", {("a",): (3, 4)}).line == 3  # type: ignore[arg-type]
    assert Problem("x", None, path=("a",)).at("f", {}).line == 1  # type: ignore[arg-type]
