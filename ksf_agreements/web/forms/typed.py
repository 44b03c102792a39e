"""What is typed in the form of a cluster, as a tree; and what the buttons in it do to that tree.

A field's name is its path, joined by dots: 'members.3.signatory.name'. A button says what it does and where:
'drop:3'. Nothing here is saved, and no rule is kept: a button that makes no sense does nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ksf_agreements.services.clusters.editing import SHAPE, Tree, filled, typed_text
from ksf_agreements.web.days import day_typed

MEMBERS_LIMIT = 400
_TREE_LIMIT = 2**21


def tree_of(fields: Mapping[str, str], known: frozenset[str]) -> Tree:
    """Return what is typed, with every field; empty rows are left out. ``known`` are texts that stay as they are."""
    raw: dict[str, Any] = {}
    for name, text in fields.items():
        here: Any = raw
        *above, last = name.split(".")
        for part in above:
            here = here.setdefault(part, {}) if isinstance(here, dict) else None
        if isinstance(here, dict):
            here.setdefault(last, typed_text(text, known))
    found: Tree = _shaped(raw, SHAPE)
    found["valid_until"] = day_typed(found["valid_until"])
    found["grant_letter"]["report_dates"] = [day_typed(one) for one in found["grant_letter"]["report_dates"]]
    return found


def _shaped(raw: Any, shape: Any) -> Any:
    if isinstance(shape, dict):
        said = raw if isinstance(raw, dict) else {}
        return {key: _shaped(said.get(key), inner) for key, inner in shape.items()}
    if isinstance(shape, list):
        places = [key for key in (raw if isinstance(raw, dict) else {}) if re.fullmatch("[0-9]{1,4}", key)]
        items = (_shaped(raw[key], shape[0]) for key in sorted(places, key=int))
        return [one for one in items if not _is_empty(one)]
    return raw if isinstance(raw, str) else shape


def _is_empty(item: Any) -> bool:
    if isinstance(item, dict) and "municipality" in item:
        return not item["municipality"]
    return not any(_texts(item))


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    else:
        for one in tree.values() if isinstance(tree, dict) else tree:
            yield from _texts(one)


def names_of(tree: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Yield the fields of a tree, each with its name: what `tree_of` makes a tree of again."""
    if isinstance(tree, str):
        yield above, tree
        return
    for key, one in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield from names_of(one, f"{above}.{key}" if above else str(key))


def packed(tree: Tree) -> str:
    """Return a tree as a short text that a hidden field carries."""
    return base64.b85encode(zlib.compress(json.dumps(tree, ensure_ascii=False).encode(), 9)).decode()


def unpacked(text: str) -> Tree:
    """Return the tree that a hidden field carries; an empty one where somebody has meddled with it."""
    try:
        data = zlib.decompressobj().decompress(base64.b85decode(text), _TREE_LIMIT)
        tree = json.loads(data)
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        return {}
    return filled(tree) if isinstance(tree, dict) else {}


# Buttons


def _blank_member(number: str) -> Tree:
    found: Tree = {**filled({}, SHAPE["members"][0]), "municipality": number}
    return found


def add_member(tree: Tree, number: str) -> bool:
    """Add a municipality at the end; False where it is a member already, or there are too many."""
    members = tree["members"]
    if any(one["municipality"] == number for one in members) or len(members) >= MEMBERS_LIMIT:
        return False
    members.append(_blank_member(number))
    return True


def _drop(tree: Tree, place: int) -> None:
    gone = tree["members"].pop(place)
    if tree["motor_municipality"] == gone["municipality"]:
        tree["motor_municipality"] = ""


def _up(tree: Tree, place: int) -> None:
    if place:
        members = tree["members"]
        members[place - 1], members[place] = members[place], members[place - 1]


def _down(tree: Tree, place: int) -> None:
    if place + 1 < len(tree["members"]):
        _up(tree, place + 1)


def _contact(tree: Tree, place: int) -> None:
    tree["members"][place]["foui_contacts"].append(dict(SHAPE["cluster_leader"]))


def _uncontact(tree: Tree, place: int, person: int) -> None:
    del tree["members"][place]["foui_contacts"][person]


def _area(tree: Tree) -> None:
    tree["focus_areas"].append("")


def _unarea(tree: Tree, place: int) -> None:
    del tree["focus_areas"][place]


def _day(tree: Tree) -> None:
    tree["grant_letter"]["report_dates"].append("")


def _unday(tree: Tree, place: int) -> None:
    del tree["grant_letter"]["report_dates"][place]


BUTTONS: Final[Mapping[str, Callable[..., None]]] = {
    "drop": _drop,
    "up": _up,
    "down": _down,
    "contact": _contact,
    "uncontact": _uncontact,
    "area": _area,
    "unarea": _unarea,
    "day": _day,
    "unday": _unday,
}


def press(tree: Tree, verb: str, places: list[str]) -> None:
    """Do to a tree what a button says; nothing where it names what is not there."""
    if verb not in BUTTONS or not all(re.fullmatch("[0-9]{1,4}", one) for one in places):
        return
    try:
        BUTTONS[verb](tree, *map(int, places))
    except (IndexError, TypeError):
        return
