"""A YAML file changes where its values change, and nowhere else; what cannot be kept is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksf_agreements.loading.yaml_edit import YamlEditError, comments, edit_yaml
from ksf_agreements.loading.yaml_text import parse_yaml
from tests.factories import lines, paragraphs

FILE = """\
# toppen
name:    Klyngen   # navnet
region: "vest"
members:
  # motorkommunen
  - municipality: "4601"    # Bergen
    signatory: {name: Anne, title: ordfører}   # valgt
    foui_contacts:
      - name: A
        phone: '12'  # hjemme
      # reserve
      - name: B

  # den andre
  - municipality: "4631"  # Alver
    foui_contacts:
      - {name: C, email: c@example.no}
# mellom
focus_areas: [en, "to"]  # hakeparentes
local_text:
  purpose: |
    Linje en

    Linje tre
  # etter
  aims: kort
# slutt
"""


def thawed(value: Any) -> Any:
    if isinstance(value, tuple):
        return [thawed(one) for one in value]
    return {key: thawed(one) for key, one in value.items()} if isinstance(value, dict) else value


def tree(text: str = FILE) -> dict[str, Any]:
    found: dict[str, Any] = thawed(parse_yaml(text.encode()).value)
    return found


def edit(wanted: dict[str, Any], text: str = FILE) -> str:
    done, _ = edit_yaml(
        text.encode(), wanted, lambda _: ("municipality", "signatory", "approval_body", "foui_contacts")
    )
    assert thawed(parse_yaml(done).value) == wanted
    return done.decode()


def test_nothing_changes_nothing() -> None:
    assert edit(tree()) == FILE


def test_one_value_changes_one_line() -> None:
    wanted = tree()
    wanted["members"][0]["signatory"]["name"] = "Berit"
    wanted["region"] = "midt"
    wanted["members"][0]["foui_contacts"][0]["phone"] = "13"
    expected = (
        FILE.replace("name: Anne, title: ordfører}   #", "name: Berit, title: ordfører}  #")
        .replace('"vest"', '"midt"')
        .replace("'12'", "'13'")
    )
    assert edit(wanted) == expected


def test_a_new_key_goes_where_it_belongs() -> None:
    wanted = tree()
    wanted["members"][0]["approval_body"] = "byråd"
    assert edit(wanted) == FILE.replace("   # valgt\n", "   # valgt\n    approval_body: byråd\n")


def test_new_items_come_before_the_comment_of_the_next() -> None:
    wanted = tree()
    wanted["members"][0]["foui_contacts"].append({"name": "D", "phone": "99"})
    added = '      - name: B\n      - name: D\n        phone: "99"\n\n  # den andre'
    assert edit(wanted) == FILE.replace("      - name: B\n\n  # den andre", added)


def test_an_item_goes_with_its_own_comment_only() -> None:
    wanted = tree()
    del wanted["members"][0]["foui_contacts"][1]
    done = edit(wanted)
    assert "# den andre" in done
    assert "# reserve" in done
    wanted = tree()
    del wanted["members"][1]
    done, gone = edit_yaml(FILE.encode(), wanted, lambda _: ())
    assert gone == ("# Alver",)
    assert b"# mellom" in done


def test_what_would_lose_a_comment_is_refused() -> None:
    wanted = tree()
    del wanted["members"][0]
    with pytest.raises(YamlEditError, match="reserve"):
        edit(wanted)


@pytest.mark.parametrize(
    "value",
    [
        "no",
        "0301",
        "1e3",
        "null",
        "~",
        "2029-12-31",
        "a: b",
        "a #b",
        "'",
        '"',
        "{",
        "- a",
        "*a",
        "%",
        "@",
        "12:30",
        "=",
        "yes",
        "\\n",
    ],
)
def test_a_text_stays_a_text_for_every_reader(value: str) -> None:
    import yaml

    wanted = tree()
    wanted["name"] = value
    assert yaml.safe_load(edit(wanted))["name"] == value


@given(st.data())
def test_any_values_come_through(data: st.DataObject) -> None:
    wanted = tree()
    wanted["name"] = data.draw(lines())
    wanted["local_text"]["aims"] = data.draw(paragraphs())
    wanted["local_text"]["purpose"] = data.draw(paragraphs())
    wanted["focus_areas"] = data.draw(st.lists(lines(60), max_size=4))
    wanted["members"][1]["foui_contacts"] = [
        {"name": name} for name in data.draw(st.lists(lines(60), max_size=3, unique=True))
    ]
    wanted["members"].append({"municipality": "0301", "signatory": {"name": data.draw(lines(60))}})
    kept = {text for _, text, _ in comments(edit(wanted))}
    assert kept >= {text for _, text, _ in comments(FILE)}


@pytest.mark.parametrize(
    "text",
    [
        FILE.replace("\n", "\r\n"),
        "\ufeff" + FILE,
        FILE.rstrip("\n"),
        "name: 'a'\nmembers:\n- municipality: '4601'\n- municipality: '4631'\n  foui_contacts:\n  - name: B\n",
        "{name: a, members: [{municipality: '4601'}]}",
        "name:\n    'a'\nregion:   vest\nfocus_areas:\n    -   en\n    -   to\n",
        "---\nname: a\n...\n",
        "name: >-\n  brettet\n  tekst\nregion: vest\n",
    ],
)
def test_other_layouts(text: str) -> None:
    wanted = tree(text.removeprefix("\ufeff"))
    assert edit(wanted, text) == text
    wanted["name"] = "ny"
    done = edit(wanted, text)
    assert done.startswith("\ufeff") is text.startswith("\ufeff")
    assert ("\r\n" in done) is ("\r\n" in text)


def test_comments_are_found_outside_texts() -> None:
    text = 'a: "x # y"  # en\nb: x#y\n# to\nc: |\n  # ikke\nd: 1 # tre\n'
    assert comments(text) == [(1, "# en", False), (3, "# to", True), (6, "# tre", False)]
