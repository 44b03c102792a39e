"""Reads the municipality register that the program carries; the format is in ``data/README.md``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from ksf_agreements.domain.municipality import (
    ChangeKind,
    LanguageDecision,
    Municipality,
    MunicipalityChange,
    MunicipalityKind,
    MunicipalityRegister,
    NameLanguage,
    ParallelName,
)
from ksf_agreements.resources import data_file


@lru_cache(maxsize=1)
def load_register() -> MunicipalityRegister:
    """Return the register; read once per process, since it never changes.

    A malformed file is a fault in the program, held off by the tests, and raises ValueError or KeyError.
    """
    counties = {number: name for number, name, _, _ in _rows("counties.csv", 4)}
    return MunicipalityRegister(
        (_municipality(fields, counties) for fields in _rows("municipalities.csv", 9)),
        (_change(fields) for fields in _rows("municipality-changes.csv", 4)),
    )


def _rows(name: str, columns: int) -> Iterator[list[str]]:
    with data_file(name).open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        for fields in lines:
            if len(fields) != columns:
                raise ValueError(f"{name} line {lines.line_num}: {len(fields)} columns, not {columns}")
            yield fields


def _municipality(fields: list[str], counties: dict[str, str]) -> Municipality:
    number, kind, name, official, parallel, organisation, language, first, last = fields
    return Municipality(
        number=number,
        name=name,
        kind=MunicipalityKind(kind),
        official_name=official,
        parallel_names=_parallel_names(parallel) if parallel else (),
        county_number=number[:2],  # that is how the numbers are made
        county=counties[number[:2]],
        organisation_number=organisation,
        language_decision=LanguageDecision(language) if language else None,
        valid_from=_day(first),
        valid_to=_day(last),
    )


def _parallel_names(text: str) -> tuple[ParallelName, ...]:
    pairs = (pair.split(":") for pair in text.split(" | "))
    return tuple(ParallelName(NameLanguage(language), name) for language, name in pairs)


def _change(fields: list[str]) -> MunicipalityChange:
    day, kind, old, new = fields
    return MunicipalityChange(date.fromisoformat(day), ChangeKind(kind), tuple(old.split()), tuple(new.split()))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
