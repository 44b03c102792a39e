"""A progress bar where somebody is looking."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from ksf_agreements.cli.base import say
from ksf_agreements.text import Text

_Step = TypeVar("_Step")


@contextmanager
def progress(label: Text, steps: Iterable[_Step], count: int, least: int = 2) -> Iterator[Iterable[_Step]]:
    """Show a progress bar on the terminal where there are ``least`` steps or more."""
    if count < least or not sys.stderr.isatty():
        yield steps
        return
    with click.progressbar(steps, length=count, label=say(label), file=sys.stderr) as bar:
        yield bar
