"""What one letter is made from, and the fields that every letter has.

What the version fixes (name, term, roles, resources) is the version's own; people and contacts are as they are now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ksf_agreements.documents.context import AgreementContext, DocumentContext, agreement_context
from ksf_agreements.documents.letter_words import LETTER_WORDS, LetterWords
from ksf_agreements.documents.letters import LetterParty
from ksf_agreements.documents.wording import WORDS, Words, joined, written_date
from ksf_agreements.domain.agreement import AgreementKind, Role
from ksf_agreements.domain.binding import Notice
from ksf_agreements.domain.cluster import ApprovalBody, Cluster, Language, Member, Regions
from ksf_agreements.domain.folded import Folded
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.domain.status import AgreementStatus, PartyState, PartyStatus
from ksf_agreements.domain.versions import ONE_DAY, Version


@dataclass(frozen=True)
class Case:
    """What one letter is made from.

    `cluster` is the file as it is now, `agreed` the one that the version was issued from (the file where there is no
    `version`, or its snapshot is gone); `numbers` are the parties, the motor municipality first.
    """

    cluster: Cluster
    agreed: Cluster
    has_snapshot: bool
    kind: AgreementKind
    municipalities: MunicipalityRegister
    regions: Regions
    language: Language
    folded: Folded
    version: Version | None
    status: AgreementStatus | None
    numbers: tuple[str, ...]
    party: str
    year: int

    @property
    def on(self) -> date:
        """The letter's day."""
        return self.folded.on

    @property
    def words(self) -> Words:
        """The words of the letter's language."""
        return WORDS[self.language]

    @property
    def letter_words(self) -> LetterWords:
        """The words that only letters have."""
        return LETTER_WORDS[self.language]

    @property
    def issued(self) -> Version:
        """The version, for letters that do not exist without one."""
        assert self.version is not None  # noqa: S101 (the table of letters says so)
        return self.version

    @property
    def motor(self) -> str:
        """The motor municipality's number."""
        if self.version is None:
            return self.cluster.motor_municipality or ""
        return self.folded.motor_of(self.version) or self.version.terms.motor_municipality

    @property
    def valid_until(self) -> date | None:
        """The term's last day."""
        return self.version.terms.valid_until if self.version else self.cluster.valid_until

    @cached_property
    def agreement(self) -> AgreementContext:
        """What the agreement itself prints, in the letter's language."""
        agreed = self.agreed.model_copy(update={"language": self.language})
        return agreement_context(agreed, self.kind, self.municipalities, self.regions)

    @cached_property
    def people(self) -> AgreementContext:
        """The same of the cluster file as it is now: for the cluster leader and the contacts."""
        now = self.cluster.model_copy(update={"language": self.language})
        return agreement_context(now, self.kind, self.municipalities, self.regions)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Every municipality of the letter as running text calls it; two of one name get their county."""
        others = (party.municipality for party in (self.status.parties if self.status else ()))
        bound = (binding.party for binding in self.folded.bindings) if self.version else ()
        everybody = dict.fromkeys((*self.numbers, *others, *bound, *((self.party,) if self.party else ()), self.motor))
        known = {number: self.municipalities.get(number) for number in everybody}
        shared = Counter(found.name for found in known.values() if found is not None)
        return {
            number: found.title(with_county=shared[found.name] > 1) if found is not None else number or self.words.gap
            for number, found in known.items()
        }

    def joined(self, numbers: Iterable[str]) -> str:
        """Return municipalities as a sentence lists them."""
        return joined([self.names[number] for number in numbers])

    def member(self, number: str) -> Member:
        """Return what the cluster file, or else the version, says of a municipality."""
        for cluster in (self.cluster, self.agreed):
            for member in cluster.members:
                if member.municipality == number:
                    return member
        return Member(municipality=number)

    def standing(self, number: str) -> PartyStatus | None:
        """Return the status of a party, where the register has one."""
        parties = self.status.parties if self.status else ()
        return next((party for party in parties if party.municipality == number), None)

    def letter_party(self, number: str) -> LetterParty:
        """Return a municipality as letters print it."""
        member, standing = self.member(number), self.standing(number)
        municipality = self.municipalities.get(number)
        is_motor = number == self.motor
        contacts = next(
            (
                party.foui_contacts
                for one, party in zip(self.cluster.parties(), self.people.parties, strict=True)
                if one.municipality == number
            ),
            (),
        )
        signatory = member.signatory
        name, title = (signatory.name or "", signatory.title or "") if signatory else ("", "")
        role = Role.MOTOR_MUNICIPALITY if is_motor else Role.PARTNER_MUNICIPALITY
        return LetterParty(
            number=number,
            name=self.names[number],
            role=self.kind.role_words[self.language][role],
            is_motor=is_motor,
            signature_name=member.name_as_signed or self.names[number],
            signatory=" ".join(part for part in (title, name) if part),
            signatory_name=name,
            signatory_title=title,
            approval_body=self.letter_words.body_of(member.approval_body, municipality),
            council=self.letter_words.council_of(municipality),
            council_decides=member.approval_body is ApprovalBody.COUNCIL,
            foui_contacts=contacts,
            foui_names=joined([contact.name for contact in contacts]),
            state=self.letter_words.states[standing.state] if standing else "",
            is_leaving=standing is not None and standing.state is PartyState.LEAVING,
            signed_on=day_words(standing.signed_on if standing else None),
            bound_from=day_words(standing.bound_from if standing else None),
            bound_until=day_words(standing.bound_until if standing else None),
        )

    def notices(self) -> tuple[Notice, ...]:
        """Return the municipality's notices, those of one that it continues too."""
        holder_of, on = self.folded.changes.holder_of, self.on
        return tuple(one for one in self.folded.notices if holder_of(one.party, on) == self.party)

    def last_day(self, notice: Notice) -> date | None:
        """Return the last day that a notice leaves its party bound; None where it was not bound on that day.

        It may have left and joined again later: that is not the notice's matter.
        """
        who = {notice.party, self.party}
        received = notice.event.occurred_on
        mine = sorted((one for one in self.folded.bindings if one.party in who), key=lambda one: one.bound_from)
        terms = {one.version.term for one in mine if one.covers(received)}
        last = received - ONE_DAY
        for one in mine:
            if one.version.term in terms and one.bound_from <= last + ONE_DAY:
                last = max(last, one.bound_until)
        return min(last, notice.ends_on) if last >= received else None

    def bound_after(self, day: date) -> tuple[str, ...]:
        """Return who is bound the day after ``day`` by the term that the version belongs to, others than the party."""
        after, term = day + ONE_DAY, self.issued.term
        found = (one.party for one in self.folded.bindings if one.version.term == term and one.covers(after))
        return tuple(one for one in dict.fromkeys(found) if one != self.party)


