"""What every test shares: no network, a fixed day, a workspace to work in, and ``ksf`` run in this process."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, settings

import ksf_agreements.app
from ksf_agreements.cli.main import main
from ksf_agreements.pdf.converter import Converter
from ksf_agreements.pdf.office import OfficeMissing, find_office
from tests.factories import TODAY

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"

# Machines differ in speed and share it: no example is late. In CI the same examples are tried every time, and a
# failure is told at once; KSF_HYPOTHESIS=ksf finds the smallest example for it, which may take minutes.
_QUIET = [HealthCheck.too_slow]
settings.register_profile("ksf", deadline=None, max_examples=25, suppress_health_check=_QUIET, print_blob=True)
settings.register_profile(
    "ksf-ci",
    settings.get_profile("ksf"),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
)
settings.register_profile("ksf-thorough", settings.get_profile("ksf"), max_examples=1000)
settings.load_profile(os.environ.get("KSF_HYPOTHESIS", "ksf-ci" if os.environ.get("CI") else "ksf"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


class NetworkError(RuntimeError):
    """A test wanted to leave this machine."""


def is_loopback(host: object) -> bool:
    """Whether a host is this machine."""
    text = host.decode() if isinstance(host, bytes) else host
    if text in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(text)).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every connection and every name that is not this machine's own."""

    def guarded(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6} and not is_loopback(address[0]):
                raise NetworkError(f"no test may connect to {address!r}")
            return original(self, address)

        return connect

    lookup = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        if not is_loopback(host):
            raise NetworkError(f"no test may look up {host!r}")
        return lookup(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


@pytest.fixture(scope="session", autouse=True)
def today() -> Iterator[date]:
    """Let it always be the same day, and the screen's language not depend on who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ksf_agreements.app, "today", lambda: TODAY)
        patch.delenv("KSF_LANG", raising=False)
        yield TODAY


# The program as it is, on the tests' day.
_PROGRAM = f"""\
import datetime, ksf_agreements.app
ksf_agreements.app.today = lambda: datetime.date({TODAY.year}, {TODAY.month}, {TODAY.day})
from ksf_agreements.cli.main import run
run()
"""


def start_program(*words: str | Path) -> subprocess.Popen[str]:
    """Start ``ksf`` in a process of its own, on the tests' day."""
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "KSF_LANG": ""},
    )


class Ran(NamedTuple):
    """What a run of ``ksf`` gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def ksf(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run ``ksf`` with these words in this process: ``ksf("-w", workspace, "check")``."""

    def run(*words: str | Path) -> Ran:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Ran(code, *capsys.readouterr())

    return run


def copy_workspace(target: Path) -> Path:
    """Copy the repository's sample workspace to ``target``."""
    target.mkdir(parents=True)
    for name in ("ksf.toml", "regions.yaml"):
        shutil.copy(ROOT / name, target / name)
    for name in ("clusters", "annexes"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("~$*", ".*"))
    return target


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the repository's sample workspace that a test may change."""
    return copy_workspace(tmp_path / "workspace")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of tests/golden, exactly; ``--update-golden`` writes the file instead."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / name
        if request.config.getoption("--update-golden"):
            file.write_text(text, encoding="utf-8", newline="\n")
        assert file.is_file(), f"{file} is not there; run pytest with --update-golden and read what it writes"
        assert text == file.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def converter() -> Iterator[Converter]:
    """One LibreOffice for all tests; where it is missing the test is skipped, in CI never."""
    try:
        office = find_office()
    except OfficeMissing as fault:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(fault))
    with Converter(office) as running:
        yield running
