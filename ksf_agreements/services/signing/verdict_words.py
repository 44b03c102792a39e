"""A verdict in sentences: what the file is, who signed it, whether that holds, and how it stands beside what was sent.

Words for people who know agreements and not certificates: each says what is so, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo

from ksf_agreements.domain.verdict import (
    NOT_VALID,
    ESignature,
    FileKind,
    Integrity,
    Match,
    Reading,
    SignatureKind,
    TextMatch,
    Verdict,
    page_runs,
)
from ksf_agreements.text import TN, Argument, T, Text

Call: TypeAlias = Callable[[str], str]

_NORWAY = ZoneInfo("Europe/Oslo")

_KINDS: Mapping[FileKind, Text] = MappingProxyType(
    {
        FileKind.PDF: T("a PDF without an electronic signature"),
        FileKind.SCAN: T("a scan"),
        FileKind.OTHER: T("neither a PDF nor an image: nothing in it was looked at"),
        FileKind.UNREADABLE: T("a file that could not be read"),
    }
)
_INTEGRITY: Mapping[Integrity, Text] = MappingProxyType(
    {
        Integrity.TRUSTED: T("intact, by an issuer that you trust ({issuer})"),
        Integrity.UNTRUSTED: T("intact, but its issuer is not among those you trust ({issuer})"),
        Integrity.ALTERED: T("does not hold: the file was changed after it was signed"),
        Integrity.UNVERIFIED: T("could not be checked"),
    }
)
_TEXTS: Mapping[TextMatch, Text] = MappingProxyType(
    {
        TextMatch.SAME_BYTES: T("it begins with the very file that was sent"),
        TextMatch.SAME_TEXT: T("every page has the text that was sent"),
        TextMatch.OTHER_TEXT: T("its text is not what was sent"),
        TextMatch.UNKNOWN: T("its text cannot be compared with what was sent"),
    }
)
_OF_SIGNATURES: Mapping[str, Text] = MappingProxyType(
    {
        **NOT_VALID,
        "no-time": T("it does not say when it was signed"),
        "time-stamp": T("its time stamp does not hold"),
        "time-stamp-untrusted": T("the issuer of its time stamp is not among those you trust"),
        "coverage": T("it does not cover the whole file"),
        "changed-after": T("something other than signatures was added later"),
        "document-elsewhere": T("the document that it signs is not in the file, and is not what was sent"),
        "method": T("it was made in a way that is not known here, or no longer safe"),
        "damaged": T("it is damaged"),
    }
)
_OF_FILES: Mapping[str, Text] = MappingProxyType(
    {
        "time": T("It took too long to read."),
        "memory": T("It took too much memory to read."),
        "output": T("There is too much in it."),
        "crash": T("The program that reads it broke down."),
        "encrypted": T("It asks for a password. Ask for a copy without one."),
        "damaged": T("It is damaged. Ask for a new copy."),
        "guessed-text": T("It is a scan whose text was guessed by a machine; the pages were looked at instead."),
        "signatures-unreadable": T("It has an electronic signature that cannot be read."),
        "esign-not-installed": T(
            "Electronic signatures were not checked: that part is not installed. Install it with "
            "'pip install \"ksf-agreements[signed]\"'."
        ),
        "scans-not-installed": T(
            "Scanned pages were not read: that part is not installed. Install it with "
            "'pip install \"ksf-agreements[signed]\"'."
        ),
    }
)
_OF_TRUST: Mapping[str, Text] = MappingProxyType(
    {
        "no-trust-roots": T(
            "No trusted issuers are set: put their certificates in a folder, and name it as trust_roots in ksf.toml."
        ),
        "trust-root-unreadable": T("A file in the folder of trusted certificates could not be read."),
    }
)


def verdict_lines(verdict: Verdict, call: Call) -> tuple[Text, ...]:
    """Return a verdict as lines; ``call`` names a municipality."""
    return tuple(_lines(verdict, call))


def _lines(verdict: Verdict, call: Call) -> Iterator[Text]:
    reading = verdict.reading
    yield T("The file is {what}.", what=_what(reading))
    yield from (_OF_FILES[remark] for remark in reading.remarks if remark in _OF_FILES)
    yield from signature_lines(reading)
    yield from (_OF_TRUST[remark] for remark in reading.remarks if remark in _OF_TRUST)
    if _signers(reading):
        yield T("Whether certificates have been revoked was not looked up: nothing is fetched from the network.")
    for match in verdict.matches:
        yield from match_lines(match, call)
    if not verdict.matches and reading.kind is not FileKind.OTHER and reading.pages:
        yield unknown_line(reading)


def _what(reading: Reading) -> tuple[Text, ...]:
    if reading.kind is FileKind.SIGNED_PDF and (count := len(_signers(reading))):
        what = TN("a PDF with {n} electronic signature", "a PDF with {n} electronic signatures", count)
    elif reading.kind is FileKind.SIGNED_PDF:
        what = T("a PDF with an electronic signature")
    else:
        what = _KINDS[reading.kind]
    return (what, TN("{n} page", "{n} pages", reading.pages)) if reading.pages else (what,)


def _signers(reading: Reading) -> tuple[ESignature, ...]:
    return tuple(one for one in reading.signatures if one.kind is not SignatureKind.TIME_STAMP)


def signature_lines(reading: Reading) -> Iterator[Text]:
    """Yield the signatures of a file as lines, each with the reason that was given for it."""
    for one in reading.signatures:
        yield signature_line(one)
        if one.reason:
            yield T('    With the words "{reason}".', reason=one.reason)


def signature_line(signature: ESignature) -> Text:
    """Return one signature as a line: who, when, and whether it holds."""
    held = Text(_INTEGRITY[signature.integrity].msgid, (("issuer", signature.issuer or "?"),))
    if signature.integrity is Integrity.UNTRUSTED and signature.remark in NOT_VALID:
        held = T("intact")  # whether the issuer is trusted is not known then
    more = _OF_SIGNATURES.get(signature.remark)
    holds = (held, more) if more else (held,)
    who: str | Text = signature.signer or T("somebody unknown")
    if signature.signer and signature.organisation not in {"", signature.signer}:
        who = f"{signature.signer} ({signature.organisation})"
    shown: dict[str, Argument] = {"who": who, "when": _when(signature), "holds": holds}
    if signature.kind is SignatureKind.SEAL:
        return T("  Sealed by {who}, {when}: {holds}.", **shown)
    if signature.kind is SignatureKind.TIME_STAMP:
        return T("  Time stamp by {who}, {when}: {holds}.", **shown)
    if signature.kind is SignatureKind.EMBEDDED:
        return T("  Signed by {who}, {when}, within the seal: {holds}.", **shown)
    return T("  Signed by {who}, {when}: {holds}.", **shown)


def _when(signature: ESignature) -> Text:
    if signature.signed_at is None:
        return T("time unknown")
    when = clock(signature.signed_at)
    return T("{time} by a time stamp", time=when) if signature.timestamped else T("{time} by its own word", time=when)


def clock(instant: datetime) -> str:
    """Return an instant as it was on the clocks in Norway: '3.2.2026 13:30'."""
    local = instant.astimezone(_NORWAY)
    return f"{local.day}.{local.month}.{local.year} {local:%H:%M}"


def day_of(signature: ESignature) -> date | None:
    """Return the day of a signature, as it was in Norway."""
    return signature.signed_at.astimezone(_NORWAY).date() if signature.signed_at else None


def match_lines(match: Match, call: Call) -> Iterator[Text]:
    """Yield how a file stands beside one version."""
    yield T(
        "It belongs to {cluster}, version {n} ({document}): {text}.",
        cluster=match.cluster,
        n=match.version,
        document=match.document_id,
        text=_TEXTS[match.text],
    )
    if match.part:
        yield T("  It is counterpart {n}.", n=match.part)
    if match.newer:
        yield T(
            "  The package has been made anew since this one was sent: look whether the annexes are the right ones."
        )
    told: tuple[tuple[tuple[int, ...], Text], ...] = (
        (match.missing, T("  Pages of the package that are not in the file: {pages}.", pages=page_runs(match.missing))),
        (match.changed, T("  Pages with another text than what was sent: {pages}.", pages=page_runs(match.changed))),
        (match.added, T("  Pages that were not sent: {pages}. Look at them.", pages=page_runs(match.added))),
        (
            match.stamped,
            T(
                "  Pages where a few words are added to what was sent: {pages}. Look at them.",
                pages=page_runs(match.stamped),
            ),
        ),
        (
            match.drawn,
            T(
                "  Pages that look otherwise than what was sent, by a note, a picture or something covered: {pages}. "
                "Look at them.",
                pages=page_runs(match.drawn),
            ),
        ),
        (match.pictures, T("  Pages without text, which were not compared: {pages}.", pages=page_runs(match.pictures))),
    )
    yield from (text for places, text in told if places)
    if match.parties:
        text = T("  Signature blocks on its pages: {parties}.", parties=tuple(map(call, match.parties)))
        yield text


def unknown_line(reading: Reading) -> Text:
    """Return why a file belongs to no version."""
    if reading.found:
        found = documents_of(reading)
        return T("Its pages name a document that this register does not know: {documents}.", documents=found)
    return T("No page carries a mark of an issued agreement: look yourself whether it is the right one.")


def documents_of(reading: Reading) -> tuple[Text, ...]:
    """Return the documents that the pages of a file name, each once."""
    return tuple(dict.fromkeys(named(page.document_id, page.version) for page in reading.found))


def named(document_id: str, version: int) -> Text:
    """Return a document as sentences name it."""
    return T("{id} version {n}", id=document_id, n=version)


def id_warning(reading: Reading, event: int) -> Text:
    """Return what to do about national identity numbers in a file that event ``event`` has kept."""
    where = tuple(number for number in reading.national_ids if number)
    shown = (
        T("page {pages}", pages=page_runs(where)) if where else T("outside its pages, as in a signature's certificate")
    )
    return T(
        "The file holds a national identity number ({where}). It does not belong in the register: get a copy without "
        "it, and remove this one with 'ksf erase {event} --reason \"...\"'.",
        where=shown,
        event=event,
    )
