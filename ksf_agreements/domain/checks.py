"""The rules a cluster must keep, as a table of small functions: each yields problems with clause and mend.

`agreement.md` section 3 is the list. A check sees the cluster and its `Surroundings`, both values; positions in
the file, labels and clauses are added by `check`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.cluster import ApprovalBody, Cluster, Language, Region, Regions
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.municipality import Municipality, MunicipalityRegister
from ksf_agreements.domain.values import cited
from ksf_agreements.errors import FieldPath, Problem, Severity
from ksf_agreements.text import TN, T, Text

CITY_GOVERNMENTS = frozenset({"0301", "4601", "5001"})
"""The municipalities that are governed by a byråd: Oslo, Bergen, Trondheim."""

FOUI_CONTACT_DAYS = 30
"""Days after entry into force by which every municipality has a FoUI contact (cl. 6)."""


class Purpose(StrEnum):
    """What the cluster is checked for: a draft that says where it has gaps, a draft, or a numbered version."""

    GAPPY_DRAFT = "gappy-draft"
    DRAFT = "draft"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a cluster is held against.

    `today` is the day of the check (the day of issue); `missing_files` are the annex files that were looked for
    and not found; `other_clusters` maps a municipality number to the other active clusters it is a party of;
    `is_region_broken` tells that the cluster's region cannot be used, since regions.yaml has an error.
    """

    kind: AgreementKind
    municipalities: MunicipalityRegister
    regions: Regions
    today: date
    purpose: Purpose = Purpose.DRAFT
    missing_files: frozenset[str] = frozenset()
    has_plan: bool = True
    other_clusters: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    is_region_broken: bool = False


Check: TypeAlias = Callable[[Cluster, Surroundings], Iterator[Problem]]


def check(cluster: Cluster, around: Surroundings) -> tuple[Problem, ...]:
    """Return every problem of ``cluster``, errors first in the order of the fields, each with clause and label."""
    found = [_explained(problem, around.kind) for rule in CHECKS for problem in rule(cluster, around)]
    return tuple(sorted(found, key=lambda problem: not problem.is_error))


def _explained(problem: Problem, kind: AgreementKind) -> Problem:
    guide = kind.guide(problem.path)
    if guide is None:
        return problem
    return replace(problem, clause=problem.clause or guide.clause, label=guide.label)


def _warning(code: str, message: Text, path: FieldPath, mend: Text | None = None) -> Problem:
    return Problem(code, message, mend, Severity.WARNING, path)


def value_at(cluster: Cluster, path: tuple[str, ...]) -> object:
    """Return the value of a field by its path of names (no list indexes)."""
    value: object = cluster
    for name in path:
        value = getattr(value, name)
    return value


