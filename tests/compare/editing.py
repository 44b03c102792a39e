"""Edits a generated agreement as people do in Word, and as Word itself does behind their backs."""

from __future__ import annotations

import copy
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.text.paragraph import Paragraph

from tests.conftest import Ran
from tests.documents.word import W, packed, parts

BODY = "word/document.xml"


class Editor:
    """A document open for editing."""

    def __init__(self, data: bytes) -> None:
        self.document: Document = docx.Document(io.BytesIO(data))

    @property
    def data(self) -> bytes:
        """The document as it would be saved."""
        saved = io.BytesIO()
        self.document.save(saved)
        return saved.getvalue()

    def find(self, start: str, nth: int = 0) -> Paragraph:
        """Return the paragraph that begins so."""
        found = [one for one in self.document.paragraphs if one.text.startswith(start)]
        assert len(found) > nth, start
        return found[nth]

    def contents(self) -> list[Paragraph]:
        """Return the entries of the table of contents."""
        body = self.document.element.body
        found = [Paragraph(one, self.document._body) for one in body.iter(f"{W}p")]
        return [one for one in found if one.style is not None and one.style.name == "toc 1"]

    def change(self, start: str, old: str, new: str, nth: int = 0) -> None:
        """Replace words in a paragraph."""
        paragraph = self.find(start, nth)
        assert old in paragraph.text, (old, paragraph.text)
        self.write(paragraph, paragraph.text.replace(old, new, 1))

    def write(self, paragraph: Paragraph, text: str) -> None:
        """Give a paragraph another text."""
        first = paragraph.runs[0]._r if paragraph.runs else None
        for child in list(paragraph._p):
            if child is not first and child.tag != f"{W}pPr":
                paragraph._p.remove(child)
        if first is None:
            paragraph.add_run()
        paragraph.runs[0].text = text

    def drop(self, start: str) -> None:
        """Remove a paragraph."""
        found = self.find(start)
        found._p.getparent().remove(found._p)

    def add(self, after: str, text: str, like: str = "", nth: int = 0) -> None:
        """Add a paragraph after another, with the looks of a third."""
        beside = self.find(after, nth)
        new = copy.deepcopy(self.find(like or after)._p)
        beside._p.addnext(new)
        self.write(Paragraph(new, beside._parent), text)

    def move(self, start: str, after: str) -> None:
        """Move a paragraph to after another."""
        self.find(after)._p.addnext(self.find(start)._p)


def with_xml(data: bytes, change: Callable[[str], str], part: str = BODY) -> bytes:
    """Return a document with the XML of a part changed; it must change."""
    content = parts(data)
    before = content[part].decode()
    after = change(before)
    assert after != before
    return packed({**content, part: after.encode()})


def tracked(data: bytes, text: str, new: str) -> bytes:
    """Return a document where ``text``, a whole run's, was deleted and ``new`` put in, with tracked changes."""
    about = 'w:id="9001" w:author="Anne Eksempel" w:date="2026-03-01T10:00:00Z"'
    gone = f"<w:del {about}><w:r><w:delText>{text}</w:delText></w:r></w:del>"
    put_in = f"<w:ins {about}><w:r><w:t>{new}</w:t></w:r></w:ins>"
    run = re.compile(rf"<w:r\b[^>]*>(?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t[^>]*>{re.escape(text)}</w:t></w:r>")
    return with_xml(data, lambda xml: run.sub(lambda _: gone + put_in, xml, count=1))


def noisy(data: bytes) -> bytes:
    """Return a document as Word leaves it after much opening and saving: nothing that anybody reads has changed."""

    def change(xml: str) -> str:
        def split(found: re.Match[str]) -> str:
            look, text = found[1] or "", found[2]
            middle = len(text) // 2
            if "&" in text or middle < 2:
                return found[0]
            pieces = (text[:middle], text[middle:])
            runs = [f'<w:r w:rsidR="00AB12CD">{look}<w:t xml:space="preserve">{piece}</w:t></w:r>' for piece in pieces]
            marks = (
                '<w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="77" w:name="_x"/><w:bookmarkEnd w:id="77"/>'
            )
            return f"<w:smartTag>{runs[0]}</w:smartTag>{marks}{runs[1]}"

        xml = re.sub(r"<w:r>(<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t[^>]*>([^<]*)</w:t></w:r>", split, xml)
        xml = xml.replace("forskning ", "forskning\u00a0").replace("kommuneklyngen", "kommune\u00adklyngen")
        return xml.replace("KS'", "KS\u2019").replace(" skal ", " \u2009skal\u200b  ")

    return with_xml(data, change)


def element_count(data: bytes, name: str) -> int:
    """Return how many elements of a name the body has."""
    return parts(data)[BODY].decode().count(f"<w:{name}")


@dataclass(frozen=True)
class Comparing:
    """``ksf compare`` of one cluster in one workspace, in English."""

    ksf: Callable[..., Ran]
    workspace: Path
    cluster: str = "alle-valg"

    def run(self, data: bytes, *words: str | Path, name: str = "edited.docx") -> Ran:
        """Compare these bytes."""
        file = self.workspace.parent / name
        file.write_bytes(data)
        return self.ksf("--lang", "en", "-w", self.workspace, "compare", self.cluster, file, *words)

    def json(self, data: bytes, *words: str, name: str = "edited.docx", code: int = 1) -> Any:
        """Compare these bytes, and return the JSON."""
        ran = self.run(data, *words, "--format", "json", name=name)
        assert ran.code == code, (ran.code, ran.out, ran.err)
        return json.loads(ran.out)

    def same(self, data: bytes, *words: str, name: str = "edited.docx") -> Any:
        """Compare these bytes, which must say the same; return the JSON."""
        found = self.json(data, *words, name=name, code=0)
        assert (found["fields"], found["changes"], found["hidden"]) == ([], [], [])
        return found


def told(change: Any) -> str:
    """Return a change as a line: its kind, its clause, and its words with what is gone and new marked."""
    signs = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    words = "".join(signs[piece["sort"]].format(piece["text"].strip()) for piece in change["pieces"])
    return f"{change['kind']} {change['clause']['number']}: {words}"


def marked(change: Any, sort: str) -> list[str]:
    """Return the pieces of a change that are gone, or new."""
    return [piece["text"].strip() for piece in change["pieces"] if piece["sort"] == sort]


__all__ = ["Comparing", "Editor", "W", "element_count", "marked", "noisy", "told", "tracked", "with_xml"]
