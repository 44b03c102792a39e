"""From parsed YAML to a frozen model: every fault as a problem, and the rest of the file still checked.

Where a value cannot be taken, it is told, and left out or replaced by a stand-in: what remains is a model that the
checks can be run on, so that one run tells everything. Such a model is never printed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from ksf_agreements.errors import FieldPath, Problem
from ksf_agreements.loading.faults import Guide, nearest_key, problems_of
from ksf_agreements.loading.yaml_text import Value

PROBLEMS_LIMIT = 200
"""Problems told of one file; who has more, has pasted something else."""

_ROUNDS = 8

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Read(Generic[ModelT]):
    """What a group of YAML lines is: `model` where all of it can be taken, `rest` what could be, with stand-ins.

    `faulty` are the paths of what was left out or replaced, and of what a misspelt key was meant to be.
    """

    model: ModelT | None
    rest: ModelT | None
    problems: tuple[Problem, ...] = ()
    faulty: frozenset[FieldPath] = frozenset()


def read_model(value: Value, model: type[ModelT], guide: Guide, below: FieldPath = ()) -> Read[ModelT]:
    """Read ``value``, which stands at the path ``below``, as ``model``."""
    try:
        found = model.model_validate(value)
    except ValidationError as fault:
        errors = fault.errors(include_url=False)
        rest, faulty = _rest(value, model)
        meant = {
            (*path[:-1], near)
            for error in errors[:PROBLEMS_LIMIT]
            if error["type"] == "extra_forbidden" and (near := nearest_key(path := tuple(error["loc"]), model))
        }
        problems = (
            problem
            for problem in problems_of(errors, model, guide, below)
            if problem.code != "missing" or problem.path[len(below) :] not in meant
        )
        return Read(None, rest, tuple(islice(problems, PROBLEMS_LIMIT + 1)), _below(faulty | meant, below))
    return Read(found, found)


def _below(paths: Iterable[FieldPath], below: FieldPath) -> frozenset[FieldPath]:
    return frozenset((*below, *path) for path in paths)


def _rest(value: Value, model: type[ModelT]) -> tuple[ModelT | None, set[FieldPath]]:
    """Return what can be read when faulty values are left out or replaced, and their paths."""
    tree: Any = _thawed(value)
    faulty: set[FieldPath] = set()
    for attempt in range(_ROUNDS):
        try:
            return model.model_validate(tree, strict=False), faulty
        except ValidationError as fault:
            errors = fault.errors(include_url=False, include_context=False)
            if not isinstance(tree, dict) or len(errors) > PROBLEMS_LIMIT:
                break
            for number, error in enumerate(errors):
                path: FieldPath = tuple(error["loc"])
                # What cannot be replaced goes with the group around it.
                told = path[:-1] if path in faulty and attempt > 1 else path
                faulty.add(told)
                _mend(tree, told, error["type"], f"{number:04d}")
    return None, faulty


def _mend(tree: Any, path: FieldPath, kind: str, stand_in: str) -> None:
    """Leave out what stands at ``path``, or put a text there that stands for it where it must not be absent.

    '0003' is a line, and a municipality number that nobody has.
    """
    if not path:
        return
    *above, last = path
    for part in above:
        tree = _inside(tree, part)
    if isinstance(tree, list) and isinstance(last, int):
        tree[last] = {} if kind == "model_type" else stand_in
    elif isinstance(tree, dict) and kind == "missing":
        tree[last] = stand_in
    elif isinstance(tree, dict):
        tree.pop(last, None)


def _inside(tree: Any, part: str | int) -> Any:
    if isinstance(tree, list) and isinstance(part, int):
        return tree[part]
    return tree.get(part) if isinstance(tree, dict) else None


def _thawed(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_thawed(item) for item in value]
    return {key: _thawed(item) for key, item in value.items()} if isinstance(value, dict) else value
