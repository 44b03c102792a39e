"""Where an agreement's values stand in a changed passage, and what may be written into a signature block.

Pure. KS's wording stays where all its words stand in their order; then whatever stands between them are the values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ksf_agreements.domain.compared.passages import Passage
from ksf_agreements.domain.compared.wordings import Sort, tokens


class Word(NamedTuple):
    """A word of a changed passage: what became of it, what it counts as, and its number in its own passage."""

    sort: Sort
    key: str
    passage: int
    number: int


Found = tuple[str, range]
"""A value's path, and where among the words it stands, gone and new."""


def value_changes(passage: Passage, words: Sequence[Word]) -> tuple[list[Found], bool]:
    """Return the values that differ among the words of a passage, and whether the wording around them differs."""
    within = passage.within()
    in_values = [word.sort is not Sort.NEW and bool(within[word.number]) for word in words]
    if not any(in_values):
        return [], True
    exact = _by_wording(passage, words, within)
    if exact is not None:
        return exact, False
    return _by_place(words, within), True


def _segments(passage: Passage, within: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return the issued words in turns: a value's (path, words), KS's own ('', words)."""
    return [
        (path, [passage.keys[number] for number in group])
        for path, group in groupby(range(len(within)), key=lambda number: within[number])
    ]


def _by_wording(passage: Passage, words: Sequence[Word], within: Sequence[str]) -> list[Found] | None:
    """Return the values that differ, or None where KS's words do not all stand in their order."""
    now = [number for number, word in enumerate(words) if word.sort is not Sort.GONE]
    keys = [words[number].key for number in now]
    segments = _segments(passage, within)
    at = 0
    found: list[Found] = []
    for number, (path, said) in enumerate(segments):
        if not path:
            if keys[at : at + len(said)] != said:
                return None
            at += len(said)
            continue
        if not keys[at:]:
            return None if segments[number + 1 :] else [*found, (path, _range(words, now, at, at))]
        following = segments[number + 1][1] if number + 1 < len(segments) else None
        if following is None:
            end = len(keys)
        elif number + 2 == len(segments):
            end = len(keys) - len(following)
        else:
            end = _find(keys, following, at)
        if end < at:
            return None
        if keys[at:end] != said:
            found.append((path, _range(words, now, at, end)))
        at = end
    return found if at == len(keys) else None


def _find(keys: Sequence[str], wanted: Sequence[str], at: int) -> int:
    size = len(wanted)
    return next((place for place in range(at, len(keys) - size + 1) if keys[place : place + size] == wanted), -1)


def _range(words: Sequence[Word], now: Sequence[int], first: int, last: int) -> range:
    """Return where a value stands, with the gone words before, in and after it."""
    start = now[first - 1] + 1 if first else 0
    stop = now[last] if last < len(now) else len(words)
    return range(start, stop)


def _by_place(words: Sequence[Word], within: Sequence[str]) -> list[Found]:
    """Return the values of which words are gone, with what is new among those words."""
    found = []
    for path, numbers in _value_places(words, within):
        gone = [number for number in numbers if words[number].sort is Sort.GONE]
        if not gone:
            continue
        stop = numbers[-1] + 1
        while words[stop - 1].sort is not Sort.SAME and stop < len(words) and words[stop].sort is Sort.NEW:
            stop += 1
        found.append((path, range(numbers[0], stop)))
    return found


def _value_places(words: Sequence[Word], within: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    places: list[tuple[str, int, int]] = []
    for number, word in enumerate(words):
        if word.sort is not Sort.NEW and within[word.number]:
            places.append((within[word.number], word.number, number))
    run: list[int] = []
    for position, (path, own, number) in enumerate(places):
        run.append(number)
        nearest = places[position + 1] if position + 1 < len(places) else None
        if nearest is None or nearest[0] != path or nearest[1] != own + 1:
            yield path, run
            run = []


_OWN_WORDS = 2


def list_path(passage: Passage) -> str:
    """Return the path of the value that a passage is, but for a number before it; '' where it is KS's wording."""
    paths = {path for path in passage.within() if path}
    own = sum(not path for path in passage.within())
    return re.sub(r"\[\d+\].*", "", paths.pop()) if len(paths) == 1 and own <= _OWN_WORDS else ""


def opens_block(passage: Passage) -> bool:
    """Whether a passage names whose signature block begins."""
    return any("signature_name" in span.path for span in passage.spans) or passage.text.startswith("For ")


_LABEL = re.compile(r"(Signatur|Underskrift|(?:Navn|Namn|Tittel|Dato|Sted|Stad)\s*:)", re.IGNORECASE)


def blank_label(text: str) -> str | None:
    """Return the label of a line of a signature block that is there to be written on, or None."""
    found = _LABEL.match(text)
    return found[1].rstrip(" :") if found else None


_FILLING_WORDS = 12
_CONDITIONS = re.compile(
    r"forbehold|atterhald|vilkår|forutset|føreset|betinge|unntak|unntatt|unnateke|\b(?:kun|bare|berre|ikke|ikkje|dersom|"
    r"hvis|viss|inntil|men|såfremt)\b",
    re.IGNORECASE,
)
_PLAIN = frozenset(
    """
    signert signatur digitalt elektronisk av for og kl ordfører varaordfører kommunedirektør byrådsleder rådmann
    januar februar mars april mai juni juli august september oktober november desember den sign ved bankid på
    """.split()  # noqa: SIM905 (reads better than thirty quoted words)
)


def fills(label: str, text: str) -> bool:
    """Whether words read as what one writes to sign: names, titles, dates; a condition never does."""
    words = [token.key for token in tokens(text)]
    if len(words) > _FILLING_WORDS or _CONDITIONS.search(text):
        return False
    if label.casefold() == "tittel":
        return True
    return all(not word[0].islower() or word.casefold() in _PLAIN for word in words)
