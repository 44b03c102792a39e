"""A file is an upload: whatever its bytes are, it is read in bounded time and memory, or refused in a sentence.

Time and memory are bounded by the limits of a process of its own, so that no test depends on how fast a machine is.
"""

from __future__ import annotations

import hashlib
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksf_agreements.documents.context import AgreementContext
from ksf_agreements.documents.markup import XmlFault, parse_xml
from ksf_agreements.documents.package import PackageError, read_package
from ksf_agreements.documents.template import compile_template, read_template
from tests.documents.docx_tools import (
    ORIGINAL,
    paragraph,
    raw_zip,
    refused_in_a_sentence,
    refused_or_works,
    render,
    stored,
    with_part,
)
from tests.documents.word import BODY, W, body_texts, packed, parts

CORE, HEADER, FOOTER = "docProps/core.xml", "word/header1.xml", "word/footer1.xml"
RELS, TYPES = "word/_rels/document.xml.rels", "[Content_Types].xml"
WORDML = f'xmlns:w="{W[1:-1]}"'

# --- the container -------------------------------------------------------------------------------------------------

TWO = [("a.xml", b"<a/>"), ("b.xml", b"b" * 200)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        b"PK\3\4" + b"\0" * 100,
        b"PK\5\6" + b"\0" * 18,
        b"{\\rtf1 x}",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"MZ" + ORIGINAL,
        ORIGINAL[: len(ORIGINAL) // 2],
        packed({"a": b"x"}),
        packed({"word/document.xml": b"<x/>"}),
        bytes(11 * 1024 * 1024),
    ],
    ids=[
        "nothing",
        "two bytes",
        "a head",
        "an empty zip",
        "RTF",
        "DOC",
        "a program before it",
        "half",
        "a zip",
        "no types",
        "large",
    ],
)
def test_what_is_no_docx_is_refused_in_a_sentence(data: bytes) -> None:
    refused_in_a_sentence(data)
    with pytest.raises(PackageError):
        compile_template(data, AgreementContext)


@pytest.mark.parametrize(
    "lies",
    [
        {"size": 100},
        {"size": 300},
        {"size": 0},
        {"size": 0xFFFFFFFE},
        {"crc": 1},
        {"packed": 1},
        {"packed": 100_000},
        {"flags": 1},
        {"flags": 0x41},
        {"method": 12},
        {"method": 14},
        {"method": 99},
        {"method": 0},
    ],
    ids=str,
)
def test_a_container_that_lies_is_refused(lies: dict[str, int]) -> None:
    read_package(raw_zip(TWO))
    with pytest.raises(PackageError):
        read_package(raw_zip(TWO, **lies))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (raw_zip(TWO, flags=1), "The document is encrypted. Save it without a password."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "The file is protected with a password, or is an old Word document"),
    ],
)
def test_a_password_is_told_as_one(data: bytes, sentence: str) -> None:
    with pytest.raises(PackageError, match=sentence):
        read_package(data)


@pytest.mark.parametrize(
    "names",
    [
        ("a", "a"),
        ("word/a.xml", "word/A.xml"),
        ("/etc/x",),
        ("../x",),
        ("a/../../x",),
        ("a\\b",),
        ("a\nb",),
        ("a\x1b[0m",),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_lead_elsewhere_or_stand_twice_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(PackageError):
        read_package(raw_zip([(name, b"x") for name in names]))


def test_a_container_unpacks_to_so_much_at_most() -> None:
    # Each part packs to a fortieth, which is less than a bomb does.
    block = b"".join(hashlib.sha256(bytes([number])).digest()[:20] + bytes(980) for number in range(200))
    read_package(packed({f"{number}": block * 5 for number in range(30)}))
    with pytest.raises(PackageError, match="unpacks to more than it may"):
        read_package(packed({f"{number}": block * 5 for number in range(45)}))
    with pytest.raises(PackageError, match="unpacks to more than it may"):
        read_package(packed({f"{number}": b"" for number in range(501)}))


def test_entries_that_overlap_are_refused() -> None:
    # The data of 'a' quotes the record of 'b' and goes on in its data: both can be read, and so on without end.
    text = b"x" * 1000
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    inner = packer.compress(text) + packer.flush()
    record = local_record(b"b", text, len(inner))
    outer = struct.pack("<BHH", 0, len(record), len(record) ^ 0xFFFF) + record + inner
    head = local_record(b"a", record + text, len(outer))
    entries = [(b"a", record + text, len(outer), 0), (b"b", text, len(inner), len(head) + 5)]
    directory = b"".join(
        struct.pack(
            "<4sHHHHHHIIIHHHHHII",
            *(b"PK\1\2", 20, 20, 0, 8, 0, 33, zlib.crc32(data), size, len(data), 1, 0, 0, 0, 0, 0, offset),
        )
        + name
        for name, data, size, offset in entries
    )
    written = head + outer + directory
    written += struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(head + outer), 0)
    with pytest.raises(PackageError):
        read_package(written)


def local_record(name: bytes, data: bytes, size: int) -> bytes:
    values = (b"PK\3\4", 20, 0, 8, 0, 33, zlib.crc32(data), size, len(data), len(name), 0)
    return struct.pack("<4sHHHHHIIIHH", *values) + name


# --- bytes at random -------------------------------------------------------------------------------------------------

_CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["change", "remove", "insert"]),
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=12,
)


