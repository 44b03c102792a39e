"""What a template may say: an allow-list of Jinja, typed by the context, that bounds the work by the data.

A template is someone's upload. The allow-list (print, if, for, attributes, named filters) is the first wall; each
name and attribute is looked up in the context's types, so a typing slip is found in every branch before anything
is rendered. Jinja's immutable sandbox is the second wall.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from functools import lru_cache
from types import GenericAlias
from typing import Any, TypeAlias, get_type_hints

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ksf_agreements.text import T, Text

# Names that mean something to Jinja itself.
_RESERVED = frozenset({"loop", "self", "super", "caller", "varargs", "kwargs"})

# Tags reach Jinja between private-use characters, so that braces in KS's own text are nothing to it.
OPEN, CLOSE = "\ue000", "\ue001"
DEPTH_LIMIT = 20


def at_start(text: str) -> str:
    """Return ``text`` with its first letter capitalised, for the beginning of a sentence."""
    return text[:1].upper() + text[1:]


FILTERS: Mapping[str, Callable[[str], str]] = {"at_start": at_start}

# What may not stand in an XML text, or means something else there; and what Jinja's own escaping would change.
_SPECIAL = re.compile("[&<>\"'\n\t]")
_BREAKS = {"\n": '</w:t><w:br/><w:t xml:space="preserve">', "\t": '</w:t><w:tab/><w:t xml:space="preserve">'}


class _Escaped:
    """Text that has been escaped for where it stands; Jinja's autoescape leaves it alone.

    Not a `Markup`: making one of those twice for each printed field took a third of the time of a document.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __html__(self) -> str:
        return self._text


def _words(value: object) -> str:
    if isinstance(value, str):
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"a template printed {type(value).__name__}, which has no words")


def word_text(value: object) -> _Escaped | str:
    """Return a value as WordprocessingML text: escaped, line breaks and tabs as Word's own.

    Raises TypeError for None and whatever else is neither text nor number.
    """
    if type(value) is _Escaped or (type(value) is str and not _SPECIAL.search(value)):
        return value  # Jinja's escaping, which comes next, leaves these as they are
    text = _words(value)
    if "\n" in text or "\t" in text:
        text = re.sub(r"[\n\t]", lambda found: _BREAKS[found[0]], text)
    return _Escaped(text)


