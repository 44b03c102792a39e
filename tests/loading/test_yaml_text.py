"""YAML as text: no value is typed on the way, every place is right, and no bytes at all can break the reader."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksf_agreements.errors import Problem
from ksf_agreements.loading.yaml_text import BYTES_LIMIT, DEPTH_LIMIT, NODES_LIMIT, Parsed, Value, parse_yaml
from tests.conftest import ROOT

SAMPLES = [path.read_bytes() for path in sorted((ROOT / "clusters").glob("*.yaml"))]


def parsed(text: str) -> Parsed:
    return parse_yaml(text.encode("utf-8"))


def value(text: str) -> Any:
    found = parsed(text)
    assert found.problems == ()
    return found.value


def problem(text: str | bytes) -> Problem:
    (found,) = parse_yaml(text if isinstance(text, bytes) else text.encode("utf-8")).problems
    return found


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "yes",
        "on",
        "off",
        "true",
        "false",
        "y",
        "n",
        "Null",
        "null",
        "~",
        "0301",
        "301",
        "0o17",
        "0x1F",
        "1e3",
        "1_000",
        "12:30",
        "1.0",
        ".inf",
        ".nan",
        "2029-12-31",
        "2029-12-31T00:00:00Z",
        "=",
        "<<",
        "-1",
        "+1",
        "9999999999999999999999999999",
    ],
)
def test_norway_is_no_problem(word: str) -> None:
    assert value(f"key: {word}\n") == {"key": word}
    assert value(f"key: [{word}]\n") == {"key": (word,)}
    assert value(f"{word}: x\n") == {word: "x"}


# What YAML cannot hold even in quotes: half letters.
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@given(texts)
def test_a_text_in_quotes_comes_back_as_it_was_written(text: str) -> None:
    quoted = "".join(sign if sign.isalnum() else f"\\U{ord(sign):08x}" for sign in text)
    found = parsed(f'key: "{quoted}"\nlist: ["{quoted}"]\n"{len(text)}": x\n')
    assert found.problems == ()
    whole = unicodedata.normalize("NFC", text)
    assert found.value == {"key": whole, "list": (whole,), str(len(text)): "x"}


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=60))
def test_a_text_in_single_quotes_comes_back_as_it_was_written(text: str) -> None:
    if "\ufeff" in text or any(ord(sign) in {0xFFFE, 0xFFFF} or 0xFDD0 <= ord(sign) <= 0xFDEF for sign in text):
        text = "plain"
    found = parsed("key: '" + text.replace("'", "''") + "'\n")
    if found.problems:  # signs that YAML takes in no file
        assert found.problems[0].code in {"yaml-syntax", "not-utf-8"}
    else:
        assert found.value == {"key": unicodedata.normalize("NFC", text)}


def test_letters_come_in_one_spelling_however_they_were_typed() -> None:
    assert value("A\u030a: o\u0308\n") == {"Å": "ö"}


def test_block_texts_lose_the_line_break_that_is_yaml_s() -> None:
    assert value("a: |\n  en\n\n  to\nb: >\n  en\n  to\nc: |-\n  en\nd: |+\n  en\n\n") == {
        "a": "en\n\nto",
        "b": "en to",
        "c": "en",
        "d": "en\n",
    }


def test_an_empty_value_is_absent_and_an_empty_text_is_not() -> None:
    found = parsed('a:\nb: ""\nc: # a remark\nd: []\ne: {}\nf: [a, ]\n')
    assert found.value == {"b": "", "d": (), "e": {}, "f": ("a",)}
    assert ("a",) in found.keys
    assert value("list:\n  -\n  - a\n") == {"list": (None, "a")}


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_every_kind_of_line_break_is_one(breaks: str) -> None:
    found = parsed(f"a: 1{breaks}b: 2{breaks}")
    assert found.value == {"a": "1", "b": "2"}
    assert found.keys["b",] == (2, 1)


def test_the_mark_of_notepad_is_skipped() -> None:
    found = parse_yaml(b"\xef\xbb\xbfa: 1\n")
    assert (found.value, found.keys["a",]) == ({"a": "1"}, (1, 1))


@pytest.mark.parametrize("text", ["---\na: 1\n", "a: 1\n...\n", "%YAML 1.2\n---\na: 1\n", "# x\n\n  \na: 1 # y\n"])
def test_the_marks_of_a_document_and_remarks_are_allowed(text: str) -> None:
    assert value(text) == {"a": "1"}


# --- places ----------------------------------------------------------------------------------------------------------

words = st.text("abcæøå", min_size=1, max_size=6)
Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"
trees: st.SearchStrategy[Tree] = st.recursive(
    words, lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(words, inner, min_size=1, max_size=3)
)


def written(tree: Tree, indent: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the lines of a tree as people write them, each with the key that begins on it ('' for an item)."""
    space = " " * indent
    for key, inner in tree.items() if isinstance(tree, dict) else [("", one) for one in tree]:
        mark = f"{key}:" if key else "-"
        if isinstance(inner, str):
            yield f"{space}{mark} {inner}", key
        else:
            yield f"{space}{mark}", key
            yield "# a remark, and an empty line", "#"
            yield "", "#"
            yield from written(inner, indent + 2)


