"""Who signs which counterpart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ksf_agreements.domain.esigning import NATIONAL, counterparts


@given(st.integers(1, 400), st.integers(1, 12))
def test_every_party_signs_once_in_as_few_counterparts_as_can_be(parties: int, most: int) -> None:
    names = tuple(map(str, range(parties)))
    groups = counterparts(names, most)
    assert tuple(name for group in groups for name in group) == names
    assert max(map(len, groups)) <= most
    assert len(groups) == -(-parties // most)
    assert max(map(len, groups)) - min(map(len, groups)) <= 1


def test_ten_sign_one_and_eleven_two() -> None:
    ten = tuple(map(str, range(10)))
    assert NATIONAL.signers == 10
    assert counterparts(ten) == (ten,)
    assert [len(group) for group in counterparts((*ten, "10"))] == [5, 6]
