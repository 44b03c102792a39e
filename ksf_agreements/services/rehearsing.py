"""A desk at which everything is decided as at the real one, and nothing kept: what would be recorded, and how it ends.

Pages show it before a person confirms; no rule is written twice for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ksf_agreements.services.desk import Desk, Work


class _Over(Exception):
    """The rehearsal is over: the transaction is left without being committed."""


class Rehearsal(Desk):
    """A desk whose transactions are never kept. The services work at it unchanged; what they return is what would be.

    The numbers of its events, and the id of a document that is issued, are drawn anew when it is done in earnest.
    """

    @contextmanager
    def working(self, cluster: str) -> Iterator[Work]:
        """Open a transaction of which nothing is kept."""
        with suppress(_Over), super().working(cluster) as work:
            yield work
            raise _Over


def rehearsal(desk: Desk) -> Rehearsal:
    """Return a desk to rehearse at, with the same register."""
    return Rehearsal(desk.workspace, desk.register, desk.municipalities, desk.templates, desk.today, desk.actor)
