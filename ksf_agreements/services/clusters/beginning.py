"""A new cluster: its file made with what is known and a word beside each field, and never over another."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import count

from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.errors import KsfError, UsageError
from ksf_agreements.loading.workspace import CLUSTERS_DIR
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T, Text

ID_LIMIT = 60
_ID = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "đ": "d", "ŋ": "n", "ŧ": "t"})
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")  # what no file may be called in Windows
_WORDS = frozenset(
    {"klyngen", "klynga", "klynge", "kommuneklyngen", "klyngja", "kunnskapsklyngen", "kunnskapskommunen"}
)
_LATER = ("cluster_leader", "decision_authority", "focus_areas", "resources")
_LATER_LINES = {
    "cluster_leader": "cluster_leader: {name: Lise Leder, title: klyngeleder, email: lise.leder@example.no}",
    "decision_authority": "decision_authority: styringsgruppen",
    "focus_areas": "focus_areas: [velferdsteknologi]",
    "resources": "resources: {cluster_leader: minimum 50 prosent stilling}",
}


class NotMade(KsfError):
    """The file of a new cluster could not be made; nothing was written."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class New:
    """What is known of a new cluster; the motor municipality is one of the members."""

    name: str
    region: str
    language: str
    motor_municipality: str
    members: tuple[str, ...]
    valid_until: date | None


def proposed_id(name: str, taken: Sequence[str]) -> str:
    """Return an id for a cluster of this name that no other has: 'Klyngen Helse på Voss' is 'helse-pa-voss'."""
    apart = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    words = re.findall("[a-z0-9]+", "".join(sign for sign in apart if not unicodedata.combining(sign)))
    telling = [word for word in words if word not in _WORDS] or words
    stem = "-".join(telling)[: ID_LIMIT - 4].strip("-") or "klynge"
    if _RESERVED.fullmatch(stem):
        stem = f"klynge-{stem}"
    there = {one.casefold() for one in taken}
    return next(one for one in _numbered(stem) if one not in there)


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    for number in count(2):
        yield f"{stem}-{number}"


def taken_ids(desk: Desk) -> tuple[str, ...]:
    """Return the ids that clusters have, or that the register knows."""
    return (*(path.stem for path in desk.workspace.cluster_paths()), *desk.clusters())


def check_id(cluster: str, taken: Sequence[str]) -> None:
    """Raise `UsageError` for an id that no file can have, or that another cluster has."""
    if len(cluster) > ID_LIMIT or not _ID.fullmatch(cluster) or _RESERVED.fullmatch(cluster):
        raise UsageError(
            T("Write at most {limit} small letters a–z, digits and hyphens, for example helse-vest.", limit=ID_LIMIT)
        )
    if cluster in {one.casefold() for one in taken}:
        raise UsageError(T("Another cluster has this already. Choose another, for example {id}.", id=f"{cluster}-2"))


def make_cluster(desk: Desk, cluster: str, new: New, say: Callable[[Text], str]) -> str:
    """Write the file of a new cluster and return its name in the workspace.

    Raises `UsageError` for an id that cannot be, `NotMade` where the file cannot be written.
    """
    check_id(cluster, taken_ids(desk))
    path = desk.workspace.root / CLUSTERS_DIR / f"{cluster}.yaml"
    data = "".join(f"{line}\n" for line in _lines(desk, new, say)).encode()
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as target:  # never over a file that somebody has made meanwhile
            try:
                target.write(data)
                target.flush()
                os.fsync(target.fileno())
            except OSError:
                with suppress(OSError):
                    path.unlink()
                raise
    except FileExistsError as fault:
        raise NotMade(T("There is a file {file} already. Choose another id.", file=path.name)) from fault
    except OSError as fault:
        raise NotMade(
            T("{file} could not be written ({reason}). Check the folder.", file=path.name, reason=fault.strerror or "?")
        ) from fault
    return f"{CLUSTERS_DIR}/{path.name}"


def _lines(desk: Desk, new: New, say: Callable[[Text], str]) -> Iterator[str]:
    yield "# yaml-language-server: $schema=cluster.schema.json"
    yield ""
    yield f"agreement: {KSF_CLUSTER.id}"
    for key, value in (
        ("name", _quoted(new.name)),
        ("region", _quoted(new.region) if new.region else ""),
        ("language", new.language),
        ("motor_municipality", _quoted(new.motor_municipality) if new.motor_municipality else ""),
    ):
        yield from _told(key, say)
        yield f"{key}: {value}" if value else f"# {key}: {KSF_CLUSTER.guides[key,].example}"
    yield from _told("members", say)
    yield "members:" if new.members else "# members:"
    for number in new.members:
        known = desk.municipalities.get(number)
        item = f"  - municipality: {_quoted(number)}"
        yield f"{item}  # {known.title()}" if known else item
    for key in _LATER:
        yield from _told(key, say)
        yield f"# {_LATER_LINES[key]}"
    yield from _told("valid_until", say)
    yield f"valid_until: {new.valid_until.isoformat()}" if new.valid_until else "# valid_until: 2029-12-31"


def _told(key: str, say: Callable[[Text], str]) -> Iterator[str]:
    guide = KSF_CLUSTER.guides[key,]
    yield ""
    words = " ".join(filter(None, (f"{say(guide.label)}.", say(guide.help) if guide.help else "")))
    clause = say(T("Clause {clause} of the agreement.", clause=guide.clause)) if guide.clause else ""
    yield f"# {' '.join(filter(None, (words, clause)))}"


def _quoted(text: str) -> str:
    """Return a text as YAML of any version reads it: JSON is YAML."""
    return json.dumps(text, ensure_ascii=False)
