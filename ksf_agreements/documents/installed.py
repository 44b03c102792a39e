"""The installed Word templates: what they say of themselves, and which of them another template was made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ksf_agreements.documents.package import PackageError, read_package
from ksf_agreements.documents.template import TemplateInfo, read_file


@dataclass(frozen=True, slots=True)
class InstalledTemplate:
    """A template's file, and what it says of itself; `is_readable` is False where it cannot be read."""

    path: Path
    info: TemplateInfo
    is_readable: bool = True


def installed_templates(folder: Path) -> tuple[InstalledTemplate, ...]:
    """Return the templates of a folder in the order of their names; Word's lock files ('~$...') are none."""
    return tuple(_told(path) for path in sorted(folder.glob("*.docx")) if not path.name.startswith("~$"))


def original_of(data: bytes, folder: Path) -> bytes | None:
    """Return the installed template that has the name and language which ``data`` gives, or None.

    Between languages nothing can be compared by its words. Raises `PackageError` where ``data`` is no readable DOCX.
    """
    info = TemplateInfo.of(read_package(data))
    for one in installed_templates(folder) if info.name else ():
        if (one.info.name, one.info.language) == (info.name, info.language):
            return read_file(one.path)
    return None


def _told(path: Path) -> InstalledTemplate:
    try:
        return InstalledTemplate(path, TemplateInfo.of(read_package(read_file(path))))
    except (PackageError, OSError):
        return InstalledTemplate(path, TemplateInfo(), is_readable=False)
