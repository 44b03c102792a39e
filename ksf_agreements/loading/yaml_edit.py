"""Changes a YAML file where its values change, and nowhere else: comments, order and layout stay.

ruamel.yaml edits and writes the file; of what it writes only the lines that the change touches are taken into the
old text, so that its own habits of layout reach no other line. What comes out is read again before it is believed.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, TypeAlias

from ksf_agreements.domain.values import cited
from ksf_agreements.errors import FieldPath, KsfError
from ksf_agreements.loading.yaml_text import Value, parse_yaml
from ksf_agreements.text import T, Text

Tree: TypeAlias = "str | list[Any] | dict[str, Any]"
Order: TypeAlias = Callable[[FieldPath], Sequence[str]]

PLAIN: Final = frozenset({"valid_until", "contributions_required", "language"})
"""Keys whose values are written without quotation marks."""
_IDENTITY = ("municipality", "name")
_LAYOUTS = ((4, 2), (2, 0))
_SAFE = re.compile(r"[^\W\d_][\w ,.()/&–-]*[\w.)]|[^\W\d_]")
_NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "ja", "nei"})


class YamlEditError(KsfError):
    """A file that could not be changed with everything in it kept; nothing was written."""

    exit_code = 1


def edit_yaml(data: bytes, wanted: Mapping[str, Any], order: Order) -> tuple[bytes, tuple[str, ...]]:
    """Return a YAML file so that it says ``wanted``, and the comments that go with what is removed.

    ``order`` gives the keys of a group in the order that new ones are put in. Raises `YamlEditError` where a comment
    or a value would be lost.
    """
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    old = data[len(mark) :].decode("utf-8")
    lines = old.splitlines(keepends=True)
    plain = "".join(f"{line.rstrip(chr(13) + chr(10))}\n" for line in lines)
    try:
        before, after = _dumped(plain, wanted, order)
    except YamlEditError:
        raise
    except Exception as fault:  # ruamel promises no error in particular
        raise _refused(T("its layout is one that the program cannot change")) from fault
    whole = _with_endings(after.splitlines(), lines)
    for new in (_merged(lines, before.splitlines(), after.splitlines()), whole):
        done = mark + new.encode("utf-8")
        if _thawed(parse_yaml(done).value) == wanted:
            return done, tuple(_gone(old, new, data, wanted))
    raise _refused(T("its layout is one that the program cannot change"))


def _refused(why: Text) -> YamlEditError:
    return YamlEditError(
        T(
            "The cluster file could not be changed: {why}. Nothing was written. Make the change in the file by hand.",
            why=why,
        )
    )


def _yaml(sequence: int, offset: int) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.nodes import ScalarNode
    from ruamel.yaml.resolver import VersionedResolver
    from ruamel.yaml.tag import Tag

    class Texts(VersionedResolver):  # type: ignore[misc,unused-ignore]
        """Takes every scalar as text, and an empty one as nothing, as `yaml_text` does."""

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            """Return the tag of a node."""
            if kind is ScalarNode and implicit[0]:
                return Tag(suffix="tag:yaml.org,2002:null" if value == "" else "tag:yaml.org,2002:str")
            return super().resolve(kind, value, implicit)

    yaml = YAML(typ="rt")
    yaml.Resolver = Texts
    yaml.preserve_quotes = True
    yaml.width = 10**9
    yaml.indent(mapping=2, sequence=sequence, offset=offset)
    return yaml


def _dumped(text: str, wanted: Mapping[str, Any], order: Order) -> tuple[str, str]:
    """Return the file as ruamel writes it unchanged, and as it writes it changed, in the layout nearest to it."""
    lines = text.splitlines()
    written = {layout: _written(_yaml(*layout), text, None, order) for layout in _LAYOUTS}
    layout = min(_LAYOUTS, key=lambda one: _distance(lines, written[one].splitlines()))
    return written[layout], _written(_yaml(*layout), text, wanted, order)


def _written(yaml: Any, text: str, wanted: Mapping[str, Any] | None, order: Order) -> str:
    document = yaml.load(text)
    if wanted is not None:
        _Editor(order).group(document, wanted, ())
    target = io.StringIO()
    yaml.dump(document, target)
    return target.getvalue()


def _distance(old: Sequence[str], new: Sequence[str]) -> int:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return len(old) - sum(block.size for block in matcher.get_matching_blocks())


def _merged(lines: Sequence[str], before: Sequence[str], after: Sequence[str]) -> str:
    """Return the old lines with what differs between ``before`` and ``after`` put in its place."""
    ending = _ending(lines)
    bare = [line.rstrip("\r\n") for line in lines]
    places = _places(bare, before)
    found: list[str] = []
    reached = 0
    for kind, low, high, new_low, new_high in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        start, end = places[low], places[high]
        found += lines[reached:start]
        found += [f"{line}{ending}" for line in after[new_low:new_high]]
        reached = max(end, reached)
    found += lines[reached:]
    return "".join(
        line if line.endswith("\n") or place == len(found) - 1 else f"{line}{ending}"
        for place, line in enumerate(found)
    )


def _ending(lines: Sequence[str]) -> str:
    return "\r\n" if lines and sum(line.endswith("\r\n") for line in lines) * 2 > len(lines) else "\n"


def _with_endings(written: Sequence[str], lines: Sequence[str]) -> str:
    return "".join(f"{line}{_ending(lines)}" for line in written)


def _places(lines: Sequence[str], written: Sequence[str]) -> list[int]:
    """Return where each written line, and the end, stands among the old lines."""
    places = [0] * (len(written) + 1)
    for _, low, high, new_low, new_high in SequenceMatcher(None, lines, written, autojunk=False).get_opcodes():
        for number in range(new_low, new_high):
            places[number] = low + (number - new_low if high - low == new_high - new_low else 0)
    places[len(written)] = len(lines)
    return places


class _Editor:
    """Makes a ruamel document say what is wanted, touching only what differs."""

    def __init__(self, order: Order) -> None:
        self.order = order

    def group(self, node: Any, wanted: Mapping[str, Any], path: FieldPath) -> None:
        """Change a mapping."""
        tail = ""
        gone = [key for key in node if key not in wanted and node[key] is not None]
        new = [key for key in wanted if key not in node or node[key] is None]
        if gone or new:
            tail = _take_tail(node)
        for key in gone:
            self.remove(node, key)
        for key, value in wanted.items():
            if key in new:
                made = self.made(value, key, flow=_is_flow(node))
                if key in node:
                    node[key] = made
                else:
                    node.insert(self.position(node, key, path), key, made)
            else:
                node[key] = self.changed(node[key], value, (*path, key), node, key)
        if tail:
            _put_tail(node, tail)

    def remove(self, node: Any, key: Any) -> None:
        """Take a key or an item away; the comment lines after it go to what stands before it."""
        keys = list(node) if hasattr(node, "items") else list(range(len(node)))
        tail = _take_tail(node[key], node, key)
        del node[key]
        place = keys.index(key)
        if tail and place:
            before = keys[place - 1]
            _put_tail(node[before], tail, node, before)

    def position(self, node: Any, key: str, path: FieldPath) -> int:
        """Return where a new key goes: after the last of those that come before it."""
        order = list(self.order(path))
        before = set(order[: order.index(key)]) if key in order else set(node)
        return max((place for place, one in enumerate(node, 1) if one in before), default=0)

    def changed(self, node: Any, wanted: Tree, path: FieldPath, parent: Any, key: Any) -> Any:
        """Return what stands at the ``key`` of ``parent`` where ``wanted`` is to stand."""
        if isinstance(wanted, dict) and hasattr(node, "items"):
            self.group(node, wanted, path)
            return node
        if isinstance(wanted, list) and isinstance(node, list):
            tail = _take_tail(node, parent, key) if len(node) != len(wanted) else ""
            self.items(node, wanted, path)
            if tail:
                _put_tail(node, tail, parent, key)
            return node
        if isinstance(wanted, str) and isinstance(node, str):
            return node if _said(node) == wanted else _scalar(wanted, str(path[-1]), like=node)
        return self.made(wanted, str(path[-1]))

    def items(self, node: Any, wanted: list[Any], path: FieldPath) -> None:
        """Change a list: what is the same person, municipality or text stays where its comments are."""
        flow = _is_flow(node) or (bool(node) and _is_flow(node[0]))
        matcher = SequenceMatcher(
            None, [_identity(one) for one in node], [_identity(one) for one in wanted], autojunk=False
        )
        for _, low, high, new_low, new_high in reversed(matcher.get_opcodes()):
            is_member = path[-1:] == ("members",)
            pairs = (
                0
                if is_member and _identity_differs(node, low, wanted, new_low)
                else min(high - low, new_high - new_low)
            )
            for place in range(high - 1, low + pairs - 1, -1):
                self.remove(node, place)
            for number in range(new_low + pairs, new_high):
                node.insert(low + number - new_low, self.made(wanted[number], str(path[-1]), flow=flow))
            for number in range(pairs):
                place = low + number
                node[place] = self.changed(node[place], wanted[new_low + number], (*path, place), node, place)

    def made(self, value: Tree, key: str, *, flow: bool = False) -> Any:
        """Return a new value; in a group in braces, one in braces too."""
        from ruamel.yaml.comments import CommentedMap, CommentedSeq

        if isinstance(value, dict):
            made: Any = CommentedMap({name: self.made(one, name, flow=flow) for name, one in value.items()})
        elif isinstance(value, list):
            made = CommentedSeq([self.made(one, key, flow=flow) for one in value])
        else:
            return _scalar(value, key, block=not flow)
        if flow:
            made.fa.set_flow_style()
        return made


def _identity_differs(node: Any, low: int, wanted: list[Any], new_low: int) -> bool:
    return not (low < len(node) and new_low < len(wanted) and _identity(node[low]) == _identity(wanted[new_low]))


def _identity(value: Any) -> str:
    """Return what tells an item of a list from the others."""
    if hasattr(value, "items"):
        return next((str(value[key]) for key in _IDENTITY if value.get(key) is not None), "")
    return _said(value)


def _is_flow(node: Any) -> bool:
    return bool(node.fa.flow_style()) if hasattr(node, "fa") else False


def _said(scalar: Any) -> str:
    """Return a scalar as `yaml_text` reads it."""
    import unicodedata

    text = unicodedata.normalize("NFC", str(scalar))
    return text.removesuffix("\n") if getattr(scalar, "style", None) in {"|", ">"} else text


def _scalar(text: str, key: str, like: Any = None, *, block: bool = True) -> Any:
    """Return a text as ruamel writes it, in the style of what stood there where that can carry it."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString, SingleQuotedScalarString

    style = getattr(like, "style", None)
    if block and ("\n" in text or style == "|") and not re.search(r"^[ \t\n]|[ \t]\n|[ \t]$|\n$|\t", text):
        return LiteralScalarString(f"{text}\n")
    if style == "'" and "\n" not in text:
        return SingleQuotedScalarString(text)
    if style == '"' or not (key in PLAIN or _is_plain(text)):
        return DoubleQuotedScalarString(text)
    return text


