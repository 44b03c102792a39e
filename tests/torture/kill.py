"""Kills writers with kill -9 at random moments: every change that was acknowledged is there afterwards.

A change is acknowledged when its number and hash were sent, which happens after `Register.writing` has ended.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from ksf_agreements.domain.events import PlanAdopted
from ksf_agreements.register.backup import backup
from ksf_agreements.register.chain import Head
from ksf_agreements.register.store import Register
from ksf_agreements.register.verify import verify
from tests.register.sample import DAY, PDF, derive, open_register
from tests.torture.processes import Worker, send

ROUNDS_OF_ONE_REGISTER = 25
CHANGES = 8  # so many at most are waited for, however busy the machine is
LONGEST = 0.04  # and then so many seconds until the kill
MAKING = 1.0  # or from the beginning, where the register is new: Alembic takes longer than changes do


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the kills.

    `in_a_change` counts those that left a journal to be played back: the writer was in the middle of writing.
    """

    kills: int
    acknowledged: int
    in_a_change: int
    lost: tuple[str, ...]


def write(pipe: Connection, path: str, seed: int) -> None:
    """Change a register in every way, for ever."""
    chance = random.Random(seed)  # noqa: S311 (repeatable)
    send(pipe, "begin")
    register = open_register(Path(path))
    for turn in range(1_000_000):
        if chance.random() < 0.1:
            register.close()
            register = open_register(Path(path))
        if chance.random() < 0.02:
            backup(Path(path), Path(f"{path}.copy"), derive, replace=True)
        for head in change(register, turn, chance):
            send(pipe, str(head))


def change(register: Register, turn: int, chance: random.Random) -> list[Head]:
    """Make one change and return the heads after it: of an event, a large one, several, or an erasure."""
    agreement = f"a{chance.randrange(5)}"
    with register.writing() as writer:
        actor = writer.keep_person({"name": "Kari Nordmann", "turn": str(turn)})
        file = writer.keep_file(chance.randbytes(chance.choice((1_000, 300_000))), PDF) if turn % 3 == 0 else None
        for year in range(chance.choice((1, 1, 1, 20))):
            writer.append(agreement, PlanAdopted(year=2000 + year, file=file), actor, DAY)
        if chance.random() < 0.2:
            writer.erase([actor.id], [file] if file else [], "prøve", actor, DAY)
        head = writer.head()
    return [head]


def run(count: int, folder: Path, seed: int = 0) -> Result:
    """Kill ``count`` writers and look after each whether everything is there."""
    acknowledged = in_a_change = 0
    lost: list[str] = []
    chance = random.Random(seed)  # noqa: S311 (repeatable)
    for number in range(count):
        path = folder / f"register-{number // ROUNDS_OF_ONE_REGISTER}.sqlite"
        if number % ROUNDS_OF_ONE_REGISTER % 5 == 4:
            path = folder / f"register-made-{number}.sqlite"  # killed while it is made, or soon after
        elif not path.exists():
            open_register(path).close()
        worker = Worker(write, str(path), seed * 1_000_000 + number)
        worker.pipe.recv_bytes()
        is_new = not path.exists()
        heard = [] if is_new else [worker.pipe.recv_bytes().decode() for _ in range(chance.randrange(CHANGES))]
        time.sleep(chance.uniform(0, MAKING if is_new else LONGEST))
        heads = [Head.parse(message) for message in [*heard, *worker.kill()]]
        worker.pipe.close()
        in_a_change += path.with_name(f"{path.name}-journal").exists()
        acknowledged += len(heads)
        lost += [f"round {number}: {fault}" for fault in faults_of(path, [head for head in heads if head])]
    return Result(count, acknowledged, in_a_change, tuple(lost))


def faults_of(path: Path, heads: list[Head]) -> list[str]:
    """Return what is wrong with a register in which ``heads`` were acknowledged."""
    if not heads and (not path.exists() or path.stat().st_size == 0):
        return []
    register = open_register(path)  # plays back what was begun
    faults = [str(problem.message) for problem in verify(path, derive, head=heads[-1] if heads else None).findings]
    with register.reading() as reader:
        last = reader.head()
        gone = [head.number for head in heads if reader.event(head.number) is None]
    faults += [f"event {number} is lost; the last is {last.number}" for number in gone]
    register.close()
    return faults
