"""Reads the pages of a PDF: their text, in a form that survives rewriting, and the marks of ours in it.

Runs inside the bounded child that reads files from outside. pypdf reads what is sent and what comes back alike, so
equal pages give equal texts.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ksf_agreements.domain.codes import LETTERS, Code

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader
    from pypdf.generic import DictionaryObject

PAGES: Final = 1000
"""Pages of a file that are read."""
LETTERS_OF_A_PAGE: Final = 200_000

# 'KSF-7Q4M-2XKD · versjon 2', as on every page of what was issued (`issuing.issued_document`).
_MARK = re.compile(rf"(KSF-[{LETTERS}]{{4}}-[{LETTERS}]{{4}})\s*·\s*versjon\s*([1-9][0-9]{{0,3}})(?![0-9])", re.ASCII)
# How a scanner's reader of letters hides its guesses behind the image: text that is drawn in no way (mode 3).
_HIDDEN = re.compile(rb"(?<![\d.])3\s+Tr\b")


class Encrypted(Exception):
    """The file asks for a password."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its text ('' where it has none of its own), whether a scanner guessed its text, whether it failed."""

    text: str = ""
    guessed: bool = False
    failed: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the normalised text, '' where there is none."""
        plain = normalised(self.text)
        return sha256(plain.encode()).hexdigest() if plain else ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A PDF's pages, and the texts outside them: properties, form fields, file names."""

    pages: tuple[Page, ...]
    outside: tuple[str, ...]
    signed: bool
    """Whether it has a signature of any kind, by its bytes: also one that cannot be read."""


def normalised(text: str) -> str:
    """Return a text without what rewriting a PDF changes: spaces, hyphens of line ends, ligatures."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in plain if not (letter.isspace() or unicodedata.category(letter) in {"Cf", "Cc"}))


def marks(text: str) -> tuple[Code, ...]:
    """Return the documents and versions that a page's text names, each once."""
    found = _MARK.findall(unicodedata.normalize("NFKC", text))
    return tuple(dict.fromkeys(Code(document_id, int(version)) for document_id, version in found))


def main(data: bytes) -> bytes:
    """Return the normalised texts of a PDF's pages, as JSON: in the child, where two files are compared closer."""
    return json.dumps([normalised(page.text) for page in open_pdf(data).pages]).encode()


def open_pdf(data: bytes) -> Opened:
    """Read the pages of a PDF. Raises `Encrypted`, or anything where pypdf cannot open it at all."""
    import pypdf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not _unlocked(reader):
            raise Encrypted
        pages = tuple(_page(reader, number) for number in range(min(len(reader.pages), PAGES)))
        return Opened(pages, tuple(_outside(reader)), re.search(rb"/ByteRange\b", data) is not None)


def _unlocked(reader: PdfReader) -> bool:
    """Try the empty password: many files only forbid printing or editing."""
    try:
        return bool(reader.decrypt(""))
    except MemoryError:
        raise
    except Exception:  # an unknown method, or a part that is not installed
        return False


def _page(reader: PdfReader, number: int) -> Page:
    try:
        page = reader.pages[number]
        if _is_guessed(page):
            return Page(guessed=True)
        return Page(page.extract_text()[:LETTERS_OF_A_PAGE])
    except MemoryError:
        raise
    except Exception:  # pypdf leaks faults of every kind on garbage: one bad page is one unread page
        return Page(failed=True)


def _is_guessed(page: PageObject) -> bool:
    """Whether a page is a scan with a hidden text: letters that nobody sees, which may be wrong."""
    contents = page.get_contents()
    if contents is not None and _HIDDEN.search(contents.get_data()):
        return True
    drawn = _inside(_inside(page, "/Resources"), "/XObject")
    forms = (one.get_object() for one in list(drawn.values())[:50])
    return any(one.get("/Subtype") == "/Form" and _HIDDEN.search(one.get_data()) for one in forms)


def _inside(whole: DictionaryObject, name: str) -> DictionaryObject:
    """Return a dictionary within another, an empty one where there is none."""
    from pypdf.generic import DictionaryObject

    found = whole.get(name)
    found = found.get_object() if found is not None else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _outside(reader: PdfReader) -> Iterator[str]:
    """Yield the texts outside the pages, as far as they can be read."""
    for look in (_properties, _metadata, _fields):
        try:
            yield from look(reader)
        except MemoryError:
            raise
        except Exception:  # noqa: S112 (as above: what cannot be read is not read)
            continue


def _properties(reader: PdfReader) -> Iterator[str]:
    yield from (str(value) for value in (reader.metadata or {}).values())


def _metadata(reader: PdfReader) -> Iterator[str]:
    stream = reader.root_object.get("/Metadata")
    if stream is not None:
        yield stream.get_object().get_data()[:LETTERS_OF_A_PAGE].decode("utf-8", "replace")


def _fields(reader: PdfReader) -> Iterator[str]:
    """Yield what form fields and signatures say: their value, the signer's name, reason and place."""
    for field in (reader.get_fields() or {}).values():
        value = field.get("/V")
        yield from _strings(value.get_object() if value is not None else None)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        signature: DictionaryObject = value  # type: ignore[assignment]
        yield from (str(signature.get(key, "")) for key in ("/Name", "/Reason", "/Location", "/ContactInfo"))
