"""The composition root: the one place that reads the clock and opens what the services work on."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.cluster_file import ClusterFile, read_cluster
from ksf_agreements.loading.files import identity, is_file, is_folder
from ksf_agreements.loading.municipalities import load_register
from ksf_agreements.loading.workspace import Workspace, find_root, open_workspace
from ksf_agreements.resources import template_dir
from ksf_agreements.services.clusters.checking import Checker
from ksf_agreements.text import T

if TYPE_CHECKING:
    from ksf_agreements.services.desk import Desk

NORWAY = ZoneInfo("Europe/Oslo")


def today() -> date:
    """Return the calendar date in Norway."""
    return datetime.now(NORWAY).date()


def now() -> datetime:
    """Return this instant, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class App:
    """An open workspace with everything a command needs."""

    workspace: Workspace
    today: date

    @classmethod
    def open(cls, asked: str) -> App:
        """Open the workspace asked for ('' = the nearest one). Raises `UsageError` where there is none."""
        return cls(open_workspace(find_root(asked, Path.cwd())), today())

    @cached_property
    def municipalities(self) -> MunicipalityRegister:
        """The municipality register."""
        return load_register()

    @property
    def templates(self) -> Path:
        """The folder of the Word templates."""
        return template_dir()

    @property
    def register_path(self) -> Path:
        """The file of the workspace's register."""
        return self.workspace.root / self.workspace.settings.register

    def desk(self, actor: str | None = None) -> Desk:
        """Open the register, made on first use, for somebody: the actor named, the setting's, or the login name."""
        from ksf_agreements.domain.timeline import DERIVATION, derive  # generating drafts needs no register
        from ksf_agreements.register.store import Register
        from ksf_agreements.services.desk import Desk

        register = Register.open(self.register_path, now=now, derive=derive, derivation=DERIVATION)
        who = actor or self.workspace.settings.actor or _login_name()
        return Desk(self.workspace, register, self.municipalities, self.templates, self.today, who)

    def cluster_files(self, names: tuple[str, ...]) -> tuple[ClusterFile, ...]:
        """Read the files named (relative to the current directory), or all of the workspace's.

        A file of the workspace can be named as its cluster, too. Raises `UsageError` for one that is not there; all are
        looked for before any is read.
        """
        paths = self.workspace.cluster_paths()
        if not names:
            return tuple(read_cluster(path, _shown(path)) for path in paths)
        known = {path.stem: _shown(path) for path in paths}
        names = tuple(known[name] if name in known and not is_file(Path(name)) else name for name in names)
        if folders := tuple(name for name in names if is_folder(Path(name))):
            raise UsageError(T("These are folders, not files: {folders}", folders=folders))
        if lost := tuple(name for name in names if not is_file(Path(name))):
            raise UsageError(T("These files are not there: {files}", files=lost))
        once = {identity(Path(name)): name for name in reversed(names)}
        return tuple(read_cluster(Path(name), name) for name in reversed(once.values()))

    def checker(self, files: tuple[ClusterFile, ...]) -> Checker:
        """Return a checker of the workspace that has read ``files``."""
        return Checker.of(self.workspace, self.municipalities, self.today, files)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "?"


def _shown(path: Path) -> str:
    """Return a path as short as a reader in the current directory can use it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
