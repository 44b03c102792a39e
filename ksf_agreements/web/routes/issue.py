"""Ferdigstill: what stands in the way, what will be issued and what that undoes; asked once more, and done."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.events import VersionIssued
from ksf_agreements.errors import InputError, Problem
from ksf_agreements.services.agreements import issuing
from ksf_agreements.services.desk import Desk, Done
from ksf_agreements.services.rehearsing import rehearsal
from ksf_agreements.text import T
from ksf_agreements.web import done as told
from ksf_agreements.web.routes.acts import address
from ksf_agreements.web.routes.cluster import known, name_of
from ksf_agreements.web.visit import Visit, endpoint


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that stands in the way, or is only worth knowing; `link` leads to the field."""

    words: str
    field: str
    mend: str
    clause: str
    link: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """What issuing would come to: the version, or the faults, or why it is refused; `seen` is the file it is of."""

    seen: str
    done: Done | None = None
    problems: tuple[Problem, ...] = ()
    refusal: str = ""

    @property
    def terms(self) -> VersionIssued | None:
        """The version that would be issued."""
        found = (event.payload for event in (self.done.events if self.done else ()))
        return next((payload for payload in found if isinstance(payload, VersionIssued)), None)


def show(visit: Visit, changed: bool = False) -> Response:
    """Show what would be issued, or what stands in the way."""
    cluster = known(visit)
    prospect = _prospect(visit, cluster)
    folded = visit.desk.read(cluster)
    terms, done = prospect.terms, prospect.done
    errors = tuple(_fault(visit, cluster, one) for one in prospect.problems if one.is_error)
    return visit.page(
        "issue.html",
        409 if changed else 200,
        id=cluster,
        name=name_of(visit, folded, cluster),
        errors=errors,
        refusal=prospect.refusal,
        repeated=done.repeated.number if done and done.repeated else 0,
        terms=terms,
        parties=tuple(visit.desk.call(one) for one in terms.parties) if terms else (),
        replaces=folded.open_version,
        notes=tuple(visit.say(one) for one in done.notes) if done else (),
        warnings=tuple(visit.say(one) for one in done.warnings) if done else (),
        seen=prospect.seen,
        changed=changed,
        today=visit.desk.today,
    )


def issue(visit: Visit) -> Response:
    """Issue what was shown; where the cluster file has been changed since, it is shown anew and nothing is issued."""
    cluster = known(visit)
    if visit.text("sett") != _seen(visit.desk, cluster):
        return show(visit, changed=True)
    try:
        done = _issued(visit.desk, cluster)
    except (InputError, Refused):
        return show(visit, changed=True)
    next_step = T("Make the package to sign here, and record under Signatures when it is sent.")
    more = () if done.repeated else (*done.notes, next_step)
    return visit.redirect(address(cluster, "dokumenter"), *told.notices(visit.say, done, more))


def _prospect(visit: Visit, cluster: str) -> Prospect:
    seen = _seen(visit.desk, cluster)
    try:
        return Prospect(seen, _issued(rehearsal(visit.desk), cluster))
    except InputError as fault:
        return Prospect(seen, problems=fault.problems, refusal=visit.say(fault.message))
    except Refused as fault:
        return Prospect(seen, refusal=visit.say(fault.message))


def _issued(desk: Desk, cluster: str) -> Done:
    with TemporaryDirectory(prefix="ksf-ut-") as folder:  # the register keeps the documents; they are fetched from it
        return issuing.issue(desk, cluster, desk.today, Path(folder))


def _seen(desk: Desk, cluster: str) -> str:
    """Return the SHA-256 of the cluster file as it is now. Raises `UsageError` where there is none."""
    desk.cluster_file(cluster)  # says so where there is no such file
    path = next(path for path in desk.workspace.cluster_paths() if path.stem == cluster)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _fault(visit: Visit, cluster: str, problem: Problem) -> Fault:
    words = visit.say(problem.message)
    return Fault(
        words=words[:1].upper() + words[1:],
        field=visit.say(problem.label) if problem.label else "",
        mend=visit.say(problem.mend) if problem.mend else "",
        clause=problem.clause,
        link=f"{address(cluster, 'fyll-ut')}#{'-'.join(map(str, problem.path))}" if problem.path else "",
    )


ROUTES = (
    Route("/klynge/{cluster}/ferdigstill", endpoint(show)),
    Route("/klynge/{cluster}/ferdigstill", endpoint(issue), methods=["POST"]),
)
