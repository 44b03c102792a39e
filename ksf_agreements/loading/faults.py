"""From pydantic's errors to problems: every kind of error has its row, with the sentence and the mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

from pydantic import BaseModel

from ksf_agreements.domain.agreement import FieldGuide
from ksf_agreements.domain.values import Fault, cited
from ksf_agreements.errors import FieldPath, Problem
from ksf_agreements.text import T, Text

Guide: TypeAlias = Callable[[FieldPath], FieldGuide | None]
Row: TypeAlias = Callable[[str, Mapping[str, Any], object], tuple[str, Text, Text | None]]


def problems_of(
    errors: Iterable[Mapping[str, Any]], model: type[BaseModel], guide: Guide, below: FieldPath = ()
) -> Iterator[Problem]:
    """Yield a `Problem` for each of pydantic's errors; ``guide`` gives a field's name and clause.

    ``below`` is the path at which the model stands in the file.
    """
    for error in errors:
        inside: FieldPath = tuple(error["loc"])
        path = (*below, *inside)
        context = error.get("ctx", {})
        known = guide(inside)
        if error["type"] == "extra_forbidden":
            code, message, mend = _unknown_key(inside, model)
        elif error["type"] == "missing":
            code, message, mend = _missing(_name(path), known)
        elif isinstance(found := context.get("error"), Fault):
            code, message, mend = found.code, found.message, found.mend
        else:
            row = _ROWS.get(error["type"], _other)
            code, message, mend = row(_name(path), context, error["input"])
        yield Problem(
            code,
            message,
            mend,
            path=path,
            clause=known.clause if known else "",
            label=known.label if known and error["type"] != "extra_forbidden" else None,
        )


def _name(path: FieldPath) -> str:
    """Return what a message calls a field: its key, and its number where it is one of a list: 'members[2]'."""
    numbers = ""
    for part in reversed(path):
        if isinstance(part, str):
            return f"{cited(part)}{numbers}"
        numbers = f"[{part + 1}]{numbers}"
    return numbers


def _unknown_key(path: FieldPath, model: type[BaseModel]) -> tuple[str, Text, Text | None]:
    near = nearest_key(path, model)
    mend = (
        T("Did you mean '{name}'?", name=near)
        if near
        else T("Remove it, or choose one of: {names}", names=tuple(fields_at(model, path[:-1])))
    )
    return "unknown-key", T("the key '{key}' is not known here", key=cited(str(path[-1]))), mend


def nearest_key(path: FieldPath, model: type[BaseModel]) -> str:
    """Return the field that an unknown key at ``path`` was probably meant to be, or ''."""
    near = get_close_matches(str(path[-1]).casefold(), fields_at(model, path[:-1]), 1, 0.6)
    return near[0] if near else ""


def fields_at(model: type[BaseModel], path: FieldPath) -> list[str]:
    """Return the field names of the model that stands at ``path`` below ``model``."""
    for name in path:
        if isinstance(name, str):
            inner = model_within(model.model_fields[name].annotation) if name in model.model_fields else None
            if inner is None:
                return []
            model = inner
    return list(model.model_fields)


def model_within(annotation: object) -> type[BaseModel] | None:
    """Return the model inside an annotation such as ``Person | None`` or ``tuple[Member, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if (found := model_within(part)) is not None:
            return found
    return None


def _missing(name: str, guide: FieldGuide | None) -> tuple[str, Text, Text | None]:
    example = f"{name}: {(guide.example if guide else '') or '...'}"
    return "missing", T("'{field}' is missing", field=name), T("Add it: {example}", example=example)


def _choice(name: str, context: Mapping[str, Any], value: object) -> tuple[str, Text, Text | None]:
    allowed = [word.strip("' ") for part in str(context.get("expected", "")).split(" or ") for word in part.split(",")]
    near = get_close_matches(str(value).casefold(), allowed, 1, 0.6)
    mend = T("Did you mean '{name}'?", name=near[0]) if near else T("Write one of: {names}", names=tuple(allowed))
    shown = cited(value) if isinstance(value, str) else "..."
    return "not-a-choice", T("'{value}' is not allowed for '{field}'", value=shown, field=name), mend


def _list(name: str, *_: object) -> tuple[str, Text, Text | None]:
    return (
        "not-a-list",
        T("'{field}' must be a list", field=name),
        T("Write each on a line of its own that begins with '- '."),
    )


def _group(name: str, *_: object) -> tuple[str, Text, Text | None]:
    return (
        "not-a-group",
        T("'{field}' must be a group of 'key: value' lines", field=name),
        T("Write the keys on lines of their own, indented below it."),
    )


def _too_many(name: str, context: Mapping[str, Any], _: object) -> tuple[str, Text, Text | None]:
    limit = int(context.get("max_length", 0))
    return "too-many", T("'{field}' has too many entries (at most {limit})", field=name, limit=limit), None


def _other(name: str, *_: object) -> tuple[str, Text, Text | None]:
    return "not-valid", T("'{field}' has a value that is not allowed", field=name), None


_ROWS: Mapping[str, Row] = {
    "enum": _choice,
    "literal_error": _choice,
    "tuple_type": _list,
    "model_type": _group,
    "model_attributes_type": _group,
    "too_long": _too_many,
}