def _is_plain(text: str) -> bool:
    """Whether a text needs no quotation marks in any YAML, of version 1.1 or 1.2."""
    return bool(_SAFE.fullmatch(text)) and text.casefold() not in _NOT_TEXT and ": " not in text and " #" not in text


# Comments: ruamel keeps those between two items with the last value before them.


def _leaf(node: Any, parent: Any = None, key: Any = None) -> tuple[Any, Any]:
    """Return the group and the key of the last value in ``node``, which stands at ``key`` of ``parent``."""
    while hasattr(node, "ca") and not _is_flow(node) and len(node):
        parent, key = node, (list(node)[-1] if hasattr(node, "items") else len(node) - 1)
        node = node[key]
    return parent, key


def _slot(parent: Any, key: Any) -> tuple[list[Any] | None, int]:
    slot = 2 if hasattr(parent, "items") else 0
    return parent.ca.items.get(key), slot


def _take_tail(node: Any, parent: Any = None, key: Any = None) -> str:
    """Take the comment lines that stand after the last line of ``node``, and return them."""
    after = _take_end(node)
    parent, key = _leaf(node, parent, key)
    if parent is None:
        return after
    kept, slot = _slot(parent, key)
    token = kept[slot] if kept else None
    if token is None:
        return after
    if getattr(parent[key], "style", None) in {"|", ">"}:
        own, tail = "", str(token.value)
    else:
        own, _, tail = token.value.partition("\n")
    if own:
        token.value = f"{own}\n"
    else:
        del parent.ca.items[key]
    return f"{tail}{after}"


