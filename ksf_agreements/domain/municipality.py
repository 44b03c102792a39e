"""What a municipality is: number, names, kind and validity, what became of old numbers, and how to find one.

Pure: the data (SSB KLASS 131, Enhetsregisteret, Språkrådet; see ``data/README.md``) is loaded elsewhere and
passed in. The number is the key, never the name: two municipalities are called Herøy and two Våler.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from ksf_agreements.domain.folding import distance, fold, join_pairs, plain

_NUMBER_DIGITS = 4
_ORGANISATION_DIGITS = 9
_KIND_WORDS = frozenset({"kommune", "herad", "suohkan", "gielda", "tjielte", "komuuni", "kunta"})  # folded


class MunicipalityKind(StrEnum):
    """What the municipality calls itself; part of its name in running text ('Voss herad')."""

    KOMMUNE = "kommune"
    HERAD = "herad"


class LanguageDecision(StrEnum):
    """The written Norwegian that a municipality asks of state bodies (målvedtak; source: Språkrådet)."""

    BOKMAL = "bokmål"
    NYNORSK = "nynorsk"
    NEUTRAL = "nøytral"


class NameLanguage(StrEnum):
    """The language of an official parallel name, as a BCP 47 tag."""

    NORTH_SAMI = "se"
    LULE_SAMI = "smj"
    SOUTH_SAMI = "sma"
    KVEN = "fkv"


class ChangeKind(StrEnum):
    """How numbers came to an end.

    A `RENUMBERING` gives the same legal person (same organisation number) a new number and concerns no
    agreement. A `MERGER` and a `SPLIT` make new parties: somebody must decide what becomes of an agreement.
    """

    RENUMBERING = "renumbering"
    MERGER = "merger"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class ParallelName:
    """An official name in another language than Norwegian, without the word for municipality."""

    language: NameLanguage
    name: str


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality under one number (source: SSB KLASS 131; names also Kartverket).

    `number` is four digits and the key. `name` is the Norwegian name; `official_name` has all official names
    in their official order ('Kárášjohka - Karasjok'). `organisation_number` is '' and `language_decision`
    None where the register does not know (only for ended numbers). `valid_from` is the number's first day;
    None: in use since before 2006. `valid_to` is its last day, inclusive; None: still in use.
    """

    number: str
    name: str
    kind: MunicipalityKind
    official_name: str
    parallel_names: tuple[ParallelName, ...]
    county_number: str
    county: str
    organisation_number: str
    language_decision: LanguageDecision | None
    valid_from: date | None
    valid_to: date | None

    def title(self, *, with_county: bool = False) -> str:
        """Return the name in running text: 'Voss herad'; with the county 'Herøy kommune (Nordland)'."""
        title = f"{self.name} {self.kind}"
        return f"{title} ({self.county})" if with_county else title

    @property
    def names(self) -> tuple[str, ...]:
        """The Norwegian name and the parallel ones."""
        return (self.name, *(parallel.name for parallel in self.parallel_names))

    @property
    def has_ended(self) -> bool:
        """Whether the register knows a last day of the number."""
        return self.valid_to is not None

    def exists_on(self, day: date) -> bool:
        """Return whether the number is in use on ``day``; the first and the last day count."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class MunicipalityChange:
    """What happened to numbers: the last day of `old` was the day before `date`, the first day of `new`.

    A number may be on both sides (Stavanger kept 1103 when it took in Finnøy and Rennesøy). A municipality
    that was divided between others has one `SPLIT` naming all of them, and is among `old` of each merger too.
    """

    date: date
    kind: ChangeKind
    old: tuple[str, ...]
    new: tuple[str, ...]


class MunicipalityRegister:
    """Every municipality the register knows, with what became of the ended ones; immutable.

    Results that are tuples have municipalities in use before ended ones. Raises ValueError for data that
    contradicts itself: the same number twice on the same day, or a change that names an unknown number.
    """

    def __init__(self, municipalities: Iterable[Municipality], changes: Iterable[MunicipalityChange]) -> None:
        # Newest validity last, so that the plain lookup by number keeps the latest.
        self.municipalities = tuple(sorted(municipalities, key=lambda one: (one.number, one.valid_from or date.min)))
        self.changes = tuple(sorted(changes, key=lambda change: (change.date, change.old)))
        self._latest = {one.number: one for one in self.municipalities}
        for earlier, later in zip(self.municipalities, self.municipalities[1:], strict=False):
            if earlier.number == later.number and (earlier.valid_to is None or later.exists_on(earlier.valid_to)):
                raise ValueError(f"municipality number {later.number} is given twice for the same days")
        unknown = {number for change in self.changes for number in change.old + change.new} - set(self._latest)
        if unknown:
            raise ValueError(f"changes name municipality numbers that are not there: {sorted(unknown)}")

    def __iter__(self) -> Iterator[Municipality]:
        return iter(self.municipalities)

    def __len__(self) -> int:
        return len(self.municipalities)

    def get(self, number: str) -> Municipality | None:
        """Return the municipality that has, or last had, ``number`` (four digits exactly), or None."""
        return self._latest.get(number)

    def on(self, number: str, day: date) -> Municipality | None:
        """Return the municipality that has ``number`` on ``day``, or None if there was none with it then."""
        latest = self._latest.get(number)
        if latest is None or latest.exists_on(day):
            return latest
        return next((one for one in self.municipalities if one.number == number and one.exists_on(day)), None)

    def all_on(self, day: date) -> tuple[Municipality, ...]:
        """Return the municipalities in use on ``day``, by number; complete from 2016-12-31 on."""
        return tuple(one for one in self.municipalities if one.exists_on(day))

    def in_use(self) -> tuple[Municipality, ...]:
        """Return the municipalities whose number has no last day, by number."""
        return tuple(one for one in self.municipalities if not one.has_ended)

    def find(self, text: str) -> tuple[Municipality, ...]:
        """Return what ``text`` names exactly: a number, an organisation number, or a whole name.

        Letter case does not matter, and where no name is written just so, names that are the same without
        Norwegian and Sami letters count ('alesund', 'aalesund'). 'Voss herad' and 'Herøy (Nordland)' are
        whole names too. Several municipalities may share a name; none is an empty tuple.
        """
        wanted = text.strip()
        by_number = [one for one in self.municipalities if wanted in {one.number, one.organisation_number}]
        if by_number and wanted.isdigit():
            return _current_first(by_number)
        exact = [one for one in self.municipalities if wanted.casefold() in {name.casefold() for name in one.names}]
        folded = fold(wanted)
        if exact or not folded:
            return _current_first(exact)
        same = [one for one, names, _ in self._index if folded in names]
        return _current_first(same or self._longer.get(folded, ()))

    def search(self, text: str) -> tuple[Municipality, ...]:
        """Return what ``text`` may mean, best first: exact, then names that begin with it or have it inside.

        Digits are looked up as a whole number or organisation number, or as the beginning of a number in use;
        a lost leading zero is never put back silently (see `suggest`).
        """
        wanted = text.strip()
        exact = self.find(wanted)
        if wanted.isdigit():
            begins = (one for one in self.in_use() if one.number.startswith(wanted) and one not in exact)
            return exact or tuple(begins)
        folded = fold(wanted)
        if not folded:
            return exact
        starts: list[Municipality] = []
        contains: list[Municipality] = []
        for one, names, _ in self._index:
            if one in exact:
                continue
            if any(name.startswith(folded) for name in names):
                starts.append(one)
            elif any(folded in name for name in names):
                contains.append(one)
        return exact + _current_first(starts) + _current_first(contains)

    def suggest(self, text: str, limit: int = 8, on: date | None = None) -> tuple[Municipality, ...]:
        """Return at most ``limit`` municipalities that a misspelt ``text`` may have meant: the nearest ones.

        '301' suggests 0301, 'Stavnger' Stavanger, 'Kvam kommune' Kvam herad. Municipalities that are not there
        ``on`` the day (else: that have ended) are suggested only where none that is there comes as near.
        """
        wanted = text.strip()
        near = self._near_numbers(wanted) if wanted.isdigit() else self._near_names(_without_kind(wanted))
        there = [one for one in near if (one.exists_on(on) if on else not one.has_ended)]
        return _current_first(there or near)[:limit]

    def changes_of(self, number: str) -> tuple[MunicipalityChange, ...]:
        """Return every change that ``number`` came from or went into, oldest first."""
        return tuple(change for change in self.changes if number in change.old or number in change.new)

    def changes_after(self, number: str) -> tuple[MunicipalityChange, ...]:
        """Return what happened to an ended ``number`` and in turn to its successors, oldest first."""
        found: list[MunicipalityChange] = []
        heirs = {number}
        for change in self.changes:
            ending = heirs.intersection(change.old).difference(change.new)
            if ending:
                found.append(change)
                heirs.update(change.new)
        return tuple(found)

    def successors(self, number: str) -> tuple[Municipality, ...]:
        """Return the municipalities in use that an ended ``number`` has become; several after a split.

        Empty for a number in use and for an unknown one. A successor is for showing: whether an agreement
        goes on after a merger or a split is a human decision.
        """
        heirs = {heir for change in self.changes_after(number) for heir in change.new}
        return tuple(one for heir in sorted(heirs) if not (one := self._latest[heir]).has_ended)

    def is_renumbered(self, number: str) -> bool:
        """Return whether an ended ``number`` has only got new numbers: the same legal person goes on."""
        changes = self.changes_after(number)
        return bool(changes) and all(change.kind is ChangeKind.RENUMBERING for change in changes)

    def sharing_name(self, municipality: Municipality) -> tuple[Municipality, ...]:
        """Return the others with the same Norwegian name on its last day (or now, if it has none)."""
        return tuple(
            other
            for other in self.municipalities
            if other.name == municipality.name
            and other.number != municipality.number
            and (other.exists_on(municipality.valid_to) if municipality.valid_to else not other.has_ended)
        )

    @cached_property
    def _index(self) -> tuple[tuple[Municipality, tuple[str, ...], tuple[str, ...]], ...]:
        """Each municipality with its folded and its plain names; made at the first search, not at loading."""
        plains = ((one, tuple(map(plain, one.names))) for one in self.municipalities)
        return tuple((one, tuple(map(join_pairs, names)), names) for one, names in plains)

    @cached_property
    def _longer(self) -> dict[str, list[Municipality]]:
        """The municipalities by the folded ways to write one with more than its name."""
        found: dict[str, list[Municipality]] = {}
        for one in self.municipalities:
            with_county = f"{one.name} {one.county}"
            texts = (one.title(), one.title(with_county=True), with_county, one.official_name)
            for folded in {fold(text) for text in texts}:
                found.setdefault(folded, []).append(one)
        return found

    def _near_numbers(self, digits: str) -> list[Municipality]:
        # A spreadsheet's lost zero first; otherwise one wrong, missing, extra or swapped digit.
        with_zero = self.get(digits.zfill(_NUMBER_DIGITS)) if len(digits) < _NUMBER_DIGITS else None
        if with_zero is not None:
            return [with_zero]
        if len(digits) == _ORGANISATION_DIGITS:
            return [one for one in self.in_use() if distance(digits, one.organisation_number, 1) <= 1]
        return [one for one in self.in_use() if distance(digits, one.number, 1) <= 1]

    def _near_names(self, text: str) -> list[Municipality]:
        # Up to a third of the letters may be wrong; of what is that near, only the nearest is of use.
        # Letters are compared both as they are and with 'aa' as 'å': 'Staanger' is one letter from
        # Stavanger, 'Aalsund' one from Ålesund.
        letters = plain(text)
        folded = join_pairs(letters)
        most = max(1, len(folded) // 3)
        found: dict[int, list[Municipality]] = {}
        for one, names, plain_names in self._index if folded else ():
            nearest = min(distance(folded, name, most) for name in names)
            if nearest > 1:
                nearest = min(nearest, *(distance(letters, name, most) for name in plain_names))
            found.setdefault(nearest, []).append(one)
        nearest = min(found, default=most + 1)
        return found[nearest] if nearest <= most else []


def _without_kind(text: str) -> str:
    """Return ``text`` without a last word that means municipality in one of the languages."""
    *words, last = text.split() or [""]
    is_kind = any(distance(fold(last), word, 1) <= 1 for word in _KIND_WORDS)
    return " ".join(words) if words and is_kind else text


def _current_first(found: Iterable[Municipality]) -> tuple[Municipality, ...]:
    """Sort what was found: in use before ended, then by name and number."""
    return tuple(sorted(found, key=lambda one: (one.has_ended, one.name.casefold(), one.number)))
