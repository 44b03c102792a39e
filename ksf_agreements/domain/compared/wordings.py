"""Two wordings word by word: what stays, what is gone, what is new; the smallest difference that reads well.

Pure. What no reader sees is no difference: spaces and line breaks, soft hyphens, ligatures, the style of quotes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

EDITS_LIMIT = 2_000
"""How many words may be gone and new before two wordings are told as wholly different; bounds time and memory."""

_SPACES = dict.fromkeys([*range(0x2000, 0x200B), 0x9, 0xA, 0xB, 0xC, 0xD, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F,
                         0x205F, 0x3000], " ")  # fmt: skip
_UNSEEN = dict.fromkeys([0xAD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF])
_LIGATURES = dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_CLEAN = str.maketrans({**_SPACES, **_UNSEEN, **_LIGATURES})
_FOLDED = str.maketrans(
    {
        **dict.fromkeys("«»“”„‟″〝〞❝❞", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("\u2010\u2011", "-"),
    }
)
# Rows of underscores and dots are there to be written on, or lead the eye.
_WORD = re.compile(r"(?:_{2,}|\.{4,}|…{2,})|([^\W_]+|[^\w\s]|_)")


class Token(NamedTuple):
    """A word or a sign: what it counts as, and where it stands in its text."""

    key: str
    start: int
    end: int


def clean(text: str) -> str:
    """Return a text without what nobody sees: one kind of space, no soft hyphens, letters in one piece."""
    return " ".join(unicodedata.normalize("NFC", text.translate(_CLEAN)).split())


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words and signs of a text; spaces between them, and lines to write on, are none."""
    return tuple(
        Token(found[1].translate(_FOLDED), found.start(1), found.end(1))
        for found in _WORD.finditer(text)
        if found[1] is not None
    )


def keys(text: str) -> tuple[str, ...]:
    """Return what the words of a text count as; equal for two texts that say the same."""
    return tuple(token.key for token in tokens(clean(text)))


class Sort(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


class Run(NamedTuple):
    """A run of words: ``old[a:b]`` and ``new[c:d]``; one of them is empty where words are gone or new."""

    sort: Sort
    a: int
    b: int
    c: int
    d: int


def word_diff(old: Sequence[str], new: Sequence[str]) -> tuple[Run, ...]:
    """Return the runs that lead from ``old`` to ``new``: gone before new, and no two of one sort beside each other."""
    return tuple(_runs(_readable(_blocks(old, new), old, new), len(old), len(new)))


Block = tuple[int, int, int]
"""Words that stay: where they begin in the old and in the new, and how many."""


def _blocks(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Block]:
    """Return the blocks that stay, in order."""
    start, last = 0, min(len(old), len(new))
    while start < last and old[start] == new[start]:
        start += 1
    end = 0
    while end < last - start and old[-1 - end] == new[-1 - end]:
        end += 1
    numbers: dict[Hashable, int] = {}
    a = [numbers.setdefault(word, len(numbers)) for word in old[start : len(old) - end]]
    b = [numbers.setdefault(word, len(numbers)) for word in new[start : len(new) - end]]
    found: list[Block] = [(0, 0, start)] if start else []
    found += [(x + start, y + start, size) for x, y, size in _shortest(a, b)]
    if end:
        found.append((len(old) - end, len(new) - end, end))
    return _joined(found)


def _joined(blocks: Sequence[Block]) -> list[Block]:
    found: list[Block] = []
    for x, y, size in blocks:
        if found and found[-1][0] + found[-1][2] == x and found[-1][1] + found[-1][2] == y:
            found[-1] = (*found[-1][:2], found[-1][2] + size)
        elif size:
            found.append((x, y, size))
    return found


def _shortest(a: Sequence[int], b: Sequence[int]) -> list[Block]:
    """Return what stays by the shortest way from one to the other (Myers 1986); nothing where it is too long."""
    if not a or not b:
        return []
    cap = min(len(a) + len(b), EDITS_LIMIT)
    middle = cap + 1
    furthest = [0] * (2 * cap + 3)
    trace: list[list[int]] = []
    for edits in range(cap + 1):
        trace.append(furthest[middle - edits - 1 : middle + edits + 2])
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and furthest[middle + k - 1] < furthest[middle + k + 1])
            x = furthest[middle + k + 1] if down else furthest[middle + k - 1] + 1
            y = x - k
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x += 1
                y += 1
            furthest[middle + k] = x
            if x >= len(a) and y >= len(b):
                return _way_back(trace, x, y)
    return []


def _way_back(trace: Sequence[list[int]], x: int, y: int) -> list[Block]:
    found: list[Block] = []
    for edits in range(len(trace) - 1, -1, -1):
        before, k = trace[edits], x - y
        here = k + edits + 1
        down = k == -edits or (k != edits and before[here - 1] < before[here + 1])
        from_x = before[here + 1] if down else before[here - 1]
        from_y = from_x - (k + 1 if down else k - 1)
        size = min(x - from_x, y - from_y)
        size = size if edits else x
        if size > 0:
            found.append((x - size, y - size, size))
        x, y = from_x, from_y
    return found[::-1]


