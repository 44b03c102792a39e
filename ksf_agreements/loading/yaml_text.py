"""YAML in which every scalar is text: no anchors, tags or duplicate keys; bounded; each value with its place.

Read from libyaml's events, so that nothing is resolved, copied or typed on the way: `no`, `0301` and `2029-12-31`
arrive as they are written, and the model gives them their types.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from ksf_agreements.errors import FieldPath, Position, Problem
from ksf_agreements.text import T, Text

BYTES_LIMIT = 512 * 1024
DEPTH_LIMIT = 12
NODES_LIMIT = 20_000

Value: TypeAlias = "str | None | tuple[Value, ...] | dict[str, Value]"

# The fast loader is in every wheel of PyYAML; a build from source without libyaml has only the slow one.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's content: `value` (None where it could not be read), the places of values and of keys, and problems.

    Places are (line, column) from 1. An empty value (`key:`) is absent: it has a place and no value.
    """

    value: Value
    values: Mapping[FieldPath, Position]
    keys: Mapping[FieldPath, Position]
    problems: tuple[Problem, ...] = ()


class _Stop(Exception):
    """Reading cannot go on; carries the last problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(slots=True)
class _Reader:
    events: Iterator[Any]
    values: dict[FieldPath, Position] = field(default_factory=dict)
    keys: dict[FieldPath, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def document(self) -> Value:
        """Read the one document of the stream."""
        next(self.events)  # StreamStart
        start = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            raise _Stop(_problem("empty-file", T("the file is empty"), None, (1, 1)))
        value = self.node(next(self.events), ())
        next(self.events)  # DocumentEnd
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            mend = T("Remove the line '---' and what follows, or move it to a file of its own.")
            self.problems.append(_problem("two-documents", T("the file holds two documents"), mend, _place(after)))
        return value

    def node(self, event: Any, path: FieldPath) -> Value:
        """Read the node that ``event`` begins."""
        self.nodes += 1
        if self.nodes > NODES_LIMIT or len(path) > DEPTH_LIMIT:
            raise _Stop(
                _problem(
                    "too-much",
                    T("the file has too many or too deeply nested values"),
                    T("A cluster file has a few hundred lines; check what was pasted here."),
                    _place(event),
                )
            )
        self.refuse_magic(event)
        self.values[path] = _place(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        return _scalar(event) if isinstance(event, yaml.ScalarEvent) else None

    def refuse_magic(self, event: Any) -> None:
        """Report anchors, references and tags: a cluster file says what it says, once."""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            message = T("'{sign}{name}' is a YAML reference, which is not allowed here", sign=sign, name=event.anchor)
            self.problems.append(
                _problem("anchor", message, T("Write the value out, or put it in quotes."), _place(event))
            )
        elif getattr(event, "tag", None):
            message = T("'{tag}' is a YAML tag, which is not allowed here", tag=event.tag)
            self.problems.append(_problem("tag", message, T("Remove it, or put the value in quotes."), _place(event)))

    def sequence(self, path: FieldPath) -> Value:
        """Read the items up to the sequence's end."""
        items: list[Value] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, (*path, len(items))))
        return tuple(items)

    def mapping(self, path: FieldPath) -> Value:
        """Read the pairs up to the mapping's end; an empty value leaves its key out."""
        pairs: dict[str, Value] = {}
        seen: dict[str, Position] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _Stop(
                    _problem("key-not-text", T("a key must be a word"), T("Write 'key: value'."), _place(event))
                )
            self.refuse_magic(event)
            key, place = unicodedata.normalize("NFC", event.value), _place(event)
            here: FieldPath = (*path, key)
            if key in seen:
                message = T("the key '{key}' stands twice; the first is on line {line}", key=key, line=seen[key][0])
                self.problems.append(_problem("duplicate-key", message, T("Remove one of them."), place, here))
                here = (*path, f"{key}#")
            seen[key] = place
            self.keys[here] = place
            value = self.node(next(self.events), here)
            if not isinstance(value, str):
                self.values[here] = place  # a group, a list or nothing: people look for its key
            if value is not None and here[-1] == key:
                pairs[key] = value
        return pairs


