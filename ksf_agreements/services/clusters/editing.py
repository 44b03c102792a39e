"""A cluster file changed in a form: opened, checked as it is typed, and written back where nobody else was first.

The form's content is a tree of dicts, lists and texts with the keys of a cluster file, '' where nothing is typed.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from ksf_agreements.documents.files import write_whole
from ksf_agreements.domain.cluster import Accession, ApprovalBody, EntryIntoForce, Language
from ksf_agreements.errors import KsfError, Problem
from ksf_agreements.loading.cluster_file import ClusterFile, cluster_of
from ksf_agreements.loading.faults import fields_at
from ksf_agreements.loading.files import read_bounded, unreadable
from ksf_agreements.loading.yaml_edit import edit_yaml
from ksf_agreements.loading.yaml_order import reordered
from ksf_agreements.loading.yaml_text import BYTES_LIMIT, Parsed, Value, parse_yaml
from ksf_agreements.services.clusters.sheets import cluster_path
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T

Tree: TypeAlias = dict[str, Any]

_PERSON: Final = {"name": "", "title": "", "email": "", "phone": ""}
SHAPE: Final[Tree] = {
    "name": "",
    "region": "",
    "language": str(Language.NB),
    "motor_municipality": "",
    "members": [
        {
            "municipality": "",
            "name_as_signed": "",
            "signatory": {"name": "", "title": ""},
            "approval_body": str(ApprovalBody.MUNICIPAL_DIRECTOR),
            "foui_contacts": [_PERSON],
        }
    ],
    "cluster_leader": _PERSON,
    "decision_authority": "",
    "activity_authority": "",
    "focus_areas": [""],
    "valid_until": "",
    "entry_into_force": str(EntryIntoForce.LAST_SIGNATURE),
    "accession": str(Accession.ALL),
    "resources": {"cluster_leader": "", "foui_contact": ""},
    "contributions_required": "false",
    "local_text": dict.fromkeys(
        (
            "purpose",
            "background",
            "aims",
            "organisation",
            "financing",
            "other_agreements",
            "termination_grounds",
        ),
        "",
    ),
    "annexes": dict.fromkeys(("financial_commitments", "action_plan", "mandate"), ""),
    "grant_letter": {"reference": "", "report_dates": [""]},
}
"""What a form can say: groups, lists with what one item is, and texts with what an absent one stands for."""

_TEXT_LIMIT = BYTES_LIMIT - 128 * 1024
_SAME = {"ja": "true", "nei": "false"}


class ChangedMeanwhile(KsfError):
    """Somebody else has written the file since it was opened; nothing was written."""

    exit_code = 1


class TooMuchText(KsfError):
    """More than a cluster file can hold; nothing was written."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """A cluster file opened for a form: its bytes, what it says, and what tells whether it has changed since.

    `obstacles` are why a form cannot hold it: then it is to be mended in the file first.
    """

    file: ClusterFile
    data: bytes
    tree: Tree
    digest: str
    obstacles: tuple[Problem, ...]


def open_file(desk: Desk, cluster: str) -> Opened:
    """Open a cluster's file. Raises `UsageError` where there is none."""
    path = cluster_path(desk.workspace, cluster)
    shown = f"{path.parent.name}/{path.name}"
    try:
        data = read_bounded(path, BYTES_LIMIT)
        parsed = parse_yaml(data)
    except OSError as fault:
        data, parsed = b"", Parsed(None, {}, {}, (unreadable(shown, fault),))
    file = cluster_of(parsed, path, shown)
    tree = thawed(parsed.value) if isinstance(parsed.value, dict) else {}
    return Opened(file, data, tree, hashlib.sha256(data).hexdigest(), tuple(_obstacles(file, tree)))


def _obstacles(file: ClusterFile, tree: Tree) -> Iterator[Problem]:
    """Yield what keeps a form from holding a file: its text is no YAML, or has keys or groups of another kind."""
    codes = {problem.code for problem in file.parsed.problems} | {"unknown-key", "file-name"}
    fits = _fits(tree, SHAPE)
    for problem in file.problems:
        if problem.is_error and (problem.code in codes or problem.path[:1] == ("agreement",) or not fits):
            yield problem


def thawed(value: Value) -> Any:
    """Return what a file says as dicts, lists and texts; what is empty in a list is ''."""
    if isinstance(value, tuple):
        return [thawed(one) for one in value]
    return {key: thawed(one) for key, one in value.items()} if isinstance(value, dict) else value


def _frozen(tree: Any) -> Value:
    if isinstance(tree, list):
        return tuple(_frozen(one) for one in tree)
    return {key: _frozen(one) for key, one in tree.items()} if isinstance(tree, dict) else tree


def _fits(tree: Any, shape: Any) -> bool:
    """Whether a form can hold what a file says: a key of no form is kept beside it."""
    if isinstance(shape, dict):
        return isinstance(tree, dict) and all(_fits(one, shape[key]) for key, one in tree.items() if key in shape)
    if isinstance(shape, list):
        return isinstance(tree, list) and all(_fits(one, shape[0]) for one in tree)
    return isinstance(tree, str) or tree is None


def filled(tree: Any, shape: Any = SHAPE) -> Any:
    """Return all of a form's fields as a file fills them: '' or what it stands for where the file has nothing."""
    if isinstance(shape, dict):
        said = tree if isinstance(tree, dict) else {}
        return {key: filled(said.get(key), inner) for key, inner in shape.items()}
    if isinstance(shape, list):
        return [filled(one, shape[0]) for one in tree] if isinstance(tree, list) else []
    return tree if isinstance(tree, str) else shape


