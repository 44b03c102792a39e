"""Files to take away: always as a file and never as a page, by a name that any system takes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
ZIP = "application/zip"
CSV = "text/csv; charset=utf-8"
JSON = "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ICS = "text/calendar; charset=utf-8"

_SAFE = frozenset({DOCX, PDF, ZIP, CSV, JSON, XLSX, ICS, "image/png", "image/jpeg", "image/tiff"})
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*;%]+')


def download(data: bytes, name: str, media_type: str) -> Response:
    """Return a file to be saved under ``name``. What is of no kind that we know is bytes, and no more."""
    plain = safe_name(name)
    narrow = plain.encode("ascii", "replace").decode("ascii").replace("?", "_")
    kind = media_type if media_type in _SAFE else "application/octet-stream"
    told = f"attachment; filename=\"{narrow}\"; filename*=UTF-8''{quote(plain, safe='')}"
    return Response(data, media_type=kind, headers={"content-disposition": told})


def safe_name(name: str) -> str:
    """Return a name without anything that a system or a header could take for something else."""
    return _FORBIDDEN.sub("_", name).strip(" .")[:120] or "fil"


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return files in one ZIP, by names of ours (folders in them parted by '/')."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in files:
            container.writestr(name, data)
    return target.getvalue()


def zipped_folder(folder: Path) -> bytes:
    """Return all files below a folder of ours in one ZIP, under the folder's own name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return zipped((f"{folder.name}/{path.relative_to(folder).as_posix()}", path.read_bytes()) for path in files)
