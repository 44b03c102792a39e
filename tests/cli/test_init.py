"""``ksf init``: a workspace that works at once, and never over somebody's files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from tests.conftest import Ran
from tests.domain.test_schema import as_an_editor_reads

Ksf = Callable[..., Ran]

FILES = ["clusters/cluster.schema.json", "clusters/eksempelklynge.yaml", "ksf.toml", "regions.yaml"]


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_new_workspace_has_its_files_and_says_what_comes_next(tmp_path: Path, ksf: Ksf) -> None:
    ran = ksf("--lang", "en", "init", tmp_path / "min avtale")
    assert (ran.code, ran.err) == (0, "")
    assert files(tmp_path / "min avtale") == FILES
    assert (tmp_path / "min avtale" / "annexes").is_dir()
    for name in FILES:
        assert f"Wrote {tmp_path}/min avtale/{name}\n" in ran.out
    assert "check" in ran.out
    assert "generate --all" in ran.out


def test_the_current_folder_can_become_one(tmp_path: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    assert ksf("init", ".").code == 0
    assert files(tmp_path) == sorted([*FILES, "notes.txt"])
    assert ksf("check").code == 0


def test_a_new_workspace_passes_its_own_check_and_gives_a_document(tmp_path: Path, ksf: Ksf) -> None:
    ksf("init", tmp_path / "ws")
    ran = ksf("-w", tmp_path / "ws", "--lang", "en", "check")
    assert ran.code == 0
    assert "0 errors" in ran.out
    assert ksf("-w", tmp_path / "ws", "generate", "--all").code == 0
    assert (tmp_path / "ws" / "out" / "eksempelklynge.docx").is_file()


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_its_cluster_file_points_at_its_schema_and_is_valid(language: str, tmp_path: Path, ksf: Ksf) -> None:
    ksf("--lang", language, "init", tmp_path / "ws")
    clusters = tmp_path / "ws" / "clusters"
    schema = json.loads((clusters / "cluster.schema.json").read_text(encoding="utf-8"))
    first = (clusters / "eksempelklynge.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=cluster.schema.json"
    jsonschema.Draft202012Validator(schema).validate(as_an_editor_reads(clusters / "eksempelklynge.yaml"))
    assert (clusters / "cluster.schema.json").read_text(encoding="utf-8") == ksf("--lang", language, "schema").out


def test_every_field_that_is_not_in_use_stands_in_a_remark(tmp_path: Path, ksf: Ksf) -> None:
    """What is uncommented is valid too: the remarks are the guide to all optional fields."""
    from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER

    ksf("init", tmp_path / "ws")
    text = (tmp_path / "ws" / "clusters" / "eksempelklynge.yaml").read_text(encoding="utf-8")
    for path in KSF_CLUSTER.guides:
        assert f"{path[-1]}:" in text, path


def test_the_remarks_are_right_when_they_are_taken_into_use(tmp_path: Path, ksf: Ksf) -> None:
    ksf("init", tmp_path / "ws")
    file = tmp_path / "ws" / "clusters" / "eksempelklynge.yaml"
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        bare = line.strip()
        key = bare.removeprefix("# ").split(":")[0]
        in_use = bare.startswith("# ") and ":" in bare and key.replace("_", "").isalpha() and key.islower()
        lines.append(line.replace("# ", "", 1) if in_use or bare.startswith("#  ") else line)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name in ("okonomiske-forpliktelser", "handlingsplan", "mandat"):
        (tmp_path / "ws" / "annexes" / f"{name}.pdf").write_bytes(b"%PDF-1.7\n")
    ran = ksf("-w", tmp_path / "ws", "--lang", "en", "check")
    assert "0 errors" in ran.out, ran.out
    assert "action plan" not in ran.out


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_there_already_stops_it_and_nothing_is_written(name: str, tmp_path: Path, ksf: Ksf) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    ran = ksf("init", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert str(tmp_path / name) in ran.err
    assert files(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_second_time_is_refused_and_names_every_file(tmp_path: Path, ksf: Ksf) -> None:
    ksf("init", tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    ran = ksf("init", tmp_path)
    assert ran.code == 2
    assert all(name in ran.err for name in FILES)
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before


@pytest.mark.parametrize("name", ["", "clusters", "annexes"])
def test_a_file_where_a_folder_should_be_stops_it_and_nothing_is_written(name: str, tmp_path: Path, ksf: Ksf) -> None:
    root = tmp_path / "ws"
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("mine")
    ran = ksf("--lang", "en", "init", root)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"{root / name} is a file, not a folder.\n".replace("/ is", " is")
    assert files(tmp_path) == [str(Path("ws") / name)]


@pytest.mark.parametrize("name", ["/proc/nowhere/ws", "/dev/null/ws", "x" * 300])
def test_a_folder_that_cannot_be_made_is_a_sentence(name: str, tmp_path: Path, ksf: Ksf) -> None:
    ran = ksf("init", tmp_path / name)
    assert ran.code in {2, 3}
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1


def test_a_folder_must_be_named(ksf: Ksf) -> None:
    assert ksf("init").code == 2