def gaps(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """Yield a problem for each field without which the document has a gap; a gappy draft is only warned."""
    severity = Severity.WARNING if around.purpose is Purpose.GAPPY_DRAFT else Severity.ERROR
    for path in around.kind.required_fields():
        if value_at(cluster, path) in (None, ()):
            guide = around.kind.guides[path]
            yield Problem(
                "missing",
                T("'{field}' is missing", field=".".join(path)),
                _added(path, guide.example or "..."),
                severity,
                path,
            )


def _added(path: tuple[str, ...], example: str) -> Text:
    line = f"{path[-1]}: {example}"
    if len(path) > 1:
        return T("Add it below '{group}': {example}", group=".".join(path[:-1]), example=line)
    return T("Add it: {example}", example=line)


def motor_is_member(cluster: Cluster, _: Surroundings) -> Iterator[Problem]:
    """The motor municipality is itself a party (cl. 2)."""
    numbers = [member.municipality for member in cluster.members]
    if cluster.motor_municipality and numbers and cluster.motor_municipality not in numbers:
        yield Problem(
            "motor-not-member",
            T("the motor municipality {number} is not among the members", number=cluster.motor_municipality),
            T("Add it to members, or choose one of: {numbers}", numbers=tuple(numbers[:20])),
            path=("motor_municipality",),
        )


def members_once(cluster: Cluster, _: Surroundings) -> Iterator[Problem]:
    """A municipality is a party once."""
    first: dict[str, int] = {}
    for index, member in enumerate(cluster.members):
        earlier = first.setdefault(member.municipality, index)
        if earlier != index:
            yield Problem(
                "member-twice",
                T(
                    "the municipality {number} is a member twice (members {first} and {second})",
                    number=member.municipality,
                    first=earlier + 1,
                    second=index + 1,
                ),
                T("Remove one of them."),
                path=("members", index, "municipality"),
            )


def enough_members(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """An agreement has at least two parties."""
    count = len({member.municipality for member in cluster.members})
    if 0 < count < around.kind.minimum_parties:
        yield Problem(
            "too-few-members",
            T(
                "the agreement has one party only; it needs at least {least}",
                least=around.kind.minimum_parties,
            ),
            T("Add the other municipalities to members."),
            Severity.WARNING if around.purpose is Purpose.GAPPY_DRAFT else Severity.ERROR,
            ("members",),
        )


def municipality_problem(number: str, path: FieldPath, register: MunicipalityRegister, today: date) -> Problem | None:
    """Return what is wrong with a municipality number on a day, or None."""
    if register.on(number, today) is not None:
        return None
    known = register.get(number)
    if known is None:
        near = register.suggest(number)
        mend = T("Did you mean {names}?", names=tuple(_listed(found) for found in near[:3])) if near else None
        return Problem(
            "unknown-municipality",
            T("no municipality has the number {number}", number=number),
            mend or T("Find the number with 'ksf municipalities NAME'."),
            path=path,
        )
    named = tuple(_listed(heir) for heir in register.successors(number))
    return Problem(
        "municipality-not-valid",
        T("{name} does not exist on {date}", name=_listed(known), date=today.isoformat()),
        T("It is now {names}.", names=named) if named else T("Find the number with 'ksf municipalities NAME'."),
        path=path,
    )


def _listed(municipality: Municipality) -> str:
    return f"{municipality.number} {municipality.name}"


def known_municipalities(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """Every party exists on the day of issue."""
    listed = {member.municipality for member in cluster.members}
    places: list[tuple[str, FieldPath]] = [
        (member.municipality, ("members", index, "municipality")) for index, member in enumerate(cluster.members)
    ]
    if cluster.motor_municipality and cluster.motor_municipality not in listed:
        places.append((cluster.motor_municipality, ("motor_municipality",)))
    for number, path in places:
        if problem := municipality_problem(number, path, around.municipalities, around.today):
            yield problem


def known_region(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """The region is one of regions.yaml (cl. 6)."""
    if cluster.region is None:
        return
    if around.is_region_broken:
        yield Problem(
            "region-broken",
            T("the region '{region}' has an error in regions.yaml", region=cited(cluster.region)),
            T("Mend regions.yaml first."),
            path=("region",),
        )
        return
    if cluster.region in around.regions:
        return
    near = get_close_matches(cluster.region.casefold(), around.regions, 1, 0.5)
    mend = T("Did you mean '{name}'?", name=near[0]) if near else T("Add the region to regions.yaml.")
    yield Problem(
        "unknown-region",
        T("the region '{region}' is not in regions.yaml", region=cited(cluster.region)),
        mend,
        path=("region",),
    )


def annex_files(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """Every annex that is named is there."""
    for name, file in cluster.files():
        if file in around.missing_files:
            yield Problem(
                "annex-missing",
                T("the annex file {file} is not there", file=file),
                T("Put the file there, or remove the line."),
                path=("annexes", name),
            )


def ends_after_issue(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """What is issued has a term that is not over (cl. 12); a draft is only warned."""
    if cluster.valid_until is not None and cluster.valid_until <= around.today:
        yield Problem(
            "ends-before-issue",
            T(
                "the last day {date} is not after {today}",
                date=_iso(cluster.valid_until),
                today=_iso(around.today),
            ),
            T("Choose a later date; at least three years are recommended."),
            Severity.ERROR if around.purpose is Purpose.ISSUE else Severity.WARNING,
            ("valid_until",),
        )


def long_enough(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """KS recommends a term of at least three years (cl. 12)."""
    if cluster.valid_until is None or cluster.valid_until <= around.today:
        return
    years = around.kind.recommended_years
    if cluster.valid_until < add_months(around.today, 12 * years):
        yield _warning(
            "short-term",
            TN("the term is under {n} year", "the term is under {n} years", years),
            ("valid_until",),
            T("KS recommends at least three years from entry into force."),
        )


def foui_contacts(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """Every municipality must have a FoUI contact (cl. 6)."""
    for index, member in enumerate(cluster.members):
        if not member.foui_contacts:
            yield _warning(
                "no-foui-contact",
                T("{name} has no FoUI contact", name=_named(member.municipality, around)),
                ("members", index, "foui_contacts"),
                T("Add one; it is due {days} days after entry into force.", days=FOUI_CONTACT_DAYS),
            )


def _named(number: str, around: Surroundings) -> str:
    known = around.municipalities.get(number)
    return _listed(known) if known else number


def focus_areas(cluster: Cluster, _: Surroundings) -> Iterator[Problem]:
    """The cluster names its focus areas (cl. 4)."""
    if not cluster.focus_areas:
        yield _warning(
            "no-focus-areas",
            T("the cluster has no focus areas"),
            ("focus_areas",),
            T("Add at least one; else the document says that the decision authority sets them."),
        )


def people(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """Cluster leader and signatories are named in time (cl. 6, 13)."""
    if cluster.cluster_leader is None:
        yield _warning(
            "no-cluster-leader",
            T("no cluster leader is named"),
            ("cluster_leader",),
            T("The motor municipality appoints one; notices are sent to the cluster leader."),
        )
    open_ones = tuple(
        _named(member.municipality, around)
        for member in cluster.members
        if member.signatory is None or member.signatory.name is None
    )
    if open_ones:
        yield _warning(
            "no-signatory",
            TN(
                "the signatory of {n} municipality is not named: {names}",
                "the signatories of {n} municipalities are not named: {names}",
                len(open_ones),
                names=open_ones,
            ),
            ("members",),
            T("Name the signatory before signing."),
        )


def annexes(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """KS's plan and the action plan belong to the agreement's annexes."""
    if not around.has_plan:
        yield _warning(
            "no-plan-file",
            T("annex 1, KS's plan for KSF, has no file"),
            ("annexes",),
            T('Name the file in ksf.toml: plan = "annexes/NAME.pdf"'),
        )
    if cluster.annexes.action_plan is None:
        yield _warning(
            "no-action-plan",
            T("no action plan is attached"),
            ("annexes", "action_plan"),
            T("Attach it when it is there; the document says that it is drawn up later."),
        )


def inside_region(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """A member outside the region's counties is probably a slip."""
    region: Region | None = around.regions.get(cluster.region or "")
    if region is None or not region.counties:
        return
    for index, member in enumerate(cluster.members):
        known = around.municipalities.on(member.municipality, around.today)
        if known is not None and known.county_number not in region.counties:
            yield _warning(
                "outside-region",
                T(
                    "{name} lies in {county}, outside KSF {region}",
                    name=_listed(known),
                    county=known.county,
                    region=region.name,
                ),
                ("members", index, "municipality"),
                T("Check the number, or the region's counties in regions.yaml."),
            )


def in_other_cluster(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """A municipality is as a rule in one cluster."""
    for index, member in enumerate(cluster.members):
        others = around.other_clusters.get(member.municipality, ())
        if others:
            yield _warning(
                "in-other-cluster",
                T(
                    "{name} is a party in {clusters} too",
                    name=_named(member.municipality, around),
                    clusters=others,
                ),
                ("members", index, "municipality"),
                T("Check that this is meant."),
            )


def city_government(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """Only Oslo, Bergen and Trondheim have a byråd to approve the agreement (cl. 5)."""
    for index, member in enumerate(cluster.members):
        if member.approval_body is ApprovalBody.CITY_GOVERNMENT and member.municipality not in CITY_GOVERNMENTS:
            yield _warning(
                "no-city-government",
                T("{name} has no city government (byråd)", name=_named(member.municipality, around)),
                ("members", index, "approval_body"),
                T("Write kommunedirektør, formannskap or kommunestyre."),
            )


def language(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """The document's language should be the one that most members have decided on."""
    decisions = Counter(
        str(known.language_decision)
        for member in cluster.members
        if (known := around.municipalities.get(member.municipality)) is not None
    )
    mine, other = ("bokmål", "nynorsk") if cluster.language is Language.NB else ("nynorsk", "bokmål")
    if decisions[other] * 2 > len(cluster.members):
        yield _warning(
            "language-decision",
            T(
                "{count} of {all} members have decided on {other}; the document is in {mine}",
                count=decisions[other],
                all=len(cluster.members),
                other=other,
                mine=mine,
            ),
            ("language",),
            T("Write language: {code}, if the members want it.", code="nn" if other == "nynorsk" else "nb"),
        )


def free_text(cluster: Cluster, _: Surroundings) -> Iterator[Problem]:
    """What a cluster writes itself is printed as it stands: nobody but the members can put it in nynorsk."""
    if cluster.language is not Language.NN:
        return
    said = cluster.model_dump(include=_FREE_TEXT, exclude_defaults=True)
    if written := tuple(name for name, value in said.items() if value):
        yield Problem(
            "free-text",
            T("what you have written yourselves is printed as it stands, not translated: {fields}", fields=written),
            T("Check that it is in nynorsk, titles too."),
            Severity.NOTE,
            ("language",),
        )


_FREE_TEXT = {"decision_authority", "activity_authority", "focus_areas", "resources", "local_text"}


def _iso(day: date) -> str:
    return day.isoformat()


CHECKS: tuple[Check, ...] = (
    gaps,
    motor_is_member,
    members_once,
    enough_members,
    known_municipalities,
    known_region,
    annex_files,
    ends_after_issue,
    long_enough,
    focus_areas,
    people,
    foui_contacts,
    annexes,
    inside_region,
    in_other_cluster,
    city_government,
    language,
    free_text,
)
