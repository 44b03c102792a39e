"""Proves, once for each template, that whatever is filled in, the XML comes out well-formed.

Each body of a condition or loop must leave the open elements as it found them: it may close some and open the same
again (a condition that begins in one run and ends in another), nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from jinja2 import nodes

_ELEMENT = re.compile(r"<(/?)([A-Za-z_][\w:.-]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(/?)>")


class _Unbalanced(Exception):
    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


def unbalanced_line(tree: nodes.Template) -> int | None:
    """Return the line of the first tag whose content would break the XML, or None."""
    try:
        closed, opened = _effect(tree.body)
    except _Unbalanced as fault:
        return fault.line
    return 1 if closed or opened else None


def _effect(body: Sequence[nodes.Node]) -> tuple[list[str], list[str]]:
    """Return the elements that a body closes beyond its own, and those it leaves open."""
    closed: list[str] = []
    opened: list[str] = []
    for node in body:
        if isinstance(node, nodes.Output):
            # A printed field stands for text without elements; it may lie inside an attribute.
            xml = "".join(piece.data if isinstance(piece, nodes.TemplateData) else "" for piece in node.nodes)
            _follow(xml, closed, opened, node.lineno)
        elif isinstance(node, nodes.For):
            _neutral(node.body, node.lineno)
        elif isinstance(node, nodes.If):
            for branch in (node.body, node.elif_, node.else_):
                _neutral(branch, node.lineno)
    return closed, opened


def _neutral(body: Sequence[nodes.Node], line: int) -> None:
    closed, opened = _effect(body)
    if closed != opened[::-1]:
        raise _Unbalanced(line)


def _follow(xml: str, closed: list[str], opened: list[str], line: int) -> None:
    for match in _ELEMENT.finditer(xml):
        end, name, empty = match.groups()
        if empty:
            continue
        if not end:
            opened.append(name)
        elif not opened:
            closed.append(name)
        elif opened.pop() != name:
            raise _Unbalanced(line)
