"""Renew and amend: a new term, a changed agreement, another motor municipality; each a version that all sign."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ksf_agreements.domain.comparison import Difference, differences
from ksf_agreements.domain.decisions import Refused, not_in_future
from ksf_agreements.domain.events import AmendmentRecorded, Basis, Event, MotorChanged
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.versions import IN_TERM, ONE_DAY, Version
from ksf_agreements.services.agreements.issuing import (
    Intent,
    Step,
    issue_version,
    issued_already,
    next_number,
    prepare,
    snapshot,
    write_documents,
)
from ksf_agreements.services.desk import Desk, Done, Work
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
    last = until or (file.cluster.valid_until if file.cluster else None)
    if last is not None and not _is_issued_on(base, on):
        _ends_later(base, last)
    leaving = {one.party for one in known.notices if one.withdrawn is None and one.ends_on >= on}
    members = file.cluster.members if file.cluster else ()
    invited = tuple(one for one in members if with_leaving or one.municipality not in leaving)
    changes: dict[str, object] = {"members": invited} if len(invited) < len(members) else {}
    if until is not None:
        changes["valid_until"] = until
    intent = prepare(desk, cluster, on, changes)
    left_out = tuple(known.call(one) for one in known.bound() if one not in {m.municipality for m in invited})
    with desk.working(cluster) as work:
        waiting, newest = work.folded.open_version, issued_already(work, intent, on)
        if newest is not None and newest.basis is Basis.RENEWAL and newest.follows is not None:
            firsts = (begins,) if begins else (newest.follows.terms.valid_until + ONE_DAY, None)
            if newest.terms.valid_from in firsts:
                return write_documents(desk, work.done((), repeated=newest.event), out)
        _ends_later(base, intent.cluster.valid_until)
        first = _first_day(base, begins, on, left_out)
        step = Step(Basis.RENEWAL, base.number, first)
        if waiting is not None and waiting.basis is Basis.RENEWAL:
            step = Step(Basis.REPLACEMENT, waiting.number, first)
        elif waiting is not None:
            raise Refused(T("Version {n} is open for signing; finish it first.", n=waiting.number))
        notes = []
        if left_out:
            notes.append(T("Not invited, since they leave or are not in the cluster file: {names}", names=left_out))
        if on > base.terms.valid_until:
            day = base.terms.valid_until + ONE_DAY
            notes.append(T("No agreement is in force from {day} until all have signed.", day=day))
        done = issue_version(work, intent, step, on, tuple(notes))
    return write_documents(desk, done, out)


def _is_issued_on(version: Version, on: date) -> bool:
    """Whether the version in force is the renewal of that day, so that the command may be a repetition."""
    return version.basis is Basis.RENEWAL and version.issued_on == on


def _ends_later(base: Version, last: date | None) -> None:
    if last is None or last <= base.terms.valid_until:
        raise Refused(
            T(
                "A renewal must end after the old term, which ends on {old}. Change valid_until in the cluster file, "
                "or name it with --until.",
                old=base.terms.valid_until,
            )
        )


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
    if begins > after and on <= base.terms.valid_until:
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
    known, said = desk.read(cluster), desk.cluster_file(cluster).cluster
    if said is not None and to not in {member.municipality for member in said.members}:
        raise Refused(
            T(
                "{party} is no member in the cluster file. A municipality must be a party before it can be the motor "
                "municipality: let it join first with 'ksf accede'.",
                party=known.call(to),
            )
        )
    intent = prepare(desk, cluster, on, {"motor_municipality": to})
    return _amended(desk, cluster, intent, on, out, to)


def _amended(desk: Desk, cluster: str, intent: Intent, on: date, out: Path, motor: str | None) -> Done:
    with desk.working(cluster) as work:
        folded = work.folded
        base, waiting = folded.in_force, folded.open_version
        if base is None:
            raise Refused(T("No agreement is in force, so there is nothing to amend. Use 'ksf issue' or 'ksf renew'."))
        newest = issued_already(work, intent, on)
        if newest is not None and newest.basis in IN_TERM:
            return write_documents(desk, work.done((), repeated=newest.event), out)
        if waiting is not None and waiting.basis not in IN_TERM:
            raise Refused(T("Version {n} is open for signing; finish it first.", n=waiting.number))
        if motor is not None and motor == base.terms.motor_municipality:
            raise Refused(T("{party} is the motor municipality already.", party=folded.call(motor)))
        if motor is None:
            _keeps_motor(folded, waiting or base, intent)
        changed = _amendable(work, base, intent)
        basis = Basis.MOTOR_CHANGE if motor else Basis.AMENDMENT
        step = Step(Basis.REPLACEMENT, waiting.number) if waiting else Step(basis, base.number)
        number = next_number(work)
        clauses = tuple(dict.fromkeys(one.clause for one in changed if one.clause))
        notes = [T("It must be signed by all bound parties; version {n} binds until then.", n=base.number)]
        extra: list[Event] = []
        if motor is not None:
            old = base.terms.motor_municipality
            text = T("Write {party} as the motor municipality in the cluster file too.", party=folded.call(motor))
            notes.append(text)
            extra.append(work.append(MotorChanged(version=number, old=old, new=motor), on))
        else:
            extra.append(work.append(AmendmentRecorded(version=number, amends=base.number, clauses=clauses), on))
        done = issue_version(work, intent, step, on, tuple(notes), tuple(extra))
    return write_documents(desk, done, out)


def _keeps_motor(folded: Folded, version: Version, intent: Intent) -> None:
    """Refuse an amendment that would undo a change of motor municipality by an old cluster file, or make one."""
    meant, now = intent.cluster.motor_municipality, version.terms.motor_municipality
    if meant is not None and meant != now:
        raise Refused(
            T(
                "By version {n} the motor municipality is {now}; the cluster file says {meant}. Write {now} there, or "
                "change it with 'ksf change-motor'.",
                n=version.number,
                now=folded.call(now),
                meant=folded.call(meant),
            )
        )


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
