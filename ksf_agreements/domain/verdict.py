"""What a file that came back is: frozen verdicts with documented fields; nothing here reads a file.

A `Reading` is what the file says of itself, found in a bounded child process; a `Verdict` is a reading beside what the
register knows was sent. Both hold names of signers: they are kept beside the chain, and can be erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from ksf_agreements.text import T, Text


class FileKind(StrEnum):
    """What a file is, by its content and not by its name."""

    SIGNED_PDF = "signed_pdf"
    """A PDF with at least one electronic signature."""
    PDF = "pdf"
    """A PDF with text, without a signature."""
    SCAN = "scan"
    """A PDF or an image of pages without text of their own."""
    OTHER = "other"
    UNREADABLE = "unreadable"


class SignatureKind(StrEnum):
    """What an electronic signature is."""

    PERSON = "person"
    SEAL = "seal"
    """An organisation's seal, as signing services put on what they return."""
    EMBEDDED = "embedded"
    """A person's XAdES signature, embedded in a sealed file."""
    TIME_STAMP = "time_stamp"
    """A time stamp on the whole file: nobody's signature."""


class Integrity(StrEnum):
    """What can be said of a signature and the bytes it covers."""

    TRUSTED = "trusted"
    """Intact, and its issuer is trusted by the settings."""
    UNTRUSTED = "untrusted"
    """Intact, but its issuer is not among the trusted ones."""
    ALTERED = "altered"
    """The file was changed after it was signed."""
    UNVERIFIED = "unverified"
    """It could not be checked (an unknown method, a damaged signature); `ESignature.remark` tells why."""


class TextMatch(StrEnum):
    """How a file's text stands beside what was sent."""

    SAME_BYTES = "same_bytes"
    """The file begins with the very bytes that were sent."""
    SAME_TEXT = "same_text"
    OTHER_TEXT = "other_text"
    UNKNOWN = "unknown"
    """There is no text to compare, as in a scan."""


NOT_VALID: Mapping[str, Text] = MappingProxyType(
    {
        "expired": T("the certificate had expired when it was signed"),
        "not-yet-valid": T("the certificate was not valid yet when it was signed"),
        "revoked": T("the certificate was revoked"),
    }
)
"""Remarks on a certificate that nobody may rely on, whoever issued it."""


class Frozen(BaseModel):
    """A value that never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ESignature(Frozen):
    """An electronic signature: who, by which issuer's certificate, when, and whether it holds.

    `signer` is the certificate's common name; `organisation` its organisation or ''; `signed_at` is UTC, from a time
    stamp where `timestamped`, else as the signer's machine said; `covers` tells that it covers the whole file, but for
    later signatures; `reason` is what the signer wrote as the reason, or ''; `remark` is a code of what else there is
    to know, or '' (`verdict_words` has their words). An embedded signature signs a document by its hash: `documents`
    are those ('sha256:…'), and `issuer_trusted` is kept for whoever knows the document (`evidence`).
    """

    signer: str
    organisation: str = ""
    issuer: str = ""
    signed_at: datetime | None = None
    timestamped: bool = False
    kind: SignatureKind = SignatureKind.PERSON
    integrity: Integrity
    covers: bool = False
    reason: str = ""
    remark: str = ""
    documents: tuple[str, ...] = ()
    issuer_trusted: bool = False


class FoundPage(Frozen):
    """A page that carries a code of ours.

    `place` is its number in the file, from 1; `page` its number in the package that was sent, None where only the
    document's own code was found; `turned` how many degrees it was turned clockwise (0, 90, 180, 270).
    """

    place: int
    document_id: str
    version: int
    page: int | None = None
    turned: int = 0


class Reading(Frozen):
    """What a file says of itself.

    `texts` are SHA-256 of each page's normalised text ('' for a page without text); `blank` the numbers of pages
    without anything on them; `unread` of pages that show something but no code of ours; `national_ids` the pages that
    hold an 11-digit number with valid control digits (0: outside the pages), never the numbers; `remarks` are codes.
    """

    sha256: str
    size: int
    kind: FileKind
    pages: int = 0
    signatures: tuple[ESignature, ...] = ()
    found: tuple[FoundPage, ...] = ()
    texts: tuple[str, ...] = ()
    blank: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    national_ids: tuple[int, ...] = ()
    remarks: tuple[str, ...] = ()


class Match(Frozen):
    """A version that a file belongs to.

    `pages` are the pages of the package that are in the file, of `of`; `missing` those that are not; `signature_pages`
    those of them that carry signature blocks, `parties` whose blocks they are. `part` is the counterpart, from 1; 0
    where there is only one, or it could not be told which. `newer` counts the packages of the version that were made
    after the one that it is: their annexes are others.

    The rest are places in the file: `changed` carry our mark and another text than what was sent, `added` were not sent
    at all, `stamped` hold all of a page that was sent and some words more, as signing services add, `drawn` have its
    text and look otherwise (a note, a picture, something covered), and `pictures` have no text to compare.
    """

    cluster: str
    version: int
    document_id: str
    text: TextMatch
    pages: tuple[int, ...] = ()
    of: int = 0
    missing: tuple[int, ...] = ()
    signature_pages: tuple[int, ...] = ()
    parties: tuple[str, ...] = ()
    part: int = 0
    newer: int = 0
    changed: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    stamped: tuple[int, ...] = ()
    drawn: tuple[int, ...] = ()
    pictures: tuple[int, ...] = ()


class Verdict(Frozen):
    """What a file is, beside what the register knows. `matches` are the versions it belongs to, often one."""

    reading: Reading
    matches: tuple[Match, ...] = ()

    def match(self, document_id: str, version: int) -> Match | None:
        """Return how the file stands beside a version, or None where it does not belong to it."""
        return next((one for one in self.matches if (one.document_id, one.version) == (document_id, version)), None)

    @property
    def people(self) -> tuple[ESignature, ...]:
        """The electronic signatures of people."""
        personal = {SignatureKind.PERSON, SignatureKind.EMBEDDED}
        return tuple(one for one in self.reading.signatures if one.kind in personal)

    @property
    def integrity(self) -> Integrity | None:
        """The worst that any signature says; None where there is none."""
        order = (Integrity.ALTERED, Integrity.UNVERIFIED, Integrity.UNTRUSTED, Integrity.TRUSTED)
        seen = {signature.integrity for signature in self.reading.signatures}
        return next((one for one in order if one in seen), None)


def page_runs(numbers: Iterable[int]) -> str:
    """Return page numbers, those in a row together: '1–3, 7'."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
