"""The member sheet as an Excel form: members, contact persons, the cluster, and KS's guidance beside each field.

Headings are locked without a password; what is to be filled in is open, has drop-down lists and says what it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ksf_agreements.delivery.workbook import DATE_FORMAT, TEXT_FORMAT, Look, Value, new_book, put, set_print, written
from ksf_agreements.domain.member_form import (
    CHOICES,
    CLUSTER_FIELDS,
    CLUSTER_PROPERTY,
    CONTACT_FIELDS,
    DIGEST_PROPERTY,
    FIELD,
    FOCUS_AREAS,
    MEMBER_FIELDS,
    NAME,
    NUMBER,
    PROPERTY_LABELS,
    VALUE,
    Form,
    FormField,
    Kind,
    Values,
)
from ksf_agreements.text import T, Text

_SPARE_MEMBERS, _SPARE_CONTACTS, _SPARE_AREAS = 20, 40, 3
_HEADING_ROW = 4
_WIDTHS = {NUMBER: 17, NAME: 30, ("name_as_signed",): 40, ("name",): 28, ("title",): 28, ("email",): 38, ("phone",): 18}
_LISTS = "lister"
_PROMPT_LIMIT, _PROMPT_TITLE_LIMIT = 255, 32


@dataclass(frozen=True, slots=True)
class About:
    """What a sheet is about: the cluster's id and name, the day it was made, and every municipality by number."""

    cluster: str
    name: str
    day: date
    titles: dict[str, str]


def member_sheet(form: Form, about: About, say: Callable[[Text], str]) -> bytes:
    """Return the sheet as XLSX, in the language of ``say``. Raises `workbook.WorkbookError`."""
    return _Maker(form, about, say).made()


