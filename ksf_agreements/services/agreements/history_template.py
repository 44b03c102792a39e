"""The empty spreadsheet that `import-history` reads when it has been filled: headings, and a page of help."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from ksf_agreements.domain.paper.rows import Column
from ksf_agreements.loading.history import COLUMNS
from ksf_agreements.text import T, Text

_FORMATTED = 500
"""So many rows have the right formats already."""
_DATES = frozenset({Column.SIGNED, Column.VALID_UNTIL, Column.ISSUED, Column.ACCESSION})


def history_template(say: Callable[[Text], str]) -> bytes:
    """Return the workbook as XLSX; ``say`` gives the help its language. The examples stand on the page of help."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet: Any = book.active
    sheet.title = say(T("Agreements"))
    sheet.freeze_panes = "A2"
    for number, column in enumerate(COLUMNS, 1):
        heading = sheet.cell(1, number, str(column))
        heading.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = max(14, len(column) + 4)
        for row in range(2, _FORMATTED + 2):
            # As text, a number keeps its leading zero.
            sheet.cell(row, number).number_format = "dd.mm.yyyy" if column in _DATES else "@"
    page: Any = book.create_sheet(say(T("Help")))
    page.append([say(one) for one in (T("Column"), T("What it tells"), T("Example"), T("Another row"))])
    for column, guide in COLUMNS.items():
        needed = f"{column} *" if guide.required else str(column)
        page.append([needed, say(guide.help), *guide.example])
    page.append([])
    page.append([say(T("* must be there. One row per party; all rows of a cluster make one agreement."))])
    for letter, width in zip("ABCD", (24, 90, 20, 20), strict=True):
        page.column_dimensions[letter].width = width
        page[f"{letter}1"].font = Font(bold=True)
    for row in page.iter_rows(2, len(COLUMNS) + 1):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if cell.is_date:
                cell.number_format = "dd.mm.yyyy"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
