"""What every event has: its payload, who recorded it when, and the day it counts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class PersonalRef(BaseModel):
    """Points at personal data beside the chain: a random id, and the salted SHA-256 of what stands there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    digest: str


class Payload(BaseModel):
    """What an event says. `KIND` is its name, source:subject:action."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    KIND: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the journal.

    `number` counts from 1 through the whole register; `agreement` is the cluster's id; `actor` points at who recorded
    it; `recorded_at` is UTC; `occurred_on` is the day it counts from, which is what a view of a date goes by.
    """

    number: int
    agreement: str
    payload: Payload
    actor: PersonalRef
    recorded_at: datetime
    occurred_on: date

    @property
    def kind(self) -> str:
        """The event's kind, source:subject:action."""
        return self.payload.KIND