_STOPS = frozenset(".:;!?")
_BINDS = frozenset("(),-–/'\"")


def _only_binds(words: Sequence[str]) -> bool:
    """Whether what stays is a sign or two between words: 'ett (1) år' reads better in one piece."""
    return len(words) <= 2 and _BINDS.issuperset(words)


def _readable(blocks: list[Block], old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Return the blocks without those that only happen to stay between longer changes, at sentences' ends."""
    while True:
        ends = [(0, 0, 0), *blocks, (len(old), len(new), 0)]
        gaps = [(c - a - size, d - b - size) for (a, b, size), (c, d, _) in pairwise(ends)]
        kept = [
            block
            for block, before, after in zip(blocks, gaps, gaps[1:], strict=False)
            if not _happens_to_stay(_with_number(old, block), before, after)
        ]
        if len(kept) == len(blocks):
            return _slid(blocks, old, new)
        blocks = kept


def _with_number(old: Sequence[str], block: Block) -> Sequence[str]:
    """Return the words of a block; the point of '30. juni' binds, as a bracket does."""
    words = old[block[0] : block[0] + block[2]]
    return "," if list(words) == ["."] and block[0] and old[block[0] - 1].isdigit() else words


def _happens_to_stay(words: Sequence[str], before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether words between two changes, each given as how many are gone and new, read better as part of them."""
    size = len(words)
    if _only_binds(words):
        return all(before) and all(after)
    replaced = min(before[0] + after[0], before[1] + after[1])
    return size < max(before) and size < max(after) and size <= replaced


def _slid(blocks: list[Block], old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Move what was put in, or taken out, so that it begins after a sentence's end where it can."""
    for number in range(len(blocks) - 1):
        (a, b, size), (c, d, after) = blocks[number], blocks[number + 1]
        put_in, taken_out = d - b - size, c - a - size
        if bool(put_in) == bool(taken_out):
            continue
        text, at, length = (new, b + size, put_in) if put_in else (old, a + size, taken_out)
        for back in range(size):
            if back and text[at - back] != text[at + length - back]:
                break
            if text[at - back - 1] in _STOPS:
                blocks[number], blocks[number + 1] = (a, b, size - back), (c - back, d - back, after + back)
                break
    return blocks


def _runs(blocks: Sequence[Block], old: int, new: int) -> list[Run]:
    found: list[Run] = []
    a = c = 0
    for x, y, size in (*blocks, (old, new, 0)):
        if x > a:
            found.append(Run(Sort.GONE, a, x, c, c))
        if y > c:
            found.append(Run(Sort.NEW, x, x, c, y))
        if size:
            found.append(Run(Sort.SAME, x, x + size, y, y + size))
        a, c = x + size, y + size
    return found


def same_letters(runs: Sequence[Run], old: Sequence[str], new: Sequence[str]) -> tuple[Run, ...]:
    """Return the runs, with what differs in spaces alone ('T rondheim') told as the same."""
    found: list[Run] = []
    for run in runs:
        before = found[-1] if found else None
        if (
            run.sort is Sort.NEW
            and before is not None
            and before.sort is Sort.GONE
            and "".join(old[before.a : before.b]) == "".join(new[run.c : run.d])
        ):
            found[-1] = Run(Sort.SAME, before.a, before.b, run.c, run.d)
        else:
            found.append(run)
    return tuple(found)


def aligned(
    old: Sequence[Sequence[str]], new: Sequence[Sequence[str]], *, by_paragraph: bool = True
) -> tuple[Run, ...]:
    """Return the runs between two documents given as paragraphs of words, over all their words.

    ``by_paragraph``: paragraphs that are the same in both hold the rest in place.
    """
    olds, news = [word for one in old for word in one], [word for one in new for word in one]
    if not by_paragraph:
        return same_letters(word_diff(olds, news), olds, news)
    old_starts, new_starts = _starts(old), _starts(new)
    found: list[Run] = []
    a = c = 0
    for x, y, size in (*_blocks([tuple(one) for one in old], [tuple(one) for one in new]), (len(old), len(new), 0)):
        here, there = old_starts[a], new_starts[c]
        between, beyond = olds[here : old_starts[x]], news[there : new_starts[y]]
        runs = same_letters(word_diff(between, beyond), between, beyond)
        found += (Run(sort, a1 + here, b1 + here, c1 + there, d1 + there) for sort, a1, b1, c1, d1 in runs)
        a, c = x + size, y + size
        if old_starts[a] > old_starts[x]:
            found.append(Run(Sort.SAME, old_starts[x], old_starts[a], new_starts[y], new_starts[c]))
    return tuple(found)


def _starts(paragraphs: Sequence[Sequence[str]]) -> list[int]:
    found = [0]
    for one in paragraphs:
        found.append(found[-1] + len(one))
    return found
