"""Signaturer: who has signed each version and who is lacking, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.events import Authority, Method
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.versions import Version
from ksf_agreements.services.signing.signatures import Row, Weight, brief, rows
from ksf_agreements.text import T, Text
from ksf_agreements.web.routes.acts import ACTS
from ksf_agreements.web.routes.cluster import known, name_of
from ksf_agreements.web.visit import Visit, endpoint

METHODS = {
    Method.INK: T("on paper, by hand"),
    Method.EID: T("electronically (BankID or the like)"),
    Method.OTHER: T("in another way"),
}
AUTHORITIES = {
    Authority.MAYOR: T("as mayor (ordfører)"),
    Authority.DELEGATED: T("by delegated authority"),
    Authority.POWER_OF_ATTORNEY: T("by a power of attorney of its own"),
}
WEIGHTS = {Weight.GOOD: ("✓", "success"), Weight.LOOK: ("!", "warning"), Weight.AGAINST: ("✕", "danger")}


@dataclass(frozen=True, slots=True)
class Cell:
    """A few words of a table, with sign and colour that say the same."""

    words: str
    sign: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A party of the table, with its words."""

    row: Row
    state: Cell
    how: str
    verdict: Cell | None


@dataclass(frozen=True, slots=True)
class Table:
    """A version with its parties; `lacking` are those whose signatures are to come, or to count."""

    version: Version
    status: str
    is_open: bool
    lines: tuple[Line, ...]
    lacking: tuple[Row, ...]

    @property
    def signed(self) -> int:
        """How many signatures count."""
        return len(self.lines) - len(self.lacking)


def show(visit: Visit) -> Response:
    """Show the parties of the version that is open, and of the one in force."""
    cluster = known(visit)
    folded = visit.desk.read(cluster)
    waiting, current = folded.open_version, folded.in_force
    versions = [one for one in (waiting, current) if one is not None]
    if not versions and folded.versions:
        versions = [folded.versions[-1]]
    tables = tuple(_table(visit, folded, one) for one in versions)
    return visit.page(
        "signatures.html",
        id=cluster,
        name=name_of(visit, folded, cluster),
        tables=tables,
        waiting=waiting,
        current=current,
        acts=tuple(one for one in ACTS.values() if versions and one.is_for(folded, versions[0])),
        has_file=any(path.stem == cluster for path in visit.desk.workspace.cluster_paths()),
    )


def _table(visit: Visit, folded: Folded, version: Version) -> Table:
    from ksf_agreements.domain.folded import STATUS_WORDS

    found = rows(visit.desk, folded, version)
    waiting = folded.open_version
    return Table(
        version,
        visit.say(STATUS_WORDS[folded.status_of(version)]),
        waiting is not None and waiting.number == version.number,
        tuple(_line(visit, folded.cluster, version, one) for one in found),
        tuple(one for one in found if one.lacks),
    )


def _line(visit: Visit, cluster: str, version: Version, row: Row) -> Line:
    say, signature = visit.say, row.signature
    how = verdict = None
    if signature is not None:
        how = say(METHODS[signature.method])
        if signature.verdict is not None:
            weight, words = brief(signature.verdict, cluster, signature.version)
            verdict = Cell(say(words), *WEIGHTS[weight])
    return Line(row, _state(visit, version, row), how or "", verdict)


def _state(visit: Visit, version: Version, row: Row) -> Cell:
    cases: tuple[tuple[bool, Text, str, str], ...] = (
        (row.is_reserved, T("signed with a reservation that stands"), "◐", "warning"),
        (not row.lacks and row.confirmed_on is not None, T("signed, and confirmed without who left"), "✓", "success"),
        (not row.lacks, T("signed"), "✓", "success"),
        (row.declined_on is not None, T("does not want to take part"), "✕", "danger"),
        (version.opened is not None, T("asked, not signed"), "○", "info"),
        (True, T("not signed"), "○", "neutral"),
    )
    return next(Cell(visit.say(words), sign, tone) for holds, words, sign, tone in cases if holds)


ROUTES = (Route("/klynge/{cluster}/signaturer", endpoint(show)),)
