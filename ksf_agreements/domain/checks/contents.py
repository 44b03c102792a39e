"""Rules about what the agreement says: what is missing, its term, region, annexes, people, language and free text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches

from ksf_agreements.domain.checks.base import Purpose, Surroundings, warning
from ksf_agreements.domain.cluster import Cluster, Language
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.values import cited
from ksf_agreements.errors import Problem, Severity
from ksf_agreements.text import TN, T, Text

_FREE_TEXT = {"decision_authority", "activity_authority", "focus_areas", "resources", "local_text"}


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
        yield warning(
            "short-term",
            TN("the term is under {n} year", "the term is under {n} years", years),
            ("valid_until",),
            T("KS recommends at least three years from entry into force."),
        )


def focus_areas(cluster: Cluster, _: Surroundings) -> Iterator[Problem]:
    """The cluster names its focus areas (cl. 4)."""
    if not cluster.focus_areas:
        yield warning(
            "no-focus-areas",
            T("the cluster has no focus areas"),
            ("focus_areas",),
            T("Add at least one; else the document says that the decision authority sets them."),
        )


def people(cluster: Cluster, around: Surroundings) -> Iterator[Problem]:
    """Cluster leader and signatories are named in time (cl. 6, 13)."""
    if cluster.cluster_leader is None:
        yield warning(
            "no-cluster-leader",
            T("no cluster leader is named"),
            ("cluster_leader",),
            T("The motor municipality appoints one; notices are sent to the cluster leader."),
        )
    open_ones = tuple(
        around.named(member.municipality)
        for member in cluster.members
        if member.signatory is None or member.signatory.name is None
    )
    if open_ones:
        yield warning(
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
        yield warning(
            "no-plan-file",
            T("annex 1, KS's plan for KSF, has no file"),
            ("annexes",),
            T('Name the file in ksf.toml: plan = "annexes/NAME.pdf"'),
        )
    if cluster.annexes.action_plan is None:
        yield warning(
            "no-action-plan",
            T("no action plan is attached"),
            ("annexes", "action_plan"),
            T("Attach it when it is there; the document says that it is drawn up later."),
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
        yield warning(
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


def _iso(day: date) -> str:
    return day.isoformat()
