"""Puts the items of a list in a YAML file in another order: whole lines change places, comments with them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ksf_agreements.loading.yaml_text import parse_yaml


def reordered(data: bytes, key: str, order: Sequence[int]) -> bytes:
    """Return the file with the items of the list ``key`` in an order: the old places of the new first, second ...

    Where they cannot be moved as lines (a list in brackets, an item that begins beside another) the file comes back
    as it was.
    """
    parsed = parse_yaml(data)
    items = parsed.value.get(key) if isinstance(parsed.value, dict) else None
    if list(order) == list(range(len(order))) or not isinstance(items, tuple) or sorted(order) != [*range(len(items))]:
        return data
    lines = data.decode("utf-8").splitlines(keepends=True)
    starts = [parsed.values[key, number][0] - 1 for number in order]
    first, *others = sorted(starts)
    if len(set(starts)) != len(starts) or any(not lines[one].lstrip().startswith("- ") for one in starts):
        return data
    after = [place[0] - 1 for path, place in parsed.keys.items() if len(path) == 1 and place[0] - 1 > max(starts)]
    begin = _above(lines, first, parsed.keys[key,][0])
    bounds = [begin, *(_above(lines, one, 0) for one in others), _end(lines, min(after, default=len(lines)), starts)]
    blocks = {low: lines[low:high] for low, high in pairwise(bounds)}
    moved = [blocks[bounds[sorted(starts).index(start)]] for start in starts]
    if any(not block[-1].endswith("\n") for block in moved):
        return data
    done = "".join([*lines[:begin], *(line for block in moved for line in block), *lines[bounds[-1] :]]).encode("utf-8")
    said = parse_yaml(done).value
    wanted = {**parsed.value, key: tuple(items[place] for place in order)} if isinstance(parsed.value, dict) else {}
    return done if said == wanted else data


def _above(lines: Sequence[str], start: int, least: int) -> int:
    """Return where the comments that stand right above an item begin; those further in are the one's before it."""
    while start > least and _is_beside(lines[start - 1], lines[start]):
        start -= 1
    return start


def _is_beside(line: str, item: str) -> bool:
    """Whether a line is a comment, and no further in than the item below or above it."""
    text = line.lstrip()
    return text.startswith("#") and len(line) - len(text) <= len(item) - len(item.lstrip())


def _end(lines: Sequence[str], end: int, starts: Sequence[int]) -> int:
    """Return where the last item ends: blank lines below it, and comments as far out, are the next field's."""
    last = max(starts)
    while end > last + 1 and (not lines[end - 1].strip() or _is_beside(lines[end - 1], lines[last])):
        end -= 1
    return end