class _Maker:
    def __init__(self, form: Form, about: About, say: Callable[[Text], str]) -> None:
        self.form, self.about, self.say = form, about, say
        self.book = new_book()

    def made(self) -> bytes:
        """Return the workbook."""
        members, contacts, cluster, guide = (
            self.book.create_sheet(self.say(title))
            for title in (T("Members"), T("Contact persons"), T("The cluster"), T("Guidance"))
        )
        self.lists()
        people = [(one.number, person) for one in self.form.members for person in one.contacts]
        rows = [(one.number, one.values) for one in self.form.members]
        last = self.table(members, T("Members of {name}", name=self.about.name), _MEMBERS_HELP, MEMBER_FIELDS, rows)
        names = f"'{members.title}'!$B${_HEADING_ROW + 1}:$B${last}"
        self.table(
            contacts,
            T("FoUI contacts in {name}", name=self.about.name),
            _CONTACTS_HELP,
            CONTACT_FIELDS,
            people or [(one.number, {}) for one in self.form.members],
            names,
        )
        self.cluster(cluster)
        self.guidance(guide)
        for sheet in (members, contacts, cluster, guide):
            _protect(sheet)
        title = self.say(T("Member sheet: {name}", name=self.about.name))
        properties = {CLUSTER_PROPERTY: self.about.cluster, DIGEST_PROPERTY: self.form.digest()}
        return written(self.book, self.about.day, title, properties)

    def lists(self) -> None:
        """Write the hidden sheet that the drop-down lists take their words from."""
        sheet = self.book.create_sheet(_LISTS)
        sheet.sheet_state = "hidden"
        for row, title in enumerate(sorted(self.about.titles.values()), 1):
            put(sheet.cell(row, 1), title)
        set_print(sheet)

    def table(
        self,
        sheet: Any,
        title: Text,
        help_: Text,
        fields: Sequence[FormField],
        rows: Sequence[tuple[str, Values]],
        municipalities: str = "",
    ) -> int:
        """Write a title, the headings, a row for each of ``rows``, and empty ones; return the last row."""
        from openpyxl.utils import get_column_letter

        spare = _SPARE_MEMBERS if fields is MEMBER_FIELDS else _SPARE_CONTACTS
        last = _HEADING_ROW + len(rows) + spare
        self.head(sheet, title, help_, len(fields))
        for column, one in enumerate(fields, 1):
            letter = get_column_letter(column)
            put(sheet.cell(_HEADING_ROW, column), self.say(one.guide.label), Look.HEADING)
            sheet.column_dimensions[letter].width = _WIDTHS.get(one.path, 22)
            for place, (number, values) in enumerate([*rows, *[("", {})] * spare], _HEADING_ROW + 1):
                self.cell(sheet.cell(place, column), one, self.value(one, number, values))
            self.validate(sheet, f"{letter}{_HEADING_ROW + 1}:{letter}{last}", one, municipalities)
        sheet.row_dimensions[_HEADING_ROW].height = 34
        sheet.freeze_panes = sheet.cell(_HEADING_ROW + 1, 3)
        set_print(sheet, f"{_HEADING_ROW}:{_HEADING_ROW}")
        sheet.print_area = f"A1:{get_column_letter(len(fields))}{min(last, _HEADING_ROW + len(rows) + 5)}"
        return last

    def head(self, sheet: Any, title: Text, help_: Text, columns: int) -> None:
        """Write what stands above the headings."""
        put(sheet["A1"], self.say(title), Look.TITLE)
        put(sheet["A2"], self.say(help_), Look.QUIET)
        for row in (1, 2):
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
        sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 26, 48

    def value(self, one: FormField, number: str, values: Values) -> Value:
        """Return what a cell shows."""
        if one.path == NUMBER:
            return number
        if one.path == NAME:
            return self.about.titles.get(number, "")
        return self.shown(one, values.get(one.path, ""))

    def shown(self, one: FormField, text: str) -> Value:
        """Return a value of the cluster file as people see it."""
        if one.kind is Kind.DATE and text:
            return date.fromisoformat(text)
        return self.say(CHOICES[one.kind][text]) if one.kind in CHOICES and text else text

    def cell(self, cell: Any, one: FormField, value: Value) -> None:
        """Write an input cell."""
        put(cell, value, Look.INPUT)
        cell.number_format = DATE_FORMAT if one.kind is Kind.DATE else TEXT_FORMAT

    def validate(self, sheet: Any, cells: str, one: FormField, municipalities: str = "") -> None:
        """Give cells their drop-down list and their help."""
        from openpyxl.worksheet.datavalidation import DataValidation

        rule = DataValidation(allow_blank=True, showInputMessage=True)
        if one.path == NAME:
            rule.type, rule.formula1 = "list", municipalities or f"{_LISTS}!$A$1:$A${len(self.about.titles)}"
            rule.showErrorMessage = False  # a name that is written otherwise is found too
        elif one.kind in CHOICES:
            words = ",".join(self.say(text) for text in CHOICES[one.kind].values())
            rule.type, rule.formula1, rule.showErrorMessage = "list", f'"{words}"', True
            rule.errorTitle, rule.error = self.say(T("Choose from the list")), self.say(T("Choose from the list."))
        elif one.kind is Kind.DATE:
            rule.type, rule.operator, rule.formula1, rule.showErrorMessage = "date", "greaterThan", "36526", True
            rule.errorTitle, rule.error = self.say(T("A date")), self.say(T("Write a date, such as 31.12.2029."))
        rule.promptTitle = self.say(one.guide.label)[:_PROMPT_TITLE_LIMIT]
        if one.guide.help is not None:
            rule.prompt = _shortened(self.say(one.guide.help))
        sheet.add_data_validation(rule)
        rule.add(cells)

    def cluster(self, sheet: Any) -> None:
        """Write the sheet of the cluster: a field to a row, its clause and KS's guidance to the right."""
        heads = (FIELD, VALUE, T("Clause"), T("Guidance"))
        self.head(sheet, T("The cluster {name}", name=self.about.name), _CLUSTER_HELP, len(heads))
        for column, (text, width) in enumerate(zip(heads, (34, 60, 8, 70), strict=True), 1):
            put(sheet.cell(_HEADING_ROW, column), self.say(text), Look.HEADING)
            sheet.column_dimensions["ABCD"[column - 1]].width = width
        row = _HEADING_ROW
        for one in CLUSTER_FIELDS:
            several = one.path == FOCUS_AREAS
            values = (
                (*self.form.focus_areas, *[""] * max(_SPARE_AREAS, one.rows - len(self.form.focus_areas)))
                if several
                else (self.form.values.get(one.path, ""),)
            )
            for number, said in enumerate(values, 1):
                row += 1
                label = self.say(one.guide.label) + (f" {number}" if several else "")
                put(sheet.cell(row, 1), label, Look.LABEL)
                self.cell(sheet.cell(row, 2), one, self.shown(one, said))
                put(sheet.cell(row, 3), one.guide.clause, Look.QUIET)
                help_ = self.say(one.guide.help) if one.guide.help and number == 1 else ""
                put(sheet.cell(row, 4), help_, Look.QUIET)
                sheet.row_dimensions[row].height = _height((said, 58), (help_, 68), (label, 30))
                self.validate(sheet, f"B{row}", one)
        row += 1
        for name, what in PROPERTY_LABELS:
            row += 1
            put(sheet.cell(row, 1), self.say(what), Look.QUIET)
            put(
                sheet.cell(row, 2),
                self.about.cluster if name == CLUSTER_PROPERTY else self.form.digest(),
                Look.QUIET,
            )
        sheet.freeze_panes = sheet.cell(_HEADING_ROW + 1, 2)
        set_print(sheet, f"{_HEADING_ROW}:{_HEADING_ROW}")

    def guidance(self, sheet: Any) -> None:
        """Write how the sheet is filled in, and what each column is for."""
        put(sheet["A1"], self.say(T("Guidance")), Look.TITLE)
        sheet.row_dimensions[1].height = 30
        row = 2
        for text in _HOW:
            put(sheet.cell(row, 1), self.say(text))
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=4)
            sheet.row_dimensions[row].height = _height((self.say(text), 130))
            row += 1
        row += 1
        for column, heading in enumerate((T("Sheet"), FIELD, T("Clause"), T("Guidance")), 1):
            put(sheet.cell(row, column), self.say(heading), Look.HEADING)
        first = row
        for where, fields in (
            (T("Members"), MEMBER_FIELDS),
            (T("Contact persons"), CONTACT_FIELDS),
            (T("The cluster"), CLUSTER_FIELDS),
        ):
            for one in fields:
                row += 1
                guide = one.guide
                label, help_ = self.say(guide.label), self.say(guide.help) if guide.help else ""
                for column, value in enumerate((self.say(where), label, guide.clause, help_), 1):
                    put(sheet.cell(row, column), value, Look.LABEL if column == 2 else Look.TEXT)
                sheet.row_dimensions[row].height = _height((help_, 80), (label, 32))
        for letter, width in zip("ABCD", (20, 36, 8, 84), strict=True):
            sheet.column_dimensions[letter].width = width
        set_print(sheet, f"{first}:{first}")


