"""``python -m tests.bench [--quick]``: measure everything; exit code 1 where a floor is missed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.bench import register, report, web
from tests.bench.cases import Case, case
from tests.bench.engines import body, docxtemplater, ours, paragraphs, plain_docxtpl
from tests.bench.pdf import pdf_rows
from tests.bench.processes import Programs, cold_rows, documents_of_both, help_rows, hundred_rows
from tests.bench.register import register_rows
from tests.bench.report import Row, interleaved, timed
from tests.bench.web import web_rows

FLOORS = {10: (40.0, 100.0), 30: (25.0, 60.0)}
REPEATS = 20  # one of our documents is too short for a clock; a turn is the mean of so many
NOTES = """
docxtpl is used as its documentation shows it: `DocxTemplate(path)`, `render(values, environment, autoescape=True)`, `save`. `tests/bench/plain.py` is the whole program, with `yaml.safe_load` (PyYAML's Python loader). It checks nothing, and writes the agreements alone.
`ksf generate` reads and checks the same files (every rule, with places and mends), and writes a list of contact persons beside every agreement: twice the documents. Every write is synced to the disk.
A warm document of ours has its template compiled already, as in a run over many files; docxtpl reads its template anew each time, which is its plain use.
Programs run with compiled bytecode, as pip installs them. Memory is the peak that the kernel counts for a process (`ru_maxrss`).
One document from a cold start is mostly imports: the row "of which" shows what click, pydantic and the model take before a file is read. docxtpl's program loads neither, and checks nothing.
"Bodies equal" is 1 where the canonical XML of every body is the same, else 0.
""".strip().splitlines()  # noqa: E501 (one note a line)


def warm_rows(case: Case, turns: int) -> list[Row]:
    """Measure one document in a program that has run before, and hold the two results against each other."""
    mine, theirs = ours(case), plain_docxtpl(case)
    floor, aim = FLOORS[case.parties]
    own, other = interleaved(turns, timed(mine.render, REPEATS), timed(theirs.render))
    own_document, other_document = mine.render(), theirs.render()
    ratios = tuple(b / a for a, b in zip(own, other, strict=True))
    name = f"{case.parties} parties"
    sizes = len(own_document) / 1024, len(other_document) / 1024
    return [
        Row(f"one document warm, {name}: docxtpl / ksf", ratios, floor, aim, ours=median(own), other=median(other)),
        Row(f"{name}: size of the file, ksf / docxtpl", (sizes[0] / sizes[1],), 1.1, None, False, *sizes, "kB"),
        same_bodies(name, [(own_document, other_document)]),
    ]


def same_bodies(name: str, documents: list[tuple[bytes, bytes]]) -> Row:
    """Return whether all bodies are the same, canonically."""
    same = sum(body(own) == body(other) for own, other in documents)
    return Row(f"{name}: bodies equal", (float(same == len(documents)),), 1, ours=same, other=len(documents), unit="")


def docxtemplater_rows(case: Case, turns: int, folder: Path) -> tuple[list[Row], str]:
    """Measure docxtemplater where it is, else say how to get it."""
    with docxtemplater(case, folder) as theirs:
        if theirs is None:
            return [], "docxtemplater was not measured; `make bench-docxtemplater` fetches it (needs node and npm)."
        mine = ours(case)
        own, other = interleaved(turns, timed(mine.render, REPEATS), timed(theirs.render))
        same = paragraphs(mine.render()) == paragraphs(theirs.render())
    ratios = tuple(b / a for a, b in zip(own, other, strict=True))
    name = f"one document warm, {case.parties} parties: docxtemplater / ksf"
    told = "the same" if same else "NOT the same"
    note = f"docxtemplater runs in one node process; the texts of its paragraphs are {told} as ours."
    return [Row(name, ratios, ours=median(own), other=median(other))], note


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], list[str]]:
    """Return every row, and what there is to say of them."""
    before = report.load()
    cases = [case(folder, parties) for parties in FLOORS]
    programs = Programs(folder)
    rows: list[Row] = []
    for one in cases:
        rows += warm_rows(one, 5 if quick else 25)
    more, note = docxtemplater_rows(cases[0], 5 if quick else 25, folder)
    rows += more
    files = 10 if quick else 100
    rows.append(same_bodies(f"{files} cluster files", documents_of_both(programs, files)))
    rows += hundred_rows(programs, 1 if quick else 5)
    rows += cold_rows(programs, 3 if quick else 15)
    rows += help_rows(programs, 3 if quick else 15)
    more, made = register_rows(folder, 5 if quick else 25, 1_000 if quick else 10_000)
    rows += more
    more, told = pdf_rows(folder, 2 if quick else 7)
    rows += more
    rows += web_rows(folder, 10 if quick else 50, 500 if quick else web.REQUESTS)
    busy = f"The machine's load was {before} at the beginning and {report.load()} at the end (our own work is 1)."
    return rows, [*NOTES, note, *register.NOTES, made, *told, *web.NOTES, busy]


def main() -> int:
    """Measure, print, and write the docs; a quick run writes nothing."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure ksf beside docxtpl.")
    parser.add_argument("--quick", action="store_true", help="few turns; prints, and writes no docs")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory(prefix="ksf-bench-") as folder:
        rows, notes = measure(Path(folder), quick=quick)
    sys.stdout.write(report.as_table(rows, notes))
    if not quick:
        report.write(rows, notes)
    return 1 if any(row.verdict == "fails" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
