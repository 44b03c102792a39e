"""Finds LibreOffice and a python that can talk to it, and says how to get them on this system."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ksf_agreements.errors import KsfError
from ksf_agreements.text import T, Text

_PROBE_SECONDS = 60
_PLACES = (
    "/usr/lib/libreoffice/program/soffice",
    "/usr/lib64/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
)
# Where a LibreOffice that brings its own python has it, seen from the folder of soffice.
_PYTHONS = ("python", "python.exe", "../Resources/python")
_SYSTEM_PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3")


@dataclass(frozen=True, slots=True)
class Office:
    """LibreOffice: its program, a python that can ``import uno``, and words before a command that take its network."""

    soffice: Path
    python: Path
    isolation: tuple[str, ...] = ()


class OfficeMissing(KsfError):
    """LibreOffice, or its bridge to Python, is not on this machine."""


def find_office() -> Office:
    """Return the LibreOffice of this machine. Raises `OfficeMissing` with how to get it."""
    found = _find()
    if found is None:
        raise OfficeMissing(
            T(
                "A PDF needs LibreOffice and its bridge to Python, and they are not on this machine. {how}",
                how=how_to_get_it(),
            )
        )
    return found


@cache
def _find() -> Office | None:
    soffice = _soffice()
    python = _python(soffice) if soffice else None
    return Office(soffice, python, _isolation()) if soffice and python else None


def _soffice() -> Path | None:
    on_path = (shutil.which(name) for name in ("soffice", "libreoffice"))
    for place in (*on_path, *_PLACES):
        if place and Path(place).is_file() and os.access(place, os.X_OK):
            return Path(place).resolve()
    return None


def _python(soffice: Path) -> Path | None:
    beside = (str(soffice.parent / name) for name in _PYTHONS)
    for name in (*beside, *_SYSTEM_PYTHONS, shutil.which("python3") or ""):
        place = Path(name)
        if name and place.is_file() and _runs(str(place), "-I", "-c", "import uno"):
            return place
    return None


def _isolation() -> tuple[str, ...]:
    """Return how to run a program without network, () where the system cannot (then nothing is fetched all the same).

    `unshare -rn` gives a network namespace with nothing in it, not even loopback; Linux has it, and not everywhere.
    """
    unshare = shutil.which("unshare") if sys.platform == "linux" else None
    return (unshare, "-rn") if unshare and _runs(unshare, "-rn", "true") else ()


def _runs(*command: str) -> bool:
    """Return whether a command succeeds."""
    try:
        ran = subprocess.run(  # noqa: S603 (programs of the system, with our own words)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return ran.returncode == 0


def how_to_get_it() -> Text:
    """Return what to do on this system to get LibreOffice."""
    if sys.platform == "win32":
        return T("Install LibreOffice from libreoffice.org.")
    if sys.platform == "darwin":
        return T(
            "Install LibreOffice from libreoffice.org, or with: {command}", command="brew install --cask libreoffice"
        )
    command = next((command for family, command in _INSTALL if family & _family()), None)
    if command is None:
        return T("Install LibreOffice Writer and its bridge to Python (python3-uno) with the system's package manager.")
    return T("Install them with: {command}", command=command)


_INSTALL = (
    (
        frozenset({"debian", "ubuntu"}),
        "sudo apt install libreoffice-writer-nogui python3-uno fonts-crosextra-carlito",
    ),
    (
        frozenset({"fedora", "rhel", "centos"}),
        "sudo dnf install libreoffice-writer libreoffice-pyuno google-carlito-fonts",
    ),
    (frozenset({"suse", "opensuse"}), "sudo zypper install libreoffice-writer libreoffice-pyuno google-carlito-fonts"),
    (frozenset({"arch"}), "sudo pacman -S libreoffice-fresh ttf-carlito"),
)


def _family() -> frozenset[str]:
    """Return what this Linux is, and what it is made from."""
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        return frozenset()
    return frozenset([told.get("ID", ""), *told.get("ID_LIKE", "").split()])