def changed(data: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    made = bytearray(data)
    for sort, where, new in changes:
        position = int(where * len(made))
        end = position + len(new) if sort != "insert" else position
        made[position:end] = b"" if sort == "remove" else new
    return bytes(made)


@given(_CHANGES)
@settings(max_examples=200)
def test_a_damaged_file_is_refused_or_works(changes: list[tuple[str, float, bytes]]) -> None:
    refused_or_works(changed(ORIGINAL, changes))


@given(
    _CHANGES,
    st.sampled_from([BODY, HEADER, FOOTER, CORE, TYPES, RELS, "_rels/.rels", "docProps/custom.xml", "word/styles.xml"]),
)
@settings(max_examples=200)
def test_a_damaged_part_is_refused_or_works(changes: list[tuple[str, float, bytes]], part: str) -> None:
    refused_or_works(with_part(part, lambda content: changed(content, changes)))


_TAGS = st.sampled_from(
    "{{ }} {% %} {# #} {%p· {%tr· {%r· if· for· else endif endfor elif· in· name parties party. foui_contacts |at_start"
    " not· and· · - ( ) ' 1 . \u00a0 raw x".replace(" ", "\n")
    .replace("·", " ")
    .split("\n")
)


@given(st.lists(st.lists(_TAGS, max_size=12).map("".join), min_size=1, max_size=8))
@settings(max_examples=300)
def test_any_soup_of_tags_is_refused_or_works(texts: list[str]) -> None:
    refused_or_works(document("".join(map(paragraph, texts))))


_LINES = (
    *("{%p if name %}", "{%p for p in parties %}", "{%p endif %}", "{%p endfor %}", "{%p else %}", "{% if name %}"),
    *("{% endif %}", "{{ name }}", "x", "{% for p in parties %}{{ p.name }}{% endfor %}"),
)


@given(st.lists(st.sampled_from(_LINES), min_size=1, max_size=10))
@settings(max_examples=200)
def test_a_template_without_faults_gives_xml_whatever_is_filled_in(texts: list[str]) -> None:
    data = document("".join(map(paragraph, texts)) + "<w:p/>")
    if not read_template(data, AgreementContext).faults:
        assert body_texts(render(data))


# --- in bounded time and memory --------------------------------------------------------------------------------------


def document(xml: str) -> bytes:
    """Return a template whose body is ``xml`` alone, not compressed: else its ratio gives it away."""
    return stored({**parts(ORIGINAL), BODY: f"<w:document {WORDML}><w:body>{xml}</w:body></w:document>".encode()})


def many_headers() -> bytes:
    header = f"<w:hdr {WORDML}>{paragraph('{{ name }}' * 40)}</w:hdr>".encode()
    return stored({**parts(ORIGINAL), **{f"word/header{number}.xml": header for number in range(2, 400)}})


TAG = paragraph("{{ name }}")
FOR, ONE, END = paragraph("{%p for a in parties %}"), paragraph("x"), paragraph("{%p endfor %}")


@pytest.mark.parametrize(
    "xml",
    [b"<a>" + b"<b/>" * 600_000 + b"</a>", b"<a " + b"b='' " * 501 + b"/>", b"<a>" + b" " * 4 * 1024 * 1024 + b"</a>"],
    ids=["elements", "attributes", "bytes"],
)
def test_a_part_has_so_much_in_it_at_most(xml: bytes) -> None:
    with pytest.raises(XmlFault, match="too large"):
        parse_xml(xml)


def test_a_part_is_utf_8_whatever_it_declares() -> None:
    # In UTF-7 this would be '<!DOCTYPE a>', which is looked for in the bytes.
    xml = '<?xml version="1.0" encoding="UTF-7"?><a>+ADwAIQ-DOCTYPE a+AD4-ø</a>'
    assert parse_xml(xml.encode()).text == "+ADwAIQ-DOCTYPE a+AD4-ø"


@pytest.mark.parametrize(
    "xml", [paragraph("x" * 210_000), paragraph("{%p for b in a.foui_contacts %}") + paragraph("x" * 110_000)]
)
def test_so_much_text_is_repeated_at_most(xml: str) -> None:
    data = document(FOR + xml + (END if "b in a" in xml else "") + END)
    assert [one.code for one in read_template(data, AgreementContext).faults] == ["too-long"]


@pytest.mark.parametrize("tags", ["{{ name }}" * 5001, "{# x #}" * 5001])
def test_a_document_has_so_many_tags_at_most(tags: str) -> None:
    with pytest.raises(PackageError, match="more than 5000 tags"):
        compile_template(document(paragraph(tags)), AgreementContext)
    refused_or_works(document(paragraph(tags[: len(tags) // 5001 * 4000])))


# So many of anything is past what any machine does in squares within the limit below.
ATTACKS: dict[str, Callable[[], bytes]] = {
    "tags without end": lambda: document(paragraph("{{" * 300_000)),
    "ends without beginning": lambda: document(paragraph("{{ name }}" + " }}" * 300_000)),
    "comments": lambda: document(paragraph("{##}" * 300_000)),
    "many tags": lambda: document(paragraph("{{name}}" * 200_000)),
    "many texts and many tags": lambda: document(
        f"<w:p><w:r>{'<w:t/>' * 70_000}{'<w:t>{{ name }}</w:t>' * 4900}{'<w:t/>' * 70_000}</w:r></w:p>"
    ),
    "many wrong tags": lambda: document(
        f"<w:p><w:r>{'<w:t/>' * 100_000}{'<w:t>{%p if name %}</w:t>' * 3000}x</w:r></w:p>"
    ),
    "paragraphs in paragraphs": lambda: document(
        f"{'<w:p>' * 200}<w:r>{'<w:t/>' * 100_000}<w:t>{{{{</w:t></w:r>{'</w:p>' * 200}"
    ),
    "deep elements": lambda: document("<w:p>" * 200_000 + "</w:p>" * 200_000),
    "many elements": lambda: document("<w:b/>" * 690_000),
    "many attributes": lambda: document("<w:b " + " ".join(f"a{n}=''" for n in range(300_000)) + "/>" + TAG),
    "a long tag": lambda: document(paragraph("{{ " + "a" * 3_000_000 + " }}")),
    "a bracket without end": lambda: document(paragraph("[" + "a" * 1_000_000)),
    "brackets": lambda: document(paragraph("[aa]" * 300_000)),
    "loops in loops": lambda: document(
        FOR + "".join(paragraph(f"{{%p for b{n} in a.foui_contacts %}}") for n in range(18)) + ONE + END * 19
    ),
    "much text in a loop": lambda: document(FOR + paragraph("x" * 3_900_000) + END),
    "many loops": lambda: document((FOR + END) * 2450),
    "a picture that is looked for": lambda: stored(
        {
            **parts(ORIGINAL),
            HEADER: parts(ORIGINAL)[HEADER].replace(b"</w:hdr>", b'<wp:docPr name="qr"/>' * 60_000 + b"</w:hdr>"),
        }
    ),
    "properties": lambda: stored({**parts(ORIGINAL), "docProps/custom.xml": b'<property name="a" ' * 200_000}),
    "fields in fields": lambda: document("<w:p>" + '<w:fldChar w:fldCharType="begin"/>' * 100_000 + "</w:p>"),
    "many headers": many_headers,
    "zeros": lambda: packed({**parts(ORIGINAL), "word/x.bin": bytes(60_000_000)}),
    "many entries": lambda: stored({**parts(ORIGINAL), **{f"{number}": b"" for number in range(20_000)}}),
}

_UNDER_LIMITS = """
import sys
from pathlib import Path
from tests.documents.docx_tools import refused_or_works
data = Path(sys.argv[1]).read_bytes()
refused_or_works(data)
"""
_SECONDS, _BYTES = 60, 1024 * 1024 * 1024


def _limit() -> None:
    import resource  # Windows has none

    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets a process no such limits")
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_over_within_the_limits_of_its_process(attack: Callable[[], bytes], tmp_path: Path) -> None:
    file = tmp_path / "attack.docx"
    file.write_bytes(attack())
    ran = subprocess.run(
        [sys.executable, "-c", _UNDER_LIMITS, str(file)],
        cwd=Path(__file__).parents[2],
        preexec_fn=_limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
