"""What is measured on: clusters of any size, made from the municipality register, the same for every engine."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ksf_agreements.documents.context import AgreementContext, agreement_context
from ksf_agreements.domain.municipality import Municipality
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.loading.municipalities import load_register
from ksf_agreements.loading.workspace import open_workspace
from ksf_agreements.resources import template_dir

TEMPLATE = template_dir() / "ksf-klyngeavtale.nb.docx"
REGIONS = """\
vest:
  name: Vest
  host_municipality: "4601"
  coordinator: {name: Kari Koordinator, title: regional koordinator, email: kari.koordinator@example.no}
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A cluster with its context, and the template that every engine fills."""

    id: str
    parties: int
    context: AgreementContext
    template: Path = TEMPLATE


def municipalities(count: int, first: int = 0) -> tuple[Municipality, ...]:
    """Return ``count`` municipalities in use, from the ``first`` on, round and round; no two of one name."""
    in_use = load_register().in_use()
    times = Counter(one.name for one in in_use)
    named = [one for one in in_use if times[one.name] == 1]
    return tuple(named[(first + index) % len(named)] for index in range(count))


def cluster_yaml(parties: int, first: int = 0) -> str:
    """Return a cluster file with ``parties`` municipalities, each with a signatory and a contact person."""
    members = municipalities(parties, first)
    lines = [
        "agreement: ksf-cluster",
        f"name: Kunnskapsklyngen Eksempel {first}",
        "region: vest",
        f'motor_municipality: "{members[0].number}"',
        "members:",
    ]
    for number, member in enumerate(members, 1):
        lines += [
            f'  - municipality: "{member.number}"',
            f"    signatory: {{name: Anne Eksempel {number}, title: ordfører}}",
            "    foui_contacts:",
            f"      - name: Bjørn Kontakt {number}",
            "        title: FoUI-kontakt",
            f"        email: kontakt@k{member.number}.example.no",
            f'        phone: "55 00 {number:02} {first:02}"',
        ]
    lines += [
        "cluster_leader: {name: Lise Leder, title: klyngeleder, email: lise.leder@example.no}",
        "decision_authority: styringsgruppen",
        "focus_areas:",
        "  - velferdsteknologi & digital hjemmeoppfølging",
        "  - rekruttering og kompetanse i helse- og omsorgstjenestene",
        "  - forebygging og tidlig innsats <0-6 år>",
        "valid_until: 2099-12-31",
        "resources: {cluster_leader: minimum 50 prosent stilling, foui_contact: minimum 10 prosent stilling}",
    ]
    return "\n".join(lines) + "\n"


def write_workspace(root: Path, clusters: int, parties: int = 10) -> Path:
    """Write a workspace with that many cluster files, and return it."""
    (root / "clusters").mkdir(parents=True)
    (root / "regions.yaml").write_text(REGIONS, encoding="utf-8")
    for number in range(clusters):
        text = cluster_yaml(parties, number * parties)
        (root / "clusters" / f"eksempel-{number:03}.yaml").write_text(text, encoding="utf-8")
    return root


def case(root: Path, parties: int) -> Case:
    """Return the case of one cluster, read from a workspace that is written below ``root``."""
    workspace = open_workspace(write_workspace(root / f"parties-{parties}", 1, parties))
    file = read_cluster(workspace.cluster_paths()[0])
    if file.cluster is None:
        raise ValueError(f"the benchmark's own cluster has problems: {file.problems}")
    context = agreement_context(file.cluster, file.kind, load_register(), workspace.regions)
    return Case(file.id, parties, context)
