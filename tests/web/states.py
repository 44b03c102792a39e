"""Workspaces in every state that a page may meet, built once by the commands and copied for whoever writes in them."""

from __future__ import annotations

import contextlib
import io
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ksf_agreements.cli.main import main
from tests.cli.register import CLUSTER, NINE, Commands
from tests.conftest import Ran, copy_workspace

REGISTER = "register.sqlite"
THIRTY = "tretti"


def quietly(*words: str | Path) -> Ran:
    """Run ``ksf`` in this process; what it prints is kept."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(word) for word in words])
    return Ran(code, out.getvalue(), err.getvalue())


def commands(workspace: Path) -> Commands:
    """Return the commands of a workspace."""
    return Commands(quietly, workspace)


def _issued(ksf: Commands) -> None:
    ksf.issue()


def _signing(ksf: Commands) -> None:
    ksf.ok("open-signing", CLUSTER, "--on", "2026-01-15")
    ksf.sign_all(parties=NINE[:4])
    ksf.sign(NINE[4], "2026-02-03", "--reservation")
    ksf.ok("decline", CLUSTER, "--party", NINE[8], "--on", "2026-02-20")


def _in_force(ksf: Commands) -> None:
    ksf.sign_all()


def _leaving(ksf: Commands) -> None:
    ksf.ok("notice", CLUSTER, "--party", NINE[3], "--received", "2026-02-20")


def _renewing(ksf: Commands) -> None:
    ksf.edit("valid_until: 2030-12-31", "valid_until: 2034-12-31")
    ksf.ok("renew", CLUSTER, "--until", "2034-12-31", "--on", "2026-02-25")
    ksf.sign(NINE[0], "2026-03-01")


def _until(day: str) -> Callable[[Commands], None]:
    def build(ksf: Commands) -> None:
        ksf.edit("valid_until: 2030-12-31", f"valid_until: {day}")
        ksf.issue("2022-01-12")
        ksf.sign_all("2022-02-03")

    return build


def _no_file(ksf: Commands) -> None:
    (ksf.workspace / "clusters" / f"{CLUSTER}.yaml").unlink()


def _broken_file(ksf: Commands) -> None:
    for name, text in ((CLUSTER, "name: [\n"), ("alle-valg", "agreement: ksf-cluster\nmembers: 7\nukjent: ja\n")):
        (ksf.workspace / "clusters" / f"{name}.yaml").write_text(text, encoding="utf-8")


def _not_text(ksf: Commands) -> None:
    (ksf.workspace / "clusters" / f"{CLUSTER}.yaml").write_bytes(b"\xff\xfe\x00PK\x03\x04" * 99)


def _empty_file(ksf: Commands) -> None:
    (ksf.workspace / "clusters" / f"{CLUSTER}.yaml").write_bytes(b"")


def _incomplete(ksf: Commands) -> None:
    text = "agreement: ksf-cluster\nname: Bare et navn\n"
    (ksf.workspace / "clusters" / f"{CLUSTER}.yaml").write_text(text, encoding="utf-8")


def _empty(ksf: Commands) -> None:
    for path in ksf.workspace.glob("clusters/*.yaml"):
        path.unlink()


def _thirty(ksf: Commands) -> None:
    """Make a cluster of thirty with names as long as names may be."""
    from tests.bench.cases import cluster_yaml

    long = "Kunnskapsklyngen for helse-, omsorgs- og oppvekstkompetanseutviklingssamarbeidsordninger i nordvest"
    text = cluster_yaml(30).replace("Kunnskapsklyngen Eksempel 0", long)
    text = text.replace("Anne Eksempel 7", "Anne-Margrethe Konstantinopolitansk Eksempel-Overordentliglangtetternavn")
    (ksf.workspace / "clusters" / f"{THIRTY}.yaml").write_text(text, encoding="utf-8")
    ksf.issue(cluster=THIRTY)


def _broken(name: str, text: str) -> Callable[[Commands], None]:
    def build(ksf: Commands) -> None:
        (ksf.workspace / name).write_text(text, encoding="utf-8")

    return build


def _no_register(ksf: Commands) -> None:
    (ksf.workspace / REGISTER).unlink()


def _damaged(ksf: Commands) -> None:
    path = ksf.workspace / REGISTER
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(bytes(data))


def _not_a_register(ksf: Commands) -> None:
    (ksf.workspace / REGISTER).write_bytes(b"Dette er ikke et register." * 400)


def _sql(statement: str) -> Callable[[Commands], None]:
    def build(ksf: Commands) -> None:
        with contextlib.closing(sqlite3.connect(ksf.workspace / REGISTER)) as link:
            link.execute(statement)
            link.commit()

    return build


@dataclass(frozen=True, slots=True)
class State:
    """A state: made of another one (None = the sample workspace), by what is done to it.

    `is_whole` tells that the register and the files can be read, so that the pages answer.
    """

    base: str | None
    build: Callable[[Commands], None]
    is_whole: bool = True


STATES: Mapping[str, State] = {
    "draft": State(None, lambda _: None),
    "issued": State(None, _issued),
    "signing": State("issued", _signing),
    "in force": State("issued", _in_force),
    "leaving": State("in force", _leaving),
    "renewing": State("in force", _renewing),
    "ending": State(None, _until("2026-06-30")),
    "expired": State(None, _until("2026-01-31")),
    "thirty members": State(None, _thirty),
    "no file": State("in force", _no_file),
    "empty workspace": State(None, _empty),
    "incomplete draft": State(None, _incomplete),
    "broken files": State(None, _broken_file),
    "broken file, in force": State("in force", _broken_file),
    "a file that is no text": State("in force", _not_text),
    "an empty file": State(None, _empty_file),
    "broken ksf.toml": State("in force", _broken("ksf.toml", "language = [\n")),
    "a register elsewhere": State("in force", _broken("ksf.toml", 'register = "../../borte/register.sqlite"\n'), False),
    "broken regions.yaml": State("in force", _broken("regions.yaml", "vest: {name: [\n")),
    "no regions": State("in force", _broken("regions.yaml", "")),
    "register missing": State("in force", _no_register),
    "register damaged": State("in force", _damaged, False),
    "no register of ours": State("in force", _not_a_register, False),
    "register newer": State("in force", _sql("UPDATE alembic_version SET version_num = '9999'"), False),
    "register altered": State("in force", _sql("DROP TRIGGER event_stays"), False),
}


class Shelf:
    """The workspaces, each built when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def original(self, name: str) -> Path:
        """Return the workspace of a state; only to be read."""
        target = self._folder / name
        if not target.is_dir():
            state = STATES[name]
            if state.base is None:
                copy_workspace(target)
            else:
                shutil.copytree(self.original(state.base), target)
            state.build(commands(target))
        return target

    def copy(self, name: str, target: Path) -> Path:
        """Return a copy of the workspace of a state, to be written in."""
        return shutil.copytree(self.original(name), target)
