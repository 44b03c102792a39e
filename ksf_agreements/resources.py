"""Finds what the program carries: data, catalogs, Word templates and a new workspace; in a checkout and a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent


def data_file(name: str) -> Path:
    """Return the path of a data file of the package."""
    return _PACKAGE / "data" / name


def locale_dir() -> Path:
    """Return the folder of the message catalogs."""
    return _PACKAGE / "locale"


def template_dir() -> Path:
    """Return the folder of the installed Word templates."""
    installed = _PACKAGE / "templates" / "docx"
    return installed if installed.is_dir() else _CHECKOUT / "templates" / "docx"


def workspace_dir() -> Path:
    """Return the folder whose files make a new workspace."""
    return _PACKAGE / "data" / "workspace"
