"""Drives the register's commands in tests: short words for long command lines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import Ran

NINE = ("4601", "4631", "4627", "4632", "4624", "4634", "4630", "4628", "4621")
CLUSTER = "helse-omsorg-vest"


@dataclass(frozen=True)
class Commands:
    """``ksf`` in one workspace, in English, with the sample cluster of nine at hand."""

    ksf: Callable[..., Ran]
    workspace: Path

    def __call__(self, command: str, *words: str | Path) -> Ran:
        """Run a command."""
        return self.ksf("--lang", "en", "-w", self.workspace, command, *words)

    def ok(self, command: str, *words: str | Path) -> str:
        """Run a command that must succeed, and return what it printed."""
        ran = self(command, *words)
        assert ran.code == 0, ran.err
        return ran.out

    def json(self, command: str, *words: str) -> Any:
        """Run a view and return its JSON."""
        return json.loads(self.ok(command, *words, "--format", "json"))

    def head(self) -> str:
        """Return the register's head: number and hash of the last event."""
        found = re.search(r"\d+:[0-9a-f]{64}", self.ok("verify"))
        assert found
        return found[0]

    def refused(self, command: str, *words: str) -> str:
        """Run a command that must be refused with a sentence and write nothing; return the sentence."""
        before = self.head()
        ran = self(command, *words)
        assert ran.code in {1, 2}, (ran.code, ran.out, ran.err)
        assert self.head() == before
        assert "Traceback" not in ran.err
        return ran.err

    def issue(self, on: str = "2026-01-12", cluster: str = CLUSTER) -> str:
        """Issue a version."""
        return self.ok("issue", cluster, "--on", on)

    def sign(self, party: str, on: str = "2026-02-03", *words: str, cluster: str = CLUSTER) -> str:
        """Record a signature."""
        return self.ok("sign", cluster, "--party", party, "--on", on, "--name", "Anne Eksempel", *words)

    def sign_all(self, on: str = "2026-02-03", parties: Sequence[str] = NINE, cluster: str = CLUSTER) -> None:
        """Let everybody sign on one day."""
        for party in parties:
            self.sign(party, on, cluster=cluster)

    def status(self, on: str = "", cluster: str = CLUSTER) -> Any:
        """Return the status of an agreement."""
        return self.json("status", cluster, *(["--on", on] if on else []))

    def party(self, number: str, on: str = "", cluster: str = CLUSTER) -> Any:
        """Return the status of one party."""
        return next(one for one in self.status(on, cluster)["parties"] if one["municipality"] == number)

    def bound(self, on: str, cluster: str = CLUSTER) -> list[str]:
        """Return who is bound on a day."""
        return [one["municipality"] for one in self.json("parties", cluster, "--on", on)]

    def edit(self, old: str, new: str, cluster: str = CLUSTER) -> None:
        """Change the cluster file."""
        file = self.workspace / "clusters" / f"{cluster}.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
