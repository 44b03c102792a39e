"""The files in the folder annexes: which an agreement can have, and a new one taken in under a name of ours."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from pydantic import ValidationError

from ksf_agreements.documents.files import write_whole
from ksf_agreements.domain.cluster import Annexes
from ksf_agreements.errors import KsfError
from ksf_agreements.loading.files import is_file, read_bounded
from ksf_agreements.text import T

FOLDER = "annexes"
SIZE_LIMIT = 30 * 2**20
NAMES = {"financial_commitments": "okonomiske-forpliktelser", "action_plan": "handlingsplan", "mandate": "mandat"}
"""What a file is called after the annex that it is."""
_BEGINS = {".pdf": b"%PDF-", ".docx": b"PK\x03\x04"}


class AnnexRefused(KsfError):
    """A file that cannot be an annex; nothing was kept."""

    exit_code = 1


def annex_files(root: Path) -> tuple[str, ...]:
    """Return the files that can be annexes, as a cluster file names them."""
    found = (f"{FOLDER}/{unicodedata.normalize('NFC', path.name)}" for path in sorted((root / FOLDER).glob("*")))
    return tuple(name for name in found if not name.startswith((f"{FOLDER}/.", f"{FOLDER}/~")) and _is_annex(name))


def _is_annex(name: str) -> bool:
    try:
        Annexes(mandate=name)
    except ValidationError:
        return False
    return True


def keep_annex(root: Path, cluster: str, annex: str, data: bytes) -> str:
    """Keep a file that somebody has sent, and return its name in the workspace; the same file is kept once.

    It is not opened: what it shows is read, within bounds, when a package is made. Raises `AnnexRefused` where it is
    too large or of another kind, and `WriteError`.
    """
    if len(data) > SIZE_LIMIT:
        raise AnnexRefused(T("The annex is larger than {limit} MB. It was not kept.", limit=SIZE_LIMIT // 2**20))
    ending = next((one for one, begins in _BEGINS.items() if data.startswith(begins)), None)
    if ending is None:
        raise AnnexRefused(T("The annex is neither PDF nor Word (DOCX). It was not kept. Save it as one of them."))
    for name in _names(f"{cluster}-{NAMES[annex]}", ending):
        path = root / FOLDER / name
        if not is_file(path):
            write_whole(path, data)
            return f"{FOLDER}/{name}"
        if read_bounded(path, SIZE_LIMIT) == data:
            return f"{FOLDER}/{name}"
    raise AssertionError


def _names(stem: str, ending: str) -> Iterator[str]:
    yield f"{stem}{ending}"
    for number in count(2):
        yield f"{stem}-{number}{ending}"
