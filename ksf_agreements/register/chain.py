"""The chain of hashes: the canonical JSON of an event and its SHA-256, which covers the hash of the event before.

Pure. Whoever changes, removes or moves an event must make every later hash anew, and still differs from a head that
was written down elsewhere (`Head`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from json.encoder import encode_basestring as quoted
from typing import NamedTuple

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)
_HEAD = re.compile(r"(\d{1,15}):([0-9a-f]{64})")


class Head(NamedTuple):
    """The end of the chain: the last event's number and hash (0 and the genesis hash where there is none)."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head | None:
        """Return the head that was written down as ``number:hash``, or None where the text is none."""
        match = _HEAD.fullmatch(text.strip())
        return cls(int(match[1]), match[2]) if match else None


class StoredEvent(NamedTuple):
    """An event as it lies in the register, in the order of the columns; `payload` and `kept` are canonical JSON."""

    number: int
    agreement: str
    kind: str
    payload: str
    kept: str
    actor_id: str
    actor_digest: str
    recorded_at: str
    occurred_on: str
    previous_hash: str
    hash: str


def canonical(value: object) -> str:
    """Return the one JSON text of a value: keys sorted, no spaces, characters as they are."""
    return _ENCODER.encode(value)


def is_canonical(text: str) -> bool:
    """Whether a JSON text is the one that `canonical` gives for its value."""
    try:
        return canonical(json.loads(text)) == text
    except (ValueError, TypeError, RecursionError):
        return False


def genesis(register_id: str) -> str:
    """Return the hash that the first event of a register follows."""
    return sha256(f"ksf-agreements register {register_id}".encode())


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def event_text(event: StoredEvent) -> str:
    """Return the canonical JSON of an event, without its own hash.

    Put together by hand: `payload` and `kept` are canonical already. A test compares it with `canonical`.
    """
    return (
        f'{{"actor":[{quoted(event.actor_id)},{quoted(event.actor_digest)}],"agreement":{quoted(event.agreement)},'
        f'"kept":{event.kept},"kind":{quoted(event.kind)},"number":{event.number},'
        f'"occurred_on":{quoted(event.occurred_on)},"payload":{event.payload},'
        f'"previous_hash":{quoted(event.previous_hash)},"recorded_at":{quoted(event.recorded_at)}}}'
    )


def event_hash(event: StoredEvent) -> str:
    """Return the hash of an event, whatever its `hash` says."""
    return sha256(event_text(event).encode())


def person_text(content: Mapping[str, str]) -> str:
    """Return personal data as it is kept."""
    return canonical(dict(content))


def person_digest(salt: str, content: str) -> str:
    """Return the salted digest of personal data: without the salt, which is erased with it, no guess can be tried."""
    return sha256(f"{salt}\n{content}".encode())
