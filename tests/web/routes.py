"""Every route of the application, with addresses to try it by; new routes are found by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from starlette.routing import BaseRoute, Mount, Route

from ksf_agreements.web.app import ROUTES
from tests.cli.register import CLUSTER, NINE

SAMPLES: Mapping[str, tuple[str, ...]] = {
    "cluster": (CLUSTER, "alle-valg", "finnes-ikke", "..%2f..%2fetc", "%00", "%ff"),
    "version": ("1", "0", "99999999999999999999", "-1", "x"),
    "number": (NINE[0], "0000", "x"),
    "party": (NINE[0], "0000", "x"),
    "municipality": (NINE[0], "0000", "x"),
    "event": ("1", "0", "99999999999999999999", "x"),
    "act": ("godkjenning", "handlingsplan", "x", "%00"),
    "what": ("avtale.docx", "hendelseslogg.csv", "pakke.zip", "x", "..%2favtale.docx"),
}
"""Values of the places in an address; the first is one that is there."""
OTHERS = ("1", "x", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%00", "a" * 300)


class Way(NamedTuple):
    """A route: its pattern and the methods it takes."""

    pattern: str
    methods: frozenset[str]


def _flat(routes: tuple[BaseRoute, ...] | list[BaseRoute], before: str = "") -> Iterator[Way]:
    for one in routes:
        if isinstance(one, Route):
            yield Way(before + one.path, frozenset(one.methods or ()))
        elif isinstance(one, Mount) and one.routes:
            yield from _flat(one.routes, before + one.path)


def _gathered() -> tuple[Way, ...]:
    found: dict[str, frozenset[str]] = {}
    for way in _flat(ROUTES):
        found[way.pattern] = found.get(way.pattern, frozenset()) | way.methods
    return tuple(Way(*one) for one in found.items())


WAYS = _gathered()


def addresses(way: Way) -> tuple[str, ...]:
    """Return addresses of a route: one where everything is there, then one place after the other is something else."""
    places = re.findall(r"\{(\w+)(?::\w+)?\}", way.pattern)
    right = {name: SAMPLES.get(name, OTHERS)[0] for name in places}
    found = [right]
    for name in places:
        found += [{**right, name: value} for value in SAMPLES.get(name, OTHERS)[1:]]
    return tuple(dict.fromkeys(re.sub(r"\{(\w+)(?::\w+)?\}", lambda at: one[at[1]], way.pattern) for one in found))  # noqa: B023
