"""The letters of an agreement's life: what each can print, and the table of them. A new letter is a row and a template.

The kinds' names are the templates' without 'ksf-'. As in `context`, the field names are the contract with the people
who write templates, and what is not known is ''.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from types import MappingProxyType

from ksf_agreements.documents.context import (
    AgreementContext,
    AnnexContext,
    Block,
    ContactContext,
    DocumentContext,
    ResourcesContext,
)
from ksf_agreements.documents.papers import PAPERS
from ksf_agreements.text import T, Text

TEMPLATE_PREFIX = "ksf-"


@dataclass(frozen=True, slots=True)
class LetterParty:
    """A municipality in a letter: how it is called, what it is in the cluster, and since when it is bound.

    `approval_body` approves the agreement for it ('byrådet'), `council` is its elected council ('heradsstyret'), and
    `council_decides` tells that they are the same. `signatory` is title and name in one.
    """

    number: str
    name: str
    role: str
    is_motor: bool
    signature_name: str
    signatory: str
    signatory_name: str
    signatory_title: str
    approval_body: str
    council: str
    council_decides: bool
    foui_contacts: tuple[ContactContext, ...]
    foui_names: str
    state: str
    is_leaving: bool
    signed_on: str
    bound_from: str
    bound_until: str


@dataclass(frozen=True, slots=True)
class LetterContext:
    """What every letter can print of its agreement, on the letter's `date`.

    `parties` are those that the letter is about, the motor municipality first: the ones bound that day where the
    letter needs an agreement in force, else the members; `others` are the ones that are not bound. `version` and
    `document_id` are '' until a version has been issued.
    """

    name: str
    region: str
    host_municipality: str
    motor_municipality: str
    party_names: str
    parties: tuple[LetterParty, ...]
    others: tuple[LetterParty, ...]
    decision_authority: str
    activity_authority: str
    focus_areas: tuple[str, ...]
    resources: ResourcesContext
    contributions_required: bool
    financing: tuple[Block, ...]
    has_financial_commitments: bool
    has_termination_grounds: bool
    annexes: tuple[AnnexContext, ...]
    cluster_leader: ContactContext
    coordinator: ContactContext
    date: str
    version: str
    document_id: str
    in_force_from: str
    valid_until: str
    document: DocumentContext


@dataclass(frozen=True, slots=True)
class MunicipalityLetter(LetterContext):
    """A letter to, from or about one municipality."""

    municipality: LetterParty


@dataclass(frozen=True, slots=True)
class SigningLetter(MunicipalityLetter):
    """The cover letter of a version that is sent out for signing; `valid_from` only where the term begins later."""

    deadline: str
    valid_from: str
    each_on_signing: bool


@dataclass(frozen=True, slots=True)
class SignerContext:
    """Who is to sign for a municipality, and in which order from 1; what is not known is ''."""

    order: str
    municipality: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class BundleContext:
    """A PDF that is sent to be signed: which counterpart it is, and `party_names` that sign it, in a sentence."""

    number: str
    file: str
    pages: str
    party_names: str
    signers: tuple[SignerContext, ...]


@dataclass(frozen=True, slots=True)
class LimitsContext:
    """What national e-signing takes: signers of a job, megabytes of a file, days that it is open and is kept."""

    signers: str
    megabytes: str
    open_days: str
    kept_days: str


@dataclass(frozen=True, slots=True)
class SigningGuide(LetterContext):
    """How the package is sent to be signed; `is_split` where there are counterparts."""

    deadline: str
    is_split: bool
    bundles: tuple[BundleContext, ...]
    not_enclosed: tuple[str, ...]
    signers_file: str
    limits: LimitsContext


@dataclass(frozen=True, slots=True)
class InForceLetter(LetterContext):
    """The agreement is in force: who still lacks a FoUI contact, and by when one is asked for ('' = at once)."""

    without_contact: str
    contacts_due: str


@dataclass(frozen=True, slots=True)
class AccessionLetter(LetterContext):
    """The addendum by which `municipality` joins: the `signers` are all bound parties, or the motor municipality."""

    municipality: LetterParty
    signers: tuple[LetterParty, ...]
    by_motor: bool


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """One change of the agreement's text: its clause, what it is about, and the words before and after ('' = none)."""

    clause: str
    about: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class AmendmentLetter(LetterContext):
    """The amendment that all parties sign."""

    changes: tuple[ChangeContext, ...]


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """Who decided something in a municipality, when, and in which case ('' = not known)."""

    body: str = ""
    date: str = ""
    case: str = ""

    def __bool__(self) -> bool:
        """Whether a decision is recorded."""
        return bool(self.body)


@dataclass(frozen=True, slots=True)
class TerminationLetter(MunicipalityLetter):
    """A municipality's own notice: `runs_out_first` where the agreement ends before the year is over."""

    decision: DecisionContext
    runs_out_first: bool


