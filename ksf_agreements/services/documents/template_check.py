"""A template from outside looked over: in a bounded child, whose answer is words in the reader's language."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ksf_agreements.bounded import Bounds, run_bounded
from ksf_agreements.documents.installed import original_of
from ksf_agreements.documents.lint import excerpt, lint
from ksf_agreements.documents.package import PackageError, read_package
from ksf_agreements.documents.show import part_name
from ksf_agreements.documents.template import TemplateInfo
from ksf_agreements.i18n import translator
from ksf_agreements.resources import template_dir

_INFO = ("name", "kind", "language", "version", "source")
_BOUNDS = Bounds(seconds=60.0, output=4 * 2**20)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template, in words; `paragraph` is 0 where it stands in no paragraph."""

    message: str
    mend: str
    part: str
    paragraph: int
    text: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """A template that was looked over: what it says of itself, and what is wrong with it."""

    name: str
    kind: str
    language: str
    version: str
    source: str
    faults: tuple[Fault, ...]


def check_template(data: bytes, language: str) -> Checked:
    """Look a template over. Raises `bounded.BoundedError` where that takes too much."""
    said = json.loads(run_bounded(__name__, data, language, bounds=_BOUNDS))
    faults = tuple(Fault(*one) for one in said["faults"])
    return Checked(**dict(zip(_INFO, said["info"], strict=True)), faults=faults)


def main(data: bytes, language: str) -> bytes:
    """Answer in the child."""
    say = translator(language)
    try:
        info = TemplateInfo.of(read_package(data))
        found = lint(data, original_of(data, template_dir()))
    except PackageError as fault:
        told = [(say(fault.message), "", "", 0, "", True)]
        return json.dumps({"info": [""] * 5, "faults": told}).encode()
    faults = []
    for one in found:
        place = one.place
        mend = say(one.mend) if one.mend else ""
        where = (say(part_name(place.part)), place.paragraph, excerpt(place)) if place else ("", 0, "")
        faults.append((say(one.message), mend, *where, one.is_error))
    told_info = [info.name, info.kind, info.language, info.version, info.source]
    return json.dumps({"info": told_info, "faults": faults}).encode()
