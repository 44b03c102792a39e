"""Says where a register lies badly: in a folder that another program syncs, or on another machine's disk.

SQLite's locks do not reach through either: two copies are written at once, and one of them is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Final

from ksf_agreements.text import T, Text

_SYNCED: Final = (
    ("OneDrive", re.compile(r"onedrive(\b|$)|sharepoint", re.IGNORECASE)),
    ("Dropbox", re.compile(r"dropbox(\b|$)", re.IGNORECASE)),
    ("Google Drive", re.compile(r"google ?drive|googledrive-|my drive$|min disk$", re.IGNORECASE)),
    ("iCloud", re.compile(r"icloud|com~apple~clouddocs|mobile documents$", re.IGNORECASE)),
    ("Nextcloud", re.compile(r"nextcloud$|owncloud$", re.IGNORECASE)),
    ("Box", re.compile(r"box( sync)?$|box-box", re.IGNORECASE)),
)
_NETWORK: Final = re.compile(
    r"nfs\d*|cifs|smb\d*|smbfs|ncpfs|afs|9p|davfs|ceph|glusterfs|lustre|fuse\.(sshfs|rclone|davfs2|s3fs|gvfsd-fuse)"
)
_MOUNTS: Final = Path("/proc/mounts")


def location_warning(path: Path, mounts: Callable[[], str] | None = None) -> Text | None:
    """Return what to warn of about a register at ``path``, or None where its place is fit.

    ``mounts`` gives the text of /proc/mounts; where the system has none, only names are looked at.
    """
    place = path.absolute()
    if _is_unc(path) or _is_unc(place):
        return _network(str(path))
    for part in place.parent.parts:
        for name, pattern in _SYNCED:
            if pattern.match(part):
                return T(
                    "The register lies in a folder that {name} syncs. Two machines may then write to it at once, and "
                    "changes are lost. Move the workspace to this machine's own disk, and share backups instead.",
                    name=name,
                )
    kind = _file_system(place.resolve(), (mounts or _read_mounts)())
    return _network(str(place.parent)) if kind and _NETWORK.fullmatch(kind) else None


def _network(folder: str) -> Text:
    return T(
        "The register lies in a network folder ({folder}), where locks cannot be trusted. Move the workspace to this "
        "machine's own disk, and share backups instead.",
        folder=folder,
    )


def _is_unc(path: PurePath) -> bool:
    return str(path).startswith(("\\\\", "//"))


def _read_mounts() -> str:
    try:
        return _MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _file_system(path: Path, mounts: str) -> str:
    """Return the kind of file system that ``path`` lies on: that of the longest mount point above it, '' if unknown."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[1]))
        # Of two mounts on the same point, the later one is seen.
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind
