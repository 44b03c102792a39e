"""The JSON Schema: what editors complete and check agrees with what ``ksf check`` accepts, as far as a schema can."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.domain.schema import Json, cluster_schema
from ksf_agreements.i18n import LANGUAGES, translator
from tests.conftest import ROOT

CLUSTERS = ROOT / "clusters"


class EditorLoader(yaml.SafeLoader):
    """Reads YAML 1.2 (core schema) as an editor does: dates are text, `no` is text, 0301 is a number."""


EditorLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    EditorLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def as_an_editor_reads(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=EditorLoader)  # noqa: S506 (a safe loader's child)


def schema(language: str = "nb") -> Json:
    return cluster_schema(KSF_CLUSTER, translator(language))


def nodes(node: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Yield every field of a schema with its path, without list indexes."""
    for name, inner in node.get("properties", {}).items():
        yield (*path, name), inner
        yield from nodes(inner, (*path, name))
    if isinstance(node.get("items"), dict):
        yield from nodes(node["items"], path)


def problems(value: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schema()).iter_errors(value)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_schema_is_one(language: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(language))


@pytest.mark.parametrize("path", sorted(CLUSTERS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_sample_cluster_is_valid(path: Path) -> None:
    assert problems(as_an_editor_reads(path)) == []
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=cluster.schema.json\n")


def test_every_field_has_the_name_the_help_and_the_clause_of_its_guide() -> None:
    found = dict(nodes(schema("en")))
    assert set(found) == set(KSF_CLUSTER.guides)
    for path, guide in KSF_CLUSTER.guides.items():
        assert found[path]["title"] == str(guide.label)
        described = found[path].get("description", "")
        assert (str(guide.help) in described) if guide.help else True
        assert (f"Clause {guide.clause} of the agreement." in described) is bool(guide.clause)


def test_no_field_takes_unknown_keys() -> None:
    groups = [node for _, node in nodes(schema()) if node.get("type") == "object"]
    groups += [node["items"] for _, node in nodes(schema()) if node.get("items", {}).get("type") == "object"]
    assert len(groups) == 8
    assert all(group["additionalProperties"] is False for group in (*groups, schema()))


def test_what_a_document_needs_is_required_at_every_level() -> None:
    made = schema()
    names = {path[0] for path in KSF_CLUSTER.required_fields()}
    assert set(made["required"]) == {"agreement", *names}
    assert made["properties"]["resources"]["required"] == ["cluster_leader"]
    assert made["properties"]["members"]["items"]["required"] == ["municipality"]
    assert made["properties"]["cluster_leader"]["required"] == ["name"]


@pytest.mark.parametrize("name", [path[0] for path in KSF_CLUSTER.required_fields()])
def test_a_cluster_without_a_required_field_is_not_valid(name: str) -> None:
    value = as_an_editor_reads(CLUSTERS / "helse-omsorg-vest.yaml")
    del value[name]
    assert problems(value) == [f"'{name}' is a required property"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("regoin", "vest"),
        ("agreement", "universitet"),
        ("language", "no"),
        ("motor_municipality", "Bergen"),
        ("members", {}),
        ("focus_areas", "velferdsteknologi"),
        ("contributions_required", "kanskje"),
        ("valid_until", 2029),
        ("annexes", {"action_plan": "plan.txt"}),
        ("cluster_leader", {"name": "Lise Leder", "email": "lise"}),
        ("name", ""),
    ],
)
def test_what_check_refuses_an_editor_marks(name: str, value: object) -> None:
    cluster = as_an_editor_reads(CLUSTERS / "helse-omsorg-vest.yaml")
    assert problems({**cluster, name: value})
