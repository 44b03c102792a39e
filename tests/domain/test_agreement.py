"""Kinds of agreement and the model: every field has its guide, every guide its field, and values never change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from pydantic import BaseModel, ValidationError

from ksf_agreements.domain.agreement import AgreementKind, DocumentType, Role
from ksf_agreements.domain.cluster import Annexes, Cluster, Language, Member, Region
from ksf_agreements.domain.kinds import KINDS
from ksf_agreements.domain.ksf_cluster import REGION_GUIDES
from ksf_agreements.loading.faults import model_within
from tests.factories import cluster, clusters

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


def fields(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every field, and of the fields of the groups within."""
    for name, field in model.model_fields.items():
        yield (*above, name)
        inner = model_within(field.annotation)
        if inner is not None:
            yield from fields(inner, (*above, name))


@every_kind
def test_every_field_has_a_guide_and_every_guide_a_field(kind: AgreementKind) -> None:
    assert set(kind.guides) == set(fields(kind.model))


def test_every_field_of_a_region_has_a_guide_and_every_guide_a_field() -> None:
    assert set(REGION_GUIDES) == set(Region.model_fields)


@every_kind
def test_labels_are_short_and_none_has_two_meanings_in_one_group(kind: AgreementKind) -> None:
    for path, guide in kind.guides.items():
        assert 0 < len(str(guide.label)) < 60
        beside = [other for where, other in kind.guides.items() if where[:-1] == path[:-1]]
        assert [str(one.label) for one in beside].count(str(guide.label)) == 1


@every_kind
def test_a_required_field_may_be_absent_in_a_draft_and_says_how_to_write_it(kind: AgreementKind) -> None:
    required = kind.required_fields()
    assert ("valid_until",) in required
    empty: Any = kind.model(agreement=kind.id)
    for path in required:
        value = empty
        for name in path:
            value = getattr(value, name)
        assert value in (None, ())


@every_kind
def test_an_example_is_a_value_that_the_field_takes(kind: AgreementKind) -> None:
    for path, guide in kind.guides.items():
        if not guide.example or path == ("agreement",):
            continue
        value: Any = guide.example.strip('"')
        above: Any = {"agreement": kind.id}
        for name in reversed(path):
            value = {name: value}
            if name == "foui_contacts":
                value = {"foui_contacts": ({"name": "x", **value["foui_contacts"]},)}
            elif name == "members":
                value = {"members": ({"municipality": "4601", **value["members"]},)}
            elif name == "cluster_leader" and isinstance(value[name], dict):
                value = {"cluster_leader": {"name": "x", **value["cluster_leader"]}}
        kind.model.model_validate({**above, **value})


@every_kind
def test_a_kind_has_words_and_templates_for_every_role_language_and_document(kind: AgreementKind) -> None:
    assert KINDS[kind.id] is kind
    assert set(kind.role_words) == set(Language)
    assert all(set(words) == set(Role) for words in kind.role_words.values())
    assert set(kind.templates) == set(DocumentType)
    assert len(set(kind.templates.values())) == len(kind.templates)


def test_the_terms_of_the_ksf_cluster_agreement_are_ks_s() -> None:
    kind = KINDS["ksf-cluster"]
    assert (kind.notice_months, kind.recommended_years, kind.minimum_parties) == (12, 3, 2)
    assert kind.term_clause == "12"


def test_the_guide_of_a_field_in_a_list_is_found_and_else_that_of_the_group() -> None:
    kind = KINDS["ksf-cluster"]
    assert kind.guide(("members", 3, "municipality")) is kind.guides["members", "municipality"]
    assert kind.guide(("members", 3, "foui_contacts", 0, "email")) is kind.guides["members", "foui_contacts", "email"]
    assert kind.guide(("members", 3, "nonsense")) is kind.guides[("members",)]
    assert kind.guide(("nonsense",)) is None
    assert kind.guide(()) is None


def test_a_cluster_is_frozen_all_the_way_down() -> None:
    made = cluster()
    with pytest.raises(ValidationError):
        made.name = "another"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        made.members[0].municipality = "0301"  # type: ignore[misc]
    assert isinstance(made.members, tuple)
    assert hash(made)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": 7},
        {"members": [Member(municipality="4601")]},
        {"language": "norsk"},
        {"contributions_required": "yes"},
        {"valid_until": 20291231},
        {"unknown": "x"},
    ],
)
def test_the_model_is_strict(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Cluster.model_validate({"agreement": "ksf-cluster", **changes})


@given(clusters())
def test_the_motor_municipality_is_printed_first_and_the_others_keep_their_order(some: Cluster) -> None:
    parties = some.parties()
    assert parties[0].municipality == some.motor_municipality
    assert [one for one in some.members if one != parties[0]] == list(parties[1:])
    assert sorted(map(hash, parties)) == sorted(map(hash, some.members))


def test_without_a_motor_municipality_the_order_is_the_file_s() -> None:
    made = cluster(motor_municipality=None, members=("4631", "4601"))
    assert made.parties() == made.members


def test_the_annexes_that_are_named_are_listed_with_their_fields() -> None:
    made = cluster(annexes=Annexes(mandate="annexes/m.pdf"))
    assert made.files() == (("mandate", "annexes/m.pdf"),)


@pytest.mark.parametrize("name", ["KSF Vest", "ksf vest", " KSF-Vest", "KSF", "Ksf: Vest"])
def test_a_region_s_name_does_not_say_ksf_which_the_document_does(name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Region(name=name, host_municipality="4601")
    assert str(caught.value.errors()[0]["ctx"]["error"].mend).casefold() == "write only the name: 'vest'."


def test_a_date_may_be_given_as_a_date() -> None:
    assert cluster(valid_until=date(2031, 1, 1)).valid_until == date(2031, 1, 1)
