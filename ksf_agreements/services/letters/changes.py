"""What an amendment changes: clause by clause, the words that the agreement has and those it gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import NamedTuple

from ksf_agreements.documents.context import AgreementContext, Block
from ksf_agreements.documents.letter_words import LETTER_WORDS
from ksf_agreements.documents.letters import ChangeContext
from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.cluster import Cluster, Language, LocalText
from ksf_agreements.i18n import translator


class Said(NamedTuple):
    """An agreement as it is and as it prints."""

    cluster: Cluster
    printed: AgreementContext
    language: Language


def clause_changes(old: Said, new: Said, kind: AgreementKind) -> tuple[ChangeContext, ...]:
    """Return where ``new`` says something else than ``old`` that all parties must sign, in the order of the clauses.

    What changes without signing again (contacts, focus areas, plans) is no change here, and who the parties are is not
    either: they join by accession and leave by notice.
    """
    return tuple(sorted(_changes(old, new, kind), key=lambda change: [int(part) for part in change.clause.split(".")]))


def _changes(old: Said, new: Said, kind: AgreementKind) -> Iterator[ChangeContext]:
    call = translator(new.language)
    for path, guide in kind.guides.items():
        words = _WORDS.get(path)
        if words is not None and (before := words(old)) != (after := words(new)):
            yield ChangeContext(guide.clause, call(guide.label), before, after)


def _blocks(blocks: tuple[Block, ...]) -> str:
    return "\n".join(f"• {block.text}" if block.bullet else block.text for block in blocks)


def _local(field: str) -> Callable[[Said], str]:
    return lambda said: _blocks(getattr(said.printed.local_text, field))


def _commitments(said: Said) -> str:
    file = said.cluster.annexes.financial_commitments
    return PurePosixPath(file).name if file else ""


def _contributions(said: Said) -> str:
    return LETTER_WORDS[said.language].contributions if said.cluster.contributions_required else ""


_WORDS: Mapping[tuple[str, ...], Callable[[Said], str]] = MappingProxyType(
    {
        ("name",): lambda said: said.printed.name,
        ("region",): lambda said: f"KSF {said.printed.region}",
        ("motor_municipality",): lambda said: said.printed.motor_municipality,
        ("decision_authority",): lambda said: said.printed.decision_authority,
        ("activity_authority",): lambda said: said.printed.activity_authority,
        ("valid_until",): lambda said: said.printed.valid_until,
        ("resources", "cluster_leader"): lambda said: said.printed.resources.cluster_leader,
        ("resources", "foui_contact"): lambda said: said.printed.resources.foui_contact,
        ("contributions_required",): _contributions,
        **{("local_text", field): _local(field) for field in LocalText.model_fields},
        ("annexes", "financial_commitments"): _commitments,
    }
)
"""The words of each field that the agreement prints and that all parties must sign."""
