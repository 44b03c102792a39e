"""Whole programs, from start to end: their time, and the most memory they held."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

from ksf_agreements.resources import data_file
from tests.bench.cases import TEMPLATE, write_workspace
from tests.bench.report import Row, interleaved

HERE = Path(__file__).parent
PYTHON = sys.executable
KSF = str(Path(PYTHON).with_name("ksf"))
MODEL_ALONE = "import click, ksf_agreements.domain.ksf_cluster"
CLICK_ALONE = "import click\n@click.command()\ndef main(): pass\nmain()"


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run took: milliseconds, and megabytes at its peak."""

    milliseconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Programs:
    """Runs programs with the bytecode of all modules in one place of their own below `folder`.

    That is how an installed program starts: pip has compiled it.
    """

    folder: Path

    def run(self, *command: str) -> Usage:
        """Run a command to its end. Raises RuntimeError where it fails."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KSF"))}
        environment["PYTHONPYCACHEPREFIX"] = str(self.folder / "bytecode")
        launcher = [PYTHON, "-I", "-S", str(HERE / "launcher.py"), *command]
        # Arguments are our own, made above and below.
        told = subprocess.run(launcher, env=environment, cwd=self.folder, capture_output=True, text=True, check=True)
        seconds, kilobytes, status = told.stdout.split()
        if status != "0":
            raise RuntimeError(f"exit code {status}: {' '.join(command)}")
        return Usage(float(seconds) * 1000, int(kilobytes) / 1024)

    def pairs(
        self, turns: int, ours: Callable[[], Sequence[str]], other: Callable[[], Sequence[str]]
    ) -> tuple[tuple[Usage, ...], tuple[Usage, ...]]:
        """Run two programs in turn."""
        return interleaved(turns, lambda: self.run(*ours()), lambda: self.run(*other()))


def _times(name: str, usages: tuple[tuple[Usage, ...], tuple[Usage, ...]], **bounds: float) -> Row:
    """Return how many times faster ours is."""
    mine, theirs = ([usage.milliseconds for usage in side] for side in usages)
    ratios = tuple(other / own for own, other in zip(mine, theirs, strict=True))
    return Row(name, ratios, ours=median(mine), other=median(theirs), **bounds)


def _share(name: str, unit: str, usages: tuple[tuple[Usage, ...], tuple[Usage, ...]], floor: float | None) -> Row:
    """Return which share of the other's time or memory ours takes."""
    mine, theirs = ([usage.milliseconds if unit == "ms" else usage.megabytes for usage in side] for side in usages)
    ratios = tuple(own / other for own, other in zip(mine, theirs, strict=True))
    return Row(name, ratios, floor, at_least=False, ours=median(mine), other=median(theirs), unit=unit)


def help_rows(programs: Programs, turns: int) -> list[Row]:
    """Measure ``ksf --help`` beside bare Python, and beside click with a command that does nothing."""
    bare = programs.pairs(turns, lambda: (KSF, "--help"), lambda: (PYTHON, "-c", "pass"))
    click = programs.pairs(turns, lambda: (KSF, "--help"), lambda: (PYTHON, "-c", CLICK_ALONE, "--help"))
    return [
        _share("`ksf --help` beside bare Python", "ms", bare, 6),
        _share("`ksf --help` beside click alone", "ms", click, None),
    ]


def _commands(root: Path, out: Path) -> tuple[Callable[[], Sequence[str]], Callable[[], Sequence[str]]]:
    """Return ours and the plain program on a workspace, each run into a new folder."""
    numbers = count()
    files = [str(path) for path in sorted((root / "clusters").glob("*.yaml"))]
    plain = (PYTHON, str(HERE / "plain.py"), str(TEMPLATE), str(data_file("municipalities.csv")))

    def ours() -> Sequence[str]:
        return KSF, "-w", str(root), "generate", *files, "--out", str(out / f"ksf-{next(numbers)}")

    def other() -> Sequence[str]:
        return *plain, str(root / "regions.yaml"), str(out / f"docxtpl-{next(numbers)}"), *files

    return ours, other


def _checked(root: Path, out: Path) -> Callable[[], Sequence[str]]:
    """Return the program that does all that ksf does and renders with docxtpl."""
    numbers = count()
    files = [str(path) for path in sorted((root / "clusters").glob("*.yaml"))]
    program = (PYTHON, str(HERE / "checked.py"))
    return lambda: (*program, str(root), str(out / f"checked-{next(numbers)}"), *files)


def cold_rows(programs: Programs, turns: int) -> list[Row]:
    """Measure one document from a cold start."""
    root = write_workspace(programs.folder / "one", 1)
    ours, other = _commands(root, programs.folder / "one-out")
    usages = programs.pairs(turns, ours, other)
    model = programs.pairs(turns, lambda: (PYTHON, "-c", MODEL_ALONE), other)
    same = programs.pairs(turns, ours, _checked(root, programs.folder / "one-checked"))
    return [
        _times("one cluster file, whole process: docxtpl / ksf", usages, floor=1.5),
        _times("one cluster file with the same model, checks and documents: docxtpl / ksf", same),
        _share("its memory: ksf / docxtpl", "MB", usages, None),
        _share("of which click, pydantic and the model: their import / docxtpl's whole process", "ms", model, None),
        _share("its memory", "MB", model, None),
    ]


def hundred_rows(programs: Programs, turns: int, files: int = 100) -> list[Row]:
    """Measure a folder full of cluster files, and hold the documents of both against each other."""
    root = write_workspace(programs.folder / "many", files)
    usages = programs.pairs(turns, *_commands(root, programs.folder / "many-out"))
    same = programs.pairs(
        max(turns // 2, 1), _commands(root, programs.folder / "same")[0], _checked(root, programs.folder / "checked")
    )
    return [
        _times(f"{files} cluster files, whole process: docxtpl / ksf", usages, floor=8),
        _share("its memory: ksf / docxtpl", "MB", usages, 0.6),
        _times(f"{files} cluster files with the same model, checks and documents: docxtpl / ksf", same),
        _share("its memory: ksf / docxtpl with the same", "MB", same, None),
    ]


def documents_of_both(programs: Programs, files: int) -> list[tuple[bytes, bytes]]:
    """Return the agreements that both programs make of the same files, in pairs."""
    root, out = write_workspace(programs.folder / "same", files), programs.folder / "same-out"
    ours, other = _commands(root, out)
    programs.run(*ours())
    programs.run(*other())
    names = [f"{path.stem}.docx" for path in sorted((root / "clusters").glob("*.yaml"))]
    return [((out / "ksf-0" / name).read_bytes(), (out / "docxtpl-1" / name).read_bytes()) for name in names]
