"""Many processes change one register at the same time: nothing is lost, nothing happens twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from ksf_agreements.domain.events import PlanAdopted
from ksf_agreements.register.verify import verify
from tests.register.sample import DAY, derive, open_register
from tests.torture.processes import send, working

AGREEMENTS = 100


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the changes; `longest` is the longest that one of them took, in seconds."""

    changes: int
    acknowledged: int
    seconds: float
    longest: float
    faults: tuple[str, ...]


def write(pipe: Connection, path: str, changes: int, seed: int) -> None:
    """Make changes that each depend on what is there: the year of an event is the number of those before it."""
    chance = random.Random(seed)  # noqa: S311 (repeatable)
    register = open_register(Path(path))
    for _ in range(changes):
        agreement = f"a{chance.randrange(AGREEMENTS)}"
        start = time.perf_counter()
        with register.writing() as writer:
            actor = writer.keep_person({"name": "Kari Nordmann"})
            before = len(writer.events(agreement))
            event = writer.append(agreement, PlanAdopted(year=before), actor, DAY)
        send(pipe, f"{event.number} {time.perf_counter() - start}")


def run(processes: int, changes: int, folder: Path) -> Result:
    """Let ``processes`` make ``changes`` each, and look at what came of it."""
    path = folder / "register.sqlite"
    open_register(path).close()
    start = time.perf_counter()
    with working(write, *((str(path), changes, seed) for seed in range(processes))) as workers:
        said = [message.split() for worker in workers for message in worker.messages(wait=True)]
    seconds = time.perf_counter() - start
    numbers = Counter(int(number) for number, _ in said)
    faults = [str(problem.message) for problem in verify(path, derive).findings]
    if set(numbers) != set(range(1, processes * changes + 1)) or max(numbers.values(), default=0) > 1:
        faults.append(f"{len(numbers)} of {processes * changes} numbers were acknowledged")
    with open_register(path) as register, register.reading() as reader:
        for agreement in reader.agreements():
            years = [event.payload.year for event in reader.events(agreement) if isinstance(event.payload, PlanAdopted)]
            if years != list(range(len(years))):
                faults.append(f"a change of {agreement} did not see the one before")
        if reader.head().number != processes * changes:
            faults.append(f"the journal ends with {reader.head().number}")
    longest = max((float(took) for _, took in said), default=0.0)
    return Result(processes * changes, len(said), seconds, longest, tuple(faults))