def _scalar(event: Any) -> str | None:
    if event.implicit[0] and not event.value:
        return None
    text: str = unicodedata.normalize("NFC", event.value)
    # The last line break of a block scalar is YAML's, not the writer's.
    return text.removesuffix("\n") if event.style in {"|", ">"} else text


def _place(event: Any) -> Position:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _problem(code: str, message: Text, mend: Text | None, place: Position, path: FieldPath = ()) -> Problem:
    return Problem(code, message, mend, path=path, line=place[0], column=place[1])


def parse_yaml(data: bytes) -> Parsed:
    """Read the bytes of a YAML file; every fault becomes a problem, none an exception."""
    if len(data) > BYTES_LIMIT:
        message = T("the file is larger than {limit} kB", limit=BYTES_LIMIT // 1024)
        return _failed(
            _problem(
                "too-large",
                message,
                T("A cluster file is a few kB; check that it is the right file."),
                (1, 1),
            )
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line_start = data.rfind(b"\n", 0, fault.start) + 1
        place = (data.count(b"\n", 0, fault.start) + 1, fault.start - line_start + 1)
        mend = T("Save the file as UTF-8 (in Notepad: Save as, Encoding UTF-8).")
        return _failed(_problem("not-utf-8", T("the file is not in UTF-8"), mend, place))
    reader: _Reader | None = None
    try:
        reader = _Reader(yaml.parse(text, Loader=_LOADER))
        value = reader.document()
    except _Stop as stop:
        return _failed(*(reader.problems if reader else ()), stop.problem)
    except yaml.YAMLError as fault:
        return _failed(*(reader.problems if reader else ()), _syntax_problem(fault, text))
    if not isinstance(value, dict):
        message = T("the file is not a set of 'key: value' lines")
        return _failed(*reader.problems, _problem("not-a-mapping", message, None, reader.values.get((), (1, 1))))
    return Parsed(value, reader.values, reader.keys, tuple(reader.problems))


def _failed(*problems: Problem) -> Parsed:
    return Parsed(None, {}, {}, problems)


# libyaml's words for a fault -> what a person did, and the mend.
_SYNTAX: tuple[tuple[str, Text, Text], ...] = (
    (
        r"control characters|special characters|unacceptable character",
        T("the file has an invisible character that a document cannot carry"),
        T("Write the text on this line again by hand, instead of pasting it."),
    ),
    (
        r"mapping values are not allowed",
        T("a colon stands where it cannot"),
        T("Put a text that has a colon in it in quotes, and check the indentation."),
    ),
    (
        r"cannot start any token",
        T("a tab or a sign stands where it cannot"),
        T("Indent with spaces, not tabs; put a text that begins with @, ` or % in quotes."),
    ),
    (
        r"could not find expected ':'",
        T("a colon is missing"),
        T("Write 'key: value', with a space after the colon."),
    ),
    (
        r"unexpected end of stream|quoted scalar",
        T("a quotation mark is not closed"),
        T("Close the quotation mark that was opened."),
    ),
    (
        r"undefined alias|alias",
        T("a text begins with * or &, which YAML reads as a reference"),
        T("Put the text in quotes."),
    ),
    (
        r"block (mapping|collection|sequence)|block end",
        T("the indentation does not fit the lines above"),
        T("Let the keys of one level begin in the same column."),
    ),
    (
        r"flow",
        T("a bracket is not closed"),
        T("Close [ or {, or put a text that has brackets in it in quotes."),
    ),
)


def _syntax_problem(fault: yaml.YAMLError, text: str) -> Problem:
    mark = getattr(fault, "problem_mark", None)
    place = (mark.line + 1, mark.column + 1) if mark else (_unreadable_line(fault, text), 1)
    words = f"{getattr(fault, 'context', '') or ''} {getattr(fault, 'problem', '') or ''} {getattr(fault, 'reason', '') or ''}"
    for pattern, message, mend in _SYNTAX:
        if re.search(pattern, words):
            return _problem("yaml-syntax", message, mend, place)
    return _problem(
        "yaml-syntax", T("the file is not valid YAML here"), T("Check the line and the one above it."), place
    )


def _unreadable_line(fault: yaml.YAMLError, text: str) -> int:
    # A reader error of libyaml counts in bytes, of PyYAML's own reader in characters.
    position = getattr(fault, "position", 0) or 0
    return text.encode("utf-8")[:position].count(b"\n") + 1
