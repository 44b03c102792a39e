"""What a file that came back is, beside what was sent: its version, pages and parties, and if its text is the same.

An `Examiner` reads each package once, however many files are looked at.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ksf_agreements.domain.events import PackagedFile, PackageMade, PackageRole, VersionIssued
from ksf_agreements.domain.verdict import (
    ESignature,
    FileKind,
    FoundPage,
    Integrity,
    Match,
    Reading,
    TextMatch,
    Verdict,
)
from ksf_agreements.services.desk import Desk
from ksf_agreements.signed.looks import other_looks
from ksf_agreements.signed.reader import read_file, read_texts

_STAMP = 400
"""Letters that a signing service may add to a page ('Signert med BankID av ...') and no more."""


class _Bundle(NamedTuple):
    """A bundle: the number of its counterpart, 0 where there is only one; and how many packages were made after it."""

    file: PackagedFile
    part: int
    newer: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A version with every package that was made of it, the latest first."""

    cluster: str
    terms: VersionIssued
    packages: tuple[PackageMade, ...]

    def bundles(self) -> tuple[_Bundle, ...]:
        """Return the bundles, those of the latest package first."""
        found: list[_Bundle] = []
        for newer, package in enumerate(self.packages):
            files = [file for file in package.files if file.role is PackageRole.BUNDLE]
            found += [_Bundle(file, part if len(files) > 1 else 0, newer) for part, file in enumerate(files, 1)]
        return tuple(found)

    def agreements(self) -> tuple[PackagedFile, ...]:
        """Return the agreements alone, as they were sent beside a bundle."""
        return tuple(file for one in self.packages for file in one.files if file.role is PackageRole.AGREEMENT)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Which pages of what was sent are in a file: by place; and the places that hold something else."""

    pages: Mapping[int, int]
    changed: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    stamped: tuple[int, ...] = ()
    pictures: tuple[int, ...] = ()


def examine(desk: Desk, data: bytes) -> Verdict:
    """Return what a file is."""
    return Examiner(desk).examine(data)


@dataclass
class Examiner:
    """Looks at files that came back, at one desk; what was sent is read once."""

    desk: Desk
    _read: dict[str, Reading] = field(default_factory=dict)
    _bytes: dict[str, bytes | None] = field(default_factory=dict)

    @cached_property
    def sent(self) -> Mapping[tuple[str, int], Sent]:
        """Everything that was issued, by document id and version; also what was struck out since."""
        issued: dict[tuple[str, int], tuple[str, VersionIssued]] = {}
        packages: defaultdict[tuple[str, int], list[PackageMade]] = defaultdict(list)
        with self.desk.register.reading() as transaction:
            for event in transaction.stream_events():
                payload = event.payload
                if isinstance(payload, VersionIssued):
                    issued[payload.document_id, payload.version] = event.agreement, payload
                elif isinstance(payload, PackageMade):
                    packages[event.agreement, payload.version].insert(0, payload)
        return {
            key: Sent(cluster, terms, tuple(packages[cluster, terms.version]))
            for key, (cluster, terms) in issued.items()
        }

    def examine(self, data: bytes) -> Verdict:
        """Return what a file is: its reading, and how it stands beside each version that its pages name."""
        folder = self.desk.workspace.settings.trust_roots
        root = self.desk.workspace.root / folder
        reading = read_file(data, root if folder and root.is_dir() else None)
        named = dict.fromkeys((page.document_id, page.version) for page in reading.found)
        known = tuple(self.sent[key] for key in named if key in self.sent)
        matches = tuple(self._match(data, reading, one) for one in known)
        return Verdict(reading=self._settled(reading, known), matches=matches)

    # One version

    def _match(self, data: bytes, reading: Reading, sent: Sent) -> Match:
        """Return how a file stands beside a version: beside that of its packages which it fits best."""
        own = tuple(
            page
            for page in reading.found
            if (page.document_id, page.version) == (sent.terms.document_id, sent.terms.version)
        )
        said = {"cluster": sent.cluster, "version": sent.terms.version, "document_id": sent.terms.document_id}
        bundles = sent.bundles()
        if not bundles:
            return Match.model_validate({**said, "text": TextMatch.UNKNOWN})
        beside = [self._beside(data, reading, own, bundle.file) for bundle in bundles]
        found = [match for match, _ in beside]
        best = max(found, key=_rank)
        equal = [number for number, one in enumerate(found) if _rank(one) == _rank(best)]
        parts = {bundles[number].part for number in equal}
        newer = min(bundles[number].newer for number in equal)
        original, places = bundles[equal[0]].file, beside[equal[0]][1]
        if best.text is TextMatch.OTHER_TEXT:
            for agreement in sent.agreements():
                if (alone := self._alone(data, best, agreement)) is not None:
                    best, original, places = alone, agreement, {page: page for page in alone.pages}
                    break
        # Counterparts that nothing tells apart: only what is true of all of them is said.
        blocks = [pages for pages in best.signature_pages if all(pages in found[one].signature_pages for one in equal)]
        parties = [party for party in best.parties if all(party in found[one].parties for one in equal)]
        part = parts.pop() if len(parts) == 1 else 0
        return best.model_copy(
            update={
                **said,
                "part": part,
                "newer": newer,
                "drawn": self._drawn(data, reading, best, original, places),
                "signature_pages": tuple(blocks),
                "parties": tuple(parties),
            }
        )

    def _drawn(
        self, data: bytes, reading: Reading, match: Match, original: PackagedFile, places: Mapping[int, int]
    ) -> tuple[int, ...]:
        """Return the places with the very text that was sent, which look otherwise: a note says what no text shows."""
        sent = self._file(original.sha256)
        if match.text not in {TextMatch.SAME_BYTES, TextMatch.SAME_TEXT} or sent is None or data == sent:
            return ()
        if reading.kind is FileKind.SCAN or "esign-not-installed" in reading.remarks:
            return ()
        told = {*match.stamped, *match.pictures}
        return other_looks(sent, data, {place: page for place, page in places.items() if place not in told})

    def _beside(
        self, data: bytes, reading: Reading, own: tuple[FoundPage, ...], bundle: PackagedFile
    ) -> tuple[Match, Mapping[int, int]]:
        """Return how a file stands beside one bundle, and which of its pages is at which place."""
        texts = self._texts(bundle)
        placed = self._placed(data, reading, own, bundle, texts)
        pages = tuple(sorted(set(placed.pages.values())))
        has_text = any(reading.texts)
        expected = (bundle.pages if texts else 0) if has_text else bundle.stamped
        missing = tuple(page for page in range(1, expected + 1) if page not in pages)
        blocks = tuple(one for one in bundle.signature_pages if one.page in pages)
        match = Match(
            cluster="",
            version=0,
            document_id="",
            text=self._compared(data, bundle, placed, missing) if has_text and texts else TextMatch.UNKNOWN,
            pages=pages,
            of=bundle.pages,
            missing=missing,
            signature_pages=tuple(one.page for one in blocks),
            parties=tuple(dict.fromkeys(party for one in blocks for party in one.parties)),
            changed=placed.changed,
            added=placed.added,
            stamped=placed.stamped,
            pictures=placed.pictures,
        )
        return match, placed.pages

    def _compared(self, data: bytes, bundle: PackagedFile, placed: _Placed, missing: tuple[int, ...]) -> TextMatch:
        if placed.changed or (placed.added and missing):
            return TextMatch.OTHER_TEXT
        sent, texts = self._file(bundle.sha256), self._texts(bundle)
        if any(texts[placed.pages[place] - 1] for place in placed.pictures):  # a picture of what was text
            return TextMatch.UNKNOWN
        same = sent is not None and data.startswith(sent) and not missing
        return TextMatch.SAME_BYTES if same else TextMatch.SAME_TEXT

    def _alone(self, data: bytes, match: Match, agreement: PackagedFile) -> Match | None:
        """Return the match where the file is the agreement that was sent beside its bundle, without the annexes."""
        sent = self._file(agreement.sha256)
        if sent is None or not data.startswith(sent):
            return None
        pages = tuple(range(1, agreement.pages + 1))
        return match.model_copy(
            update={
                "text": TextMatch.SAME_BYTES,
                "pages": pages,
                "missing": tuple(range(agreement.pages + 1, match.of + 1)),
                "changed": (),
                "added": (),
            }
        )

    def _placed(
        self,
        data: bytes,
        reading: Reading,
        own: tuple[FoundPage, ...],
        bundle: PackagedFile,
        texts: tuple[str, ...],
    ) -> _Placed:
        """Find the pages of a bundle in a file: by their text, or by the code of the page."""
        pages = {page.place: page.page for page in own if page.page is not None and page.page <= bundle.pages}
        if not texts:
            return _Placed(pages)
        waiting: defaultdict[str, deque[int]] = defaultdict(deque)
        for number, text in enumerate(texts, 1):
            if number not in pages.values():
                waiting[text].append(number)
        other: list[int] = []
        for place, text in enumerate(reading.texts, 1):
            after = pages.get(place - 1, 0) + 1
            if place in pages:
                continue
            if text and waiting[text]:
                pages[place] = waiting[text].popleft()
            elif text:
                other.append(place)
            elif after in waiting[""]:  # a page without text, just where one was sent
                waiting[""].remove(after)
                pages[place] = after
        stamped = self._stamped(data, bundle, tuple(other), set(pages.values())) if other else {}
        marked = {page.place for page in own}
        left = [place for place in other if place not in stamped]
        return _Placed(
            {**pages, **stamped},
            changed=tuple(place for place in left if place in marked),
            added=tuple(place for place in left if place not in marked),
            stamped=tuple(stamped),
            pictures=tuple(place for place in pages if not reading.texts[place - 1]) if any(reading.texts) else (),
        )

    def _stamped(self, data: bytes, bundle: PackagedFile, places: tuple[int, ...], taken: set[int]) -> dict[int, int]:
        """Return the places that hold all of a page that was sent, with a few words before or after it."""
        sent, came = read_texts(self._file(bundle.sha256) or b""), read_texts(data)
        found: dict[int, int] = {}
        for place in places:
            text = came[place - 1] if place <= len(came) else ""
            for number, page in enumerate(sent, 1):
                if number not in taken and page and page in text and len(text) - len(page) <= _STAMP:
                    found[place] = number
                    taken.add(number)
                    break
        return found

    # What was sent

    def _file(self, digest: str) -> bytes | None:
        if digest not in self._bytes:
            with self.desk.register.reading() as transaction:
                self._bytes[digest] = transaction.file(digest)
        return self._bytes[digest]

    def _texts(self, bundle: PackagedFile) -> tuple[str, ...]:
        """Return the hashes of the page texts of a bundle; none where it was erased."""
        data = self._file(bundle.sha256)
        if data is None:
            return ()
        if bundle.sha256 not in self._read:
            self._read[bundle.sha256] = read_file(data)
        return self._read[bundle.sha256].texts

    # Embedded signatures

    def _settled(self, reading: Reading, known: tuple[Sent, ...]) -> Reading:
        """Return the reading with its embedded signatures settled: they sign a document that only its sender knows."""
        if not any(one.documents and not one.covers for one in reading.signatures):
            return reading
        sent = tuple(filter(None, (self._file(bundle.file.sha256) for one in known for bundle in one.bundles())))
        return reading.model_copy(update={"signatures": tuple(_settle(one, sent) for one in reading.signatures)})


def _settle(signature: ESignature, sent: Iterable[bytes]) -> ESignature:
    if signature.covers or signature.integrity is not Integrity.UNVERIFIED or not signature.documents:
        return signature
    if signature.remark != "document-elsewhere" or not any(_is_of(signature.documents, data) for data in sent):
        return signature
    integrity = Integrity.TRUSTED if signature.issuer_trusted else Integrity.UNTRUSTED
    return signature.model_copy(update={"integrity": integrity, "covers": True, "remark": ""})


def _is_of(documents: tuple[str, ...], data: bytes) -> bool:
    """Whether every hash that was signed is of these bytes."""
    return all(_hash(method, data) == digest for method, digest in _hashes(documents))


def _hashes(documents: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for one in documents:
        method, _, digest = one.partition(":")
        yield method, digest


def _hash(method: str, data: bytes) -> str:
    return hashlib.new(method, data).hexdigest()


def _rank(match: Match) -> tuple[int, int, int, int]:
    """Order matches: the very bytes before the same text before another; then the most pages, the fewest others."""
    order = (TextMatch.UNKNOWN, TextMatch.OTHER_TEXT, TextMatch.SAME_TEXT, TextMatch.SAME_BYTES)
    return order.index(match.text), len(match.pages), -len(match.changed), -len(match.missing)
