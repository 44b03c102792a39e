"""Processes that write to a register and tell what was acknowledged, each over a pipe of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

# Warm processes on POSIX: a server that has imported everything forks them. Windows starts each from nothing.
_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
CONTEXT: Any = multiprocessing.get_context(_METHOD)
if _METHOD == "forkserver":
    modules = ("tests.torture.kill", "tests.torture.writers", "tests.torture.backups")
    slow = ("alembic.command", "ksf_agreements.register.shape")  # which the register imports where it needs them
    CONTEXT.set_forkserver_preload([*modules, *slow])


Work = Callable[..., None]


class Worker:
    """A process that does ``work(pipe, *args)``; what it sends is there also after it was killed.

    A message is one write to the pipe, with nothing buffered: what was sent, was sent before the kill.
    """

    def __init__(self, work: Work, *args: Any) -> None:
        self.pipe, theirs = CONTEXT.Pipe(duplex=False)
        self.process: BaseProcess = CONTEXT.Process(target=work, args=(theirs, *args), daemon=True)
        self.process.start()
        theirs.close()

    def messages(self, *, wait: bool = False) -> Iterator[str]:
        """Yield what has come; with ``wait``, until the process has ended."""
        try:
            while wait or self.pipe.poll():
                yield self.pipe.recv_bytes().decode()
        except (EOFError, ConnectionResetError):
            return

    def kill(self) -> list[str]:
        """Kill the process as kill -9 does, and return what it had sent and nobody has read."""
        self.process.kill()
        self.process.join()
        return list(self.messages(wait=True))


@contextmanager
def working(work: Work, *every: tuple[Any, ...]) -> Iterator[list[Worker]]:
    """Run a worker for each of ``every``'s arguments; none outlives the block."""
    workers = [Worker(work, *args) for args in every]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()


def send(pipe: Connection, message: str) -> None:
    """Say something, unbuffered."""
    pipe.send_bytes(message.encode())
