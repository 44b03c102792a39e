"""Turns DOCX into PDF/A with tags: a LibreOffice that stays up, bounded in time and memory, without network."""

from __future__ import annotations

import hashlib
import io
import json
import os
import queue
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ksf_agreements.errors import KsfError
from ksf_agreements.pdf.office import Office, find_office
from ksf_agreements.pdf.seal import sealed
from ksf_agreements.text import T

_MB = 2**20
_HELPER = Path(__file__).with_name("uno_helper.py")
_ATTEMPTS = 2
_RELATIONS_LIMIT = 1 * _MB  # unpacked, for all of a document
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_EXTERNAL = re.compile(rb"""TargetMode\s*=\s*["']\s*External""", re.IGNORECASE)
_HARMLESS = re.compile(rb"""Type\s*=\s*["'][^"']*/hyperlink["']""")


class ConversionFailed(KsfError):
    """No PDF came of a document; the document is as it was."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What a conversion may use: `starting` and `seconds` by the clock, `memory` in bytes of address space.

    LibreOffice reserves far more addresses than it uses; an agreement of thirty parties takes some 250 MB.
    """

    starting: float = 90.0
    seconds: float = 60.0
    memory: int = 4096 * _MB
    output: int = 64 * _MB


@dataclass(frozen=True, slots=True)
class Job:
    """A document to convert: its bytes, its title, and its language as a tag of BCP 47 ('nb-NO')."""

    docx: bytes
    title: str
    language: str


class _NoAnswer(Exception):
    """LibreOffice ended, hung, or could not do it."""


class _Process:
    """One LibreOffice in a folder of its own, driven by the helper; everything of it is in one process group."""

    def __init__(self, office: Office, limits: Limits) -> None:
        self._limits = limits
        self.folder = Path(tempfile.mkdtemp(prefix="ksf-pdf-"))
        self._pipe = f"ksf{secrets.token_hex(12)}"
        command = (*office.isolation, str(office.python), "-I", str(_HELPER), str(office.soffice), str(self.folder))
        self._child = subprocess.Popen(  # noqa: S603 (the system's python and our own script)
            (*command, str(limits.memory), self._pipe),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(self.folder),
            cwd=self.folder,
            start_new_session=True,
        )
        assert self._child.stdin is not None  # noqa: S101 (both are pipes)
        assert self._child.stdout is not None  # noqa: S101
        self._orders, self._told = self._child.stdin, self._child.stdout
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._ready = False

    @property
    def pid(self) -> int:
        """The id of the process, and of its group."""
        return self._child.pid

    def convert(self, job: Job) -> bytes:
        """Convert one document. Raises `_NoAnswer`; then the process is of no more use."""
        if not self._ready:
            self._answer(self._limits.starting)
            self._ready = True
        source, target = self.folder / "document.docx", self.folder / "document.pdf"
        target.unlink(missing_ok=True)
        source.write_bytes(job.docx)
        order = {"source": str(source), "target": str(target), "title": job.title, "language": job.language}
        try:
            self._orders.write(json.dumps(order).encode() + b"\n")
            self._orders.flush()
            self._answer(self._limits.seconds)
            with target.open("rb") as made:
                data = made.read(self._limits.output + 1)
        except OSError as fault:
            raise _NoAnswer from fault
        made_ours = sealed(data, job.docx) if data.startswith(b"%PDF-") and len(data) <= self._limits.output else None
        if made_ours is None:
            raise _NoAnswer
        return made_ours

    def _answer(self, seconds: float) -> None:
        try:
            told = json.loads(self._answers.get(timeout=seconds) or b"{}")
        except (queue.Empty, ValueError):
            raise _NoAnswer from None
        if not isinstance(told, dict) or not (told.get("ready") or told.get("done")):
            raise _NoAnswer

    def _read(self) -> None:
        for line in self._told:
            self._answers.put(line)
        self._answers.put(b"")

    def end(self) -> None:
        """End it with all that it started, and remove its folder."""
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, 9)
        else:  # the helper ends LibreOffice when its input ends
            with suppress(OSError, subprocess.TimeoutExpired):
                self._orders.close()
                self._child.wait(15)
            self._child.kill()
        self._child.wait()
        self._reader.join(10)
        for stream in (self._orders, self._told):
            with suppress(OSError):  # what was not written yet
                stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        for socket in _sockets(self._pipe, self.folder / "profile"):
            with suppress(OSError):
                socket.unlink()


