"""A whole region at once: a bad cluster stops nobody else, the summary tells why, and it is safe to run again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ksf_agreements.services.agreements import issuing
from tests.cli.register import CLUSTER, Commands
from tests.conftest import Ran


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The two sample clusters, and a broken one in Vest."""
    text = (workspace / "clusters" / f"{CLUSTER}.yaml").read_text(encoding="utf-8")
    broken = text.replace('motor_municipality: "4601"', 'motor_municipality: "0301"')
    (workspace / "clusters" / "feil.yaml").write_text(broken, encoding="utf-8")
    return Commands(ksf, workspace)


def test_what_can_be_issued_is_and_the_rest_is_told(commands: Commands) -> None:
    ran = commands("issue", "--all")
    assert ran.code == 1
    assert "2 clusters done, 0 left alone, 1 failed" in ran.out
    assert "These need a hand: feil" in ran.err
    assert "motor municipality" in ran.err
    assert {commands.status(cluster=one)["status"] for one in (CLUSTER, "alle-valg")} == {"issued"}


def test_running_it_again_throws_no_signature_away(commands: Commands) -> None:
    commands("issue", "--all")
    commands.sign("4601", "2026-03-02")
    commands.edit("styringsgruppen", "styringsrådet")
    head = commands.head()
    again = commands("issue", "--all", "--region", "vest")
    assert "0 clusters done, 1 left alone, 1 failed" in again.out
    assert f"{CLUSTER}: version 1 was issued on" in again.err
    assert commands.head() == head


@pytest.mark.parametrize("in_the_way", ["nothing", "a draft"])
def test_running_it_again_writes_the_documents_that_were_not(in_the_way: str, commands: Commands) -> None:
    """A run that was cut off after the issue, or a file that was open in Word, leaves none or the draft behind."""
    out = commands.workspace / "out"
    commands("generate", "--all")
    drafts = {path: path.read_bytes() for path in out.glob(f"{CLUSTER}*.docx")}
    assert drafts
    commands("issue", "--all")
    issued = {path: path.read_bytes() for path in drafts}
    for path, draft in drafts.items():
        path.unlink()
        if in_the_way == "a draft":
            path.write_bytes(draft)
    head = commands.head()
    assert "1 cluster done, 1 left alone, 1 failed" in commands("issue", "--all").out
    assert {path: path.read_bytes() for path in drafts} == issued
    (out / f"{CLUSTER}.docx").write_bytes(b"somebody's own")
    assert "0 clusters done, 2 left alone, 1 failed" in commands("issue", "--all").out
    assert (out / f"{CLUSTER}.docx").read_bytes() == b"somebody's own"
    assert commands.head() == head


def test_who_interrupts_hears_what_is_done(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = issuing.issue

    def interrupted(desk: Any, cluster: str, *rest: Any) -> Any:
        if cluster == CLUSTER:
            raise KeyboardInterrupt
        return issue(desk, cluster, *rest)

    monkeypatch.setattr(issuing, "issue", interrupted)
    ran = commands("issue", "--all")
    assert ran.code == 130
    assert "1 cluster done, 0 left alone, 1 failed" in ran.out
    assert "run the same again" in ran.err
    monkeypatch.undo()
    assert "1 cluster done, 1 left alone, 1 failed" in commands("issue", "--all").out


def test_a_region_leaves_the_others_alone(commands: Commands) -> None:
    assert "1 cluster done" in commands.ok("issue", "--all", "--region", "midt")
    assert commands.status()["status"] == "draft"
    assert "nord" in commands.refused("issue", "--all", "--region", "nord")


@pytest.mark.parametrize("words", [(), (CLUSTER, "--all"), (CLUSTER, "--region", "vest"), ("--region", "vest")])
def test_one_or_all(words: tuple[str, ...], commands: Commands) -> None:
    for command in ("issue", "package"):
        ran = commands(command, *words)
        assert ran.code == 2
        assert "--all" in ran.err


def test_drafts_of_a_region(commands: Commands) -> None:
    out = commands.workspace / "ut"
    ran = commands("generate", "--all", "--region", "midt", "--out", out)
    assert ran.code == 0
    assert {path.name for path in out.iterdir()} == {"alle-valg.docx", "alle-valg-kontaktpersoner.docx"}
    assert commands("generate", "--all", "--region", "vest", "--out", out).code == 1
    assert f"{CLUSTER}.docx" in {path.name for path in out.iterdir()}


def test_packages_of_what_is_open(commands: Commands) -> None:
    """LibreOffice is asked once for all of them."""
    commands.ok("issue", "--all", "--region", "midt")
    ran = commands("package", "--all")
    assert "1 cluster done, 2 left alone, 0 failed" in ran.out, ran.err
    assert "no version is open for signing" in ran.err
    assert (commands.workspace / "out" / "alle-valg-til-signering.pdf").is_file()
    head = commands.head()
    assert "1 cluster done" in commands.ok("package", "--all", "--region", "midt")
    assert commands.head() == head
