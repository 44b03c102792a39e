"""Reads a file that came back, in a bounded child: what it is, its pages, its signatures, and what should not be in it.

`read_file` is for everybody else; `main` is what runs in the child, where every library may fail in any way.
"""

from __future__ import annotations

import json
import logging
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from ksf_agreements.bounded import BoundedError, Bounds, Stop, run_bounded
from ksf_agreements.domain.verdict import ESignature, FileKind, FoundPage, Reading

if TYPE_CHECKING:
    from ksf_agreements.signed.texts import Opened

BOUNDS: Final = Bounds(seconds=120.0)
_IMAGES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")


def read_file(data: bytes, trust: Path | None = None, bounds: Bounds = BOUNDS) -> Reading:
    """Return what a file says of itself; `trust` is the folder of the certificates that are trusted.

    Whatever the file is, the answer is a `Reading`: one that ends the child is UNREADABLE, and its remark tells why
    (a `bounded.Stop`: 'time', 'memory', 'output', 'crash').
    """
    own = {"sha256": sha256(data).hexdigest(), "size": len(data)}
    try:
        found = Reading.model_validate_json(run_bounded(__name__, data, str(trust or ""), bounds=bounds))
        if len(found.texts) > found.pages or any(not 0 < page.place <= len(found.texts) for page in found.found):
            raise BoundedError(Stop.CRASH)
    except BoundedError as fault:
        return Reading.model_validate({**own, "kind": FileKind.UNREADABLE, "remarks": (str(fault.stop),)})
    except ValidationError:
        return Reading.model_validate({**own, "kind": FileKind.UNREADABLE, "remarks": (str(Stop.CRASH),)})
    return found.model_copy(update=own)  # the file's own hash and size are not for the child to tell


def read_texts(data: bytes, bounds: Bounds = BOUNDS) -> tuple[str, ...]:
    """Return the normalised texts of a PDF's pages, none where they cannot be read."""
    try:
        found = json.loads(run_bounded("ksf_agreements.signed.texts", data, bounds=bounds))
    except (BoundedError, ValueError):
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()


def main(data: bytes, trust: str = "") -> bytes:
    """Return the `Reading` of a file as JSON."""
    logging.disable()  # pyHanko and pypdf log what they find wrong, names and all
    return read(data, Path(trust) if trust else None).model_dump_json().encode()


def read(data: bytes, trust: Path | None = None) -> Reading:
    """Read a file here, in this process: only for the child."""
    if b"%PDF-" in data[:1024]:
        return _pdf(data, trust)
    if data.startswith(_IMAGES):
        return _image(data)
    return _reading(data, FileKind.OTHER)


def _reading(data: bytes, kind: FileKind, **said: object) -> Reading:
    return Reading.model_validate({"sha256": sha256(data).hexdigest(), "size": len(data), "kind": kind, **said})


def _image(data: bytes) -> Reading:
    remarks: list[str] = []
    looked = _look(data, None, remarks)
    if looked is None:
        return _reading(data, FileKind.SCAN, pages=1, unread=(1,), remarks=tuple(remarks))
    count, found, blank, unread = looked
    if count == 0:
        return _reading(data, FileKind.UNREADABLE, remarks=(*remarks, "damaged"))
    said = {"pages": count, "texts": ("",) * count, "found": found, "blank": blank, "unread": unread}
    return _reading(data, FileKind.SCAN, **said, remarks=tuple(remarks))


def _pdf(data: bytes, trust: Path | None) -> Reading:
    from ksf_agreements.signed import texts
    from ksf_agreements.signed.national_ids import has_national_id

    remarks: list[str] = []
    try:
        opened = texts.open_pdf(data)
    except texts.Encrypted:
        return _reading(data, FileKind.UNREADABLE, remarks=("encrypted",))
    except MemoryError:
        raise
    except Exception:  # pypdf leaks faults of every kind on garbage
        return _reading(data, FileKind.UNREADABLE, remarks=("damaged",))
    if not opened.pages:
        return _reading(data, FileKind.UNREADABLE, remarks=("damaged",))
    signatures, outside = _signatures(data, trust, remarks) if opened.signed else ((), ())
    found, blank, unread = _codes(data, opened, remarks)
    identified = [place for place, page in enumerate(opened.pages, 1) if has_national_id(page.text)]
    if any(map(has_national_id, (*opened.outside, *outside))):
        identified.insert(0, 0)
    return _reading(
        data,
        _kind(opened),
        pages=len(opened.pages),
        signatures=signatures,
        found=found,
        texts=tuple(page.digest for page in opened.pages),
        blank=blank,
        unread=unread,
        national_ids=tuple(identified),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _kind(opened: Opened) -> FileKind:
    if opened.signed:
        return FileKind.SIGNED_PDF
    return FileKind.PDF if any(page.text.strip() for page in opened.pages) else FileKind.SCAN


def _signatures(data: bytes, trust: Path | None, remarks: list[str]) -> tuple[tuple[ESignature, ...], tuple[str, ...]]:
    """Return the signatures, and the texts in their certificates."""
    try:
        from ksf_agreements.signed.esign import read_signatures
    except ImportError:
        remarks.append("esign-not-installed")
        return (), ()
    signed = read_signatures(data, trust)
    remarks += signed.remarks
    return signed.signatures, signed.texts


def _codes(
    data: bytes, opened: Opened, remarks: list[str]
) -> tuple[tuple[FoundPage, ...], tuple[int, ...], tuple[int, ...]]:
    """Return the pages with a code of ours, the blank, and those that could not be told: by their text or by sight."""
    from ksf_agreements.signed.texts import marks

    named = {place: marks(page.text) for place, page in enumerate(opened.pages, 1)}
    found = [
        FoundPage(place=place, document_id=code.document_id, version=code.version)
        for place, codes in named.items()
        for code in codes
    ]
    seen = tuple(place for place, page in enumerate(opened.pages, 1) if not page.text.strip())
    if any(page.guessed for page in opened.pages):
        remarks.append("guessed-text")
    if not seen:
        return tuple(found), (), ()
    looked = _look(data, seen, remarks)
    if looked is None:
        return tuple(found), (), seen
    _, more, blank, unread = looked
    return tuple(sorted((*found, *more), key=_place)), blank, unread


def _place(page: FoundPage) -> int:
    return page.place


_Looked = tuple[int, tuple[FoundPage, ...], tuple[int, ...], tuple[int, ...]]


def _look(data: bytes, places: tuple[int, ...] | None, remarks: list[str]) -> _Looked | None:
    """Look for codes on pages without text of their own; None where that part is not here."""
    from ksf_agreements.errors import KsfError

    try:
        from ksf_agreements.signed.pages import find_pages

        looked = find_pages(data, places)
    except (ImportError, KsfError):
        remarks.append("scans-not-installed")
        return None
    return looked.pages, looked.found, looked.blank, looked.unread
