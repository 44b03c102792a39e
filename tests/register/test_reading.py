"""Reading: the views, each by an index, and rows through SQLModel."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from ksf_agreements.domain.events import Event
from ksf_agreements.domain.timeline import Derived, Since
from ksf_agreements.register.chain import StoredEvent
from ksf_agreements.register.connection import connect
from ksf_agreements.register.reader import Obligation, Reader
from ksf_agreements.register.rows import EventRow, ObligationRow
from ksf_agreements.register.store import Register
from tests.register.sample import DAY, append, derive, open_register


@pytest.mark.usefixtures("filled")
def test_the_overview_is_that_of_the_day(register: Register) -> None:
    with register.reading() as reader:
        assert reader.overview(DAY - timedelta(days=1)) == ()
        on_day = dict(reader.overview(DAY + timedelta(days=1)))
        assert on_day == {
            "vest": '{"agreement": "vest", "events": 1}',
            "midt": '{"agreement": "midt", "events": 2}',
        }
        assert dict(reader.overview(date.max))["vest"] == '{"agreement": "vest", "events": 3}'


@pytest.mark.usefixtures("filled")
def test_what_is_due_comes_by_date_and_in_pages(register: Register) -> None:
    with register.reading() as reader:
        every = reader.due(date.min, date.max)
        assert [(one.date, one.agreement, one.place) for one in every] == [
            ("2027-03-01", "midt", 0),
            ("2027-03-01", "vest", 0),
            ("2027-03-02", "midt", 1),
            ("2027-03-03", "midt", 2),
            ("2027-03-05", "vest", 1),
            ("2027-03-06", "vest", 2),
        ]
        pages: list[Obligation] = []
        while page := reader.due(date.min, date.max, 4, pages[-1] if pages else None):
            pages += page
        assert tuple(pages) == every
        assert reader.due(date(2027, 3, 2), date(2027, 3, 3)) == every[2:4]
        assert [one.agreement for one in reader.due(date.min, date.max, agreement="vest")] == ["vest"] * 3


@pytest.mark.parametrize("ask", ["due", "due of one", "overview", "events", "events of one", "head"])
@pytest.mark.usefixtures("filled")
def test_every_view_goes_by_an_index(path: Path, ask: str) -> None:
    connection = connect(path)
    said: list[str] = []
    connection.set_trace_callback(said.append)
    reader = Reader(connection, path)
    after = Obligation("2027-03-01", "midt", 0, "", "", "")
    {
        "due": lambda: reader.due(DAY, date.max, 10, after),
        "due of one": lambda: reader.due(DAY, date.max, 10, agreement="vest"),
        "overview": lambda: reader.overview(DAY),
        "events": lambda: reader.events(after=3),
        "events of one": lambda: reader.events("vest"),
        "head": reader.head,
    }[ask]()
    connection.set_trace_callback(None)
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {said[0]}")]
    connection.close()
    assert not [step for step in plan if "SCAN" in step and step not in {"SCAN agreements", "SCAN event"}], plan
    assert not [step for step in plan if "TEMP B-TREE" in step], plan


def test_the_columns_that_are_spoken_of_are_those_of_the_rows() -> None:
    assert list(EventRow.model_fields) == list(StoredEvent._fields)
    assert list(ObligationRow.model_fields) == list(Obligation._fields)


@pytest.mark.usefixtures("filled")
def test_a_session_reads_rows_and_cannot_write(register: Register) -> None:
    with register.session() as session:
        found = session.exec(select(EventRow).where(col(EventRow.agreement) == "vest")).all()
        assert [row.number for row in found] == [1, 2, 7]
        session.add(ObligationRow(date="2026-01-01", agreement="x", place=0, code="", party="", payload=""))
        with pytest.raises(Exception, match="readonly"):
            session.flush()
    assert append(register).number == 8


@pytest.mark.usefixtures("register", "filled")
def test_another_way_of_deriving_makes_all_anew(path: Path) -> None:
    calls: list[str] = []

    def other(agreement: str, events: tuple[Event, ...], since: Since) -> Derived:
        calls.append(agreement)
        return derive(agreement, events[:1], since)

    open_register(path, derive=other)
    assert calls == []
    open_register(path, derive=other, derivation=2)
    assert calls == ["midt", "vest"]
    again = open_register(path, derive=other, derivation=2)
    assert calls == ["midt", "vest"]
    with again.reading() as reader:
        assert dict(reader.overview(date.max))["vest"] == '{"agreement": "vest", "events": 1}'
