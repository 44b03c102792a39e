"""Who is to sign what, as a signing service takes it: a table for Excel, and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ksf_agreements.domain.cluster import Cluster, Member
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.register.chain import sha256
from ksf_agreements.text import T, Text

_FORMULA = ("=", "+", "-", "@")
_HEADINGS = ("rekkefølge", "kommune", "navn", "tittel", "eksemplar", "fil")


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs for a municipality: `order` counts from 1 through all; `name` and `title` are '' where not known."""

    order: int
    number: str
    municipality: str
    name: str
    title: str
    counterpart: int
    file: str


def bundle_names(cluster: str, count: int) -> tuple[str, ...]:
    """Return the names of a package's PDFs."""
    stem = f"{cluster}-til-signering"
    return tuple(f"{stem}-{number}.pdf" for number in range(1, count + 1)) if count > 1 else (f"{stem}.pdf",)


def signers_names(cluster: str) -> tuple[str, str]:
    """Return the names of the files of signers: CSV and JSON."""
    return f"{cluster}-underskrivere.csv", f"{cluster}-underskrivere.json"


def signers_of(
    bundles: Sequence[tuple[str, Sequence[str]]], names: Mapping[str, str], now: Cluster, issued: Cluster
) -> tuple[Signer, ...]:
    """Return the signers of the bundles, each a file's name and its parties, in their order.

    Who signs is what the cluster file says now, else what the version was issued with.
    """
    found: list[Signer] = []
    for counterpart, (file, parties) in enumerate(bundles, 1):
        for number in parties:
            name, title = signatory(number, now, issued)
            found.append(Signer(len(found) + 1, number, names[number], name, title, counterpart, file))
    return tuple(found)


def signatory(number: str, now: Cluster, issued: Cluster) -> tuple[str, str]:
    """Return name and title of who signs for a municipality, '' where not known."""
    for member in (_member(now, number), _member(issued, number)):
        planned = member.signatory if member else None
        if planned is not None and planned.name:
            return planned.name, planned.title or ""
    last = _member(now, number) or _member(issued, number)
    return "", (last.signatory.title or "") if last and last.signatory else ""


def _member(cluster: Cluster, number: str) -> Member | None:
    return next((member for member in cluster.members if member.municipality == number), None)


def signer_warnings(signers: Iterable[Signer], issued: Cluster) -> tuple[Text, ...]:
    """Return whose name is missing, and who is another than the document says."""
    signers = tuple(signers)
    found: list[Text] = []
    if nameless := tuple(f"{one.number} {one.municipality}" for one in signers if not one.name):
        found.append(T("Who signs is not known for {parties}. Write it under signatory.", parties=nameless))
    for one in signers:
        member = _member(issued, one.number)
        printed = member.signatory.name if member and member.signatory else None
        if printed and printed != one.name:
            found.append(
                T(
                    "The document has {printed} in the block of {party}, the cluster file {name}.",
                    printed=printed,
                    party=f"{one.number} {one.municipality}",
                    name=one.name,
                )
            )
    return tuple(found)


def signers_csv(signers: Iterable[Signer]) -> bytes:
    """Return the signers as CSV that Norwegian Excel opens rightly: UTF-8 with BOM, semicolons, CRLF.

    A municipality is one cell, '0301 Oslo kommune', so that Excel does not make a number of it. Raises `Refused` for
    a value that Excel would take for a formula: it is not changed silently.
    """
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    for one in signers:
        place = f"{one.number} {one.municipality}"
        row = (str(one.order), place, one.name, one.title, str(one.counterpart), one.file)
        for value in row:
            if value.lstrip().startswith(_FORMULA):
                raise Refused(
                    T(
                        "'{value}' of {party} begins with a sign that Excel takes for a formula. Mend it in the "
                        "cluster file. Nothing was made.",
                        value=value,
                        party=place,
                    )
                )
        writer.writerow(row)
    return b"\xef\xbb\xbf" + target.getvalue().encode("utf-8")


def signers_json(signers: Iterable[Signer], document_id: str, version: int) -> bytes:
    """Return the signers as JSON, with what is signed, and a checksum that shows whether somebody edited it."""
    told = {
        "document_id": document_id,
        "version": version,
        "signers": [
            {
                "order": one.order,
                "municipality": {"number": one.number, "name": one.municipality},
                "name": one.name,
                "title": one.title,
                "counterpart": one.counterpart,
                "file": one.file,
            }
            for one in signers
        ],
    }
    return _sealed_json(told)


def edited_lists(table: bytes | None, data: bytes | None) -> tuple[bool, bool]:
    """Return whether somebody edited the CSV and the JSON that were written last; one that is not there was not.

    The JSON bears its own checksum, and the CSV says what the JSON beside it says: so lists of an earlier version are
    known as ours.
    """
    signers = _own_signers(data) if data is not None else None
    ours = signers_csv(signers) if signers is not None else None
    return table is not None and table != ours, data is not None and signers is None


def _sealed_json(told: Mapping[str, Any]) -> bytes:
    checksum = sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode("utf-8"))
    return (json.dumps({**told, "checksum": checksum}, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _own_signers(data: bytes) -> tuple[Signer, ...] | None:
    """Return the signers of a JSON of ours, None where it is another or was edited."""
    try:
        told = json.loads(data)
        del told["checksum"]
        if _sealed_json(told) != data:
            return None
        return tuple(
            Signer(
                order=one["order"],
                number=one["municipality"]["number"],
                municipality=one["municipality"]["name"],
                name=one["name"],
                title=one["title"],
                counterpart=one["counterpart"],
                file=one["file"],
            )
            for one in told["signers"]
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
