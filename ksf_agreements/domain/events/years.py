"""What happens year by year, without signing again."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from ksf_agreements.domain.events.base import Payload, PersonalRef


class ContactsChanged(Payload):
    """Contact persons or cluster leader changed, without signing again; `contacts` is what stands now."""

    KIND = "agreement:contacts:changed"

    contacts: PersonalRef
    cluster_leader_vacant: bool = False
    parties_without_contact: tuple[str, ...] = ()


class FocusAreasAdopted(Payload):
    """The decision authority set the focus areas (cl. 4, 6)."""

    KIND = "agreement:focus_areas:adopted"

    focus_areas: tuple[str, ...]
    file: str | None = None


class PlanAdopted(Payload):
    """The action plan of a year was adopted (cl. 6)."""

    KIND = "agreement:plan:adopted"

    year: int
    file: str | None = None


class Task(StrEnum):
    """What a cluster does again and again (cl. 6, and KS's grant letter, cl. 7)."""

    ACTION_PLAN = "action-plan"
    ANNUAL_REPORT = "annual-report"
    CONTACT_REVIEW = "contact-review"
    GRANT_REPORT = "grant-report"


class TaskDone(Payload):
    """A recurring task was done; `period` is its year ('2027'), or a grant report's date ('2027-03-01')."""

    KIND = "agreement:task:done"

    task: Annotated[Task, Field(strict=False)]
    period: str


class ReminderSent(Payload):
    """A reminder went out: its rule, the occasion it was about (`schedule.Occasion.key`), and whom it went to."""

    KIND = "agreement:reminder:sent"

    rule: str
    subject: str
    recipient: PersonalRef
