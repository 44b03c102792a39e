"""What the tests of the pages share: a browser without JavaScript, the real server, and Debian's Chromium."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ksf_agreements.web.app import create_app
from tests.conftest import start_program
from tests.factories import TODAY
from tests.web.browser import PORT, Browser
from tests.web.states import Shelf

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Page as Tab

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(autouse=True)
def _full_log(caplog: pytest.LogCaptureFixture) -> None:
    """Let the log of a test that fails have the traceback, which nobody else gets to see."""
    caplog.set_level(logging.DEBUG, "ksf.web")


@pytest.fixture
def browser(workspace: Path) -> Browser:
    """A browser at a copy of the sample workspace (the fixture `workspace`)."""
    return Browser(create_app(workspace, PORT))


@dataclass(frozen=True)
class Server:
    """A running ``ksf web``: `address` without a slash at its end."""

    address: str
    port: int
    process: subprocess.Popen[str]


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start ``ksf web`` in a workspace, as a process of its own; it is ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(workspace: Path, *words: str) -> Server:
        process = start_program("-w", workspace, "web", "--port", "0", *words)
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://[^ ]+?:(\d+)/", line)
        if found is None:
            process.kill()
            raise AssertionError(f"ksf web said {line!r}, {process.communicate()}")
        return Server(found[0].rstrip("/"), int(found[1]), process)

    yield start
    for process in started:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.fixture
def server(workspace: Path, serve: Callable[..., Server]) -> Server:
    """The real server, in a process of its own, at a copy of the sample workspace (the fixture `workspace`)."""
    return serve(workspace)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Chromium]:
    """One Chromium for all tests; where it is missing the test is skipped, in CI never."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("These tests need Chromium: apt-get install chromium")
    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def open_tab(chromium: Chromium) -> Iterator[Callable[..., Tab]]:
    """Open a tab in a browser of its own: ``open_tab(address, width=360)``; a fault in a script fails the test."""
    contexts = []
    said: list[str] = []

    def open_one(address: str, *, width: int = 1280, height: int = 900, **options: object) -> Tab:
        context = chromium.new_context(
            base_url=address, viewport={"width": width, "height": height}, locale="nb-NO", **options
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        tab = context.new_page()
        tab.on("pageerror", lambda fault: said.append(f"{tab.url}: {fault}"))
        tab.on(
            "console",
            lambda told: said.append(f"{tab.url}: {told.text}") if "Content Security Policy" in told.text else None,
        )
        return tab

    yield open_one
    for context in contexts:
        context.close()
    assert not said, said


@pytest.fixture
def tab(server: Server, open_tab: Callable[..., Tab]) -> Tab:
    """A tab of Chromium at the real server: ``tab.goto("/")``."""
    return open_tab(server.address)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory, today: date) -> Shelf:
    """Workspaces in every state (tests/web/states.py)."""
    assert today == TODAY
    return Shelf(tmp_path_factory.mktemp("states"))
