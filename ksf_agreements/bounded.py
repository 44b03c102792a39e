"""Runs what reads someone's upload in a child process with bounds on time, memory and output.

A child is a function ``main(data: bytes, *arguments: str) -> bytes`` of a module of ours, named by its dotted name;
what goes in and what comes out are bytes, never pickles: a child that was taken over can only give wrong bytes.
Memory and processor time are bounded where the system has `resource`; the clock bounds it everywhere.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from ksf_agreements.errors import KsfError
from ksf_agreements.text import T

_MB = 2**20
_OUT_OF_MEMORY, _TOO_MUCH_OUTPUT = 77, 78


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may use: `seconds` by the clock, `memory` and `output` in bytes."""

    seconds: float = 60.0
    memory: int = 1536 * _MB
    output: int = 64 * _MB


class Stop(StrEnum):
    """Why a child ended without an answer."""

    TIME = "time"
    MEMORY = "memory"
    OUTPUT = "output"
    CRASH = "crash"


class BoundedError(KsfError):
    """The child gave no answer; nothing outside it was touched. `stop` tells why."""

    exit_code = 1

    def __init__(self, stop: Stop) -> None:
        super().__init__(T("The file could not be read within the bounds that are set for a file from outside."))
        self.stop = stop


def run_bounded(module: str, data: bytes, *arguments: str, bounds: Bounds | None = None) -> bytes:
    """Return ``module.main(data, *arguments)``, run in a child process. Raises `BoundedError`."""
    bounds = bounds or Bounds()
    limits = (str(bounds.memory), str(bounds.output), str(int(bounds.seconds) + 1))
    command = [sys.executable, "-I", "-X", "utf8", "-m", __name__, module, *limits, *arguments]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(data)
        given.seek(0)
        child = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            command, stdin=given, stdout=answer, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            code = child.wait(timeout=bounds.seconds)
        except subprocess.TimeoutExpired:
            raise BoundedError(Stop.TIME) from None
        finally:
            _end(child)
        if code != 0:
            stop = {_OUT_OF_MEMORY: Stop.MEMORY, _TOO_MUCH_OUTPUT: Stop.OUTPUT}.get(code, Stop.CRASH)
            raise BoundedError(stop)
        answer.seek(0)
        return answer.read(bounds.output + 1)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a child and what it may have started."""
    if child.poll() is None:
        child.kill()
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, 9)
    child.wait()


def _bind(memory: int, output: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the clock alone
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output + 1, output + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _child(module: str, memory: str, output: str, seconds: str, *arguments: str) -> int:
    """Answer on the standard output that was given; what libraries print goes nowhere."""
    answer = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        _bind(int(memory), int(output), int(seconds))
        found: bytes = importlib.import_module(module).main(sys.stdin.buffer.read(), *arguments)
    except MemoryError:
        return _OUT_OF_MEMORY
    if len(found) > int(output):
        return _TOO_MUCH_OUTPUT
    with os.fdopen(answer, "wb") as target:
        target.write(found)
    return 0


if __name__ == "__main__":
    sys.exit(_child(*sys.argv[1:]))