def frozen(tree: Tree) -> Value:
    if isinstance(tree, dict):
        return {key: frozen(inner) for key, inner in tree.items()}
    return tuple(map(frozen, tree)) if isinstance(tree, list) else tree


@given(st.dictionaries(words, trees, min_size=1, max_size=4))
def test_every_key_is_found_on_its_line(tree: dict[str, Tree]) -> None:
    lines = list(written(tree))
    found = parsed("".join(f"{line}\n" for line, _ in lines))
    assert found.problems == ()
    assert found.value == frozen(tree)
    expected = [
        (number, len(line) - len(line.lstrip(" ")) + 1, key)
        for number, (line, key) in enumerate(lines, 1)
        if key not in {"", "#"}
    ]
    assert [(line, column, path[-1]) for path, (line, column) in found.keys.items()] == expected


def test_a_value_is_found_where_it_begins_and_a_group_at_its_key() -> None:
    found = parsed("a:\n  - b: 1\n    c: {d: 2}\ne: 'f'\ng:\n  - 3\n")
    assert found.values == {
        (): (1, 1),
        ("a",): (1, 1),
        ("a", 0): (2, 5),
        ("a", 0, "b"): (2, 8),
        ("a", 0, "c"): (3, 5),
        ("a", 0, "c", "d"): (3, 12),
        ("e",): (4, 4),
        ("g",): (5, 1),
        ("g", 0): (6, 5),
    }


def test_columns_count_letters_not_bytes() -> None:
    assert problem("æøå: {æ: 1, æ: 2}\n").column == 13


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "empty-file", 1, 1),
        ("\n\n# x\n", "empty-file", 1, 1),
        ("a: 1\nb: 2\na: 3\n", "duplicate-key", 3, 1),
        ("a:\n  b: 1\n  b: 2\n", "duplicate-key", 3, 3),
        ("å: 1\na\u030a: 2\n", "duplicate-key", 2, 1),
        ("a: &x 1\n", "anchor", 1, 4),
        ("a: *x\n", "anchor", 1, 4),
        ("&x a: 1\n", "anchor", 1, 1),
        ("a: !!str 1\n", "tag", 1, 4),
        ("a: ! 1\n", "tag", 1, 4),
        ("a: !!python/object/apply:os.system [ls]\n", "tag", 1, 4),
        ("!x\na: 1\n", "tag", 1, 1),
        ("a: 1\n---\nb: 2\n", "two-documents", 2, 1),
        ("? [a]\n: b\n", "key-not-text", 1, 3),
        ("? *a\n: b\n", "key-not-text", 1, 3),
        ("- a\n", "not-a-mapping", 1, 1),
        ("a\n", "not-a-mapping", 1, 1),
        ("[]\n", "not-a-mapping", 1, 1),
        ("a: 1\nb:\n\t- x\n", "yaml-syntax", 3, 1),
        ("a: 1\nb: x\x07\n", "yaml-syntax", 2, 1),
    ],
)
def test_what_is_not_allowed_is_told_at_its_place(text: str, code: str, line: int, column: int) -> None:
    found = problem(text)
    assert (found.code, found.line, found.column) == (code, line, column)
    assert str(found.message)


