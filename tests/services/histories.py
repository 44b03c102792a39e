"""Small histories of agreements, as the register would give them: events with their numbers and days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.events import (
    Basis,
    DocumentHash,
    Event,
    NoticeReceived,
    Payload,
    PersonalRef,
    SignatureRecorded,
    SigningOpened,
    VersionIssued,
)

SOMEBODY = PersonalRef(id="p1", digest="0" * 64)


class History:
    """Events of one agreement, appended in order; `clusters` are the snapshots by their SHA-256."""

    def __init__(self, agreement: str = "klynge") -> None:
        self.agreement = agreement
        self.recorded: list[Event] = []
        self.clusters: dict[str, Cluster] = {}

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(self.recorded)

    def snapshot(self, sha256: str) -> Cluster | None:
        return self.clusters.get(sha256)

    def add(self, payload: Payload, on: date) -> Event:
        event = Event(len(self.recorded) + 1, self.agreement, payload, SOMEBODY, datetime(2026, 1, 1, tzinfo=UTC), on)
        self.recorded.append(event)
        return event

    def issue(self, cluster: Cluster, on: date, *, basis: Basis = Basis.ORIGINAL, **more: Any) -> int:
        number = 1 + sum(isinstance(event.payload, VersionIssued) for event in self.recorded)
        sha256 = f"{number:064x}"
        self.clusters[sha256] = cluster
        assert cluster.name
        assert cluster.region
        assert cluster.motor_municipality
        assert cluster.valid_until
        self.add(
            VersionIssued(
                version=number,
                basis=basis,
                document_id=f"KSF-2026-{number:04d}",
                agreement_kind=cluster.agreement,
                name=cluster.name,
                region=cluster.region,
                language=cluster.language,
                motor_municipality=cluster.motor_municipality,
                parties=tuple(member.municipality for member in cluster.parties()),
                valid_until=cluster.valid_until,
                entry_into_force=cluster.entry_into_force,
                accession=cluster.accession,
                contributions_required=cluster.contributions_required,
                snapshot=sha256,
                documents=(DocumentHash(type="", sha256="1" * 64),),
                template="ksf-klyngeavtale",
                template_digest="2" * 64,
                **more,
            ),
            on,
        )
        return number

    def open(self, on: date, deadline: date | None = None, version: int = 1) -> None:
        self.add(SigningOpened(version=version, deadline=deadline), on)

    def sign(self, party: str, on: date, version: int = 1, *, reservation: bool = False) -> None:
        self.add(SignatureRecorded(version=version, party=party, signatory=SOMEBODY, reservation=reservation), on)

    def sign_all(self, cluster: Cluster, on: date, version: int = 1) -> None:
        for member in cluster.parties():
            self.sign(member.municipality, on, version)

    def notice(self, party: str, on: date, **more: Any) -> Event:
        return self.add(NoticeReceived(party=party, **more), on)


def in_force(cluster: Cluster, issued: date, signed: date) -> History:
    """Return the history of an agreement that all parties signed on one day."""
    history = History()
    history.issue(cluster, issued)
    history.open(issued, signed)
    history.sign_all(cluster, signed)
    return history
