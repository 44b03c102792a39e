"""Proves, once for each template, that whatever is filled in, the XML comes out well-formed and of bounded length.

Each body of a condition or loop must leave the open elements as it found them: it may close some and open the same
again (a condition that begins in one run and ends in another), nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from jinja2 import nodes

from ksf_agreements.documents.language import DEPTH_LIMIT, Fault
from ksf_agreements.text import T

# In XML that lxml has written '<' and '>' stand for markup alone; in texts and attributes they are escaped.
_ELEMENT = re.compile(r"<(/?)([^\s<>/]+)([^<>]*)>")
_LOOP_TEXT_LIMIT = 200_000


class _Unbalanced(Exception):
    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


def pairing_faults(words: Sequence[str]) -> Iterator[Fault]:
    """Yield what has no beginning or no end; ``words`` are the tags' first words, in the order of the file."""
    opened: list[tuple[str, int]] = []
    for line, word in enumerate(words, 1):
        inner = opened[-1][0] if opened else ""
        if word in {"for", "if"}:
            opened.append((word, line))
            if len(opened) > DEPTH_LIMIT:
                yield Fault("too-deep", line, T("the template nests too deeply"))
                return
        elif word in {"elif", "else"} and inner != "if":
            yield Fault("no-beginning", line, T("'{word}' stands in no condition", word=word), T("Remove it."))
            return
        elif word in {"endfor", "endif"}:
            if not inner:
                yield Fault(
                    "no-beginning",
                    line,
                    T("an end tag has no beginning"),
                    T("Remove it, or add the {{%p for %}} or {{%p if %}} it belongs to."),
                )
                return
            if word != f"end{inner}":
                yield Fault(
                    "crossed",
                    line,
                    T("'{word}' stands where 'end{inner}' should", word=word, inner=inner),
                    T("Close what was opened last first."),
                )
                return
            opened.pop()
    for word, line in opened:
        message = T("the loop is not closed") if word == "for" else T("the condition is not closed")
        yield Fault("unclosed", line, message, T("Add {{%p {end} %}} after it.", end=f"end{word}"))


def unbalanced_line(tree: nodes.Template) -> int | None:
    """Return the line of the first tag whose content would break the XML, or None."""
    try:
        closed, opened = _effect(tree.body)
    except _Unbalanced as fault:
        return fault.line
    return 1 if closed or opened else None


def too_long_line(tree: nodes.Template) -> int | None:
    """Return the line of the loop that makes the repeated text too long, or None.

    What stands in loops is multiplied by the data; without a limit a small template could fill the memory.
    """
    size = 0
    for loop in tree.find_all(nodes.For):
        size += sum(len(piece.data) for piece in loop.find_all(nodes.TemplateData))
        if size > _LOOP_TEXT_LIMIT:
            return loop.lineno
    return None


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
        end, name, rest = match.groups()
        if rest.endswith("/") or name.startswith("?"):
            continue
        if not end:
            opened.append(name)
        elif not opened:
            closed.append(name)
        elif opened.pop() != name:
            raise _Unbalanced(line)