def _take_end(node: Any) -> str:
    """Take what ruamel keeps at the end of a list whose last item is in braces."""
    found = ""
    while hasattr(node, "ca"):
        found = "".join(token.value for token in node.ca.end) + found
        node.ca.end = []
        if not len(node) or _is_flow(node):
            break
        node = node[list(node)[-1] if hasattr(node, "items") else len(node) - 1]
    return found


def _put_tail(node: Any, tail: str, parent: Any = None, key: Any = None) -> None:
    from ruamel.yaml.error import CommentMark
    from ruamel.yaml.tokens import CommentToken

    parent, key = _leaf(node, parent, key)
    if parent is None or not tail:
        return
    kept, slot = _slot(parent, key)
    is_block = getattr(parent[key], "style", None) in {"|", ">"}
    own = kept[slot].value.rstrip("\n") if kept and kept[slot] else ""
    token = CommentToken(tail if is_block else f"{own}\n{tail}", CommentMark(0), None)
    entry = kept or [None, None, None, None]
    entry[slot] = token
    parent.ca.items[key] = entry


# What was lost


def comments(text: str) -> list[tuple[int, str, bool]]:
    """Return the comments of a YAML text, each with its line and whether it has a line of its own."""
    import yaml

    tokens = yaml.scan(text, Loader=yaml.SafeLoader)
    scalars = [(one.start_mark.index, one.end_mark.index) for one in tokens if isinstance(one, yaml.ScalarToken)]
    found: list[tuple[int, str, bool]] = []
    inside = iter([*scalars, (len(text), len(text))])
    low, high = next(inside)
    position = 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        for match in re.finditer(r"(?:^|(?<=\s))#", line):
            place = position + match.start()
            while place >= high and high < len(text):
                low, high = next(inside)
            if not low <= place < high:
                found.append((number, line[match.start() :].strip(), not line[: match.start()].strip()))
                break
        position += len(line)
    return found


