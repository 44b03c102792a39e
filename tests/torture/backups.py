"""Backs a register up, and puts backups in its place, while others write: all that was acknowledged is somewhere."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from ksf_agreements.register.backup import backup, restore
from ksf_agreements.register.chain import Head
from ksf_agreements.register.verify import verify
from tests.register.sample import NOW, derive, open_register
from tests.torture.kill import change
from tests.torture.processes import Worker, send, working

WRITERS = 2


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the backups; `acknowledged` counts the changes that others made meanwhile."""

    backups: int
    acknowledged: int
    faults: tuple[str, ...]


def write(pipe: Connection, path: str, seed: int) -> None:
    """Change a register for ever, with the breaks that a person makes, only shorter."""
    chance = random.Random(seed)  # noqa: S311 (repeatable)
    register = open_register(Path(path))
    for turn in range(1_000_000):
        for head in change(register, turn, chance):
            send(pipe, str(head))
        time.sleep(chance.uniform(0, 0.01))


def run(count: int, folder: Path) -> Result:
    """Make ``count`` backups under load: each whole, and with all that was acknowledged before it began."""
    faults: list[str] = []
    heads: list[Head] = []
    number = 0
    while number < count:
        # A new register now and then: it is verified after each backup, and grows.
        path = folder / f"register-{number}.sqlite"
        open_register(path).close()
        with working(write, *((str(path), seed) for seed in range(WRITERS))) as workers:
            seen: list[Head] = []
            wait_for_first(workers, seen)
            for _ in range(min(20, count - number)):
                seen += heard(workers)
                target = folder / f"backup-{number}.sqlite"
                before = max(seen)
                found = backup(path, target, derive)
                if verify(target, derive, head=before).findings:
                    faults.append(f"backup {number} is without event {before.number}; it ends with {found.head.number}")
                target.unlink()
                number += 1
            faults += [f"a writer gave up ({w.process.exitcode})" for w in workers if not w.process.is_alive()]
            seen += [head for worker in workers for head in parsed(worker.kill())]
        faults += [f"register {number}: {fault}" for fault in lost_from([path], seen)]
        heads += seen
    return Result(count, len(heads), tuple(faults))


def run_restores(count: int, folder: Path) -> Result:
    """Put an older backup in place ``count`` times under load: every change is in the new register or the one aside."""
    path, old = folder / "restored.sqlite", folder / "old.sqlite"
    open_register(path).close()
    seen: list[Head] = []
    aside: dict[Path, Head] = {}
    with working(write, *((str(path), seed) for seed in range(WRITERS))) as workers:
        wait_for_first(workers, seen)
        backup(path, old, derive)
        for number in range(count):
            time.sleep(0.05)
            done = restore(path, old, NOW + timedelta(seconds=number), derive)
            assert done.aside is not None
            aside[done.aside] = verify(done.aside, derive).head
        time.sleep(0.1)
        gave_up = [f"a writer gave up ({w.process.exitcode})" for w in workers if not w.process.is_alive()]
        seen += [head for worker in workers for head in parsed(worker.kill())]
    grown = [f"{old.name} was written to" for old, head in aside.items() if verify(old, derive).head != head]
    return Result(count, len(seen), (*lost_from([path, *aside], seen), *grown, *gave_up))


def wait_for_first(workers: list[Worker], seen: list[Head]) -> None:
    """Wait until each has changed something."""
    for worker in workers:
        seen += parsed([worker.pipe.recv_bytes().decode()])


def heard(workers: list[Worker]) -> list[Head]:
    """Return what the workers have said so far."""
    return [head for worker in workers for head in parsed(list(worker.messages()))]


def parsed(messages: list[str]) -> list[Head]:
    """Return the heads that were told."""
    return [head for message in messages if (head := Head.parse(message))]


def lost_from(paths: list[Path], seen: list[Head]) -> list[str]:
    """Return which of the acknowledged heads are in none of the registers, and what is wrong with these."""
    faults: list[str] = []
    there: set[tuple[int, str]] = set()
    for path in paths:
        with open_register(path) as register:  # plays back what a killed writer had begun
            connection = register._link().connection
            there.update(connection.execute("SELECT number, hash FROM event"))
            connection.close()
        faults += [f"{path.name}: {problem.message}" for problem in verify(path, derive).findings]
    return faults + [f"event {head.number} is lost" for head in seen if tuple(head) not in there]
