"""The journal about itself: what was entered by mistake, and what was removed from beside it."""

from __future__ import annotations

from ksf_agreements.domain.events.base import Payload


class EventVoided(Payload):
    """An event was entered by mistake; the right fact is entered by its own command."""

    KIND = "agreement:event:voided"

    event: int
    reason: str


class DataErased(Payload):
    """Personal data or a file was removed from beside the chain; the tombstone (GDPR, or a wrong upload)."""

    KIND = "register:data:erased"

    personal: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    reason: str
