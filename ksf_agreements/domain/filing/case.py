"""What is known when a file that came back is decided on, and what is decided: frozen values, no rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from ksf_agreements.domain.events import Authority
from ksf_agreements.domain.verdict import ESignature, Match, TextMatch, Verdict
from ksf_agreements.text import Text

DayOf: TypeAlias = Callable[[datetime], date]
"""The calendar date in Norway of an instant."""
AS_SENT = frozenset({TextMatch.SAME_BYTES, TextMatch.SAME_TEXT})


class Reason(StrEnum):
    """Why a person must decide; nothing of the file was recorded."""

    UNREADABLE = "unreadable"
    NATIONAL_ID = "national_id"
    ALTERED = "altered"
    UNVERIFIED = "unverified"
    NOT_OURS = "not_ours"
    UNKNOWN_DOCUMENT = "unknown_document"
    SEVERAL = "several"
    OTHER_TEXT = "other_text"
    UNSIGNED = "unsigned"
    OTHER_VERSION = "other_version"
    OTHER_SIGNATURE = "other_signature"
    REFUSED = "refused"
    """The register does not take it; its own words tell why."""


@dataclass(frozen=True, slots=True)
class Party:
    """A party of a version: as sentences name it, who was planned to sign for it, and when it has signed."""

    called: str
    name: str = ""
    title: str = ""
    signed_on: date | None = None
    event: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the register knows of a version that a file belongs to.

    `current` is the version that signatures are for, the one that is open or in force, 0 where there is none.
    `blocks` are the parties whose signature blocks are on a page of what was sent. `received` is the event by which
    this very file was filed with it, 0 where it was not; `signed` tells that a recorded signature names this very file.
    """

    cluster: str
    version: int
    current: int
    parties: Mapping[str, Party]
    blocks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    received: int = 0
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Signer:
    """A signature that is sure: whose, for which party, and of which day."""

    cluster: str
    version: int
    party: str
    name: str
    title: str
    on: date
    authority: Authority


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person can tell: whose signature is on a page (None: somewhere in the file) of a version.

    `parties` are those it may be of: whose blocks are on the page and who have not signed. `name` and `on` are what an
    electronic signature says.
    """

    cluster: str
    version: int
    page: int | None
    parties: tuple[str, ...]
    name: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What shall become of a file.

    `signers` are recorded and `received` filed; `questions` are asked; `notes` told. Where `reason` is set nothing is
    recorded, `why` tells it and `mend` what to do. `repeated` are events that have recorded the file already.
    """

    signers: tuple[Signer, ...] = ()
    received: tuple[Match, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Text, ...] = ()
    reason: Reason | None = None
    why: Text | None = None
    mend: Text | None = None
    repeated: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A verdict beside what the register knows of each version in it, by cluster and version."""

    verdict: Verdict
    known: Mapping[tuple[str, int], Known]
    day_of: DayOf

    @property
    def matches(self) -> tuple[Match, ...]:
        """The versions, each once: the parts of a version together."""
        return tuple({(one.cluster, one.version): one for one in self.verdict.matches}.values())

    def of(self, match: Match) -> Known:
        """Return what is known of a version."""
        return self.known[match.cluster, match.version]

    @property
    def people(self) -> tuple[ESignature, ...]:
        """The electronic signatures of people."""
        return self.verdict.people