def _sockets(pipe: str, profile: Path) -> Iterator[Path]:
    """Yield the sockets of one LibreOffice: its pipe, and the one by which a second start would find it.

    It puts them where no setting reaches, and leaves them there when it is killed. The name of the second is the MD5 of
    the profile's address, without leading zeros (LibreOffice's desktop/source/app/officeipcthread.cxx).
    """
    digest = hashlib.md5(profile.as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
    names = pipe, "SingleOfficeIPC_" + "".join(f"{byte:x}" for byte in digest)
    for place in (Path("/tmp"), Path("/var/tmp")):  # noqa: S108 (LibreOffice's own choice)
        for name in names:
            yield from place.glob(f"OSL_PIPE_*_{name}")


class Converter:
    """One LibreOffice for any number of documents, one at a time; it starts at once and ends with the ``with``."""

    def __init__(self, office: Office | None = None, limits: Limits | None = None) -> None:
        self._office = office or find_office()
        self._limits = limits or Limits()
        self._process: _Process | None = None

    def __enter__(self) -> Self:
        self._running()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def convert(self, docx: bytes, *, title: str, language: str) -> bytes:
        """Return the PDF of a document, with our seal (`seal`); ``language`` is a tag of BCP 47 ('nb-NO').

        Raises `ConversionFailed` where the document fetches something from elsewhere, or LibreOffice, killed and
        tried once more, gives nothing.
        """
        refuse_links(docx)
        job = Job(docx, title, language)
        for _ in range(_ATTEMPTS):
            try:
                return self._running().convert(job)
            except _NoAnswer:
                self.close()
            except BaseException:  # Ctrl+C in the midst of an answer: the next one would be this one's
                self.close()
                raise
        raise ConversionFailed(
            T("LibreOffice could not make a PDF of the document, tried twice. The Word document is as it was.")
        )

    @property
    def pid(self) -> int | None:
        """The id of the process group that is running, None where none is."""
        return self._process.pid if self._process else None

    @property
    def folder(self) -> Path | None:
        """The private folder with the profile of the one that is running."""
        return self._process.folder if self._process else None

    def close(self) -> None:
        """End LibreOffice; the next document starts it anew."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _running(self) -> _Process:
        if self._process is None:
            self._process = _Process(self._office, self._limits)
        return self._process


class Converters:
    """Several converters that work side by side; each has its own LibreOffice, profile and pipe."""

    def __init__(self, count: int, office: Office | None = None, limits: Limits | None = None) -> None:
        found = office or find_office()
        self._free: queue.SimpleQueue[Converter] = queue.SimpleQueue()
        self.members = tuple(Converter(found, limits) for _ in range(max(count, 1)))
        for converter in self.members:
            self._free.put(converter)

    def __enter__(self) -> Self:
        for converter in self.members:
            converter.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for converter in self.members:
            converter.close()

    def map(self, jobs: Iterable[Job]) -> Iterator[bytes | KsfError]:
        """Yield each job's PDF, or why there is none, in the order of the jobs."""
        with ThreadPoolExecutor(len(self.members)) as pool:
            yield from pool.map(self._one, jobs)

    def _one(self, job: Job) -> bytes | KsfError:
        converter = self._free.get()
        try:
            return converter.convert(job.docx, title=job.title, language=job.language)
        except KsfError as fault:
            return fault
        finally:
            self._free.put(converter)


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of LibreOffice: where programs are, and nothing of whoever runs it."""
    kept = ("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "PROGRAMFILES", "COMSPEC", "NUMBER_OF_PROCESSORS")
    own = {"HOME": str(folder), "TMPDIR": str(folder), "TMP": str(folder), "TEMP": str(folder)}
    words = {"LC_ALL": "C.UTF-8", "TZ": "Europe/Oslo", "SAL_USE_VCLPLUGIN": "svp", "SAL_DISABLE_PRINTERLIST": "1"}
    return {name: os.environ[name] for name in kept if name in os.environ} | own | words


def refuse_links(docx: bytes) -> None:
    """Refuse what fetches pictures, text or templates from elsewhere. Raises `ConversionFailed`.

    A last check of our own: a document from outside is read and judged by `services.converting` before it comes here.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(docx)) as container:
            entries = [entry for entry in container.infolist() if entry.filename.lower().endswith(".rels")]
            if sum(entry.file_size for entry in entries) > _RELATIONS_LIMIT:
                raise ConversionFailed(T("The document has more links than any document needs; no PDF is made of it."))
            relations = b"".join(container.open(entry).read(_RELATIONS_LIMIT) for entry in entries)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as fault:
        raise ConversionFailed(T("The file is not a readable Word document (DOCX).")) from fault
    for relation in _RELATION.findall(relations):
        if _EXTERNAL.search(relation) and not _HARMLESS.search(relation):
            raise ConversionFailed(
                T("The document fetches something from elsewhere when it is opened; no PDF is made of it.")
            )
