"""YAML in which every scalar is text: no anchors, tags or duplicate keys; bounded; each value with its place.

Read from libyaml's events, so that nothing is resolved, copied or typed on the way: `no`, `0301` and `2029-12-31`
arrive as they are written, and the model gives them their types.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import yaml

from ksf_agreements.domain.values import cited
from ksf_agreements.errors import FieldPath, Position, Problem
from ksf_agreements.loading.yaml_faults import LOADER, place_of, syntax_problem
from ksf_agreements.text import T, Text

BYTES_LIMIT = 512 * 1024
DEPTH_LIMIT = 12
NODES_LIMIT = 20_000

Value: TypeAlias = "str | tuple[Value, ...] | dict[str, Value] | None"


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
    next_event: Callable[[], Any]
    values: dict[FieldPath, Position] = field(default_factory=dict)
    keys: dict[FieldPath, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def document(self) -> Value:
        """Read the one document of the stream."""
        self.next_event()  # StreamStart
        start = self.next_event()
        if isinstance(start, yaml.StreamEndEvent):
            raise _Stop(_problem("empty-file", T("the file is empty"), None, (1, 1)))
        value = self.node(self.next_event(), ())
        self.next_event()  # DocumentEnd
        after = self.next_event()
        if not isinstance(after, yaml.StreamEndEvent):
            mend = T("Remove the line '---' and what follows, or move it to a file of its own.")
            raise _Stop(_problem("two-documents", T("the file holds two documents"), mend, place_of(after)))
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
                    place_of(event),
                )
            )
        self.values[path] = place_of(event)
        if type(event) is yaml.ScalarEvent and event.tag is event.anchor is None:
            return _scalar(event)  # as nearly all are
        self.refuse_magic(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        return _scalar(event) if isinstance(event, yaml.ScalarEvent) else None

    def refuse_magic(self, event: Any, path: FieldPath) -> None:
        """Report anchors, references and tags: a cluster file says what it says, once."""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            message = T(
                "'{sign}{name}' is a YAML reference, which is not allowed here", sign=sign, name=cited(event.anchor)
            )
            self.problems.append(
                _problem("anchor", message, T("Write the value out, or put it in quotes."), place_of(event), path)
            )
        elif getattr(event, "tag", None):
            message = T(
                "'{tag}' is a YAML tag, which is not allowed here",
                tag=cited(event.tag.replace("tag:yaml.org,2002:", "!!")),
            )
            self.problems.append(
                _problem("tag", message, T("Remove it, or put the value in quotes."), place_of(event), path)
            )

    def sequence(self, path: FieldPath) -> Value:
        """Read the items up to the sequence's end."""
        items: list[Value] = []
        while not isinstance(event := self.next_event(), yaml.SequenceEndEvent):
            items.append(self.node(event, (*path, len(items))))
        return tuple(items)

    def mapping(self, path: FieldPath) -> Value:
        """Read the pairs up to the mapping's end; an empty value leaves its key out."""
        pairs: dict[str, Value] = {}
        seen: dict[str, Position] = {}
        while not isinstance(event := self.next_event(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _Stop(
                    _problem("key-not-text", T("a key must be a word"), T("Write 'key: value'."), place_of(event))
                )
            key, place = unicodedata.normalize("NFC", event.value), place_of(event)
            here: FieldPath = (*path, key)
            if event.tag is not None or event.anchor is not None:
                self.refuse_magic(event, here)
            if key in seen:
                message = T(
                    "the key '{key}' stands twice; the first is on line {line}", key=cited(key), line=seen[key][0]
                )
                self.problems.append(_problem("duplicate-key", message, T("Remove one of them."), place, here))
                here = (*path, f"{key}#")
            seen[key] = place
            self.keys[here] = place
            value = self.node(self.next_event(), here)
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


def _problem(code: str, message: Text, mend: Text | None, place: Position, path: FieldPath = ()) -> Problem:
    return Problem(code, message, mend, path=path, line=place[0], column=place[1])


def parse_yaml(data: bytes) -> Parsed:
    """Read the bytes of a YAML file; every fault becomes a problem, none an exception."""
    if len(data) > BYTES_LIMIT:
        message = T("the file is larger than {limit} kB", limit=BYTES_LIMIT // 1024)
        mend = T("A cluster file is a few kB; check that it is the right file.")
        return _failed(_problem("too-large", message, mend, (1, 1)))
    if b"\0" in data:  # UTF-16, or no text at all
        return _failed(_not_utf_8(data, 0))
    try:
        return _parse(data.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        return _failed(_not_utf_8(data, fault.start))


def _parse(text: str) -> Parsed:
    problems: list[Problem] = []
    try:
        reader = _Reader(LOADER(text).get_event, problems=problems)
        value = reader.document()
    except _Stop as stop:
        return _failed(*problems, stop.problem)
    except yaml.YAMLError as fault:
        return _failed(*problems, syntax_problem(fault, text))
    if not isinstance(value, dict):
        message = T("the file is not a set of 'key: value' lines")
        return _failed(*reader.problems, _problem("not-a-mapping", message, None, reader.values.get((), (1, 1))))
    return Parsed(value, reader.values, reader.keys, tuple(reader.problems))


def placed(problems: Iterable[Problem], shown: str, parsed: Parsed) -> tuple[Problem, ...]:
    """Return the problems with their places in the file that people know as ``shown``, in the order of its lines.

    A problem that knows its line already keeps it: of a key that stands twice, the second is meant.
    """
    found = [
        replace(problem, file=shown)
        if problem.line
        else problem.at(shown, parsed.keys if problem.code == "unknown-key" else parsed.values)
        for problem in problems
    ]
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


def _not_utf_8(data: bytes, position: int) -> Problem:
    line_start = data.rfind(b"\n", 0, position) + 1
    place = (data.count(b"\n", 0, position) + 1, position - line_start + 1)
    mend = T("Save the file as UTF-8 (in Notepad: Save as, Encoding UTF-8).")
    return _problem("not-utf-8", T("the file is not in UTF-8"), mend, place)


def _failed(*problems: Problem) -> Parsed:
    return Parsed(None, {}, {}, problems)
