"""From pydantic's errors to problems: the right words for each, and nothing hidden behind the first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ksf_agreements.domain.cluster import Cluster, Member, Person
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.errors import FieldPath, Problem
from ksf_agreements.loading.cluster_file import ClusterFile, read_cluster
from ksf_agreements.loading.faults import fields_at, model_within, nearest_key, problems_of
from ksf_agreements.loading.models import PROBLEMS_LIMIT, read_model
from tests.factories import cluster, cluster_text

WHOLE = {"agreement": "ksf-cluster", "members": ({"municipality": "4601"}, {"municipality": "4631"})}


def read(**changes: Any) -> tuple[Problem, ...]:
    return read_model({**WHOLE, **changes}, Cluster, KSF_CLUSTER.guide).problems


def the(**changes: Any) -> Problem:
    (found,) = read(**changes)
    return found


def reading(path: Path, text: str) -> ClusterFile:
    path.write_text(text, encoding="utf-8")
    return read_cluster(path, "a.yaml")


@pytest.mark.parametrize(
    ("changes", "code", "path", "said", "mend"),
    [
        ({"regoin": "vest"}, "unknown-key", ("regoin",), "the key 'regoin'", "Did you mean 'region'?"),
        ({"REGION": "vest"}, "unknown-key", ("REGION",), "the key 'REGION'", "Did you mean 'region'?"),
        ({"xyzzy": "x"}, "unknown-key", ("xyzzy",), "the key 'xyzzy'", "choose one of: agreement, name, region"),
        ({"resources": {"leader": "x"}}, "unknown-key", ("resources", "leader"), "'leader'", "cluster_leader"),
        ({"name": ("a",)}, "not-text", ("name",), "must be a text", "one text"),
        ({"focus_areas": "a"}, "not-a-list", ("focus_areas",), "'focus_areas' must be a list", "'- '"),
        ({"members": {}}, "not-a-list", ("members",), "'members' must be a list", "'- '"),
        ({"resources": "x"}, "not-a-group", ("resources",), "'resources' must be a group", "indented"),
        ({"members": ("4601",)}, "not-a-group", ("members", 0), "'members[1]' must be a group", "indented"),
        ({"cluster_leader": {}}, "missing", ("cluster_leader", "name"), "'name' is missing", "Add it: name: ..."),
        ({"members": ({},)}, "missing", ("members", 0, "municipality"), "'municipality'", 'municipality: "4601"'),
        ({"language": "nynorsk"}, "not-a-choice", ("language",), "'nynorsk' is not allowed", "one of: nb, nn"),
        ({"accession": "motr"}, "not-a-choice", ("accession",), "'motr'", "Did you mean 'motor'?"),
        ({"accession": ("a",)}, "not-a-choice", ("accession",), "'...' is not allowed", "one of: all, motor"),
        ({"focus_areas": ("x",) * 101}, "too-many", ("focus_areas",), "at most 100", ""),
        ({"valid_until": "0"}, "not-a-date", ("valid_until",), "'0' is not a date", "year-month-day"),
    ],
)
def test_a_fault_is_told_with_its_place_and_its_mend(
    changes: dict[str, Any], code: str, path: FieldPath, said: str, mend: str
) -> None:
    found = the(**changes)
    assert (found.code, found.path) == (code, path)
    assert said in str(found.message)
    assert mend in str(found.mend or "")


def test_a_fault_has_the_name_and_the_clause_of_its_field_but_an_unknown_key_has_no_name() -> None:
    found = the(valid_until="0")
    assert (str(found.label), found.clause) == ("Valid until", "12")
    assert the(regoin="x").label is None


def test_what_a_misspelt_key_was_meant_to_be_is_not_missing_too() -> None:
    assert [one.code for one in read(members=({"munisipality": "4601"},))] == ["unknown-key"]
    assert [one.code for one in read(cluster_leader={"nam": "x"})] == ["unknown-key"]


def test_a_long_value_and_a_long_key_are_quoted_by_their_beginnings() -> None:
    for found in (the(language="n" * 5000), the(**{"k" * 5000: "x"}), the(valid_until="9" * 5000)):
        assert len(str(found.message)) < 200


def test_the_fields_of_every_group_are_known() -> None:
    assert fields_at(Cluster, ()) == list(Cluster.model_fields)
    assert fields_at(Cluster, ("members", 3)) == list(Member.model_fields)
    assert fields_at(Cluster, ("members", 3, "foui_contacts", 0)) == list(Person.model_fields)
    assert fields_at(Cluster, ("nonsense",)) == []
    assert model_within(str) is None
    assert nearest_key(("members", 0, "e-mail"), Cluster) == ""
    assert nearest_key(("cluster_leader", "e-mail"), Cluster) == "email"


def test_an_error_that_nobody_foresaw_has_words_all_the_same() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python("x")
    (found,) = problems_of([{**caught.value.errors()[0], "loc": ("name",)}], Cluster, KSF_CLUSTER.guide)
    assert (found.code, str(found.message)) == ("not-valid", "'name' has a value that is not allowed")


def test_what_can_be_read_of_a_faulty_file_is_kept_for_the_checks() -> None:
    read_ = read_model(
        {
            **WHOLE,
            "name": "  ",
            "region": "vest",
            "valid_until": "x",
            "members": ({"municipality": "Bergen"}, "4631", {"municipality": "4627", "approval_body": "x"}),
            "cluster_leader": {"title": "klyngeleder"},
            "focus_areas": ("a", "", "c"),
            "nonsense": "x",
        },
        Cluster,
        KSF_CLUSTER.guide,
    )
    rest = read_.rest
    assert rest is not None
    assert read_.model is None
    assert (rest.region, rest.name, rest.valid_until) == ("vest", None, None)
    assert [one.municipality for one in rest.members][2] == "4627"
    assert len(rest.focus_areas) == len(rest.members) == 3
    assert {path[0] for path in read_.faulty} == {
        "name",
        "valid_until",
        "members",
        "cluster_leader",
        "focus_areas",
        "nonsense",
    }


def test_a_stand_in_is_no_municipality_and_never_the_same_twice() -> None:
    read_ = read_model({**WHOLE, "members": ({}, {}, {})}, Cluster, KSF_CLUSTER.guide)
    assert read_.rest is not None
    numbers = [one.municipality for one in read_.rest.members]
    assert len(set(numbers)) == 3
    assert all(number.startswith("00") for number in numbers)


def test_a_whole_file_is_read_as_it_stands(tmp_path: Path) -> None:
    made = cluster()
    file = reading(tmp_path / "a.yaml", cluster_text(made))
    assert (file.cluster, file.problems, file.faulty) == (made, (), frozenset())


def test_a_file_with_a_fault_has_no_cluster(tmp_path: Path) -> None:
    for changes in ({"name": ""}, {"regoin": "x"}, {"agreement": "x"}, {"members": {}}):
        file = reading(tmp_path / "a.yaml", cluster_text(cluster(), **changes))
        assert file.cluster is None
        assert any(one.is_error for one in file.problems)


def test_the_problems_of_a_file_stand_in_the_order_of_its_lines(tmp_path: Path) -> None:
    file = reading(tmp_path / "a.yaml", "x: 1\nagreement: ksf-cluster\nvalid_until: 0\ny: 2\nname: ''\nx: 2\n")
    assert [one.line for one in file.problems] == [1, 3, 4, 5, 6]


def test_a_file_with_very_many_problems_tells_the_first_of_them(tmp_path: Path) -> None:
    file = reading(tmp_path / "a.yaml", "".join(f"key{number}: x\n" for number in range(5000)))
    assert len(file.problems) == PROBLEMS_LIMIT + 1
    twice = reading(tmp_path / "a.yaml", "name: x\n" * 5000)
    assert len(twice.problems) == PROBLEMS_LIMIT + 1
    assert twice.problems[-1].code == "more-problems"
    assert twice.problems[-1].line == PROBLEMS_LIMIT + 1


NAMES = st.sampled_from(sorted({name for path in KSF_CLUSTER.guides for name in path} | {"x", ""}))
WORDS = st.sampled_from(["4601", "2030-12-31", "ja", "nb", "ksf-cluster"])
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, ANYTHING, max_size=8))
@settings(max_examples=100)
def test_any_tree_is_a_cluster_or_has_problems_and_what_is_read_of_it_fits(tree: dict[str, Any]) -> None:
    read_ = read_model(tree, Cluster, KSF_CLUSTER.guide)
    assert (read_.model is None) == bool(read_.problems)
    for problem in read_.problems:
        assert str(problem.message)
    if read_.model is not None:
        assert read_.rest == read_.model
    assert read_.rest is None or isinstance(read_.rest, Cluster)


@pytest.mark.parametrize("value", ["text", ("list",), None])
def test_what_is_no_group_at_all_is_told(value: Any) -> None:
    found = read_model(value, Person, KSF_CLUSTER.guide, ("vest",))
    assert [(one.code, one.path) for one in found.problems] == [("not-a-group", ("vest",))]
    assert found.rest is None
