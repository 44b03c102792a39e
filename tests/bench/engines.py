"""The engines: each fills the same template with the same data, and hands back the bytes of a DOCX."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import docxtpl
import jinja2
from lxml import etree

from ksf_agreements.documents.context import AgreementContext
from ksf_agreements.documents.language import at_start
from ksf_agreements.documents.template import load_template
from ksf_agreements.domain.cluster import Language
from ksf_agreements.services.documents.generating import draft
from tests.bench.cases import Case

HERE = Path(__file__).parent
NODE_FOLDER = HERE.parents[1] / "build" / "bench"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True, slots=True)
class Engine:
    """`render` makes one document, as often as it is called."""

    name: str
    render: Callable[[], bytes]


def ours(case: Case) -> Engine:
    """Return this program's engine: a draft, with its hashes and properties, from the template in memory."""

    def render() -> bytes:
        template = load_template(case.template, AgreementContext)
        return draft(template, case.context, case.id, Language.NB)

    return Engine("ksf", render)


def plain_docxtpl(case: Case) -> Engine:
    """Return docxtpl as its documentation shows it. The Jinja environment is made once, to its advantage."""
    environment = jinja2.Environment(autoescape=True)
    environment.filters["at_start"] = at_start
    values = {field.name: getattr(case.context, field.name) for field in fields(case.context)}

    def render() -> bytes:
        document = docxtpl.DocxTemplate(case.template)
        document.render(values, environment, autoescape=True)
        saved = io.BytesIO()
        document.save(saved)
        return saved.getvalue()

    return Engine("docxtpl", render)


@contextmanager
def docxtemplater(case: Case, folder: Path) -> Iterator[Engine | None]:
    """Give docxtemplater in a running node, or None where node or the package is not there."""
    node = shutil.which("node")
    if node is None or not (NODE_FOLDER / "node_modules" / "docxtemplater").is_dir():
        yield None
        return
    template, wrapped = _for_docxtemplater(case.template)
    task = folder / f"docxtemplater-{case.parties}"
    task.with_suffix(".docx").write_bytes(template)
    task.with_suffix(".json").write_text(json.dumps(_wrap(asdict(case.context), wrapped)), encoding="utf-8")
    command = [node, str(HERE / "docxtemplater.js"), str(task), str(NODE_FOLDER / "node_modules")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answers = process.stdin, process.stdout

        def render() -> bytes:
            asked.write(b"\n")
            asked.flush()
            size = int(answers.readline())
            return answers.read(size)

        try:
            yield Engine("docxtemplater", render)
        finally:
            asked.close()


_TAG_PARAGRAPH = re.compile(r"<w:p\b(?:(?!</w:p>).)*?\{%p (.*?) %\}.*?</w:p>", re.DOTALL)
_TAG = re.compile(r"\{%r? (.*?) %\}|\{\{ (.*?) \}\}", re.DOTALL)


def _for_docxtemplater(template: Path) -> tuple[bytes, dict[str, str]]:
    """Return the template with its tags in docxtemplater's language, and each list with its loop variable.

    `for x in xs` becomes a section over xs, `if` a section over a truth value ('?name'), `else` the inverted one.
    """
    wrapped: dict[str, str] = {}
    made = io.BytesIO()
    with zipfile.ZipFile(template) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if re.fullmatch(r"word/(document|header\d|footer\d)\.xml|docProps/core\.xml", name):
                data = _converted(data.decode("utf-8"), wrapped).encode("utf-8")
            target.writestr(name, data)
    return made.getvalue(), wrapped


def _converted(xml: str, wrapped: dict[str, str]) -> str:
    open_tags: list[str] = []

    def tags(statement: str) -> tuple[str, ...]:
        word, *rest = statement.split()
        if word == "for":
            wrapped[rest[2]] = rest[0]
            open_tags.append(rest[2])
            return (f"{{#{rest[2]}}}",)
        if word == "if":
            open_tags.append(f"?{' '.join(rest)}")
            return (f"{{#{open_tags[-1]}}}",)
        if word == "else":
            return f"{{/{open_tags[-1]}}}", f"{{^{open_tags[-1]}}}"
        return (f"{{/{open_tags.pop()}}}",)

    def one(match: re.Match[str]) -> str:
        if match[0].startswith("<w:p"):
            # A tag that takes the place of its paragraph stands alone in one there too; 'else' makes two of it.
            return "".join(re.sub(r"\{%p .*? %\}", tag, match[0]) for tag in tags(match[1]))
        inline = _TAG.fullmatch(match[0])
        assert inline is not None
        return "".join(tags(inline[1])) if inline[1] else f"{{{inline[2]}}}"

    return re.sub(f"{_TAG_PARAGRAPH.pattern}|{_TAG.pattern}", one, xml, flags=re.DOTALL)


def _wrap(values: Any, wrapped: dict[str, str], path: str = "") -> Any:
    """Return the data with the items of each list under the name of its loop variable."""
    if isinstance(values, dict):
        return {name: _wrap(value, wrapped, f"{path}.{name}".lstrip(".")) for name, value in values.items()}
    if isinstance(values, list | tuple) and path in wrapped:
        return [{wrapped[path]: _wrap(value, wrapped, wrapped[path])} for value in values]
    return values


def body(document: bytes) -> bytes:
    """Return the canonical XML of a document's body."""
    return etree.tostring(etree.fromstring(_part(document, "word/document.xml")), method="c14n")


def paragraphs(document: bytes) -> list[str]:
    """Return the texts of a document's paragraphs."""
    root = etree.fromstring(_part(document, "word/document.xml"))
    return ["".join(text.text or "" for text in one.iter(f"{W}t")) for one in root.iter(f"{W}p")]


def _part(document: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(document)) as container:
        return container.read(name)
