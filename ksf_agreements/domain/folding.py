"""Compares names as people type them: without Norwegian, Sami and Kven letters, and with a letter wrong."""

from __future__ import annotations

import unicodedata

# Letters that Unicode does not take apart into a plain one and a mark.
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ð": "d", "ŋ": "n", "ŧ": "t", "þ": "t", "ł": "l"})

# The two-letter ways of writing å, ø and æ; both sides of a comparison are folded, so that 'Ålesund',
# 'Aalesund' and 'Alesund' meet in the same word.
_PAIRS = (("aa", "a"), ("oe", "o"), ("ae", "e"))


def fold(text: str) -> str:
    """Return ``text`` in the form that names are compared in: plain small letters and digits, nothing else.

    'Ålesund', 'AALESUND' and 'alesund' all give 'alesund'; 'Nord-Odal' gives 'nordodal'. Different names may
    fold alike ('Ål' and 'Al'): use it to find, not to identify.
    """
    return join_pairs(plain(text))


def plain(text: str) -> str:
    """Return ``text`` in small letters without marks, spaces and signs: 'Ålesund' is 'alesund'."""
    apart = text.casefold()
    if not apart.isascii():
        apart = unicodedata.normalize("NFKD", apart).translate(_LETTERS)
    return "".join(filter(str.isalnum, apart))


def join_pairs(letters: str) -> str:
    """Return plain ``letters`` with two-letter å, ø and æ as one letter: 'aalesund' is 'alesund'."""
    for pair, letter in _PAIRS:
        letters = letters.replace(pair, letter)
    return letters


def distance(left: str, right: str, most: int) -> int:
    """Return how many letters to change, add, drop or swap with a neighbour to get ``right`` from ``left``.

    Gives up with ``most + 1`` as soon as the answer must be more than ``most``.
    """
    if abs(len(left) - len(right)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        before, above, row = row, before, [i]
        for j, other in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(before) > most:
            return most + 1
    return min(row[-1], most + 1)
