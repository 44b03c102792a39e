"""Renew and amend: a new term, a changed agreement, another motor municipality; each a version that all sign."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ksf_agreements.domain.comparison import Difference, differences
from ksf_agreements.domain.decisions import Refused, not_in_future
from ksf_agreements.domain.events import AmendmentRecorded, Basis, Event, MotorChanged
from ksf_agreements.domain.status import Folded
from ksf_agreements.domain.versions import IN_TERM, ONE_DAY, Version
from ksf_agreements.services.desk import Desk, Done, Work
from ksf_agreements.services.issuing import (
    Intent,
    Step,
    issue_version,
    prepare,
    same_content,
    snapshot,
    write_documents,
)
from ksf_agreements.text import T, Text


def renew(
    desk: Desk,
    cluster: str,
    on: date,
    out: Path,
    *,
    until: date | None = None,
    begins: date | None = None,
    with_leaving: bool = False,
) -> Done:
    """Issue a renewal (cl. 12 'kan fornyes'): a new term after the old one, agreed and signed, never by itself."""
    not_in_future(on, desk.today)
    file = desk.cluster_file(cluster)
    known = desk.read(cluster)
    base = _renewable(known)
    leaving = {one.party for one in known.notices if one.withdrawn is None and one.ends_on >= on}
    members = file.cluster.members if file.cluster else ()
    invited = tuple(one for one in members if with_leaving or one.municipality not in leaving)
    changes: dict[str, object] = {"members": invited} if len(invited) < len(members) else {}
    if until is not None:
        changes["valid_until"] = until
    intent = prepare(desk, cluster, on, changes)
    last = intent.cluster.valid_until
    if last is None or last <= base.terms.valid_until:
        raise Refused(
            T(
                "A renewal must end after the old term, which ends on {old}. Change valid_until in the cluster file, "
                "or name it with --until.",
                old=base.terms.valid_until,
            )
        )
    left_out = tuple(known.call(one) for one in known.bound() if one not in {m.municipality for m in invited})
    first = _first_day(base, begins, on, left_out)
    with desk.working(cluster) as work:
        waiting = work.folded.open_version
        step = Step(Basis.RENEWAL, base.number, first)
        if waiting is not None and waiting.basis is Basis.RENEWAL:
            if same_content(work, waiting, intent) and waiting.issued_on == on and waiting.terms.valid_from == first:
                return write_documents(desk, work.done((), repeated=waiting.event), out)
            step = Step(Basis.REPLACEMENT, waiting.number, first)
        elif waiting is not None:
            raise Refused(T("Version {n} is open for signing; finish it first.", n=waiting.number))
        notes = []
        if left_out:
            notes.append(T("Not invited, since they leave or are not in the cluster file: {names}", names=left_out))
        if first is None:
            day = base.terms.valid_until + ONE_DAY
            notes.append(T("No agreement is in force from {day} until all have signed.", day=day))
        done = issue_version(work, intent, step, on, tuple(notes))
    return write_documents(desk, done, out)


def _renewable(folded: Folded) -> Version:
    base = folded.in_force
    if base is None:
        ended = [one.version for one in folded.bindings]
        base = max(ended, key=lambda one: one.number, default=None)
    if base is None:
        raise Refused(T("No agreement has been in force, so there is nothing to renew. Use 'ksf issue'."))
    return base


def _first_day(base: Version, begins: date | None, on: date, left_out: tuple[str, ...]) -> date | None:
    """Return the first day of a renewal: the day after the old end; earlier only if every bound party is invited."""
    after = base.terms.valid_until + ONE_DAY
    if begins is None:
        return after if on <= base.terms.valid_until else None
    if begins > after:
        text = T("The renewal would leave days without an agreement: it must begin by {day}.", day=after)
        raise Refused(text)
    if begins < after and left_out:
        raise Refused(
            T(
                "The renewal can begin before {day} only if every bound party signs it; these are not invited: {names}",
                day=after,
                names=left_out,
            )
        )
    return begins


def amend(desk: Desk, cluster: str, on: date, out: Path) -> Done:
    """Issue an amendment (endringsavtale) from the changed file; the old version binds until all have signed."""
    not_in_future(on, desk.today)
    intent = prepare(desk, cluster, on)
    return _amended(desk, cluster, intent, on, out, None)


def change_motor(desk: Desk, cluster: str, to: str, on: date, out: Path) -> Done:
    """Issue an amendment that makes another party the motor municipality; signed by all."""
    not_in_future(on, desk.today)
    intent = prepare(desk, cluster, on, {"motor_municipality": to})
    return _amended(desk, cluster, intent, on, out, to)


def _amended(desk: Desk, cluster: str, intent: Intent, on: date, out: Path, motor: str | None) -> Done:
    with desk.working(cluster) as work:
        folded = work.folded
        base, waiting = folded.in_force, folded.open_version
        if base is None:
            raise Refused(T("No agreement is in force, so there is nothing to amend. Use 'ksf issue' or 'ksf renew'."))
        if waiting is not None and waiting.basis not in IN_TERM:
            raise Refused(T("Version {n} is open for signing; finish it first.", n=waiting.number))
        if waiting is not None and same_content(work, waiting, intent) and waiting.issued_on == on:
            return write_documents(desk, work.done((), repeated=waiting.event), out)
        changed = _amendable(work, base, intent)
        basis = Basis.MOTOR_CHANGE if motor else Basis.AMENDMENT
        step = Step(Basis.REPLACEMENT, waiting.number) if waiting else Step(basis, base.number)
        number = folded.versions[-1].number + 1
        clauses = tuple(dict.fromkeys(one.clause for one in changed if one.clause))
        notes = (T("It must be signed by all bound parties; version {n} binds until then.", n=base.number),)
        extra: list[Event] = []
        if motor is not None:
            old = base.terms.motor_municipality
            extra.append(work.append(MotorChanged(version=number, old=old, new=motor), on))
        else:
            extra.append(work.append(AmendmentRecorded(version=number, amends=base.number, clauses=clauses), on))
        done = issue_version(work, intent, step, on, notes, tuple(extra))
    return write_documents(desk, done, out)


def _amendable(work: Work, base: Version, intent: Intent) -> tuple[Difference, ...]:
    """Return what an amendment would change; refuse what another command is for."""
    folded = work.folded
    members = {member.municipality for member in intent.cluster.members}
    bound = set(folded.bound())
    if joined := tuple(folded.call(one) for one in members - bound):
        raise Refused(T("{names} would join: use 'ksf accede'.", names=joined))
    if gone := tuple(folded.call(one) for one in bound - members):
        raise Refused(T("{names} would leave: a bound party leaves by notice ('ksf notice').", names=gone))
    valid_until = intent.cluster.valid_until
    if valid_until is not None and valid_until > base.terms.valid_until:
        raise Refused(T("A later last day is a renewal: use 'ksf renew'."))
    old = snapshot(work, base)
    found = differences(old, intent.cluster, intent.kind) if old is not None else ()
    signed = tuple(one for one in found if not one.free)
    if old is not None and not signed:
        raise Refused(_nothing_to_sign(found))
    return signed


def _nothing_to_sign(found: tuple[Difference, ...]) -> Text:
    if found:
        names = tuple(one.label for one in found)
        return T(
            "What is changed needs no new signatures: {names}. Record it with 'ksf contacts', 'ksf focus-areas' or "
            "'ksf plan'.",
            names=names,
        )
    return T("The cluster file says what version in force says; there is nothing to amend.")
