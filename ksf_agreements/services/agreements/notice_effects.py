"""What follows from a notice of termination (clause 12): through which day, what is left, and who is to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ksf_agreements.domain.binding import Notice
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.versions import ONE_DAY


@dataclass(frozen=True, slots=True)
class Effects:
    """What one notice does, as the agreement stands.

    `bound_until` is the last day on which the party, or who took its place, is bound: the notice's own `ends_on`, or
    before it where the agreement runs out first (`runs_out_first`). `left` are bound the day after; `ends_all` tells
    that they are fewer than two by this notice, so that the agreement ends for everybody. `is_motor` is told of a motor
    municipality whose place nobody has been put into.
    """

    notice: Notice
    bound_until: date
    runs_out_first: bool
    left: tuple[str, ...]
    ends_all: bool
    is_motor: bool
    region: str


def effects(folded: Folded, notice: Notice) -> Effects | None:
    """Return what a notice does; None where it binds nobody otherwise (it is withdrawn, say)."""
    number = notice.event.number
    mine = [one for one in folded.bindings if any(by.event.number == number for by in one.notices)]
    if not mine:
        return None
    last = max(mine, key=lambda one: one.bound_until)
    of_term = [one for one in folded.bindings if one.version.term == last.version.term]
    runs_out = max(one.version.last_day for one in of_term)
    others = [one for one in of_term if one.party != last.party]
    left = folded.bound(last.bound_until + ONE_DAY)
    motors = {folded.motor_of(one.version) for one in folded.bindings if one.covers(last.bound_until + ONE_DAY)}
    now = folded.motor_of(last.version)
    return Effects(
        notice,
        last.bound_until,
        runs_out_first=last.bound_until < notice.ends_on and last.bound_until >= runs_out,
        left=left,
        ends_all=any(one.ended_by is not None and one.ended_by.number == number for one in others),
        is_motor=now == last.party and (not motors or last.party in motors),
        region=last.version.terms.region,
    )