def wanted(typed: Tree, old: Tree) -> Tree:
    """Return what the file shall say: what is typed, without blanks; whatever means the same stays as it is written."""
    found: Tree = _wanted(typed, old, SHAPE)
    return found


def _wanted(typed: Any, old: Any, shape: Any) -> Any:
    if isinstance(shape, dict):
        before = old if isinstance(old, dict) else {}
        found = {key: one for key, one in before.items() if key not in shape}
        for key, inner in shape.items():
            value = _wanted(typed.get(key), before.get(key), inner)
            if value is not None and (key in before or value != inner or not inner):
                found[key] = value
        return found if found or old == {} else None
    if isinstance(shape, list):
        items = [_wanted(one, _same_item(one, old), shape[0]) for one in typed]
        items = [one for one in items if one is not None]
        return items if items or old == [] else None
    if isinstance(old, str) and _SAME.get(old, old) == typed:
        return old
    return typed or None


def _same_item(typed: Any, old: Any) -> Any:
    """Return the item of the file's list that is the same municipality or person, or None."""
    if not isinstance(typed, dict) or not isinstance(old, list):
        return None
    key = "municipality" if "municipality" in typed else "name"
    return next((one for one in old if isinstance(one, dict) and one.get(key) == typed[key]), None)


def typed_text(text: str, known: frozenset[str]) -> str:
    """Return a text as it is meant: without the blanks around it, unless the file has written them."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain if plain in known else plain.strip()


def texts(tree: Any) -> Iterator[str]:
    """Yield every text that a file says."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict | list):
        for one in tree.values() if isinstance(tree, dict) else tree:
            yield from texts(one)


def read_tree(opened: Opened, tree: Tree) -> ClusterFile:
    """Return the cluster file as it would be; its problems have no lines, since nothing is written yet."""
    return cluster_of(Parsed(_frozen(tree), {}, {}), opened.file.path, opened.file.shown)


def save(desk: Desk, opened: Opened, tree: Tree) -> tuple[str, ...]:
    """Write what the file shall say, and return the comments that went with what was removed.

    Raises `ChangedMeanwhile`, `yaml_edit.YamlEditError` and `WriteError`; then nothing was written.
    """
    if tree == opened.tree:
        return ()
    if sum(len(text.encode()) for text in texts(tree)) > _TEXT_LIMIT:
        raise TooMuchText(T("The texts are too long for a cluster file. Nothing was written. Attach some as annexes."))
    data = reordered(opened.data, "members", _order(opened.tree.get("members", []), tree.get("members", [])))
    after, gone = edit_yaml(data, tree, lambda below: fields_at(opened.file.kind.model, below))
    with desk.register.writing():  # one at a time, in whatever process
        if open_file(desk, opened.file.path.stem).digest != opened.digest:
            raise ChangedMeanwhile(T("The cluster file was changed by somebody else meanwhile. Nothing was written."))
        write_whole(opened.file.path, after)
    return gone


def _order(old: Sequence[Tree], new: Sequence[Tree]) -> list[int]:
    """Return the old places of the members in their new order, those that are gone last."""
    places = {one.get("municipality"): place for place, one in enumerate(old)}
    if len(places) != len(old):
        return []  # one of them stands there twice
    kept = [places[one.get("municipality")] for one in new if one.get("municipality") in places]
    return [*dict.fromkeys(kept), *(place for place in range(len(old)) if place not in kept)]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that differs: its path, the municipality it is about ('' for none), and the three texts of it."""

    path: tuple[str, ...]
    municipality: str
    before: str
    theirs: str
    mine: str

    @property
    def by_them(self) -> bool:
        """Whether the others changed it."""
        return self.before != self.theirs

    @property
    def by_me(self) -> bool:
        """Whether the form changes it."""
        return self.before != self.mine


def differences(before: Tree, theirs: Tree, mine: Tree, call: Callable[[str], str]) -> tuple[Difference, ...]:
    """Return what two versions of a file differ in, field by field, in the order of the form."""
    said = [_said(filled(one), call) for one in (before, theirs, mine)]
    keys = dict.fromkeys([*said[2], *said[1]])
    rows = (Difference(*key, *(one.get(key, "") for one in said)) for key in keys)
    both = {one["municipality"] for one in theirs.get("members", ())}
    both &= {one["municipality"] for one in mine.get("members", ())}
    return tuple(one for one in rows if one.theirs != one.mine and one.municipality in {"", *both})


def _said(tree: Tree, call: Callable[[str], str]) -> Mapping[tuple[tuple[str, ...], str], str]:
    found: dict[tuple[tuple[str, ...], str], str] = {}
    for path, value in _fields(tree, ()):
        if path == ("members",):
            found[path, ""] = ", ".join(call(one["municipality"]) for one in value)
            for member in value:
                for inner, one in _fields({key: member[key] for key in member if key != "municipality"}, path):
                    found[inner, member["municipality"]] = _line(one)
        else:
            found[path, ""] = _line(value)
    return found


def _fields(tree: Tree, below: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _fields(value, (*below, key))
        else:
            yield (*below, key), value


def _line(value: Any) -> str:
    if isinstance(value, list):
        mark = "– " if len(value) > 1 else ""
        return "\n".join(f"{mark}{_line(one)}" for one in value)
    return ", ".join(filter(None, value.values())) if isinstance(value, dict) else str(value)