def _gone(old: str, new: str, data: bytes, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Yield the comments that went with the lines of what was removed. Raises `YamlEditError` for any other."""
    before = comments(old)
    left = Counter(text for _, text, _ in comments(new))
    removed = frozenset(_removed_lines(data, wanted))
    for line, text, is_alone in sorted(before, key=lambda one: one[0] in removed):  # of two alike, the one that stays
        if left[text]:
            left[text] -= 1
        elif not is_alone and line in removed:
            yield text
        else:
            said = T("the comment '{comment}' on line {line} would be lost", comment=cited(text), line=line)
            raise _refused(said)


def _removed_lines(data: bytes, wanted: Mapping[str, Any]) -> Iterator[int]:
    """Yield the lines of what the file has and shall have no longer."""
    parsed = parse_yaml(data)
    for path, (line, _) in {**parsed.values, **parsed.keys}.items():
        if not _is_there(parsed.value, dict(wanted), path):
            yield line


def _is_there(old: Any, new: Any, path: FieldPath) -> bool:
    for part in path:
        if isinstance(part, int):
            if not isinstance(old, tuple) or part >= len(old) or not isinstance(new, list):
                return False
            old = old[part]
            new = next((one for one in new if _identity(one) == _identity(old)), None)
        else:
            old = old.get(part) if isinstance(old, dict) else None
            new = new.get(part) if isinstance(new, dict) else None
    return new is not None or old is None


def _thawed(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_thawed(one) for one in value]
    return {key: _thawed(one) for key, one in value.items()} if isinstance(value, dict) else value
