"""Templates into pages: escaped everywhere, undefined names are faults, and dates as Norwegians write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
TEMPLATES = _HERE / "templates"
VENDOR = STATIC / "vendor" / "designsystemet.css"
"""Digdir's Designsystemet, where `make web` has fetched it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message at the top of a page; `kind` is 'success', 'info', 'warning' or 'danger'."""

    kind: str
    text: str
    lines: tuple[str, ...] = ()


class Pages:
    """The pages' templates, read once."""

    @cached_property
    def environment(self) -> Environment:
        """The template environment."""
        made = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        made.filters["date"] = written
        made.globals["has_designsystem"] = VENDOR.is_file()
        return made

    def response(self, template: str, status: int, values: Mapping[str, Any]) -> HTMLResponse:
        """Return a page."""
        return HTMLResponse(self.environment.get_template(template).render(values), status)


def written(day: date | None) -> str:
    """Return a date as Norwegian pages write it, 31.12.2029; a dash for none."""
    return f"{day.day}.{day.month}.{day.year}" if day else "–"
