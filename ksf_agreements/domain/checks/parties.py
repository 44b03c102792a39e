"""Rules about who takes part: members, the motor municipality, contacts, region and city governments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ksf_agreements.domain.checks.base import Purpose, Surroundings, listed, warning
from ksf_agreements.domain.cluster import ApprovalBody, Cluster, Region
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.errors import FieldPath, Problem, Severity
from ksf_agreements.text import T

CITY_GOVERNMENTS = frozenset({"0301", "4601", "5001"})
"""The municipalities that are governed by a byråd: Oslo, Bergen, Trondheim."""

FOUI_CONTACT_DAYS = 30
"""Days after entry into force by which every municipality has a FoUI contact (cl. 6)."""


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
        mend = T("Did you mean {names}?", names=tuple(listed(found) for found in near[:3])) if near else None
        return Problem(
            "unknown-municipality",
            T("no municipality has the number {number}", number=number),
            mend or T("Find the number with 'ksf municipalities NAME'."),
            path=path,
        )
    named = tuple(listed(heir) for heir in register.successors(number))
    return Problem(
        "municipality-not-valid",
        T("{name} does not exist on {date}", name=listed(known), date=today.isoformat()),
        T("It is now {names}.", names=named) if named else T("Find the number with 'ksf municipalities NAME'."),
        path=path,
    )


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


def foui_contacts(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """Every municipality must have a FoUI contact (cl. 6)."""
    for index, member in enumerate(cluster.members):
        if not member.foui_contacts:
            yield warning(
                "no-foui-contact",
                T("{name} has no FoUI contact", name=around.named(member.municipality)),
                ("members", index, "foui_contacts"),
                T("Add one; it is due {days} days after entry into force.", days=FOUI_CONTACT_DAYS),
            )


def inside_region(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """A member outside the region's counties is probably a slip."""
    region: Region | None = around.regions.get(cluster.region or "")
    if region is None or not region.counties:
        return
    for index, member in enumerate(cluster.members):
        known = around.municipalities.on(member.municipality, around.today)
        if known is not None and known.county_number not in region.counties:
            yield warning(
                "outside-region",
                T(
                    "{name} lies in {county}, outside KSF {region}",
                    name=listed(known),
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
            yield warning(
                "in-other-cluster",
                T(
                    "{name} is a party in {clusters} too",
                    name=around.named(member.municipality),
                    clusters=others,
                ),
                ("members", index, "municipality"),
                T("Check that this is meant."),
            )


def city_government(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """Only Oslo, Bergen and Trondheim have a byråd to approve the agreement (cl. 5)."""
    for index, member in enumerate(cluster.members):
        if member.approval_body is ApprovalBody.CITY_GOVERNMENT and member.municipality not in CITY_GOVERNMENTS:
            yield warning(
                "no-city-government",
                T("{name} has no city government (byråd)", name=around.named(member.municipality)),
                ("members", index, "approval_body"),
                T("Write kommunedirektør, formannskap or kommunestyre."),
            )