def test_the_first_of_two_keys_counts_and_is_named() -> None:
    found = parsed("a: 1\nb: 2\na: 3\n")
    assert found.value == {"a": "1", "b": "2"}
    assert "the first is on line 1" in str(found.problems[0].message)


def test_every_reference_and_tag_is_told_in_one_run() -> None:
    assert [one.line for one in parsed("a: &x 1\nb: *x\nc: !t 2\nb: 3\n").problems] == [1, 2, 3, 4]


SYNTAX = {
    "quotation mark is not closed": (
        ('a: 1\nb: "x\nc: 2\n', 2),
        ("a: 1\nb: 'x\nc: 2\n", 2),
        ('a: 1\nb: "x\nc: "y"\nd: 3\n', 2),
        ("a: 1\nb: 'x\nc: 'y'\n", 2),
        ('a: {b: "x, c: 1}\nd: 1\n', 1),
    ),
    "text stands after a closing quotation mark": (
        ('a: 1\nb: "x" y\n', 2),
        ('a: 1\nb: "he said "hi" to"\n', 2),
        ('a: {b: "x" c: 1}\n', 1),
    ),
    "a bracket is not closed": (("a: 1\nb: [x, y\nc: 2\n", 2), ("a: 1\nb: {x: 1\nc: 2\n", 2)),
    "a colon is missing": (
        ("a:1\nb: 2\n", 1),
        ("a: 1\nb:2\nc: 3\n", 2),
        ("a: 1\nb\n", 2),
        ("x:\n  a:1\n  b: 2\n", 2),
        (f"a: 1\n{'k' * 1100}: 1\n", 2),
    ),
    "a colon stands where it cannot": (("a: b: c\n", 1), ("a: 1\nb: x\n  c: 2\n", 3)),
    "the indentation does not fit": (
        ("a:\n  b: 1\n c: 2\n", 3),
        ("a:\n  - b: 1\n   c: 2\n", 3),
        ("- a\nb: 1\n", 2),
    ),
    "a tab or a sign": (
        ("a: @x\n", 1),
        ("a: `x`\n", 1),
        ("a: %x\n", 1),
        ("a:\n\t- b\n", 2),
        ("a:\n  b: 1\n\tc: 2\n", 3),
    ),
    "a backslash": (('a: "C:\\dokumenter"\n', 1), ('a: "\\x"\n', 1), ('a: 1\nb: "\\uZZZZ"\n', 2)),
    "begins with * or &": (("a: *\n", 1), ("a: & b\n", 1)),
    "invisible character": (("a: 1\nb: \x00x\n".replace("\x00", "\x01"), 2), ("# æøå \x0b\n", 1)),
}


@pytest.mark.parametrize(("said", "text", "line"), [(said, *case) for said, cases in SYNTAX.items() for case in cases])
def test_a_syntax_fault_is_told_in_people_s_words_where_it_began(said: str, text: str, line: int) -> None:
    found = problem(text)
    assert (found.code, found.line) == ("yaml-syntax", line)
    assert said in str(found.message)
    assert str(found.mend)


def test_text_that_is_not_utf_8_is_placed_at_its_first_letter() -> None:
    found = problem("a: 1\nb: xå\n".encode("latin-1"))
    assert (found.code, found.line, found.column) == ("not-utf-8", 2, 5)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_unicode_is_called_by_its_name(encoding: str) -> None:
    found = problem("a: åå\n".encode(encoding))
    assert (found.code, found.line) == ("not-utf-8", 1)


# --- any bytes -------------------------------------------------------------------------------------------------------

