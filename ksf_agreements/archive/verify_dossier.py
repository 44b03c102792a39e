"""Shipped as verify.py in every dossier: checks it with Python's standard library alone (3.8 or newer), offline.

`python3 verify.py [FOLDER] [--fingeravtrykk HASH]` prints in Norwegian what was looked at; 0 all is well, 1 it is not,
2 wrong usage. It imports nothing of ksf-agreements, and reads files a piece at a time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # Python 3.8 knows the annotations only as text
    from collections.abc import Iterator

MANIFEST, JOURNAL, MESSAGE, MESSAGES = "manifest.json", "hendelseslogg.json", "arkivmelding.xml", "arkivmelding"
ERASED, VOIDED, IMPORTED = "register:data:erased", "agreement:event:voided", "agreement:history:imported"
LEFT_BY_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_HASH = re.compile(r"[0-9a-f]{64}")
PACKAGED = "agreement:package:made"
_NO_FILES = frozenset({"digest", "template_digest"})
_NUMBER = re.compile(r"-(\d{3,})(?:-\d+)?\.\w+$")
_VERSION = re.compile(r"versjon-(\d+)/")
_PIECE = 2**20
_UNREADABLE = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    RecursionError,
    ET.ParseError,
    LookupError,
)


class Found(NamedTuple):
    """A file that is there."""

    sha256: str
    size: int


class Event(NamedTuple):
    """An event of the journal, as it is told there."""

    number: int
    hash: str
    said: dict[str, Any]

    @property
    def kind(self) -> str:
        """The event's kind, source:subject:action."""
        return str(self.said["kind"])


def canonical(value: object) -> str:
    """Return the one JSON text of a value, over which the register's hashes are made."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def files_of(kind: str, payload: object) -> Iterator[str]:
    """Yield the SHA-256 of every file that an event's payload points at, in their order; erasures point at none.

    What a package's files were made of is no file of the register: an annex's own stays in the workspace.
    """
    if kind != ERASED:
        yield from _hashes(payload, _NO_FILES | {"source"} if kind == PACKAGED else _NO_FILES)


def _hashes(value: object, no_files: frozenset[str], name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _hashes(inner, no_files, key)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _hashes(inner, no_files, name)
    elif isinstance(value, str) and name not in no_files and _HASH.fullmatch(value):
        yield value


def people_of(value: object) -> Iterator[tuple[str, str]]:
    """Yield id and digest of every person that an event points at."""
    if isinstance(value, dict):
        if set(value) == {"id", "digest"}:
            yield str(value["id"]), str(value["digest"])
        for inner in value.values():
            yield from people_of(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from people_of(inner)


def read_json(path: Path) -> Any:
    """Read JSON in which no key stands twice. Raises ValueError."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("en nøkkel står to ganger")
        return found

    return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)