_MEMBERS_HELP = T(
    "One row for each municipality. Fill in the yellow cells; choose from the lists where there are any. Number or "
    "name is enough. New municipalities go on the empty rows."
)
_CONTACTS_HELP = T(
    "One row for each contact person; a municipality may have several. Every municipality must have at least one."
)
_CLUSTER_HELP = T("Fill in the yellow cells. An empty cell means that the text is left out, or is settled later.")
_HOW = (
    T("Fill in the yellow cells in the three sheets, save the file as an Excel workbook (.xlsx), and send it back."),
    T("Write values only, no formulas: a cell with a formula is not read."),
    T("The sheets are protected so that headings are not overwritten by mistake. There is no password."),
    T("An e-mail address is written as it is; a date as 31.12.2029; a municipality number with four digits."),
    T("Nothing is changed by sending the sheet: whoever keeps the cluster file sees each change before it is made."),
)


def _protect(sheet: Any) -> None:
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "formatCells", "sort", "autoFilter", "insertHyperlinks"):
        setattr(sheet.protection, allowed, False)  # OOXML says what is forbidden


def _shortened(text: str) -> str:
    return text if len(text) <= _PROMPT_LIMIT else f"{text[: _PROMPT_LIMIT - 1]}…"


def _height(*texts: tuple[str, int]) -> int:
    """Return the height in points of a row whose cells hold these texts, each with its width in characters."""
    lines = max(sum(1 + len(line) // width for line in text.split("\n")) for text, width in texts)
    return min(400, 15 * max(lines, 1) + 3)
