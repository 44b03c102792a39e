"""What a template can print: typed, frozen, plain values, made from a cluster that has been checked.

The field names are the contract with the people who write templates; `ksf template lint` checks against them.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ksf_agreements.documents.wording import WORDS, Words, joined, written_date
from ksf_agreements.domain.agreement import AgreementKind, Role
from ksf_agreements.domain.cluster import Cluster, LocalText, Member, Person, Region, Regions
from ksf_agreements.domain.municipality import MunicipalityRegister


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a bullet of local text."""

    text: str
    bullet: bool


@dataclass(frozen=True, slots=True)
class ContactContext:
    """Someone who is named; what is not known is ''."""

    name: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""

    def __bool__(self) -> bool:
        """Whether anybody is named."""
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class PartyContext:
    """A municipality that is a party: `name` in running text, `signature_name` in its signature block."""

    name: str
    role: str
    is_motor: bool
    signature_name: str
    signatory_name: str
    signatory_title: str
    foui_contacts: tuple[ContactContext, ...]


@dataclass(frozen=True, slots=True)
class AnnexContext:
    """An annex with its number in this version."""

    number: int
    title: str


@dataclass(frozen=True, slots=True)
class ResourcesContext:
    """Resources in words (cl. 7); `foui_contact` is '' where nothing is agreed."""

    cluster_leader: str
    foui_contact: str


@dataclass(frozen=True, slots=True)
class LocalTextContext:
    """Local text by clause; an empty tuple leaves no trace."""

    purpose: tuple[Block, ...]
    background: tuple[Block, ...]
    aims: tuple[Block, ...]
    organisation: tuple[Block, ...]
    financing: tuple[Block, ...]
    other_agreements: tuple[Block, ...]
    termination_grounds: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """What a document says of itself: `mark` on every page, `qr_alt` ('' = no QR code) the code's alternative text."""

    mark: str
    qr_alt: str


NO_MARK = DocumentContext("", "")


@dataclass(frozen=True, slots=True)
class AgreementContext:
    """Everything that the agreement and its list of contact persons can print."""

    name: str
    motor_municipality: str
    party_names: str
    region: str
    host_municipality: str
    decision_authority: str
    activity_authority: str
    focus_areas: tuple[str, ...]
    valid_until: str
    resources: ResourcesContext
    contributions_required: bool
    local_text: LocalTextContext
    parties: tuple[PartyContext, ...]
    annexes: tuple[AnnexContext, ...]
    contacts_annex: int
    cluster_leader: ContactContext
    coordinator: ContactContext
    document: DocumentContext

    def content_hash(self, *also: str) -> str:
        """Return 12 hex digits that stand for what the document says, and for ``also`` (the template's digest)."""
        bare = self if self.document == NO_MARK else self.marked(NO_MARK)
        said = repr((bare, also))
        return hashlib.sha256(said.encode("utf-8")).hexdigest()[:12]

    def marked(self, document: DocumentContext) -> AgreementContext:
        """Return the same content with another mark."""
        return replace(self, document=document)


def agreement_context(
    cluster: Cluster, kind: AgreementKind, municipalities: MunicipalityRegister, regions: Regions
) -> AgreementContext:
    """Return what the documents of ``cluster`` print; what it lacks is marked as a gap ('(avklares)').

    Call it for a cluster without errors: an unknown municipality would be printed as its number.
    """
    words = WORDS[cluster.language]
    names = running_names(cluster, municipalities)
    region = regions.get(cluster.region or "")
    annexes = _annexes(cluster, words)
    authority = cluster.decision_authority or words.gap
    return AgreementContext(
        name=cluster.name or words.gap,
        motor_municipality=names.get(cluster.motor_municipality or "", words.gap),
        party_names=joined([names[member.municipality] for member in cluster.parties()]) or words.gap,
        region=region.name if region else words.gap,
        host_municipality=_host(region, names, municipalities) or words.gap,
        decision_authority=authority,
        activity_authority=cluster.activity_authority or authority,
        focus_areas=cluster.focus_areas,
        valid_until=written_date(cluster.valid_until) if cluster.valid_until else words.gap,
        resources=ResourcesContext(cluster.resources.cluster_leader or words.gap, cluster.resources.foui_contact or ""),
        contributions_required=cluster.contributions_required,
        local_text=_local_text(cluster.local_text),
        parties=tuple(_party(member, cluster, kind, names) for member in cluster.parties()),
        annexes=annexes,
        contacts_annex=next(annex.number for annex in annexes if annex.title == words.contacts),
        cluster_leader=_contact(cluster.cluster_leader),
        coordinator=_contact(region.coordinator if region else None),
        document=NO_MARK,
    )