def measured(path: Path) -> Found:
    """Return the hash and size of a file, read a piece at a time."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while True:
            piece = source.read(_PIECE)
            if not piece:
                return Found(digest.hexdigest(), size)
            digest.update(piece)
            size += len(piece)


class Examination:
    """One look through a dossier: `faults` is empty where all is well, `seen` tells what was looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []
        self.seen: list[str] = []
        self.notes: list[str] = []
        self.title = folder.name
        self.fingerprint = ""
        self.head = ""
        self.register_head = ""
        self.made = 0
        self._there: dict[str, Found] = {}
        self._listed: dict[str, dict[str, Any]] = {}
        self._events: dict[int, Event] = {}
        self._people: list[Any] = []
        self._agreement = ""

    def run(self) -> None:
        """Look at everything; a part that cannot be read does not hide the others."""
        for part, name in (
            (self._files, MANIFEST),
            (self._journal, JOURNAL),
            (self._documents, "dokumentene i hendelsesloggen"),
            (self._persons, "personene i hendelsesloggen"),
            (self._messages, "arkivmeldingene"),
        ):
            try:
                part()
            except _UNREADABLE as fault:
                self.faults.append(f"{name} kan ikke leses ({type(fault).__name__}: {fault})")

    # The folder

    def _files(self) -> None:
        self._scan()
        path = self.folder / MANIFEST
        if MANIFEST not in self._there:
            raise ValueError("filen er borte")
        self.fingerprint = self._there[MANIFEST].sha256
        manifest = read_json(path)
        self._agreement = str(manifest["agreement"])
        self.title = f"{self._agreement}, per {manifest['on']}"
        before = len(self.faults)
        for entry in manifest["files"]:
            name = str(entry["path"])
            if name in self._listed:
                self.faults.append(f"{name} står to ganger i {MANIFEST}")
            self._listed[name] = entry
            found = self._there.get(name)
            if found is None:
                self.faults.append(f"{name} er borte")
            elif found != (entry["sha256"], entry["size"]):
                sizes = "like lang" if found.size == entry["size"] else f"{found.size} byte, var {entry['size']}"
                self.faults.append(f"{name} er endret ({sizes})")
        for name in sorted(set(self._there) - set(self._listed) - {MANIFEST}):
            self.faults.append(f"{name} hører ikke til her")
        self.made = sum(entry["source"] == "made" for entry in self._listed.values())
        if len(self.faults) == before:
            self.seen.append(f"{len(self._listed)} filer er på plass; ingen er endret, og ingen er lagt til")

    def _scan(self) -> None:
        for place, folders, names in os.walk(str(self.folder)):
            for name in sorted(folders + names):
                path = Path(place, name)
                shown = path.relative_to(self.folder).as_posix()
                if path.is_symlink():
                    self.faults.append(f"{shown} er en lenke, ikke en fil")
                elif name in LEFT_BY_SYSTEMS:
                    self.notes.append(f"{shown} har maskinen lagt der selv")
                elif name in names and not path.is_file():
                    self.faults.append(f"{shown} er ikke en vanlig fil")
                elif name in names:
                    self._there[shown] = measured(path)

    # The journal

    def _journal(self) -> None:
        journal = read_json(self.folder / JOURNAL)
        register = journal["register"]
        self.register_head = str(register["head"])
        self._people = journal["people"]
        before, last = len(self.faults), None
        if journal["agreement"] != self._agreement:
            self.faults.append(f"{JOURNAL} gjelder {journal['agreement']}, ikke {self._agreement}")
        for row in journal["events"]:
            event = Event(row["event"]["number"], row["hash"], row["event"])
            self._event(event, last, str(register["id"]))
            self._events[event.number] = last = event
        self.head = f"{last.number}:{last.hash}" if last else ""
        if last is not None and int(self.register_head.split(":")[0]) < last.number:
            self.faults.append("registerets siste hendelse er eldre enn avtalens")
        if len(self.faults) == before:
            self.seen.append(f"{len(self._events)} hendelser har riktig hash og står i rekkefølge")

    def _event(self, event: Event, last: Event | None, register: str) -> None:
        number, said = event.number, event.said
        if hash_of(canonical(said)) != event.hash:
            self.faults.append(f"hendelse {number} er endret")
        if last is not None and number <= last.number:
            self.faults.append(f"hendelse {number} står etter hendelse {last.number}")
        if last is not None and number == last.number + 1 and said["previous_hash"] != last.hash:
            self.faults.append(f"hendelse {number} bygger ikke på hendelse {last.number}")
        if number == 1 and said["previous_hash"] != hash_of(f"ksf-agreements register {register}"):
            self.faults.append("hendelse 1 bygger ikke på registeret")
        wanted = "" if event.kind == ERASED else self._agreement
        if said["agreement"] != wanted:
            self.faults.append(f"hendelse {number} gjelder ikke denne avtalen")

    def _documents(self) -> None:
        before = len(self.faults)
        voided = {event.said["payload"]["event"] for event in self._events.values() if event.kind == VOIDED}
        erased = self._erased("files")
        there = {found.sha256 for found in self._there.values()}
        named: set[str] = set()
        gone: set[str] = set()
        for event in self._events.values():
            files = set(files_of(event.kind, event.said["payload"]))
            if event.number in voided or event.kind == IMPORTED:
                continue
            for digest in sorted(files):
                if digest in there:
                    named.add(digest)
                elif digest in erased:
                    gone.add(digest)
                else:
                    self.faults.append(f"en fil som hendelse {event.number} viser til, er ikke her ({digest[:12]}…)")
        for name, entry in self._listed.items():
            if entry["source"] == "register":
                self._belongs(name, entry, voided)
        if len(self.faults) == before:
            text = f"{len(named)} filer er de samme som hendelsesloggen viser til"
            self.seen.append(f"{text}; {len(gone)} er slettet fra registeret" if gone else text)

    def _belongs(self, name: str, entry: dict[str, Any], voided: set[int]) -> None:
        """Hold a file against the events that it is said to have come with."""
        found = self._there.get(name)
        numbers = entry["events"]
        if not numbers:
            self.faults.append(f"{name} hører ikke til noen hendelse")
        for number in numbers:
            event = self._events.get(number)
            payload = event.said["payload"] if event else {}
            if event is None or number in voided:
                self.faults.append(f"{name} skal høre til hendelse {number}, som ikke gjelder")
            elif found is not None and found.sha256 not in set(files_of(event.kind, payload)):
                self.faults.append(f"{name} er ikke filen som hendelse {number} viser til")
            told = _VERSION.match(name)
            if told and number == numbers[0] and str(payload.get("version", told[1])) != told[1]:
                self.faults.append(f"{name} ligger ved feil versjon")
        told = _NUMBER.search(name)
        if told and numbers and int(told[1]) != numbers[0]:
            self.faults.append(f"{name} har nummeret til en annen hendelse enn {numbers[0]}")

    def _erased(self, what: str) -> set[str]:
        tombs = (event.said["payload"] for event in self._events.values() if event.kind == ERASED)
        return {key for payload in tombs for key in payload[what]}

    # People

    def _persons(self) -> None:
        before = len(self.faults)
        wanted: dict[str, str] = {}
        for event in self._events.values():
            actor, digest = event.said["actor"]
            wanted[actor] = digest
            wanted.update(people_of(event.said["payload"]))
        erased, there = self._erased("personal"), {}
        for person in self._people:
            key = person["id"]
            there[key] = person
            if key not in wanted:
                self.faults.append(f"hendelsesloggen viser ikke til personen {key}")
            elif person.get("erased"):
                if key not in erased:
                    self.faults.append(f"ingen hendelse forteller at personen {key} er slettet")
            elif hash_of(f"{person['salt']}\n{canonical(person['content'])}") != wanted[key]:
                self.faults.append(f"opplysningene om personen {key} er endret")
        for key in sorted(set(wanted) - set(there)):
            self.faults.append(f"opplysningene om personen {key} er borte")
        if len(self.faults) == before:
            gone = sum(bool(person.get("erased")) for person in self._people)
            self.seen.append(f"{len(there) - gone} personer er de samme som da de ble ført inn; {gone} er slettet")

    # What the archive is told

    def _messages(self) -> None:
        before, count = len(self.faults), 0
        names = [name for name in sorted(self._there) if name == MESSAGE or name.startswith(f"{MESSAGES}/")]
        if MESSAGE not in names:
            self.faults.append(f"{MESSAGE} er borte")
        for name in names:
            data = (self.folder / name).read_bytes()
            if b"<!" in data:  # no entities: what is written here has none, and they can grow without end
                raise ValueError(f"{name} har en dokumenttype")
            root = ET.fromstring(data)  # noqa: S314 (looked at above; the standard library has no other)
            space = root.tag[: root.tag.index("}") + 1]
            objects = list(root.iter(f"{space}dokumentobjekt"))
            if root.findtext(f"{space}antallFiler") != str(len(objects)):
                self.faults.append(f"{name} sier at den har et annet antall filer enn den har")
            for one in objects:
                self._object(name, {child.tag[len(space) :]: child.text or "" for child in one})
            count += len(objects)
        if len(self.faults) == before:
            messages = "1 arkivmelding" if len(names) == 1 else f"{len(names)} arkivmeldinger"
            self.seen.append(f"{messages} viser til {count} filer med riktig sjekksum og størrelse")

    def _object(self, message: str, told: dict[str, str]) -> None:
        name = told["referanseDokumentfil"]
        found = self._there.get(name)
        if found is None:
            self.faults.append(f"{message} viser til {name}, som ikke er her")
        elif (told["sjekksumAlgoritme"], told["sjekksum"], told["filstoerrelse"]) != (
            "SHA-256",
            found.sha256,
            str(found.size),
        ):
            self.faults.append(f"{message} har en annen sjekksum eller størrelse for {name}")