@dataclass(frozen=True, slots=True)
class NoticeContext:
    """A notice that was received: the notice period's last day, and the day the party is bound through.

    They differ where the agreement ends first: `runs_out_first` with its term, `ends_earlier` for another reason.
    `remaining` are the parties bound the day after; `ends_agreement` where fewer than two are left.
    """

    received_on: str
    sent_on: str
    copied_on: str
    ends_on: str
    bound_until: str
    runs_out_first: bool
    ends_earlier: bool
    ends_agreement: bool
    remaining: str


@dataclass(frozen=True, slots=True)
class NoticeLetter(MunicipalityLetter):
    """The confirmation of a notice."""

    notice: NoticeContext


@dataclass(frozen=True, slots=True)
class RenewalLetter(MunicipalityLetter):
    """The invitation to renew: the last day that is proposed, and when an answer is wanted ('' = as soon as may be)."""

    proposed_until: str
    answer_by: str


@dataclass(frozen=True, slots=True)
class YearLetter(LetterContext):
    """A plan or a report of one year."""

    year: int


class Facts(Enum):
    """Which facts a letter rests on."""

    FILE = "file"
    """The cluster file alone: nothing need have been issued."""
    OPEN = "open"
    """A version that has been issued and waits for signatures."""
    IN_FORCE = "in force"
    """A version in force on the letter's date."""
    ISSUED = "issued"
    """Any issued version, also one that has ended."""


class About(Enum):
    """Which municipality a letter is about."""

    NOBODY = "nobody"
    EACH = "each"
    """Each party gets its own; one alone where it is named."""
    NAMED = "named"
    """One that must be named."""


@dataclass(frozen=True, slots=True)
class LetterKind:
    """One kind of letter: its template is 'ksf-' and the name."""

    name: str
    title: Text
    context: type[LetterContext | AgreementContext]
    facts: Facts = Facts.FILE
    about: About = About.NOBODY
    needs_year: bool = False

    @property
    def template(self) -> str:
        """The template's name."""
        return f"{TEMPLATE_PREFIX}{self.name}"


_ROWS = (
    LetterKind(
        "saksframlegg",
        T("case paper with proposed decision, for the municipality's approval"),
        MunicipalityLetter,
        about=About.EACH,
    ),
    LetterKind(
        "oversendelse-signering", T("cover letter for signing"), SigningLetter, facts=Facts.OPEN, about=About.EACH
    ),
    LetterKind("signeringsveiledning", T("how the package is sent to be signed"), SigningGuide, facts=Facts.OPEN),
    LetterKind("ikrafttredelse", T("the agreement is in force"), InForceLetter, facts=Facts.IN_FORCE),
    LetterKind("oppnevning-klyngeleder", T("appointment of the cluster leader"), LetterContext),
    LetterKind(
        "oppnevning-foui-kontakt",
        T("appointment of a municipality's FoUI contacts"),
        MunicipalityLetter,
        about=About.EACH,
    ),
    LetterKind(
        "tiltredelse",
        T("addendum by which a municipality joins"),
        AccessionLetter,
        facts=Facts.IN_FORCE,
        about=About.NAMED,
    ),
    LetterKind("endringsavtale", T("amendment: what the cluster file changes"), AmendmentLetter, facts=Facts.IN_FORCE),
    LetterKind("oppsigelse", T("a municipality's notice"), TerminationLetter, facts=Facts.IN_FORCE, about=About.NAMED),
    LetterKind(
        "bekreftelse-oppsigelse",
        T("confirmation of a notice, with its last day"),
        NoticeLetter,
        facts=Facts.IN_FORCE,
        about=About.NAMED,
    ),
    LetterKind(
        "forespoersel-fornyelse", T("invitation to renew"), RenewalLetter, facts=Facts.IN_FORCE, about=About.EACH
    ),
    LetterKind("partsliste", T("list of the parties bound on a date"), LetterContext, facts=Facts.ISSUED),
    LetterKind("kontaktpersoner", T("contact persons"), AgreementContext),
    LetterKind("handlingsplan", T("skeleton of a year's action plan"), YearLetter, needs_year=True),
    LetterKind("aarsrapport", T("skeleton of a year's report"), YearLetter, needs_year=True),
)
LETTERS: Mapping[str, LetterKind] = MappingProxyType({row.name: row for row in _ROWS})


def context_of(template: str) -> type:
    """Return the class of what a template can print, by the name that the template gives itself."""
    if template in PAPERS:
        return PAPERS[template]
    row = LETTERS.get(template.removeprefix(TEMPLATE_PREFIX))
    return row.context if row is not None and template.startswith(TEMPLATE_PREFIX) else AgreementContext


def not_printed(kind: LetterKind) -> frozenset[str]:
    """Return the fields that a letter's template need not print: what all letters share, and details of parties."""
    shared = {field.name for field in fields(LetterContext)}
    own = {field.name for field in fields(kind.context)} - shared
    details = {f"{name}.{field.name}" for name in own & {"municipality", "signers"} for field in fields(LetterParty)}
    return frozenset(shared | details)
