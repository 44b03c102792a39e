"""The workspace that the user guide's pictures are of: invented clusters in every stage, on a fixed day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ksf_agreements.loading.municipalities import load_register
from tests.cli.register import Commands
from tests.conftest import copy_workspace
from tests.web.states import commands

SETTINGS = """\
actor = "Kari Koordinator"
trust_roots = "tillit"

[mail]
sender = "klynge@example.no"
sender_name = "KSF Vest"
"""
_FIRST = ("Anne", "Bjørn", "Camilla", "David", "Eli", "Frode", "Grete")


@dataclass(frozen=True, slots=True)
class Pictured:
    """A cluster: its file's stem, and its members' numbers, the motor municipality first."""

    id: str
    name: str
    region: str
    members: tuple[str, ...]
    valid_until: str
    focus_areas: tuple[str, ...] = ("velferdsteknologi", "rekruttering og kompetanse")


NORDHORDLAND = Pictured("nordhordland", "Eksempelklyngen Nordhordland", "vest", ("4631", "4632", "4634"), "2029-12-31")
SUNNHORDLAND = Pictured(
    "sunnhordland", "Eksempelklyngen Sunnhordland", "vest", ("4614", "4613", "4615", "4616", "4617"), "2028-12-31"
)
DALANE = Pictured("dalane", "Eksempelklyngen Dalane", "vest", ("1101", "1111", "1112", "1114"), "2026-12-31")
FOSEN = Pictured("fosen", "Eksempelklyngen Fosen", "midt", ("5057", "5058", "5054"), "2030-12-31", ())
ORKDAL = Pictured("orkdal", "Eksempelklyngen Orkdal", "midt", ("5059", "5055", "5056"), "2029-06-30")


def cluster_text(one: Pictured) -> str:
    """Return its cluster file, with a signatory and a contact person for each member."""
    known = load_register()
    lines = [
        "agreement: ksf-cluster",
        f"name: {one.name}",
        f"region: {one.region}",
        f'motor_municipality: "{one.members[0]}"',
        "members:",
    ]
    for first, number in zip(_FIRST, one.members, strict=False):
        named = known.get(number)
        assert named is not None
        lines += [
            f'  - municipality: "{number}"  # {named.name}',
            f"    signatory: {{name: {first} Eksempel, title: ordfører}}",
            "    foui_contacts:",
            f"      - {{name: {first} Kontakt, title: FoUI-kontakt, email: kontakt@k{number}.example.no}}",
        ]
    lines += [
        "cluster_leader: {name: Lise Leder, title: klyngeleder, email: lise.leder@example.no}",
        "decision_authority: styringsgruppen",
        f"valid_until: {one.valid_until}",
        "resources: {cluster_leader: minimum 50 prosent stilling}",
    ]
    if one.focus_areas:
        lines += ["focus_areas:", *(f"  - {words}" for words in one.focus_areas)]
    return "\n".join(lines) + "\n"


def in_force(ksf: Commands, one: Pictured, issued: str, signed: str) -> None:
    """Let everybody have signed it."""
    ksf.issue(issued, one.id)
    ksf.sign_all(signed, one.members, one.id)


def build(root: Path, issuer: bytes) -> None:
    """Make the workspace, where an issuer of certificates is trusted. `NORDHORDLAND` is made in the pages."""
    copy_workspace(root)
    for file in (root / "clusters").glob("*.yaml"):
        file.unlink()
    (root / "ksf.toml").write_text(SETTINGS, encoding="utf-8")
    everything: Sequence[Pictured] = (SUNNHORDLAND, DALANE, FOSEN, ORKDAL)
    for one in everything:
        (root / "clusters" / f"{one.id}.yaml").write_text(cluster_text(one), encoding="utf-8")
    (root / "tillit").mkdir()
    (root / "tillit" / "utsteder.pem").write_bytes(issuer)
    ksf = commands(root)
    in_force(ksf, SUNNHORDLAND, "2025-01-13", "2025-02-03")
    in_force(ksf, DALANE, "2023-01-09", "2023-02-01")
    ksf.ok("notice", DALANE.id, "--party", "1114", "--received", "2026-02-16")
    ksf.issue("2026-01-26", ORKDAL.id)
    ksf.ok("open-signing", ORKDAL.id, "--on", "2026-01-30")
    ksf.sign("5059", "2026-02-05", cluster=ORKDAL.id)
