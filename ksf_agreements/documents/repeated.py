"""What goes wrong when a paragraph is repeated or left out: empty table cells, and ids that stand twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ksf_agreements.documents.language import OPEN
from ksf_agreements.documents.tags import Source
from ksf_agreements.documents.template import PlacedFault
from ksf_agreements.text import T, Text

# Word itself puts the bookmark _GoBack where the author last wrote, and clears its copies away.
_TOKEN = re.compile(f"{OPEN}|<(/?)(w:tc|w:p|w:bookmarkStart(?![^>]*_GoBack)|wp:docPr)[ />]")

_TWICE: Mapping[str, Text] = {
    "w:bookmarkStart": T("a bookmark stands in a loop, so its name will stand more than once"),
    "wp:docPr": T("a picture stands in a loop, so its number will stand more than once"),
}


@dataclass(slots=True)
class _Steered:
    """A loop or condition that is open, and which of its branches hold a paragraph of the cell around it."""

    is_loop: bool
    branches: list[bool] = field(default_factory=lambda: [False])
    has_else: bool = False

    @property
    def always_holds(self) -> bool:
        """Whether a paragraph is there, whatever the data."""
        return not self.is_loop and self.has_else and all(self.branches)


@dataclass(slots=True)
class _Cell:
    """A table cell that is open: how many loops and conditions are around it, and whether it surely has a paragraph."""

    depth: int
    holds: bool = False


def repeated_faults(source: Source) -> Iterator[PlacedFault]:
    """Yield the faults of a part whose tags have been found sound."""
    steered: list[_Steered] = []
    cells: list[_Cell] = []
    tag = 0
    for match in _TOKEN.finditer(source.text):
        end, name = match.groups()
        if name is None:
            _steer(source.words[tag], steered, cells)
            tag += 1
        elif name == "w:tc" and not end:
            cells.append(_Cell(len(steered)))
        elif name == "w:tc":
            if not cells.pop().holds:
                yield PlacedFault(
                    "empty-cell",
                    T("a table cell can be left without a paragraph, and Word cannot open that"),
                    T("Add an empty paragraph after the tags, at the end of the cell."),
                    source.place(tag),
                )
        elif name == "w:p" and not end:
            _hold(steered, cells)
        elif name in _TWICE and not end and any(one.is_loop for one in steered):
            mend = T("Move it out of the loop.")
            yield PlacedFault("twice", _TWICE[name], mend, source.place(tag), is_error=False)


def _hold(steered: list[_Steered], cells: list[_Cell]) -> None:
    """Note a paragraph in the innermost branch, or in the cell itself."""
    if cells and len(steered) == cells[-1].depth:
        cells[-1].holds = True
    elif steered:
        steered[-1].branches[-1] = True


def _steer(word: str, steered: list[_Steered], cells: list[_Cell]) -> None:
    if word in {"for", "if"}:
        steered.append(_Steered(word == "for"))
    elif word in {"elif", "else"}:
        steered[-1].branches.append(False)
        steered[-1].has_else = word == "else"
    elif word in {"endfor", "endif"} and steered.pop().always_holds:
        _hold(steered, cells)