def attribute_text(value: object) -> _Escaped:
    """Return a value as the text of an attribute, or of a property."""
    return _Escaped(_words(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;"))


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with a short way to what needs no guard: the declared fields of the context's classes."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a declared field; anything else goes the sandbox's way."""
        model: Any = type(obj)
        if attribute in _declared(model):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)


def environment() -> ImmutableSandboxedEnvironment:
    """Return the environment that templates are compiled in."""
    made = _Environment(
        block_start_string=f"{OPEN}%",
        block_end_string=f"%{CLOSE}",
        variable_start_string=f"{OPEN}{{",
        variable_end_string=f"}}{CLOSE}",
        comment_start_string=f"{OPEN}#",
        comment_end_string=f"#{CLOSE}",
        autoescape=True,
        undefined=StrictUndefined,
        finalize=word_text,
        keep_trailing_newline=True,
        newline_sequence="\n",
        cache_size=0,
    )
    made.globals.clear()
    made.tests.clear()
    made.filters = {**FILTERS, "as_attribute": attribute_text}
    return made


Typed: TypeAlias = tuple[Any, str]
"""The type of an expression, and the field it stands for."""
Scope: TypeAlias = Mapping[str, Typed]
"""The loop variables in force."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a tag: the number of the tag it was found at, a sentence, and the mend."""

    code: str
    line: int
    message: Text
    mend: Text | None = None


@lru_cache(maxsize=256)
def _declared(model: type) -> frozenset[str]:
    """Return the names of a class's declared fields; none where it is no context class."""
    return frozenset(field_types(model)) if is_dataclass(model) else frozenset()


@lru_cache(maxsize=64)
def field_types(model: type) -> Mapping[str, Any]:
    """Return the fields of a context class with their types."""
    hints = get_type_hints(model)
    return {one.name: hints[one.name] for one in fields(model)}


@dataclass(slots=True)
class Checker:
    """Walks a parsed template and yields what is not allowed; collects the fields that are printed.

    `model` is the context class; `read` gathers each field that is read, as dotted paths from the context's root
    (list items as the list's path), and `printed` those that are printed.
    """

    model: type
    read: set[str]
    printed: set[str] = field(default_factory=set)

    def check(self, tree: nodes.Template) -> Iterator[Fault]:
        """Yield every fault of the template."""
        yield from self._body(tree.body, {}, 0)

    def _body(self, body: list[nodes.Node], scope: Scope, depth: int) -> Iterator[Fault]:
        for node in body:
            if depth > DEPTH_LIMIT:
                yield Fault("too-deep", node.lineno, T("the template nests too deeply"))
                return
            yield from self._statement(node, scope, depth)

    def _statement(self, node: nodes.Node, scope: Scope, depth: int) -> Iterator[Fault]:
        if isinstance(node, nodes.Output):
            for piece in node.nodes:
                if not isinstance(piece, nodes.TemplateData):
                    yield from self._printed(piece, scope)
        elif isinstance(node, nodes.If):
            if len(node.elif_) > DEPTH_LIMIT:
                yield Fault("too-deep", node.lineno, T("the condition has too many branches"))
                return
            yield from self._condition(node.test, scope)
            yield from self._body(node.body, scope, depth + 1)
            yield from self._body(list(node.elif_), scope, depth + 1)
            yield from self._body(node.else_, scope, depth + 1)
        elif isinstance(node, nodes.For):
            yield from self._loop(node, scope, depth)
        else:
            yield _not_allowed(node)

    def _loop(self, node: nodes.For, scope: Scope, depth: int) -> Iterator[Fault]:
        if node.test or node.recursive or node.else_ or not isinstance(node.target, nodes.Name):
            yield _not_allowed(node)
            return
        if node.target.name in _RESERVED or node.target.name.startswith("_"):
            message = T("a loop may not name its items '{name}'", name=node.target.name)
            yield Fault("not-allowed", node.lineno, message, T("Choose another name."))
            return
        found = yield from self._typed(node.iter, scope)
        if found is None:
            return
        kind, path = found
        if not isinstance(kind, GenericAlias) or kind.__origin__ is not tuple:
            yield Fault("not-a-list", node.lineno, T("'{field}' is not a list, so it cannot be repeated", field=path))
            return
        if scope and _root_name(node.iter) != list(scope)[-1]:
            # A list belongs to the loop right around it; any other one inside a loop would multiply the work.
            message = T("'{field}' is repeated inside another loop that it does not belong to", field=path)
            yield Fault(
                "nested-loop",
                node.lineno,
                message,
                T("Repeat a list of the loop's own, or close that loop first."),
            )
            return
        outer = {name: typed for name, typed in scope.items() if name != node.target.name}
        inner = {**outer, node.target.name: (kind.__args__[0], path)}
        yield from self._body(node.body, inner, depth + 1)

    def _printed(self, node: nodes.Node, scope: Scope) -> Iterator[Fault]:
        while isinstance(node, nodes.Filter):
            if node.args or node.kwargs or node.node is None or node.name not in {*FILTERS, "as_attribute"}:
                yield _not_allowed(node)
                return
            node = node.node
        found = yield from self._typed(node, scope)
        if found is not None:
            self.printed.add(found[1])
        if found is not None and found[0] not in {str, int}:
            message = T("'{field}' is not a text, so it cannot be printed", field=found[1])
            inner = _names_of(found[0])
            mend = T("Print one of its fields: {names}", names=inner) if inner else None
            yield Fault("not-printable", node.lineno, message, mend)

    def _condition(self, node: nodes.Node, scope: Scope) -> Iterator[Fault]:
        if isinstance(node, nodes.Not):
            yield from self._condition(node.node, scope)
        elif isinstance(node, nodes.And | nodes.Or):
            yield from self._condition(node.left, scope)
            yield from self._condition(node.right, scope)
        else:
            yield from self._typed(node, scope)

    def _typed(self, node: nodes.Node, scope: Scope) -> Generator[Fault, None, Typed | None]:
        if isinstance(node, nodes.Name):
            if node.name in scope:
                return scope[node.name]
            return (yield from self._field(node, self.model, "", node.name, scope))
        if isinstance(node, nodes.Getattr):
            outer = yield from self._typed(node.node, scope)
            if outer is None:
                return None
            return (yield from self._field(node, outer[0], f"{outer[1]}.", node.attr, {}))
        yield _not_allowed(node)
        return None

    def _field(
        self, node: nodes.Node, model: Any, prefix: str, name: str, scope: Scope
    ) -> Generator[Fault, None, Typed | None]:
        known = field_types(model) if is_dataclass(model) and isinstance(model, type) else {}
        if name in known:
            self.read.add(f"{prefix}{name}")
            return known[name], f"{prefix}{name}"
        near = get_close_matches(name, [*known, *scope], 1, 0.5)
        mend = T("Choose one of: {names}", names=tuple(known)) if known else None
        if near:
            mend = T("Did you mean '{name}'?", name=f"{prefix}{near[0]}")
        yield Fault("unknown-field", node.lineno, T("there is no field '{field}'", field=f"{prefix}{name}"), mend)
        return None


def _names_of(kind: Any) -> tuple[str, ...]:
    return tuple(field_types(kind)) if is_dataclass(kind) and isinstance(kind, type) else ()


def _root_name(node: nodes.Node) -> str:
    while isinstance(node, nodes.Getattr):
        node = node.node
    return node.name if isinstance(node, nodes.Name) else ""


def _not_allowed(node: nodes.Node) -> Fault:
    return Fault(
        "not-allowed",
        node.lineno,
        T("a template may not use this construct ({construct})", construct=type(node).__name__),
        T("Allowed are: print a field, if, for over a list, and the filters {names}.", names=tuple(FILTERS)),
    )


def syntax_fault(fault: TemplateSyntaxError) -> Fault:
    """Return Jinja's complaint about a tag in plain words."""
    words = fault.message or ""
    for pattern, message, mend in _SYNTAX:
        if re.search(pattern, words):
            return Fault("syntax", fault.lineno, message, mend)
    return Fault("syntax", fault.lineno, T("the tag cannot be read"), T("Check its spelling and its brackets."))


_SYNTAX: tuple[tuple[str, Text, Text], ...] = (
    (
        r"Unexpected end of template.*(for|if|endfor|endif)",
        T("a loop or a condition is not closed"),
        T("Add {{%p endfor %}} or {{%p endif %}} after it."),
    ),
    (
        r"unknown tag '(end|el)|Encountered unknown tag 'end",
        T("an end tag has no beginning"),
        T("Remove it, or add the {{%p for %}} or {{%p if %}} it belongs to."),
    ),
    (r"unknown tag", T("a tag is not known"), T("Allowed are for, endfor, if, elif, else and endif.")),
    (r"No filter named", T("a filter is not known"), T("The filters are: {names}", names=tuple(FILTERS))),
    (
        r"No test named",
        T("tests ('is ...') are not allowed"),
        T("Write {{% if field %}} or {{% if not field %}}."),
    ),
)
