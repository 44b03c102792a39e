"""What makes things happen to an agreement: directly as events now; through the commands where a driver does so.

A driver records what it is told, returns the number of the event, and hands out the journal. Whoever drives it takes
legal steps only (`tests.oracle.life`), so a driver over the commands may take every refusal as a failure.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ksf_agreements.domain import events as e
from ksf_agreements.domain.cluster import Accession, ApprovalBody, EntryIntoForce, Language

ACTOR = e.PersonalRef(id="a", digest="d")


@dataclass(frozen=True)
class Terms:
    """What a version says, as far as the rules of time read it."""

    parties: tuple[str, ...]
    motor: str
    valid_until: date
    valid_from: date | None = None
    each_on_signing: bool = False
    accession_by_motor: bool = False
    contributions: bool = False


class Driver(ABC):
    """Lets one agreement live."""

    cluster = "test"

    @abstractmethod
    def events(self) -> tuple[e.Event, ...]:
        """The journal of the agreement."""

    @abstractmethod
    def issue(self, on: date, basis: e.Basis, follows: int | None, terms: Terms) -> int:
        """Issue a version and return the version's number."""

    @abstractmethod
    def approve(self, on: date, version: int, party: str) -> int:
        """Record an approval."""

    @abstractmethod
    def sign(self, on: date, version: int, party: str, *, reserved: bool) -> int:
        """Record a signature."""

    @abstractmethod
    def lift(self, on: date, version: int, party: str) -> int:
        """Record that a reservation fell away."""

    @abstractmethod
    def decline(self, on: date, version: int, party: str) -> int:
        """Record that a party does not want to take part."""

    @abstractmethod
    def confirm(self, on: date, version: int, party: str) -> int:
        """Record that the agreement stands without who was left out."""

    @abstractmethod
    def notice(self, received: date, party: str) -> int:
        """Record a party's notice."""

    @abstractmethod
    def notice_to_party(self, on: date, party: str, ends_on: date) -> int:
        """Record a notice to a party."""

    @abstractmethod
    def withdraw(self, on: date, notice: int, party: str, consents: Iterable[str]) -> int:
        """Record that a notice was taken back."""

    @abstractmethod
    def accede(self, on: date, party: str, signed_by: Iterable[str]) -> int:
        """Record an accession."""

    @abstractmethod
    def continue_party(self, on: date, party: str, successor: str | None) -> int:
        """Record what became of a party."""

    @abstractmethod
    def void(self, on: date, event: int) -> int:
        """Take an event out."""


class DomainDriver(Driver):
    """Writes the events itself: what is tested is the reading of them."""

    def __init__(self) -> None:
        self._events: list[e.Event] = []
        self._versions = 0

    def events(self) -> tuple[e.Event, ...]:
        return tuple(self._events)

    def record(self, on: date, payload: e.Payload) -> int:
        """Add an event of any kind."""
        number = len(self._events) + 1
        at = datetime(2020, 1, 1, tzinfo=UTC)
        self._events.append(e.Event(number, self.cluster, payload, ACTOR, at, on))
        return number

    def issue(self, on: date, basis: e.Basis, follows: int | None, terms: Terms) -> int:
        self._versions += 1
        self.record(
            on,
            e.VersionIssued(
                version=self._versions,
                basis=basis,
                follows=follows,
                document_id=f"T-{self._versions}",
                agreement_kind="ksf-cluster",
                name="Prøveklyngen",
                region="vest",
                language=Language.NB,
                motor_municipality=terms.motor,
                parties=terms.parties,
                valid_from=terms.valid_from,
                valid_until=terms.valid_until,
                entry_into_force=EntryIntoForce.EACH_ON_SIGNING
                if terms.each_on_signing
                else EntryIntoForce.LAST_SIGNATURE,
                accession=Accession.MOTOR if terms.accession_by_motor else Accession.ALL,
                contributions_required=terms.contributions,
                snapshot="0",
                documents=(),
                template="t",
                template_digest="0",
            ),
        )
        if basis is e.Basis.AMENDMENT and follows:
            self.record(on, e.AmendmentRecorded(version=self._versions, amends=follows))
        return self._versions

    def approve(self, on: date, version: int, party: str) -> int:
        body = ApprovalBody.MUNICIPAL_DIRECTOR
        return self.record(on, e.ApprovalRecorded(version=version, party=party, body=body))

    def sign(self, on: date, version: int, party: str, *, reserved: bool) -> int:
        payload = e.SignatureRecorded(version=version, party=party, signatory=ACTOR, reservation=reserved)
        return self.record(on, payload)

    def lift(self, on: date, version: int, party: str) -> int:
        return self.record(on, e.ReservationLifted(version=version, party=party))

    def decline(self, on: date, version: int, party: str) -> int:
        return self.record(on, e.SignatureDeclined(version=version, party=party))

    def confirm(self, on: date, version: int, party: str) -> int:
        return self.record(on, e.AbsenceConfirmed(version=version, party=party))

    def notice(self, received: date, party: str) -> int:
        return self.record(received, e.NoticeReceived(party=party))

    def notice_to_party(self, on: date, party: str, ends_on: date) -> int:
        return self.record(on, e.NoticeGivenToParty(party=party, ground="bidrag", ends_on=ends_on))

    def withdraw(self, on: date, notice: int, party: str, consents: Iterable[str]) -> int:
        return self.record(on, e.NoticeWithdrawn(notice=notice, party=party, consents=tuple(sorted(consents))))

    def accede(self, on: date, party: str, signed_by: Iterable[str]) -> int:
        return self.record(on, e.AccessionRecorded(party=party, signed_by=tuple(sorted(signed_by))))

    def continue_party(self, on: date, party: str, successor: str | None) -> int:
        return self.record(on, e.PartyContinued(party=party, successor=successor))

    def void(self, on: date, event: int) -> int:
        return self.record(on, e.EventVoided(event=event, reason="feil"))
