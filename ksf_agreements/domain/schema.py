"""The JSON Schema of a cluster file, with names and guidance in the reader's language, for editors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ksf_agreements.domain.agreement import AgreementKind, FieldGuide
from ksf_agreements.domain.kinds import KINDS
from ksf_agreements.text import T, Text

Json: TypeAlias = dict[str, Any]


def cluster_schema(kind: AgreementKind, say: Callable[[Text], str]) -> Json:
    """Return the JSON Schema (draft 2020-12) of the cluster files of ``kind``.

    It helps while one writes; `ksf check` is what decides.
    """
    raw = kind.model.model_json_schema(mode="validation")
    schema = _inlined(raw, raw.get("$defs", {}))
    _explain(schema, (), kind.guides, say)
    schema["properties"]["agreement"]["enum"] = list(KINDS)
    _require(schema, kind)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": say(kind.title),
        "description": say(T("A cluster file of ksf-agreements.")),
        **{key: value for key, value in schema.items() if key not in {"title", "description", "$defs"}},
    }


def _inlined(node: Any, definitions: Mapping[str, Json]) -> Any:
    """Return a schema without references, titles and 'or null': an empty value is as good as none."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    options = [option for option in node.get("anyOf", []) if option.get("type") != "null"]
    if len(options) == 1:
        return _inlined(options[0], definitions)
    dropped = {"title", "description", "default", "$defs"}
    return {
        key: {name: _inlined(inner, definitions) for name, inner in value.items()}
        if key == "properties"
        else _inlined(value, definitions)
        for key, value in node.items()
        if key not in dropped
    }


def _explain(
    node: Json, path: tuple[str, ...], guides: Mapping[tuple[str, ...], FieldGuide], say: Callable[[Text], str]
) -> None:
    guide = guides.get(path)
    if guide is not None:
        node["title"] = say(guide.label)
        clause = say(T("Clause {clause} of the agreement.", clause=guide.clause)) if guide.clause else ""
        if words := " ".join(part for part in (say(guide.help) if guide.help else "", clause) if part):
            node["description"] = words
        if guide.example:
            node["examples"] = [guide.example.strip('"')]
    for name, inner in node.get("properties", {}).items():
        _explain(inner, (*path, name), guides, say)
    items = node.get("items")
    if isinstance(items, dict):
        for name, inner in items.get("properties", {}).items():
            _explain(inner, (*path, name), guides, say)


def _require(schema: Json, kind: AgreementKind) -> None:
    for path in kind.required_fields():
        node = schema
        for name in path:  # a group that holds a required field is required too
            node["required"] = sorted({*node.get("required", []), name})
            node = node["properties"][name]