def day_words(day: date | None) -> str:
    """Return a day as documents write it; '' for none."""
    return written_date(day) if day else ""


def shared_fields(case: Case) -> dict[str, Any]:
    """Return the fields of `LetterContext`."""
    agreement, people, version = case.agreement, case.people, case.version
    known = tuple(party.municipality for party in (case.status.parties if case.status else ()))
    begins = version.in_force_from if version else None
    return {
        "name": version.terms.name if version else agreement.name,
        "region": agreement.region,
        "host_municipality": agreement.host_municipality,
        "motor_municipality": case.names[case.motor],
        "party_names": case.joined(case.numbers),
        "parties": tuple(map(case.letter_party, case.numbers)),
        "others": tuple(case.letter_party(number) for number in known if number not in case.numbers),
        "decision_authority": agreement.decision_authority,
        "activity_authority": agreement.activity_authority,
        "focus_areas": people.focus_areas,
        "resources": agreement.resources,
        "contributions_required": agreement.contributions_required,
        "financing": agreement.local_text.financing,
        "has_financial_commitments": case.agreed.annexes.financial_commitments is not None,
        "has_termination_grounds": bool(agreement.local_text.termination_grounds),
        "annexes": agreement.annexes,
        "cluster_leader": people.cluster_leader,
        "coordinator": people.coordinator,
        "date": written_date(case.on),
        "version": str(version.number) if version else "",
        "document_id": version.terms.document_id if version else "",
        "in_force_from": day_words(begins if begins is not None and begins <= case.on else None),
        "valid_until": day_words(case.valid_until) or case.words.gap,
        "document": DocumentContext(mark(version, case.words), ""),
    }


def mark(version: Version | None, words: Words) -> str:
    """Return what stands at the foot of every page: the agreement's id and version, where there is one."""
    return f"{version.terms.document_id} · {words.version} {version.number}" if version else ""
