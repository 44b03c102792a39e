"""Items of a list change places as lines, with the comments above and beside them; else nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksf_agreements.loading.yaml_order import reordered
from ksf_agreements.loading.yaml_text import parse_yaml

FILE = """\
# toppen
name: N
members:
  # motorkommunen
  - municipality: "4601"    # Bergen
    signatory: {name: Anne}

  # den andre
  # med to linjer
  - municipality: "4631"  # Alver
    foui_contacts:
      - name: C
  - municipality: "4627"
    name_as_signed: |
      to
      # ingen kommentar

# mellom
focus_areas: [en]
"""


def members(text: str) -> list[Any]:
    value = parse_yaml(text.encode()).value
    assert isinstance(value, dict)
    return list(value["members"])  # type: ignore[arg-type]


def test_lines_move_with_the_comments_above_and_beside_them() -> None:
    done = reordered(FILE.encode(), "members", [2, 1, 0]).decode()
    assert members(done) == members(FILE)[::-1]
    assert sorted(done.splitlines()) == sorted(FILE.splitlines())
    assert '  # med to linjer\n  - municipality: "4631"  # Alver\n' in done
    assert '  # motorkommunen\n  - municipality: "4601"    # Bergen\n' in done
    assert done.endswith("# mellom\nfocus_areas: [en]\n")


@given(st.permutations(range(3)), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_order_says_the_same_with_every_line_kept(order: list[int], ending: str, is_last: bool) -> None:
    text = FILE.partition("\n# mellom")[0] + "\n" if is_last else FILE
    text = text.replace("\n", ending)
    done = reordered(text.encode(), "members", order).decode()
    assert members(done) == [members(text)[place] for place in order]
    assert sorted(done.splitlines()) == sorted(text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        'members: [{municipality: "4601"}, {municipality: "4631"}]\n',
        'members:\n  [{municipality: "4601"},\n   {municipality: "4631"}]\n',
        'members:\n  - municipality: "4601"\n  - municipality: "4631"',
        "members: x\n",
        "members: [\n",
        "name: x\n",
        "",
    ],
)
def test_what_cannot_be_moved_stays(text: str) -> None:
    assert reordered(text.encode(), "members", [1, 0]).decode() == text


@pytest.mark.parametrize("order", [[], [0, 1, 2], [0, 1], [0, 0, 1], [5, 6, 7]])
def test_an_order_that_is_none_changes_nothing(order: list[int]) -> None:
    assert reordered(FILE.encode(), "members", order).decode() == FILE
