"""PDFs: a LibreOffice that stays up beside one that is started for each file."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from itertools import cycle
from pathlib import Path
from statistics import median

from ksf_agreements.errors import KsfError
from ksf_agreements.pdf.converter import Converter, Converters, Job
from ksf_agreements.pdf.office import Office, OfficeMissing, find_office
from ksf_agreements.services.documents.converting import Printing, convert_all
from ksf_agreements.services.documents.expecting import expected
from tests.bench.cases import case
from tests.bench.engines import ours
from tests.bench.report import Row, interleaved, timed

BATCH = 4  # files of one turn of a converter; of a cold LibreOffice a turn is one file
MANY = 12  # files of the row with start and proof-check
NOTES = """
A cold LibreOffice is `soffice --headless --convert-to pdf FILE`, started for each file, with a profile that it has used before; it renews no contents and writes no PDF/A. Ours renews the contents and writes PDF/A-2b with tags, from the same Word documents of 10 parties; the rows with a floor count from the moment the converter is up.
The row with start and proof-check is what `ksf generate --format pdf` does with the Word documents: it starts two converters, converts, reads each PDF back and holds it against the Word document.
""".strip().splitlines()  # noqa: E501 (one note a line)


def cold(office: Office, folder: Path, files: list[Path]) -> Callable[[], object]:
    """Return a turn of a LibreOffice that is started for one file."""
    waiting = cycle(files)
    profile = (folder / "profile").as_uri()
    command = [str(office.soffice), f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]

    def turn() -> None:
        file = next(waiting)
        target = file.with_suffix(".pdf")
        target.unlink(missing_ok=True)
        subprocess.run([*command, "--outdir", str(folder), str(file)], capture_output=True, check=True)
        if not target.is_file():
            raise RuntimeError("the cold LibreOffice made no PDF")

    return turn


def pdf_rows(folder: Path, turns: int) -> tuple[list[Row], list[str]]:
    """Measure one converter and two, beside a cold LibreOffice; only say why where there is none."""
    try:
        office = find_office()
    except OfficeMissing as fault:
        return [], [f"PDFs were not measured. {fault}"]
    (folder / "pdf").mkdir()
    documents = [ours(case(folder / f"pdf-{number}", 10)).render() for number in range(BATCH)]
    files = [folder / "pdf" / f"{number}.docx" for number in range(BATCH)]
    for file, docx in zip(files, documents, strict=True):
        file.write_bytes(docx)
    plain = timed(cold(office, folder / "pdf", files))
    jobs = [Job(docx, expected(docx).title, "nb-NO") for docx in documents]
    many = [Printing(documents[number % BATCH]) for number in range(MANY)]
    rows: list[Row] = []

    def row(name: str, work: Callable[[], object], count: int, floor: float | None) -> None:
        mine, theirs = interleaved(turns, per_file(timed(work), count), plain)
        ratios = tuple(other / own for own, other in zip(mine, theirs, strict=True))
        rows.append(Row(name, ratios, floor, ours=median(mine), other=median(theirs)))

    with Converter(office) as one:
        work = lambda: [one.convert(job.docx, title=job.title, language=job.language) for job in jobs]  # noqa: E731
        row("one PDF: a cold LibreOffice / one converter that stays up", work, BATCH, 3.5)
    with Converters(2, office) as two:
        row("one PDF: a cold LibreOffice / two converters", lambda: _all(two.map(jobs)), BATCH, 5.5)
    name = f"one PDF of {MANY}, with start and proof-check: a cold LibreOffice / ksf"
    row(name, lambda: _all(convert_all(many, office)), MANY, None)
    return rows, NOTES


def per_file(turn: Callable[[], float], count: int) -> Callable[[], float]:
    """Return a turn over ``count`` files as the milliseconds of one."""
    return lambda: turn() / count


def _all(made: Iterable[bytes | KsfError]) -> None:
    """Take every PDF; one that is missing ends the benchmark."""
    for pdf in made:
        if isinstance(pdf, KsfError):
            raise pdf
