"""What national e-signing takes, and how an agreement with more parties than that is parted into counterparts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """The limits of a signing service: `signers` of one job, `megabytes` of its file (10^6 bytes).

    A job is open for `open_days`; what was signed is deleted after `kept_days`.
    """

    signers: int = 10
    megabytes: int = 10
    open_days: int = 90
    kept_days: int = 40


NATIONAL = ServiceLimits()
"""The limits of national e-signing for the public sector."""


def counterparts(parties: tuple[str, ...], most: int = NATIONAL.signers) -> tuple[tuple[str, ...], ...]:
    """Return who signs which counterpart: as few as can be, of even size, in the order of the agreement."""
    count = -(-len(parties) // most)
    bounds = [len(parties) * number // count for number in range(count + 1)]
    return tuple(parties[first:last] for first, last in pairwise(bounds))
