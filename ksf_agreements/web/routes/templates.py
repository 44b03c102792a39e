"""Maler: the installed Word templates with what they can print, and what is wrong with one of somebody's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from types import GenericAlias
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.documents.context import AgreementContext
from ksf_agreements.documents.installed import InstalledTemplate, installed_templates
from ksf_agreements.documents.language import field_types
from ksf_agreements.documents.letters import LETTERS, TEMPLATE_PREFIX, context_of
from ksf_agreements.documents.template import read_file
from ksf_agreements.errors import KsfError
from ksf_agreements.services.documents.template_check import check_template
from ksf_agreements.text import T, Text
from ksf_agreements.web.asked import file_of, read_upload
from ksf_agreements.web.downloads import DOCX, download
from ksf_agreements.web.visit import Visit, endpoint

FILE = "fil"
_TITLES = {
    "ksf-klyngeavtale": T("the agreement"),
    "ksf-samleark": T("cover sheet of collected signatures"),
    "ksf-vedleggsoversikt": T("list of annexes"),
    "ksf-historikk": T("history of an agreement"),
}
_LANGUAGES = {"nb": T("bokmål"), "nn": T("nynorsk")}


@dataclass(frozen=True, slots=True)
class Row:
    """An installed template in one language. `is_translated` tells that the project has translated KS's text."""

    file: str
    language: str
    version: str
    source: str
    is_translated: bool
    is_readable: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """A template with its languages, and the fields that it can print."""

    name: str
    title: str
    rows: tuple[Row, ...]
    fields: tuple[str, ...]


def show(visit: Visit) -> Response:
    """Show the installed templates."""
    return _page(visit)


def _page(visit: Visit, code: int = 200, refusal: str = "") -> Response:
    kinds: dict[str, list[InstalledTemplate]] = {}
    for one in installed_templates(visit.app.templates):
        kinds.setdefault(one.info.name or one.path.stem, []).append(one)
    shown = tuple(
        Kind(name, _title(visit, name), tuple(_row(visit, one) for one in found), tuple(_fields(context_of(name), "")))
        for name, found in kinds.items()
    )
    return visit.page("templates.html", code, kinds=sorted(shown, key=_agreement_first), refusal=refusal)


def _agreement_first(kind: Kind) -> tuple[bool, str]:
    return context_of(kind.name) is not AgreementContext, kind.title


def _title(visit: Visit, name: str) -> str:
    letter = LETTERS.get(name.removeprefix(TEMPLATE_PREFIX))
    words: Text | None = _TITLES.get(name) or (letter.title if letter else None)
    text = visit.say(words) if words else name
    return text[:1].upper() + text[1:]


def _row(visit: Visit, one: InstalledTemplate) -> Row:
    info = one.info
    words = _LANGUAGES.get(info.language)
    # A property of the template says so: 'eiga omsetjing av malen frå KS'.
    translated = "omset" in info.source or "oversett" in info.source
    language = visit.say(words) if words else info.language
    return Row(one.path.stem, language, info.version, info.source, translated, one.is_readable)


def _fields(model: Any, prefix: str) -> Iterator[str]:
    """Yield the fields that a template can print, as it writes them; of a list, those of each in it."""
    if not is_dataclass(model):
        return
    assert isinstance(model, type)  # noqa: S101 (a class of ours)
    kinds = field_types(model)
    for one in fields(model):
        kind = kinds[one.name]
        inner = kind.__args__[0] if isinstance(kind, GenericAlias) else kind
        path = f"{prefix}{one.name}"
        if is_dataclass(inner):
            yield from _fields(inner, f"{path}[]." if isinstance(kind, GenericAlias) else f"{path}.")
        else:
            yield path


def original(visit: Visit) -> Response:
    """Return an installed template."""
    for one in installed_templates(visit.app.templates):
        if one.path.stem == visit.path["name"]:
            return download(read_file(one.path), one.path.name, DOCX)
    raise HTTPException(404)


def check(visit: Visit) -> Response:
    """Look over a template that was sent; it is not kept."""
    upload = file_of(visit, FILE)
    if upload is None:
        return _page(visit, 422, visit.say(T("Choose a Word template first.")))
    try:
        found = check_template(read_upload(upload), visit.say.language)
    except KsfError as fault:
        return _page(visit, 422, visit.say(fault.message))
    errors = sum(one.is_error for one in found.faults)
    return visit.page(
        "template_checked.html",
        file=upload.filename or "",
        found=found,
        title=_title(visit, found.name) if found.name else "",
        errors=errors,
        warnings=len(found.faults) - errors,
    )


ROUTES = (
    Route("/maler", endpoint(show)),
    Route("/maler/sjekk", endpoint(check), methods=["POST"]),
    Route("/maler/{name}.docx", endpoint(original)),
)
