"""What stops a file that came back from being filed: each check yields a plan with its reason and mend, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ksf_agreements.domain.filing.case import AS_SENT, Case, Plan, Reason
from ksf_agreements.domain.verdict import FileKind, Integrity, TextMatch, page_runs
from ksf_agreements.text import T, Text


def stop(reason: Reason, why: Text, mend: Text) -> Plan:
    """Return the plan that records nothing."""
    return Plan(reason=reason, why=why, mend=mend)


def _unreadable(case: Case) -> Iterator[Plan]:
    reading = case.verdict.reading
    if reading.kind is FileKind.UNREADABLE:
        remark = next((words for code, words in _UNREADABLE.items() if code in reading.remarks), None)
        yield stop(
            Reason.UNREADABLE,
            remark or T("The file could not be read: it is damaged, or not what its name says."),
            T("Open it yourself; ask for it anew if you cannot, or scan it anew."),
        )


_UNREADABLE: Mapping[str, Text] = {
    "encrypted": T("The file asks for a password."),
    "time": T("The file took too long to read."),
    "memory": T("The file takes more memory to read than a file from outside may."),
}


def _national_id(case: Case) -> Iterator[Plan]:
    places = case.verdict.reading.national_ids
    if places:
        where = tuple(T("page {n}", n=place) if place else T("outside the pages") for place in places)
        yield stop(
            Reason.NATIONAL_ID,
            T("The file holds a national identity number: {where}.", where=where),
            T(
                "Ask for a copy without it. If the number must be there, record the signature yourself with "
                "'ksf sign --file'."
            ),
        )


def _altered(case: Case) -> Iterator[Plan]:
    worst = case.verdict.integrity
    if worst is Integrity.ALTERED:
        yield stop(
            Reason.ALTERED,
            T("The file was changed after it was signed."),
            T("Ask for the file as the signing service returned it."),
        )
    elif worst is Integrity.UNVERIFIED or "signatures-unreadable" in case.verdict.reading.remarks:
        yield stop(
            Reason.UNVERIFIED,
            T("An electronic signature in the file could not be checked."),
            T("Look at it in a PDF reader, and ask for the file anew if it is not valid there either."),
        )


def _not_ours(case: Case) -> Iterator[Plan]:
    reading = case.verdict.reading
    if not reading.found and not case.verdict.matches:
        pages = page_runs(reading.unread)
        if "scans-not-installed" in reading.remarks:
            why = T("Its pages are images, and what reads them is not installed: pip install 'ksf-agreements[signed]'.")
        elif pages:
            why = T("No page of it carries a code that could be read (page {pages}).", pages=pages)
        else:
            why = T("Nothing in it tells which agreement it belongs to.")
        yield stop(
            Reason.NOT_OURS,
            why,
            T("Scan it anew at 200 dots per inch or more, or record the signature yourself with 'ksf sign --file'."),
        )


def _unknown(case: Case) -> Iterator[Plan]:
    known = {(match.document_id, match.version) for match in case.verdict.matches}
    lost = {(page.document_id, page.version): None for page in case.verdict.reading.found}
    if names := tuple(f"{document}/{version}" for document, version in lost if (document, version) not in known):
        yield stop(
            Reason.UNKNOWN_DOCUMENT,
            T("It names a document that this register has not issued: {names}.", names=names),
            T("It may belong to another register; look at the file."),
        )


def _several(case: Case) -> Iterator[Plan]:
    clusters = [match.cluster for match in case.matches]
    electronic = case.verdict.reading.kind is FileKind.SIGNED_PDF and len(case.matches) > 1
    if electronic or len(set(clusters)) < len(clusters):
        names = tuple(
            T("{cluster} version {number}", cluster=match.cluster, number=match.version) for match in case.matches
        )
        yield stop(
            Reason.SEVERAL,
            T("It may belong to several: {names}.", names=names),
            T("Divide the file, one document in each, and take it in again."),
        )


def _other_text(case: Case) -> Iterator[Plan]:
    for match in case.matches:
        if match.text is TextMatch.OTHER_TEXT:
            pages = page_runs((*match.changed, *match.added))
            yield stop(
                Reason.OTHER_TEXT,
                T(
                    "Its text is not the one that was sent of {cluster} version {number} (page {pages}).",
                    cluster=match.cluster,
                    number=match.version,
                    pages=pages or "?",
                ),
                T("See what differs with 'ksf compare {cluster} FILE'.", cluster=match.cluster),
            )


def _unsigned(case: Case) -> Iterator[Plan]:
    for match in case.matches:
        if case.verdict.reading.kind is FileKind.PDF and match.text in AS_SENT and match.drawn:
            yield stop(
                Reason.UNSIGNED,
                T(
                    "It is {cluster} version {number} without an electronic signature, and looks otherwise than what "
                    "was sent (page {pages}).",
                    cluster=match.cluster,
                    number=match.version,
                    pages=page_runs(match.drawn),
                ),
                T("Look at it. If somebody has signed it on the screen, record that with 'ksf sign --file'."),
            )
        elif case.verdict.reading.kind is FileKind.PDF and match.text in AS_SENT:
            yield stop(
                Reason.UNSIGNED,
                T(
                    "It is {cluster} version {number} as it was sent, without an electronic signature.",
                    cluster=match.cluster,
                    number=match.version,
                ),
                T("If somebody has signed it on the screen, record that with 'ksf sign --file'."),
            )


def _other_version(case: Case) -> Iterator[Plan]:
    for match in case.matches:
        cluster, number, current = match.cluster, match.version, case.of(match).current
        if current == number:
            continue
        if current:
            yield stop(
                Reason.OTHER_VERSION,
                T(
                    "It belongs to {cluster} version {number}; version {current} is the one to be signed.",
                    cluster=cluster,
                    number=number,
                    current=current,
                ),
                T("Let them sign version {current}.", current=current),
            )
        elif not case.of(match).parties:
            yield stop(
                Reason.OTHER_VERSION,
                T("It belongs to {cluster} version {number}, which was struck out.", cluster=cluster, number=number),
                T("A signature on it cannot be recorded. Issue the agreement anew, and let them sign that."),
            )
        else:
            yield stop(
                Reason.OTHER_VERSION,
                T("It belongs to {cluster} version {number}, which is over.", cluster=cluster, number=number),
                T(
                    "If it was signed in time, record that with 'ksf sign {cluster} --version {number} --file'.",
                    cluster=cluster,
                    number=number,
                ),
            )


CHECKS: tuple[Callable[[Case], Iterable[Plan]], ...] = (
    _unreadable,
    _national_id,
    _altered,
    _not_ours,
    _unknown,
    _several,
    _other_text,
    _unsigned,
    _other_version,
)
"""What is looked at before anything is recorded; the first that speaks decides."""
