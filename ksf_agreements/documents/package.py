"""The DOCX container: reads an uploaded zip within bounds, writes one fast and the same way every time.

Parts that do not change keep the compressed bytes of the template; only what was rendered is compressed anew.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from isal import isal_zlib

from ksf_agreements.errors import KsfError
from ksf_agreements.text import T, Text

FILE_LIMIT = 10 * 1024 * 1024
UNPACKED_LIMIT = 40 * 1024 * 1024
PARTS_LIMIT = 500
_RATIO_LIMIT = 200
_COMPRESSION_LEVEL = 2

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_VERSION, _UTF8, _DEFLATED = 20, 0x800, 8
_ENCRYPTED = 0x1
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DATE_1980 = 0x21  # 1980-01-01, zip's first day: the bytes must not tell when they were made


class PackageError(KsfError):
    """The file is not a DOCX that may be read."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of the container: its name, its deflated bytes, and the CRC-32 and size of what they hold."""

    name: str
    deflated: bytes
    crc: int
    size: int

    @classmethod
    def of(cls, name: str, data: bytes) -> Part:
        """Compress ``data`` fast: for what is rendered anew for each document."""
        packer = isal_zlib.compressobj(_COMPRESSION_LEVEL, isal_zlib.DEFLATED, -15)
        return cls(name, packer.compress(data) + packer.flush(), isal_zlib.crc32(data), len(data))

    @classmethod
    def small(cls, name: str, data: bytes) -> Part:
        """Compress ``data`` as well as zlib can: for what is packed once and copied often."""
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return cls(name, packer.compress(data) + packer.flush(), zlib.crc32(data), len(data))

    def data(self) -> bytes:
        """Return what the part holds."""
        return zlib.decompress(self.deflated, -15, max(self.size, 1))


def read_package(data: bytes) -> dict[str, bytes]:
    """Return the parts of a DOCX by name, in their order.

    Raises `PackageError` for anything that is not one, is encrypted, has a name that leads elsewhere or stands
    twice, or unpacks to more than the limits.
    """
    if len(data) > FILE_LIMIT:
        raise PackageError(T("The file is larger than {limit} MB.", limit=FILE_LIMIT // 2**20))
    if data.startswith(_OLE):
        # Word puts a document with a password into the same container as it used before 2007.
        raise PackageError(
            T("The file is protected with a password, or is an old Word document (DOC). Save it as DOCX without one.")
        )
    if not data.startswith(b"PK\3\4") or data.count(b"PK\1\2") > 2 * PARTS_LIMIT:
        raise PackageError(_unreadable())
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            entries = container.infolist()
            _refuse_bombs(entries)
            _refuse_odd_entries(entries, container.start_dir)
            return {entry.filename: _read_entry(container, entry) for entry in entries if not entry.is_dir()}
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        struct.error,
        ValueError,
        OverflowError,
    ) as fault:
        raise PackageError(_unreadable()) from fault


def _unreadable() -> Text:
    return T("The file is not a readable Word document (DOCX).")


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > PARTS_LIMIT or sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
        raise PackageError(_bomb())
    for entry in entries:
        if entry.file_size > 100_000 and entry.file_size > _RATIO_LIMIT * max(entry.compress_size, 1):
            raise PackageError(_bomb())


def _refuse_odd_entries(entries: list[zipfile.ZipInfo], directory: int) -> None:
    """Refuse what no Word writes, and what two readers of one file could read as two different documents."""
    for entry in entries:
        name = entry.filename
        if name.startswith("/") or ".." in name.split("/") or "\\" in name or not name.isprintable():
            raise PackageError(T("The document has a part with a name that is not allowed."))
        if entry.flag_bits & _ENCRYPTED:
            raise PackageError(T("The document is encrypted. Save it without a password."))
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise PackageError(_unreadable())
    # To Word, names that differ in capitals alone are the same.
    if len({entry.filename.casefold() for entry in entries}) != len(entries):
        raise PackageError(T("The document has two parts with the same name."))
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise PackageError(_bomb())
        end = entry.header_offset + _LOCAL.size + len(entry.orig_filename.encode()) + entry.compress_size
    if end > directory:
        raise PackageError(_bomb())


def _bomb() -> Text:
    return T("The document unpacks to more than it may; it can be made to harm.")


def _read_entry(container: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # The directory may lie about the size: read no more than it claims, and one byte to catch the lie.
    with container.open(entry) as source:
        data = source.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise PackageError(_bomb())
    return data


@dataclass(frozen=True, slots=True)
class Segment:
    """Entries that are written as they are: their local records, and what the directory says of them."""

    records: bytes
    directory: tuple[tuple[Part, int], ...]

    @classmethod
    def of(cls, parts: Iterable[Part]) -> Segment:
        """Lay the parts out one after the other."""
        records = bytearray()
        directory: list[tuple[Part, int]] = []
        for part in parts:
            directory.append((part, len(records)))
            name = part.name.encode("utf-8")
            records += _LOCAL.pack(
                b"PK\3\4",
                _VERSION,
                _UTF8,
                _DEFLATED,
                0,
                _DATE_1980,
                part.crc,
                len(part.deflated),
                part.size,
                len(name),
                0,
            )
            records += name
            records += part.deflated
        return cls(bytes(records), tuple(directory))


def write_package(segments: Iterable[Segment]) -> bytes:
    """Return the bytes of the container: the segments' records, then the directory."""
    records: list[bytes] = []
    directory = bytearray()
    count = start = 0
    for segment in segments:
        records.append(segment.records)
        for part, offset in segment.directory:
            name = part.name.encode("utf-8")
            directory += _CENTRAL.pack(
                b"PK\1\2", _VERSION, _VERSION, _UTF8, _DEFLATED, 0, _DATE_1980, part.crc, len(part.deflated), part.size,
                len(name), 0, 0, 0, 0, 0, start + offset,
            )  # fmt: skip
            directory += name
            count += 1
        start += len(segment.records)
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), start, 0)
    return b"".join((*records, bytes(directory), end))
