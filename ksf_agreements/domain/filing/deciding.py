"""What becomes of a file that came back: a pure answer from its verdict and from what the register knows.

What is sure is recorded: a trusted electronic signature of exactly the signatory who was planned, on the very text that
was sent; a scan whose codes name what was sent. Anything else is a person's to decide. Whose ink is on a page is never
guessed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from ksf_agreements.domain.events import Authority
from ksf_agreements.domain.filing.case import Case, Known, Plan, Question, Reason, Signer
from ksf_agreements.domain.filing.checks import CHECKS, stop
from ksf_agreements.domain.verdict import NOT_VALID, ESignature, Integrity, Match, TextMatch, page_runs
from ksf_agreements.text import TN, T, Text

_POWERS = {"ordfører": Authority.MAYOR, "ordførar": Authority.MAYOR}
"""By what power somebody signs, where the title alone tells it."""


def decide(case: Case, recorded: tuple[int, ...] = ()) -> Plan:
    """Decide on a file; ``recorded`` are the events that name it already."""
    refused = next((plan for check in CHECKS for plan in check(case)), None)
    if refused is not None:
        return Plan(repeated=recorded) if recorded else refused
    signed = _signers(case)
    if isinstance(signed, Plan):
        return Plan(repeated=recorded) if recorded else signed
    if signed:
        new = tuple(one for one in signed if case.known[one.cluster, one.version].parties[one.party].signed_on is None)
        if new or recorded:
            return Plan(signers=new, repeated=() if new else recorded)
        # Recorded without this file: it is evidence all the same, and is kept.
        told = T(
            "Its signatures are recorded already, without this file (event {events}).", events=_events(case, signed)
        )
        return Plan(received=case.matches, notes=(told,))
    received = tuple(match for match in case.matches if not case.of(match).received)
    return Plan(
        received=received,
        questions=tuple(question for match in case.matches for question in _questions(case, match)),
        notes=tuple(_notes(case)),
        repeated=() if received else recorded,
    )


def _signers(case: Case) -> tuple[Signer, ...] | Plan:
    """Return whose signatures are sure: all people's in the file, or none; a plan where the register says otherwise."""
    if case.verdict.integrity is not Integrity.TRUSTED or len(case.matches) != 1:
        return ()
    (match,) = case.matches
    people = case.people
    found = tuple(_signer(case, match, one) for one in people)
    sure = tuple(one for one in found if one is not None)
    if not _as_sent(match) or len(sure) < len(people):
        return ()
    if len({one.party for one in sure}) < len({(one.party, one.on) for one in sure}):
        return ()  # one party with two days
    for one in sure:
        party = case.of(match).parties[one.party]
        if party.signed_on not in {None, one.on}:
            assert party.signed_on is not None  # noqa: S101 (just looked)
            return stop(
                Reason.OTHER_SIGNATURE,
                T(
                    "{party} signed on {day} by this file, and on {recorded} by what is recorded (event {event}).",
                    party=party.called,
                    day=one.on,
                    recorded=party.signed_on,
                    event=party.event,
                ),
                T(
                    "If what is recorded is wrong, void it with 'ksf void {event}', and take the file in again.",
                    event=party.event,
                ),
            )
    return tuple(dict.fromkeys(sure))


def _as_sent(match: Match) -> bool:
    """Whether a file holds what was sent and no more: a page, a line or a note that was added may be a reservation."""
    whole = match.text is TextMatch.SAME_BYTES or (match.text is TextMatch.SAME_TEXT and not match.missing)
    return whole and not (match.added or match.stamped or match.drawn)


def _signer(case: Case, match: Match, signature: ESignature) -> Signer | None:
    """Return who signed, where exactly one party planned that name; None where any of it must be guessed."""
    parties = case.of(match).parties
    own = [number for number, party in parties.items() if party.name and same_name(party.name, signature.signer)]
    if len(own) != 1 or signature.signed_at is None or not signature.covers:
        return None
    if signature.reason:
        return None  # 'with a reservation' may stand there
    number, party = own[0], parties[own[0]]
    authority = _POWERS.get(party.title.strip().casefold())
    if authority is None or (match.parties and number not in match.parties):
        return None
    day = case.day_of(signature.signed_at)
    return Signer(match.cluster, match.version, number, party.name, party.title, day, authority)


def same_name(left: str, right: str) -> bool:
    """Whether two names are the same but for letter case and spaces."""
    return _plain(left) == _plain(right)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _events(case: Case, signers: tuple[Signer, ...]) -> tuple[str, ...]:
    events = {case.known[one.cluster, one.version].parties[one.party].event for one in signers}
    return tuple(map(str, sorted(events)))


# Scans, and what a person must tell


def _questions(case: Case, match: Match) -> Iterator[Question]:
    known = case.of(match)
    if known.signed:
        return  # somebody has told whose signatures are in this file
    people = case.people
    for one in people:
        day = case.day_of(one.signed_at) if one.signed_at else None
        if waiting := _waiting(known, match.parties or tuple(known.parties)):
            yield Question(match.cluster, match.version, None, waiting, one.signer, day)
    for page in () if people else match.signature_pages:
        blocks = tuple(party for party in known.blocks.get(page, ()) if party in match.parties)
        if waiting := _waiting(known, blocks or match.parties):
            yield Question(match.cluster, match.version, page, waiting)


def _waiting(known: Known, parties: Iterable[str]) -> tuple[str, ...]:
    """Return those parties of the version that have not signed."""
    return tuple(one for one in parties if one in known.parties and known.parties[one].signed_on is None)


def _notes(case: Case) -> Iterator[Text]:
    reading = case.verdict.reading
    if reading.unread:
        yield TN(
            "{n} page of the file carries no code that could be read, page {pages}: an annex, or something else. "
            "Look at it.",
            "{n} pages of the file carry no code that could be read, pages {pages}: annexes, or something else. "
            "Look at them.",
            len(reading.unread),
            pages=page_runs(reading.unread),
        )
    for one in case.people:
        if one.reason:
            yield T('{name} signed with the words "{reason}".', name=one.signer or "?", reason=one.reason)
    if "esign-not-installed" in reading.remarks:
        yield T(
            "Electronic signatures were not checked: that part is not installed. Install it with "
            "'pip install \"ksf-agreements[signed]\"'."
        )
    if against := tuple(dict.fromkeys(NOT_VALID[one.remark] for one in case.people if one.remark in NOT_VALID)):
        yield T("The electronic signature is intact, but {reasons}. No signature is recorded of it.", reasons=against)
    elif case.verdict.integrity is Integrity.UNTRUSTED:
        yield T(
            "The electronic signature is intact, but you have not said that you trust its issuer (trust_roots in "
            "ksf.toml). No signature is recorded of it."
        )
    elif case.verdict.integrity is Integrity.TRUSTED:
        yield T(
            "Who signed electronically, or what, is not in every respect what was planned and sent. No signature is "
            "recorded of it."
        )
    elif not any(match.signature_pages for match in case.matches):
        yield T("No page to be signed is in the file.")
