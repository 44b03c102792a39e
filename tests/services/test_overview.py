"""The overview that is kept ready says what folding the events anew says, on every kind of day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ksf_agreements.app import App
from ksf_agreements.domain.status import PartyState
from ksf_agreements.register.transaction import NewEvent, people_of
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.following import overview
from ksf_agreements.services.following.overview import Standing, View
from tests.domain.test_against_oracle import facts, life, rules, turning_days

ONE_DAY = timedelta(days=1)


@pytest.fixture
def desk(workspace: Path) -> Iterator[Desk]:
    opened = App.open(str(workspace)).desk("Registerfører")
    yield opened
    opened.register.close()


def line(one: View) -> Standing:
    """What a view of the folded events says, as a line of the overview."""
    status, coming = one.status, one.status.upcoming
    gone = {PartyState.LEFT, PartyState.DECLINED}
    return Standing(
        status.cluster,
        status.name,
        one.region,
        status.status,
        status.signed,
        status.of,
        status.valid_until,
        status.in_force_from,
        sum(party.state is PartyState.LEAVING for party in status.parties),
        f"{coming.basis} {coming.signed}/{coming.of}" if coming else "",
        tuple(party.municipality for party in status.parties if party.state not in gone),
    )


def same(desk: Desk, on: date) -> None:
    """Hold the overview of a day against the folded events."""
    views = overview.views(desk, on)
    assert overview.rows(desk, on) == tuple(map(line, views))
    assert overview.nearest(desk, on) == {one.status.cluster: one.due[0] for one in views if one.due}


@pytest.mark.parametrize("seed", [3, 102, 117, 121, 130, 144])
def test_the_overview_says_what_the_events_say(desk: Desk, seed: int) -> None:
    events = life(seed, 40)
    with desk.register.writing() as transaction:
        actor = transaction.keep_person({"name": "Kari Nordmann"})
        for event in events:
            payload = event.payload
            if any(people_of(payload)):
                payload = payload.model_copy(update={"signatory": transaction.keep_person({"name": "Ola Nordmann"})})
            transaction.append_many([NewEvent("livet", payload, event.occurred_on)], actor)
    today = replace(desk, today=max(event.occurred_on for event in events))
    days = turning_days(events, rules.Oracle(facts(events)))
    for on in sorted({*days, *(day - ONE_DAY for day in days), days[-1] + 40 * ONE_DAY}):
        same(today, on)


def test_a_cluster_file_is_a_draft_with_its_members(desk: Desk) -> None:
    same(desk, desk.today)

    drafts = overview.rows(desk, desk.today)
    assert {one.cluster for one in drafts} == {path.stem for path in desk.workspace.cluster_paths()}
    assert all(one.status == "draft" and one.of == len(one.parties) >= 2 for one in drafts)
