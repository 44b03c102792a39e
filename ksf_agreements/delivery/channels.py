"""Ways in which a package leaves for signing: a real signing service is one more class, and a row in the table."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeAlias

from ksf_agreements.errors import KsfError
from ksf_agreements.text import T, Text

Write: TypeAlias = Callable[[Sequence[tuple[Path, bytes]]], None]
"""Writes all of the files or none."""


class NotDelivered(KsfError):
    """The package is kept in the register; only its delivery failed."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file of a package, by its name and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class BundleFile(Enclosure):
    """A PDF to sign, and the numbers of the municipalities that sign it."""

    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent to be signed: the PDFs, the signers as JSON, and `others`, which are for people."""

    cluster: str
    document_id: str
    version: int
    bundles: tuple[BundleFile, ...]
    signers: Enclosure
    others: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a channel did: the files it wrote, and what is to be done now."""

    files: tuple[Path, ...]
    notes: tuple[Text, ...] = ()


class Channel(Protocol):
    """A way in which a package leaves. Delivering the same parcel again does nothing twice."""

    def deliver(self, parcel: Parcel, folder: Path, write: Write) -> Delivered:
        """Deliver a parcel; ``folder`` is where its files go. Raises `NotDelivered`, or what ``write`` raises."""


class Manual:
    """Files in a folder, for a person who uploads them."""

    def deliver(self, parcel: Parcel, folder: Path, write: Write) -> Delivered:
        """Write the files."""
        files = [(folder / one.name, one.data) for one in (*parcel.bundles, parcel.signers, *parcel.others)]
        write(files)
        return Delivered(
            tuple(path for path, _ in files),
            (T("Upload the PDF to the signing service as the instruction letter says."),),
        )


class FolderDrop:
    """A folder that a signing service imports from: each parcel is a folder of its own, complete when it is seen.

    It holds the PDFs, the signers, and manifest.json with the SHA-256 of each. Its name comes from its content.
    """

    def deliver(self, parcel: Parcel, folder: Path, write: Write) -> Delivered:  # noqa: ARG002 (a folder appears whole)
        """Let the parcel's folder appear at once."""
        files = {one.name: one.data for one in (*parcel.bundles, Enclosure("signers.json", parcel.signers.data))}
        files["manifest.json"] = _manifest(parcel, files)
        digest = hashlib.sha256(files["manifest.json"]).hexdigest()[:12]
        target = folder / f"{parcel.cluster}-{parcel.version}-{digest}"
        try:
            if not target.exists():
                _appear(target, files)
            different = tuple(name for name, data in files.items() if (target / name).read_bytes() != data)
        except OSError as fault:
            raise NotDelivered(
                T(
                    "The package is kept in the register, but it was not put into {folder} ({reason}). Run the command "
                    "again, with another --out if need be.",
                    folder=str(folder),
                    reason=fault.strerror or "?",
                )
            ) from fault
        if different:
            raise NotDelivered(
                T(
                    "{folder} is there already, and these files in it have been changed: {files}. Move it, and run the "
                    "command again.",
                    folder=str(target),
                    files=different,
                )
            )
        return Delivered(tuple(target / name for name in files))


def _manifest(parcel: Parcel, files: Mapping[str, bytes]) -> bytes:
    signed_by = {one.name: list(one.parties) for one in parcel.bundles}
    told = {
        "cluster": parcel.cluster,
        "document_id": parcel.document_id,
        "version": parcel.version,
        "files": [
            {
                "name": name,
                "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
                **({"parties": signed_by[name]} if name in signed_by else {}),
            }
            for name, data in files.items()
        ],
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _appear(target: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder under a hidden name, and give it its own when everything in it is on the disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    hidden = Path(tempfile.mkdtemp(prefix=".ksf-", suffix=".tmp", dir=target.parent))
    try:
        hidden.chmod(target.parent.stat().st_mode & 0o777)
        for name, data in files.items():
            with (hidden / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        hidden.rename(target)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


CHANNELS: Mapping[str, Channel] = MappingProxyType({"manual": Manual(), "folder": FolderDrop()})
"""The channels by name."""