def report(found: Examination, expected: str) -> Iterator[str]:
    """Yield the lines that tell what was found, and what cannot be shown."""
    yield f"Arkivmappe: {found.title}"
    if expected and expected.lower() != found.fingerprint:
        found.faults.append("fingeravtrykket er et annet enn det som ble skrevet ned")
    elif expected:
        found.seen.append("fingeravtrykket er det som ble skrevet ned")
    yield from (f"  I orden: {line}." for line in found.seen)
    yield from (f"  Merk: {line}." for line in found.notes)
    yield from (f"  FEIL: {line}." for line in found.faults)
    yield f"Fingeravtrykk: {found.fingerprint or 'mangler'}"
    if found.faults:
        yield f"Mappen er ikke som da den ble laget ({len(found.faults)} feil). Bruk en annen kopi."
        return
    yield "Mappen er hel, så langt det kan vises herfra. Dette kan ikke vises her:"
    if not expected:
        yield "  - At ikke alt er laget på nytt: da er fingeravtrykket et annet enn det som ble skrevet ned da mappen"
        yield "    ble laget. Kontroller det med: verify.py --fingeravtrykk …"
    yield "  - At hendelsesloggen er registerets egen, og at ingen av hendelsene mangler. Den som har registeret, lager"
    yield f"    en ny mappe, sammenligner {JOURNAL} i dem, og ser om registeret fortsatt har det som var sist da:"
    yield f"    i registeret  ksf verify --head {found.register_head}"
    yield f"    i avtalen     ksf verify --head {found.head}"
    yield f"  - At de {found.made} filene som ble laget sammen med mappen (historikk, arkivmeldinger og lignende), sier"
    yield "    det samme som hendelsesloggen: for dem er det bare manifestet som viser at de ikke er endret."


def main(arguments: list[str]) -> int:
    """Check the folder named, or the one that this file lies in."""
    words = list(arguments)
    expected = ""
    if "--fingeravtrykk" in words:
        place = words.index("--fingeravtrykk")
        expected = (words[place + 1 : place + 2] or ["?"])[0]
        del words[place : place + 2]
    folder = Path(words[0]) if words else Path(__file__).resolve().parent
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if len(words) > 1 or any(word.startswith("-") for word in words) or not folder.is_dir():
        sys.stderr.write("Bruk: python3 verify.py [MAPPE] [--fingeravtrykk HASH]\n")
        return 2
    found = Examination(folder)
    found.run()
    for line in report(found, expected):
        sys.stdout.write(line + "\n")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
