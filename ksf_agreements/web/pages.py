"""Templates into pages: escaped everywhere, undefined names are faults, and dates as Norwegians write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from ksf_agreements.web.days import written

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