def running_names(cluster: Cluster, municipalities: MunicipalityRegister) -> Mapping[str, str]:
    """Return the members' names in running text by number; two of one name get their county."""
    known = {member.municipality: municipalities.get(member.municipality) for member in cluster.members}
    shared = Counter(found.name for found in known.values() if found is not None)
    return {
        number: found.title(with_county=shared[found.name] > 1) if found is not None else number
        for number, found in known.items()
    }


def _host(region: Region | None, names: Mapping[str, str], municipalities: MunicipalityRegister) -> str:
    if region is None:
        return ""
    if region.host_municipality in names:
        return names[region.host_municipality]
    found = municipalities.get(region.host_municipality)
    return found.title() if found else region.host_municipality


def _party(member: Member, cluster: Cluster, kind: AgreementKind, names: Mapping[str, str]) -> PartyContext:
    is_motor = member.municipality == cluster.motor_municipality
    role = Role.MOTOR_MUNICIPALITY if is_motor else Role.PARTNER_MUNICIPALITY
    name = names[member.municipality]
    signatory = member.signatory
    return PartyContext(
        name=name,
        role=kind.role_words[cluster.language][role],
        is_motor=is_motor,
        signature_name=member.name_as_signed or name,
        signatory_name=(signatory.name if signatory else None) or "",
        signatory_title=(signatory.title if signatory else None) or "",
        foui_contacts=tuple(_contact(person) for person in member.foui_contacts),
    )


def _contact(person: Person | None) -> ContactContext:
    if person is None:
        return ContactContext()
    return ContactContext(person.name, person.title or "", person.email or "", person.phone or "")


def _annexes(cluster: Cluster, words: Words) -> tuple[AnnexContext, ...]:
    """Return the annexes that are present, numbered in KS's order; what comes later is named as such."""
    titles = [words.plan]
    if cluster.annexes.financial_commitments:
        titles.append(words.financial_commitments)
    titles.append(words.action_plan if cluster.annexes.action_plan else words.action_plan_later)
    titles.append(words.contacts)
    if cluster.annexes.mandate:
        titles.append(words.mandate)
    elif not cluster.focus_areas:
        titles.append(words.focus_areas_later.format(authority=cluster.decision_authority or words.gap))
    return tuple(AnnexContext(number, title) for number, title in enumerate(titles, 1))


def _local_text(texts: LocalText) -> LocalTextContext:
    return LocalTextContext(**{field: blocks(text or "") for field, text in texts})


_BULLET = re.compile(r"[-*•]\s+")


def blocks(text: str) -> tuple[Block, ...]:
    """Return the paragraphs and bullets of a text.

    A blank line parts paragraphs; a line that begins with '- ' (or '• ', '* ') is a bullet, and indented lines
    after it belong to it. Other line breaks stand as they are.
    """
    found: list[Block] = []
    open_block = False
    for line in text.split("\n"):
        bullet = _BULLET.match(line)
        if not line.strip():
            open_block = False
        elif bullet:
            found.append(Block(line[bullet.end() :], bullet=True))
            open_block = True
        elif open_block and (not found[-1].bullet or line[0] in " \t"):
            more = line.strip() if found[-1].bullet else line
            found[-1] = replace(found[-1], text=f"{found[-1].text}\n{more}")
        else:
            found.append(Block(line, bullet=False))
            open_block = True
    return tuple(found)
