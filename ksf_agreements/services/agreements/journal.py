"""The journal of one agreement as files for people and programs: JSON, and CSV that Norwegian Excel opens."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from ksf_agreements.domain.telling import told
from ksf_agreements.i18n import Translator
from ksf_agreements.services.desk import Desk

KEYS = ("event", "occurred_on", "cluster", "kind", "what", "recorded_at", "actor")
"""The columns, as `ksf log` has them."""
_FORMULA = frozenset({"=", "+", "-", "@", "\t", "\r"})


def journal_json(desk: Desk, cluster: str, say: Translator) -> bytes:
    """Return the journal as JSON."""
    rows = [dict(zip(KEYS, row, strict=True)) for row in _rows(desk, cluster, say)]
    return (json.dumps(rows, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def journal_csv(desk: Desk, cluster: str, say: Translator) -> bytes:
    """Return the journal as CSV: UTF-8 with BOM and semicolons; no cell can be a formula."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(KEYS)
    for row in _rows(desk, cluster, say):
        writer.writerow([f"'{cell}" if cell[:1] in _FORMULA else cell for cell in map(str, row)])
    return b"\xef\xbb\xbf" + target.getvalue().encode("utf-8")


def _rows(desk: Desk, cluster: str, say: Translator) -> Iterator[tuple[int | str, ...]]:
    with desk.register.reading() as reader:
        events = reader.events(cluster)
        actors = {event.number: (reader.person(event.actor) or {}).get("name", "–") for event in events}
    for event in events:
        yield (
            event.number,
            event.occurred_on.isoformat(),
            event.agreement,
            event.kind,
            say(told(event, desk.call)),
            event.recorded_at.isoformat(timespec="seconds"),
            actors[event.number],
        )
