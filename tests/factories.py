"""Small valid values, and Hypothesis strategies that make any valid one: clusters, members, texts, regions."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ksf_agreements.domain.checks import Surroundings
from ksf_agreements.domain.cluster import (
    Accession,
    Annexes,
    ApprovalBody,
    Cluster,
    EntryIntoForce,
    LocalText,
    Member,
    Person,
    Region,
    Resources,
    Signatory,
)
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.domain.municipality import Municipality, MunicipalityRegister
from ksf_agreements.domain.values import is_blank, unprintable
from ksf_agreements.loading.municipalities import load_register

TODAY = date(2026, 3, 2)
"""The day that every test runs on."""

REGIONS = {
    "vest": Region(
        name="Vest",
        host_municipality="4601",
        coordinator=Person(name="Kari Koordinator", title="regional koordinator", email="kari@example.no"),
    ),
    "midt": Region(name="Midt", host_municipality="5001"),
}


def register() -> MunicipalityRegister:
    """Return the municipality register."""
    return load_register()


def member(number: str = "4631", **changes: Any) -> Member:
    """Make a member with a signatory and a FoUI contact, both plainly examples."""
    values: dict[str, Any] = {
        "municipality": number,
        "signatory": Signatory(name=f"Sigrid Eksempel {number}", title="ordfører"),
        "foui_contacts": (Person(name=f"Frida Kontakt {number}", email=f"frida.{number}@example.no"),),
    }
    return Member(**{**values, **changes})


def cluster(**changes: Any) -> Cluster:
    """Make a small cluster without a single problem; ``members`` may be given as municipality numbers."""
    members = changes.pop("members", ("4601", "4631"))
    values: dict[str, Any] = {
        "agreement": "ksf-cluster",
        "name": "Klyngen Eksempel",
        "region": "vest",
        "motor_municipality": "4601",
        "members": tuple(member(one) if isinstance(one, str) else one for one in members),
        "cluster_leader": Person(name="Lise Leder", title="klyngeleder", email="lise.leder@example.no"),
        "decision_authority": "styringsgruppen",
        "focus_areas": ("forebygging",),
        "valid_until": date(2030, 12, 31),
        "resources": Resources(cluster_leader="minimum 50 prosent stilling"),
        "annexes": Annexes(action_plan="annexes/handlingsplan.docx"),
    }
    return Cluster(**{**values, **changes})


def surroundings(**changes: Any) -> Surroundings:
    """Make what a cluster is held against: the register, two regions, a fixed day, every file there."""
    values: dict[str, Any] = {
        "kind": KSF_CLUSTER,
        "municipalities": register(),
        "regions": REGIONS,
        "today": TODAY,
    }
    return Surroundings(**{**values, **changes})


def cluster_text(value: Cluster, **changes: Any) -> str:
    """Return a cluster as the text of a cluster file (JSON is YAML); ``changes`` replace or add keys."""
    said = value.model_dump(mode="json", exclude_none=True)
    return json.dumps({**said, **changes}, ensure_ascii=False, indent=2) + "\n"


# --- texts -----------------------------------------------------------------------------------------------------------

NASTY = (
    "&",
    "&amp;",
    "<",
    ">",
    "</w:t>",
    "<!--",
    "]]>",
    '"',
    "'",
    "{",
    "}",
    "{{",
    "}}",
    "{{ name }}",
    "{%",
    "%}",
    "{%p endfor %}",
    "{# #}",
    "[",
    "]",
    "[navn]",
    "#",
    "\\",
    "\\n",
    "%",
    "%s",
    "{0}",
    "$",
    "|",
    "\ue000",
    "\ue001",
    "\u00a0",
    "\u00ad",
    "\u200b",
    "\u2011",
    "«»",
    "–",
    "😀",
    "👩🏽‍⚕️",
    "🇳🇴",
    "漢字",
    "עברית",
)
"""What templates, XML and file formats stumble over."""

_LETTERS = "abcdefghijklmnopqrstuvwxyzæøåABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅáčđŋšŧžïÁČĐŊŠŦŽÏéòôü0123456789-.,;:()/!?+*=@_~^`"


@cache
def _pieces(*, tabs: bool, breaks: bool) -> st.SearchStrategy[str]:
    spaces = [" ", " ", "  ", *(["\t"] if tabs else []), *(["\n"] if breaks else [])]
    anything = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")).filter(lambda one: not unprintable(one))
    words = st.text(_LETTERS, min_size=1, max_size=12)
    return st.one_of(words, words, st.sampled_from(spaces), st.sampled_from(NASTY), anything)


@cache
def lines(limit: int = 200, *, tabs: bool = True, breaks: bool = False) -> st.SearchStrategy[str]:
    """Any text that a field of one line takes (NFC, as loading gives it); now and then as long as ``limit``."""
    some = st.lists(_pieces(tabs=tabs, breaks=breaks), min_size=1, max_size=6).map("".join)
    long = some.map(lambda text: (text.strip() or "x").ljust(limit, "ø"))
    return (
        st.one_of(some, some, some, some, some, long)
        .map(lambda text: unicodedata.normalize("NFC", text)[:limit])
        .filter(lambda text: not is_blank(text) and unicodedata.is_normalized("NFC", text))
    )


@cache
def paragraphs(*, tabs: bool = True, breaks: bool = True) -> st.SearchStrategy[str]:
    """Any local text: paragraphs, bullets and lines that belong to them, in any mixture."""
    one = lines(120, tabs=tabs)
    if not breaks:
        return one
    bullet = st.tuples(st.sampled_from(["- ", "* ", "• ", "-   "]), one).map("".join)
    indented = one.map(lambda text: f"  {text}")
    row = st.one_of(one, bullet, indented, st.sampled_from(["", "", "   ", "-", "---"]))
    return st.lists(row, min_size=1, max_size=7).map("\n".join).filter(lambda text: not is_blank(text))


emails = st.builds(
    "{}@{}.no".format,
    st.text("abcæøåčŋ0_+-'&{}%#!$*/=?^`|~", min_size=1, max_size=20),
    st.text("abcåŋ0", min_size=1, max_size=20),
)
"""Any e-mail address that passes for one, hostile signs included."""


# --- values ----------------------------------------------------------------------------------------------------------


@cache
def people(*, tabs: bool = True) -> st.SearchStrategy[Person]:
    """Anybody; only the name is certain."""
    line = lines(80, tabs=tabs)
    return st.builds(
        Person, name=line, title=st.none() | line, email=st.none() | emails, phone=st.none() | lines(20, tabs=tabs)
    )


@cache
def signatories(*, tabs: bool = True) -> st.SearchStrategy[Signatory]:
    """Whole, half given, or empty."""
    half = st.none() | lines(80, tabs=tabs)
    return st.builds(Signatory, name=half, title=half)


@cache
def municipalities(on: date = TODAY) -> st.SearchStrategy[Municipality]:
    """Any municipality that exists on a day."""
    return st.sampled_from(register().all_on(on))


# Two municipalities are called Herøy and two Våler; Sami and Kven names; a herad.
_TWINS = (("1515", "1818"), ("3114", "3419"), ("5610", "5612"), ("4619", "4620"))


@st.composite
def numbers(draw: st.DrawFn, least: int = 2, most: int = 12) -> tuple[str, ...]:
    """Draw different municipality numbers, now and then both of a name."""
    twins: Sequence[str] = draw(st.sampled_from(((), (), *_TWINS))) if most > 1 else ()
    others = draw(st.lists(municipalities().map(lambda one: one.number), unique=True, min_size=least, max_size=most))
    drawn = list(dict.fromkeys((*twins, *others)))[:most]
    return tuple(draw(st.permutations(drawn)))


@st.composite
def clusters(draw: st.DrawFn, *, tabs: bool = True, breaks: bool = True, gaps: bool = False) -> Cluster:
    """Draw any cluster that gives a document: ``gaps`` allows what only `generate --draft` accepts."""
    line, text = lines(tabs=tabs), paragraphs(tabs=tabs, breaks=breaks)
    optional_line, optional_text = st.none() | line, st.none() | text
    required_line = optional_line if gaps else line
    chosen = draw(numbers(0 if gaps else 2))
    members = tuple(
        Member(
            municipality=number,
            name_as_signed=draw(optional_line),
            signatory=draw(st.none() | signatories(tabs=tabs)),
            approval_body=draw(st.sampled_from(ApprovalBody)),
            foui_contacts=tuple(draw(st.lists(people(tabs=tabs), max_size=2))),
        )
        for number in chosen
    )
    motor = st.sampled_from(chosen) if chosen else st.none()
    days = st.dates(date(2026, 3, 3), date(2099, 12, 31))
    annex = st.none() | st.sampled_from(["annexes/handlingsplan.docx", "annexes/mandat.docx"])
    return Cluster(
        agreement="ksf-cluster",
        name=draw(required_line),
        region=draw(st.sampled_from(["vest", "midt", *([None] if gaps else [])])),
        motor_municipality=draw(st.none() | motor if gaps else motor),
        members=members,
        cluster_leader=draw(st.none() | people(tabs=tabs)),
        decision_authority=draw(required_line),
        activity_authority=draw(optional_line),
        focus_areas=tuple(draw(st.lists(lines(tabs=tabs, breaks=breaks), max_size=4))),
        valid_until=draw(st.none() | days if gaps else days),
        entry_into_force=draw(st.sampled_from(EntryIntoForce)),
        accession=draw(st.sampled_from(Accession)),
        resources=Resources(cluster_leader=draw(required_line), foui_contact=draw(optional_line)),
        contributions_required=draw(st.booleans()),
        local_text=LocalText(**{field: draw(optional_text) for field in LocalText.model_fields}),
        annexes=Annexes(**{field: draw(annex) for field in Annexes.model_fields}),
    )


def regions(*, tabs: bool = True) -> st.SearchStrategy[dict[str, Region]]:
    """The regions 'vest' and 'midt' with any name, host and coordinator."""
    name = lines(60, tabs=tabs).filter(lambda text: not text.strip().upper().startswith("KSF"))
    region = st.builds(
        Region,
        name=name,
        host_municipality=municipalities().map(lambda one: one.number),
        coordinator=st.none() | people(tabs=tabs),
    )
    return st.fixed_dictionaries({"vest": region, "midt": region})
