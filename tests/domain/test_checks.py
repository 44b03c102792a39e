"""Each rule alone: what keeps it, what breaks it, and that the problem names field, clause and mend."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given

from ksf_agreements.domain.checks import CHECKS, Purpose, check, municipality_problem
from ksf_agreements.domain.cluster import (
    Annexes,
    ApprovalBody,
    Cluster,
    Language,
    LocalText,
    Region,
    Resources,
    Signatory,
)
from ksf_agreements.errors import Problem, Severity
from tests.factories import REGIONS, TODAY, cluster, clusters, member, register, surroundings

HEROY_TWICE = ("1515", "1818")


def problems(given_cluster: Cluster, **around: Any) -> list[Problem]:
    return list(check(given_cluster, surroundings(**around)))


def codes(given_cluster: Cluster, **around: Any) -> list[str]:
    return [problem.code for problem in problems(given_cluster, **around)]


def only(code: str, given_cluster: Cluster, **around: Any) -> Problem:
    """Return the one problem of that code; there may be others."""
    (found,) = [problem for problem in problems(given_cluster, **around) if problem.code == code]
    return found


def bare(**changes: Any) -> Cluster:
    return Cluster(agreement="ksf-cluster", **changes)


def test_a_whole_cluster_has_no_problem_for_any_purpose() -> None:
    for purpose in Purpose:
        assert codes(cluster(), purpose=purpose) == []


@given(clusters(gaps=True))
def test_every_problem_of_any_cluster_has_a_label_a_mend_and_a_known_field(some: Cluster) -> None:
    for purpose in Purpose:
        for problem in problems(some, purpose=purpose):
            assert problem.label is not None
            assert problem.mend is not None
            assert problem.path[0] in Cluster.model_fields
            assert str(problem.message)
            assert str(problem.mend)


@given(clusters())
def test_a_valid_cluster_has_no_error_as_a_draft(some: Cluster) -> None:
    assert [problem.code for problem in problems(some) if problem.is_error] == []


def test_errors_come_before_warnings() -> None:
    found = problems(bare())
    assert found == sorted(found, key=lambda problem: not problem.is_error)
    assert {problem.is_error for problem in found} == {True, False}


def test_every_gap_is_an_error_with_its_clause_and_a_warning_in_a_draft_with_gaps() -> None:
    clauses = {
        "name": "1",
        "region": "6",
        "motor_municipality": "2",
        "members": "2",
        "decision_authority": "6",
        "valid_until": "12",
        "resources.cluster_leader": "7",
    }
    for purpose, severity in {
        Purpose.DRAFT: Severity.ERROR,
        Purpose.ISSUE: Severity.ERROR,
        Purpose.GAPPY_DRAFT: Severity.WARNING,
    }.items():
        gaps = [problem for problem in problems(bare(), purpose=purpose) if problem.code == "missing"]
        assert {".".join(map(str, gap.path)): gap.clause for gap in gaps} == clauses
        assert {gap.severity for gap in gaps} == {severity}


def test_a_draft_with_gaps_has_no_errors_at_all() -> None:
    assert not any(problem.is_error for problem in problems(bare(), purpose=Purpose.GAPPY_DRAFT))


def test_the_resources_of_the_cluster_leader_are_required() -> None:
    found = only("missing", cluster(resources=Resources(foui_contact="10 prosent")))
    assert (found.path, found.clause) == (("resources", "cluster_leader"), "7")
    assert "below 'resources'" in str(found.mend)


def test_the_motor_municipality_is_one_of_the_members() -> None:
    found = only("motor-not-member", cluster(motor_municipality="1103"))
    assert (found.path, found.clause, found.is_error) == (("motor_municipality",), "2", True)
    assert "4601, 4631" in str(found.mend)


def test_without_members_or_motor_municipality_nobody_is_said_to_be_missing_among_them() -> None:
    assert "motor-not-member" not in codes(bare(motor_municipality="4601"))
    assert "motor-not-member" not in codes(cluster(motor_municipality=None))


def test_a_municipality_is_a_member_once() -> None:
    found = only("member-twice", cluster(members=("4601", "4631", "4601")))
    assert (found.path, found.clause, found.is_error) == (("members", 2, "municipality"), "2", True)
    assert "(members 1 and 3)" in str(found.message)


def test_a_member_that_stands_three_times_is_told_twice() -> None:
    assert codes(cluster(members=("4601", "4631", "4631", "4631"))).count("member-twice") == 2


def test_two_municipalities_of_one_name_are_two_members() -> None:
    assert codes(cluster(members=HEROY_TWICE, motor_municipality="1515")) == []


@pytest.mark.parametrize(
    ("members", "is_told"), [(("4601",), True), (("4601", "4601"), True), (("4601", "4631"), False)]
)
def test_an_agreement_has_two_parties(members: tuple[str, ...], is_told: bool) -> None:
    assert ("too-few-members" in codes(cluster(members=members))) is is_told


def test_one_party_is_enough_for_a_draft_with_gaps() -> None:
    found = only("too-few-members", cluster(members=("4601",)), purpose=Purpose.GAPPY_DRAFT)
    assert (found.severity, found.path, found.clause) == (Severity.WARNING, ("members",), "2")


def test_an_unknown_number_suggests_a_near_one() -> None:
    found = only("unknown-municipality", cluster(members=("4601", "4652")))
    assert (found.path, found.clause, found.is_error) == (("members", 1, "municipality"), "2", True)
    assert "4650 Gloppen" in str(found.mend)


def test_a_number_that_is_near_none_says_how_to_find_it() -> None:
    found = only("unknown-municipality", cluster(members=("4601", "9999")))
    assert "ksf municipalities" in str(found.mend)


def test_an_ended_number_names_its_successor() -> None:
    found = only("municipality-not-valid", cluster(members=("1201", "4631"), motor_municipality="1201"))
    assert "1201 Bergen does not exist on 2026-03-02" in str(found.message)
    assert str(found.mend) == "It is now 4601 Bergen."
    assert found.path == ("members", 0, "municipality")


def test_a_divided_municipality_names_all_its_successors() -> None:
    found = only("municipality-not-valid", cluster(members=("4601", "1507")))
    assert "1508 Ålesund" in str(found.mend)
    assert "1580 Haram" in str(found.mend)


@pytest.mark.parametrize(("day", "is_told"), [(date(2019, 12, 31), True), (date(2020, 1, 1), False)])
def test_a_municipality_is_looked_up_on_the_day_of_the_check(day: date, is_told: bool) -> None:
    assert (municipality_problem("4601", (), register(), day) is not None) is is_told


def test_a_motor_municipality_that_is_unknown_is_told_once() -> None:
    assert codes(cluster(motor_municipality="9999")).count("unknown-municipality") == 1
    assert codes(cluster(members=("9999", "4631"), motor_municipality="9999")).count("unknown-municipality") == 1


@pytest.mark.parametrize("region", ["vset", "Vest", "VEST", "vst"])
def test_an_unknown_region_suggests_the_nearest(region: str) -> None:
    found = only("unknown-region", cluster(region=region))
    assert (found.path, found.clause, found.is_error) == (("region",), "6", True)
    assert str(found.mend) == "Did you mean 'vest'?"


def test_a_region_that_is_near_none_shall_be_added() -> None:
    assert str(only("unknown-region", cluster(region="x")).mend) == "Add the region to regions.yaml."


def test_a_region_with_an_error_of_its_own_is_not_called_unknown() -> None:
    found = only("region-broken", cluster(), is_region_broken=True)
    assert (found.path, found.clause, found.is_error) == (("region",), "6", True)
    assert "unknown-region" not in codes(cluster(), is_region_broken=True)
    assert codes(cluster(region=None), is_region_broken=True) == ["missing"]


def test_an_annex_that_is_named_is_there() -> None:
    named = cluster(annexes=Annexes(action_plan="annexes/a.pdf", mandate="annexes/b.pdf"))
    found = only("annex-missing", named, missing_files=frozenset({"annexes/b.pdf"}))
    assert (found.path, found.clause, found.is_error) == (("annexes", "mandate"), "4", True)


@pytest.mark.parametrize(("days", "is_told"), [(-1, True), (0, True), (1, False)])
def test_the_last_day_is_after_the_day_of_issue(days: int, is_told: bool) -> None:
    ends = cluster(valid_until=TODAY + timedelta(days))
    found = [problem for problem in problems(ends, purpose=Purpose.ISSUE) if problem.code == "ends-before-issue"]
    assert [(problem.is_error, problem.path, problem.clause) for problem in found] == (
        [(True, ("valid_until",), "12")] if is_told else []
    )


@pytest.mark.parametrize("purpose", [Purpose.DRAFT, Purpose.GAPPY_DRAFT])
def test_a_draft_of_what_is_over_is_only_warned(purpose: Purpose) -> None:
    assert only("ends-before-issue", cluster(valid_until=TODAY), purpose=purpose).severity is Severity.WARNING


@pytest.mark.parametrize(
    ("today", "last", "is_told"),
    [
        (date(2026, 3, 2), date(2029, 3, 1), True),
        (date(2026, 3, 2), date(2029, 3, 2), False),
        (date(2024, 2, 29), date(2027, 2, 27), True),
        (date(2024, 2, 29), date(2027, 2, 28), False),
    ],
)
def test_a_term_under_three_years_is_warned_of(today: date, last: date, is_told: bool) -> None:
    assert ("short-term" in codes(cluster(valid_until=last), today=today)) is is_told


def test_a_short_term_names_its_clause_and_a_term_that_is_over_is_not_called_short() -> None:
    found = only("short-term", cluster(valid_until=TODAY + timedelta(30)))
    assert (found.severity, found.path, found.clause) == (Severity.WARNING, ("valid_until",), "12")
    assert "short-term" not in codes(cluster(valid_until=TODAY))


def test_a_member_without_a_foui_contact_is_warned_of() -> None:
    found = only("no-foui-contact", cluster(members=("4601", member("4631", foui_contacts=()))))
    assert (found.severity, found.path, found.clause) == (Severity.WARNING, ("members", 1, "foui_contacts"), "6")
    assert "4631 Alver" in str(found.message)
    assert "30 days" in str(found.mend)


def test_a_cluster_without_focus_areas_is_warned_of() -> None:
    found = only("no-focus-areas", cluster(focus_areas=()))
    assert (found.severity, found.path, found.clause) == (Severity.WARNING, ("focus_areas",), "4")


def test_a_missing_cluster_leader_is_warned_of() -> None:
    found = only("no-cluster-leader", cluster(cluster_leader=None))
    assert (found.severity, found.path, found.clause) == (Severity.WARNING, ("cluster_leader",), "6")


def test_missing_signatories_are_one_warning_that_names_the_municipalities() -> None:
    members = ("4601", member("4631", signatory=None), member("4627", signatory=Signatory(title="ordfører")))
    found = only("no-signatory", cluster(members=members))
    assert (found.severity, found.path, found.clause) == (Severity.WARNING, ("members",), "2")
    assert str(found.message) == "the signatories of 2 municipalities are not named: 4631 Alver, 4627 Askøy"


def test_annex_1_without_a_file_is_warned_of() -> None:
    found = only("no-plan-file", cluster(), has_plan=False)
    assert (found.severity, found.path) == (Severity.WARNING, ("annexes",))
    assert "ksf.toml" in str(found.mend)


def test_a_missing_action_plan_is_warned_of() -> None:
    found = only("no-action-plan", cluster(annexes=Annexes()))
    assert (found.severity, found.path, found.clause) == (Severity.WARNING, ("annexes", "action_plan"), "6")


def test_a_member_outside_the_region_s_counties_is_warned_of() -> None:
    regions = {"vest": Region(name="Vest", host_municipality="4601", counties=("46",))}
    found = only("outside-region", cluster(members=("4601", "1103")), regions=regions)
    assert (found.severity, found.path, found.clause) == (Severity.WARNING, ("members", 1, "municipality"), "2")
    assert "Rogaland, outside KSF Vest" in str(found.message)
    assert "outside-region" not in codes(cluster(), regions=regions)


def test_a_region_without_counties_has_no_outside() -> None:
    assert REGIONS["midt"].counties == ()
    assert codes(cluster(members=("0301", "5601"), motor_municipality="0301", region="midt")) == []


def test_a_party_of_another_cluster_is_warned_of() -> None:
    found = only("in-other-cluster", cluster(), other_clusters={"4631": ("fjord", "hav"), "0301": ("by",)})
    assert (found.severity, found.path, found.clause) == (Severity.WARNING, ("members", 1, "municipality"), "2")
    assert "4631 Alver is a party in fjord, hav too" in str(found.message)


@pytest.mark.parametrize("number", ["0301", "4601", "5001"])
def test_oslo_bergen_and_trondheim_have_a_city_government(number: str) -> None:
    governed = member(number, approval_body=ApprovalBody.CITY_GOVERNMENT)
    assert codes(cluster(members=(governed, "4631"), motor_municipality=number)) == []


def test_a_city_government_in_another_municipality_is_warned_of() -> None:
    found = only("no-city-government", cluster(members=("4601", member(approval_body=ApprovalBody.CITY_GOVERNMENT))))
    assert (found.severity, found.path, found.clause) == (Severity.WARNING, ("members", 1, "approval_body"), "5")


@pytest.mark.parametrize("body", [body for body in ApprovalBody if body is not ApprovalBody.CITY_GOVERNMENT])
def test_every_municipality_has_the_other_bodies(body: ApprovalBody) -> None:
    assert codes(cluster(members=("4601", member(approval_body=body)))) == []


NYNORSK, NEUTRAL = ("4621", "4630"), "4601"


@pytest.mark.parametrize(
    ("members", "language", "is_told"),
    [
        ((NEUTRAL, *NYNORSK), Language.NB, True),
        ((NEUTRAL, *NYNORSK), Language.NN, False),
        ((NEUTRAL, NYNORSK[0]), Language.NB, False),  # a half is not most
    ],
)
def test_one_line_when_most_members_have_decided_on_the_other_language(
    members: tuple[str, ...], language: Language, is_told: bool
) -> None:
    found = codes(cluster(members=members, language=language))
    assert ("language-decision" in found) == is_told
    assert set(found) <= {"language-decision", "free-text"}


def test_the_other_language_is_named_with_its_key() -> None:
    found = only("language-decision", cluster(members=(NEUTRAL, *NYNORSK)))
    assert (found.severity, found.path) == (Severity.WARNING, ("language",))
    assert str(found.mend) == "Write language: nn, if the members want it."


def test_in_nynorsk_a_note_says_what_is_not_translated() -> None:
    found = only("free-text", cluster(language=Language.NN))
    assert (found.severity, found.path, found.is_error) == (Severity.NOTE, ("language",), False)
    assert str(found.message) == (
        "what you have written yourselves is printed as it stands, not translated: decision_authority, focus_areas, "
        "resources"
    )
    local = cluster(language=Language.NN, local_text=LocalText(aims="Vi vil mer."), activity_authority="rådet")
    for name in ("local_text", "activity_authority"):
        assert name in str(only("free-text", local).message)


def test_in_bokmal_or_without_text_of_its_own_there_is_no_such_note() -> None:
    assert "free-text" not in codes(cluster())
    assert "free-text" not in codes(bare(language=Language.NN))


def test_every_check_is_in_the_table_once() -> None:
    assert len(set(CHECKS)) == len(CHECKS)