_SIGNS = [
    "\n",
    "  ",
    "\t",
    "- ",
    ": ",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "&",
    "*",
    "!",
    "|",
    ">",
    "#",
    "---\n",
    "...",
    "%",
    "@",
]
_SIGNS += ["\\", "? ", "<<", "\0", "\x07", "\ufeff", "\u2028"]
_BITS = [*(sign.encode("utf-8") for sign in _SIGNS), b"\xc3", b"\xff"]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sample cluster file with some bytes taken out, put in, or moved."""
    data = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data)))
        to = min(len(data), at + draw(st.sampled_from([0, 0, 1, 3, 40])))
        data = data[:at] + draw(st.sampled_from(_BITS) | st.binary(max_size=4)) + data[to:]
    return data


def holds(found: Parsed, data: bytes) -> None:
    """Assert what is true of every reading."""
    lines = data.count(b"\n") + data.count(b"\r") + data.count(b"\xc2\x85") + data.count(b"\xe2\x80") + 2
    for one in found.problems:
        assert 1 <= one.line <= lines
        assert one.column >= 1
        assert str(one.message)
    assert found.value is not None or found.problems
    assert found.value is None or isinstance(found.value, dict)


@given(st.binary(max_size=200) | st.lists(st.sampled_from(_BITS) | st.binary(max_size=3), max_size=30).map(b"".join))
@settings(max_examples=300)
def test_no_bytes_at_all_break_the_reader(data: bytes) -> None:
    holds(parse_yaml(data), data)


@given(mutated())
@settings(max_examples=150)
def test_no_change_of_a_cluster_file_breaks_the_reader(data: bytes) -> None:
    holds(parse_yaml(data), data)


@given(st.data())
def test_a_file_that_was_cut_off_is_read_or_told(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(SAMPLES))
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    holds(parse_yaml(cut), cut)


# --- bounds ----------------------------------------------------------------------------------------------------------


def test_a_file_as_large_as_the_limit_is_read_and_a_larger_one_is_not() -> None:
    assert parse_yaml(b"a: 1\n#".ljust(BYTES_LIMIT, b"x")).value == {"a": "1"}
    assert problem(b"a: 1\n#".ljust(BYTES_LIMIT + 1, b"x")).code == "too-large"


def test_as_many_values_as_the_limit_are_read_and_more_are_not() -> None:
    assert len(value(f"a: [{'x,' * (NODES_LIMIT - 2)}]\n")["a"]) == NODES_LIMIT - 2
    assert problem(f"a: [{'x,' * (NODES_LIMIT - 1)}]\n").code == "too-much"


def test_as_many_levels_as_the_limit_are_read_and_more_are_not() -> None:
    assert value(f"a: {'[' * (DEPTH_LIMIT - 1)}{']' * (DEPTH_LIMIT - 1)}\n")
    assert problem(f"a: {'[' * (DEPTH_LIMIT + 1)}{']' * (DEPTH_LIMIT + 1)}\n").code == "too-much"


HUGE = {
    "flow": b"[" * 250_000,
    "flow and back": b"a: " + b"[" * 250_000 + b"]" * 250_000,
    "flow mappings": b"{a: " * 100_000,
    "lists": b"- " * 250_000,
    "questions": b"? " * 250_000,
    "colons": b": " * 250_000,
    "levels": b"".join(b" " * level + b"-\n" for level in range(1000)),
    "keys": b"".join(b"key%d: x\n" % number for number in range(30_000)),
    "twice": b"name: x\n" * 60_000,
    "long key": b'"' + b"k" * 500_000 + b'": x',
    "long text": b"a: " + b"x" * 500_000,
    "quotes": b'"' * 500_000,
    "tags": b"!" * 500_000,
    "anchors": b"a: [" + b"".join(b"&a%d x," % number for number in range(30_000)) + b"]",
    "documents": b"---\n" * 100_000,
    "remarks": b"#\n" * 250_000,
    "escapes": b'a: "' + b"\\u0041" * 80_000 + b'"',
    "lone words": b"x y\n" * 120_000,
    "open quotes": b"a: 'b\n" * 80_000,
    "bomb": b"".join(b"a%d: &a%d [%s]\n" % (n, n, b"*a%d," % (n - 1) * 50) for n in range(1, 300)),
}


def test_hostile_files_cost_little_time_and_memory() -> None:
    program = (
        "import json, resource, sys\n"
        "from ksf_agreements.loading.yaml_text import parse_yaml\n"
        "from tests.loading.test_yaml_text import HUGE\n"
        "limit = 1 << 30\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (30, 30))\n"
        "print(json.dumps({name: len(parse_yaml(data).problems) for name, data in HUGE.items()}))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    told = json.loads(ran.stdout)
    assert set(told) == set(HUGE)
    assert told["long text"] == told["escapes"] == 0
