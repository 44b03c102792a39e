"""The chain: one text for every event, and a hash that every part of it changes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksf_agreements.register.chain import Head, StoredEvent, canonical, event_hash, event_text, genesis, is_canonical

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda inner: st.dictionaries(texts, inner), max_leaves=4
)
objects = st.dictionaries(texts, values, max_size=3)
events = st.builds(
    StoredEvent,
    number=st.integers(1, 2**63 - 1),
    agreement=texts,
    kind=texts,
    payload=objects.map(canonical),
    kept=objects.map(canonical),
    actor_id=texts,
    actor_digest=texts,
    recorded_at=texts,
    occurred_on=texts,
    previous_hash=texts,
    hash=st.just(""),
)


@given(events)
def test_the_text_of_an_event_is_its_canonical_json(event: StoredEvent) -> None:
    assert event_text(event) == canonical(
        {
            "number": event.number,
            "agreement": event.agreement,
            "kind": event.kind,
            "payload": json.loads(event.payload),
            "kept": json.loads(event.kept),
            "actor": [event.actor_id, event.actor_digest],
            "recorded_at": event.recorded_at,
            "occurred_on": event.occurred_on,
            "previous_hash": event.previous_hash,
        }
    )


@given(events, st.sampled_from([name for name in StoredEvent._fields if name not in {"number", "hash"}]), texts)
def test_every_column_changes_the_hash(event: StoredEvent, column: str, text: str) -> None:
    value = canonical({"other": text}) if column in {"payload", "kept"} else text
    other = StoredEvent(**{**event._asdict(), column: value})
    assert (event_hash(other) == event_hash(event)) == (other == event)
    assert event_hash(event._replace(number=event.number + 1)) != event_hash(event)
    assert event_hash(event._replace(hash="x")) == event_hash(event)


@given(values)
def test_what_is_canonical_is_told_so(value: object) -> None:
    assert is_canonical(canonical(value))


@pytest.mark.parametrize(
    "text", ['{"b":1,"a":2}', '{"a": 1}', '{"a":1,"a":1}', "{", "NaN", '{"a":1.0e0}', '"\\u00e5"', "[" * 100_000]
)
def test_what_is_not_canonical_is_told_so(text: str) -> None:
    assert not is_canonical(text)


def test_a_head_is_written_down_and_read_again() -> None:
    head = Head(12, genesis("x"))
    assert Head.parse(f" {head}\n") == head
    for wrong in ("", "12", "12:abc", f"-1:{head.hash}", f"12:{head.hash.upper()}", f"{head}0"):
        assert Head.parse(wrong) is None


def test_registers_begin_differently() -> None:
    assert genesis("a") != genesis("b")
    assert len(genesis("a")) == 64
