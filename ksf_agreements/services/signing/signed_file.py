"""The file that comes with a signature: its verdict, what speaks against recording it, and what is to be told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ksf_agreements.domain.events import Method
from ksf_agreements.domain.verdict import FileKind, Integrity, Match, TextMatch, Verdict, page_runs
from ksf_agreements.domain.versions import Version
from ksf_agreements.errors import UsageError
from ksf_agreements.services.desk import Desk, Work, document
from ksf_agreements.services.signing.evidence import Examiner
from ksf_agreements.services.signing.verdict_words import (
    day_of,
    documents_of,
    id_warning,
    named,
    verdict_lines,
)
from ksf_agreements.text import T, Text

JSON_TYPE = "application/json"
_HOLDS = frozenset({Integrity.TRUSTED, Integrity.UNTRUSTED})


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file with its verdict."""

    data: bytes
    media_type: str
    verdict: Verdict

    def method(self, name: str) -> Method:
        """Return how somebody signed, as the file shows: electronically where a signature that holds names them."""
        held = (one for one in self.verdict.people if one.integrity in _HOLDS and same_person(one.signer, name))
        return Method.EID if any(held) else Method.INK

    def keep_verdict(self, work: Work) -> str:
        """Keep the verdict beside the chain, and return its SHA-256: it holds names, and can be erased."""
        return work.transaction.keep_file(self.verdict.model_dump_json().encode(), JSON_TYPE)

    def refusal(self, cluster: str, version: Version) -> Text | None:
        """Return what plainly speaks against it: changed after signing, another version or document, another text."""
        if self.verdict.integrity is Integrity.ALTERED:
            return T("the file was changed after it was signed.")
        match = self._match(version)
        if match is None and self.verdict.reading.found:
            return self._another(cluster, version)
        if match is not None and match.text is TextMatch.OTHER_TEXT:
            places = (*match.changed, *match.added)
            return T(
                "the text of the file is not what was sent (page {pages}). 'ksf compare {cluster} FILE' shows what "
                "differs.",
                pages=page_runs(places),
                cluster=cluster,
            )
        return None

    def _another(self, cluster: str, version: Version) -> Text:
        of = tuple(T("{cluster}, version {n}", cluster=one.cluster, n=one.version) for one in self.verdict.matches)
        if of:
            signed = T("{cluster}, version {n}", cluster=cluster, n=version.number)
            return T("the file is {what}, and not {signed}.", what=of, signed=signed)
        return T(
            "the file is another document ({found}), and not {document}.",
            found=documents_of(self.verdict.reading),
            document=named(version.terms.document_id, version.number),
        )

    def doubts(
        self, cluster: str, version: Version, party: str, name: str, on: date, call: Callable[[str], str]
    ) -> Iterator[Text]:
        """Yield what is unusual, and does not stop the recording."""
        reading, match = self.verdict.reading, self._match(version)
        if (against := self.refusal(cluster, version)) is not None:
            yield T("Recorded even so: {reason}", reason=against)
        if reading.kind in {FileKind.UNREADABLE, FileKind.OTHER}:
            yield T("What the file says could not be looked at. Open it, and see that it is the right one.")
        if persons := self.verdict.people:
            mine = tuple(one for one in persons if same_person(one.signer, name))
            if not mine:
                signers = tuple(one.signer or "?" for one in persons)
                yield T("No signature in the file is {name}'s. It is signed by {signers}.", name=name, signers=signers)
            elif all((day := day_of(one)) is not None and day != on for one in mine):
                days = tuple(day for one in mine if (day := day_of(one)) is not None)
                yield T("The file says that {name} signed on {day}, not on {on}.", name=name, day=days[0], on=on)
        elif match is None and reading.pages and not reading.found:
            yield T("Nothing in the file shows which document it is. Open it, and see that it is the right one.")
        if match is not None and match.of and match.pages and party not in match.parties:
            yield T("No page in the file has the signature block of {party}.", party=call(party))

    def lines(self, call: Callable[[str], str], event: int) -> Iterator[Text]:
        """Yield the verdict, and what is to be done about it, once event ``event`` has kept the file."""
        yield from verdict_lines(self.verdict, call)
        if self.verdict.reading.national_ids:
            yield id_warning(self.verdict.reading, event)

    def _match(self, version: Version) -> Match | None:
        return self.verdict.match(version.terms.document_id, version.number)


def signed_file(desk: Desk, path: Path) -> SignedFile:
    """Read a file of the user's and look at it. Raises `UsageError` where it cannot be read, or holds nothing."""
    data, media_type = document(path)
    if not data:
        raise UsageError(T("{file} is empty. Ask for the file anew.", file=path.name))
    return SignedFile(data, media_type, Examiner(desk).examine(data))


def same_person(one: str, other: str) -> bool:
    """Whether two names may be one person's: every word of the shorter, two at least, stands in the longer."""
    words, others = sorted((_words(one), _words(other)), key=len)
    return words <= others if len(words) > 1 else bool(words) and words == others


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", unicodedata.normalize("NFC", name).casefold()))
