"""``ksf generate``: which documents are made, where, what is left alone, and what is said of it."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest

from ksf_agreements.app import App
from ksf_agreements.resources import template_dir
from tests.conftest import Ran
from tests.factories import cluster, cluster_text

Ksf = Callable[..., Ran]

GOOD = cluster_text(cluster(members=("1103", "1108"), motor_municipality="1103"))
BAD = GOOD.replace('"vest"', '"vset"')
HOST = 'vest:\n  name: Vest\n  host_municipality: "4601"\n'


def put(path: Path, text: str | bytes = GOOD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def made(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def both(name: str) -> list[str]:
    return [f"{name}-kontaktpersoner.docx", f"{name}.docx"]


def text_of(path: Path) -> str:
    document = docx.Document(str(path))

    def paragraphs() -> Iterator[str]:
        for paragraph in document.element.body.iter("{*}p"):
            yield "".join(one.text or "" for one in paragraph.iter("{*}t"))

    return "\n".join(paragraphs())


# --- what is asked for -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("--all", "a.yaml"), ("--draft",)])
def test_files_or_all_must_be_named(words: tuple[str, ...], workspace: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "--lang", "en", "generate", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "Name the cluster files, or use --all for every one of the workspace.\n"


def test_all_makes_every_document_of_the_workspace_in_its_own_folder(workspace: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "--lang", "en", "generate", "--all")
    assert ran.code == 0
    assert made(workspace / "out") == [*both("alle-valg"), *both("helse-omsorg-vest")]
    assert ran.out.endswith("2 clusters done.\n")


def test_all_of_an_empty_workspace_is_told(workspace: Path, ksf: Ksf) -> None:
    for path in (workspace / "clusters").iterdir():
        path.unlink()
    ran = ksf("-w", workspace, "--lang", "en", "generate", "--all")
    assert (ran.code, ran.err) == (2, "The workspace has no cluster files in the folder clusters.\n")


def test_a_file_anywhere_is_generated_with_the_workspace_that_is_named(
    workspace: Path, tmp_path: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "here" / "min klynge.yaml")
    monkeypatch.chdir(tmp_path / "here")
    ran = ksf("-w", workspace, "generate", "min klynge.yaml", "--out", "deep/er")
    assert ran.code == 0
    assert made(tmp_path / "here" / "deep" / "er") == both("min klynge")
    assert not (workspace / "out").exists()


def test_without_a_workspace_nothing_is_generated(
    tmp_path_factory: pytest.TempPathFactory, ksf: Ksf, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("alone")
    put(folder / "a.yaml")
    monkeypatch.chdir(folder)
    ran = ksf("generate", "a.yaml")
    assert ran.code == 2
    assert "ksf init" in ran.err
    assert made(folder) == ["a.yaml"]


def test_missing_files_stop_everything_before_anything_is_written(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "generate", put(tmp_path / "a.yaml"), "x.yaml", "y.yaml", "--out", tmp_path / "out")
    assert ran.code == 2
    assert "x.yaml, y.yaml" in ran.err
    assert not (tmp_path / "out").exists()


# --- what becomes of each --------------------------------------------------------------------------------------------


def test_what_was_written_is_said_and_problems_go_beside_it(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "--lang", "en", "generate", put(tmp_path / "a.yaml"), "--out", tmp_path / "out")
    assert ran.code == 0
    assert ran.out == f"Wrote {tmp_path}/out/a.docx\nWrote {tmp_path}/out/a-kontaktpersoner.docx\n"
    assert ": warning: " in ran.err


def test_a_bad_file_stops_its_own_documents_alone(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    files = [put(tmp_path / "a.yaml"), put(tmp_path / "b.yaml", BAD), put(tmp_path / "c.yaml")]
    ran = ksf("-w", workspace, "--lang", "en", "generate", *files, "--out", tmp_path / "out")
    assert ran.code == 1
    assert made(tmp_path / "out") == [*both("a"), *both("c")]
    assert f"{tmp_path}/b.yaml:4:13: error: " in ran.err
    assert "b: nothing was written (1 error, " in ran.err
    assert ran.out.endswith("2 clusters done, 1 not: b\n")


def test_a_bad_file_leaves_its_older_documents_as_they_were(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    out = tmp_path / "out"
    ksf("-w", workspace, "generate", put(tmp_path / "a.yaml"), "--out", out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert ksf("-w", workspace, "generate", put(tmp_path / "a.yaml", BAD), "--out", out).code == 1
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_other_files_of_the_workspace_do_not_matter(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    clusters = workspace / "clusters"
    put(clusters / "bad.yaml", BAD)
    put(clusters / "latin.yaml", b"\xe5")
    (clusters / "folder.yaml").mkdir()
    (clusters / "lost.yaml").symlink_to("nowhere")
    (clusters / "loop.yaml").symlink_to("loop.yaml")
    (clusters / "zero.yaml").symlink_to("/dev/zero")
    os.mkfifo(clusters / "pipe.yaml")
    ran = ksf("-w", workspace, "generate", clusters / "alle-valg.yaml", "--out", tmp_path / "out")
    assert ran.code == 0
    assert made(tmp_path / "out") == both("alle-valg")
    assert ksf("-w", workspace, "generate", "--all", "--out", tmp_path / "all").code == 1
    assert made(tmp_path / "all") == [*both("alle-valg"), *both("helse-omsorg-vest")]


def test_many_files_are_generated_and_counted(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    files = [put(tmp_path / f"k{number:02d}.yaml") for number in range(12)]
    ran = ksf("-w", workspace, "--lang", "en", "generate", *files, "--out", tmp_path / "out")
    assert ran.code == 0
    assert len(made(tmp_path / "out")) == 24
    assert ran.out.endswith("12 clusters done.\n")


def test_a_workspace_may_be_read_only_where_the_documents_go_elsewhere(
    workspace: Path, tmp_path: Path, ksf: Ksf
) -> None:
    before = sorted(workspace.rglob("*"))
    assert ksf("-w", workspace, "generate", "--all", "--out", tmp_path / "out").code == 0
    assert sorted(workspace.rglob("*")) == before


# --- drafts ----------------------------------------------------------------------------------------------------------


def test_a_draft_prints_its_gaps_and_says_what_is_open(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    file = put(tmp_path / "a.yaml", "agreement: ksf-cluster\nname: klyngen Prøve\n")
    ran = ksf("-w", workspace, "--lang", "en", "generate", file, "--draft", "--out", tmp_path / "out")
    assert ran.code == 0
    said = text_of(tmp_path / "out" / "a.docx")
    assert "(avklares)" in said
    assert "klyngen Prøve" in said
    for field in ("region", "motor_municipality", "members", "decision_authority", "valid_until", "resources"):
        assert f"warning: '{field}" in ran.err, field
    assert "error" not in ran.err


def test_without_the_option_a_gap_is_an_error(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    file = put(tmp_path / "a.yaml", "agreement: ksf-cluster\nname: klyngen Prøve\n")
    assert ksf("-w", workspace, "generate", file, "--out", tmp_path / "out").code == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("slip", [BAD, GOOD.replace('"1108"', '"1180"'), GOOD.replace("Klyngen", "\\u0007")])
def test_a_draft_with_gaps_still_refuses_what_is_wrong(slip: str, workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "generate", put(tmp_path / "a.yaml", slip), "--draft", "--out", tmp_path / "out")
    assert ran.code == 1
    assert not (tmp_path / "out").exists()


def test_a_term_that_is_over_is_a_warning_for_a_draft(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    file = put(tmp_path / "a.yaml", GOOD.replace("2030-12-31", "2026-03-02"))
    ran = ksf("-w", workspace, "generate", file, "--out", tmp_path / "out")
    assert ran.code == 0
    assert "2026-03-02" in ran.err


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a/x.yaml", "b/x.yaml"),
        ("a/x.yaml", "b/X.yaml"),
        ("a/x.yaml", "a/x-kontaktpersoner.yaml"),
        ("a/x.yaml", "a/x.yml"),
    ],
)
def test_files_whose_documents_would_overwrite_each_other_are_refused(
    first: str, second: str, workspace: Path, tmp_path: Path, ksf: Ksf
) -> None:
    files = [put(tmp_path / first), put(tmp_path / second)]
    ran = ksf("-w", workspace, "generate", *files, "--out", tmp_path / "out")
    assert (ran.code, ran.out) == (2, "")
    assert all(str(file) in ran.err for file in files)
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_named_twice_is_generated_once(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    file = put(tmp_path / "a.yaml")
    (tmp_path / "link.yaml").symlink_to(file)
    ran = ksf("-w", workspace, "--lang", "en", "generate", file, file, "--out", tmp_path / "out")
    assert ran.code == 0
    assert ran.out.count("Wrote") == 2


@pytest.mark.parametrize("name", ["æøå på en søndag", "100 % {0} %s", "-rf", "a.b.c", "CON"])
def test_documents_have_their_file_s_name(
    name: str, workspace: Path, tmp_path: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / f"{name}.yaml")
    monkeypatch.chdir(tmp_path)
    assert ksf("-w", workspace, "generate", "--out", "out", "--", f"{name}.yaml").code == 0
    assert made(tmp_path / "out") == sorted(both(name))


def test_a_name_from_a_mac_gives_documents_in_the_common_spelling(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    file = put(tmp_path / f"{unicodedata.normalize('NFD', 'måløy')}.yaml")
    assert ksf("-w", workspace, "generate", file, "--out", tmp_path / "out").code == 0
    assert made(tmp_path / "out") == both(unicodedata.normalize("NFC", "måløy"))


@pytest.mark.parametrize("name", ["a\nb", "a\x07b", "a\udcffb"])
def test_a_name_that_no_document_can_have_is_refused(name: str, workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "generate", put(tmp_path / f"{name}.yaml"), "--out", tmp_path / "out")
    assert ran.code == 1
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_too_long_for_its_documents_is_a_sentence(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    ran = ksf("-w", workspace, "generate", put(tmp_path / f"{'x' * 245}.yaml"), "--out", tmp_path / "out")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert made(tmp_path / "out") == []


# --- where -----------------------------------------------------------------------------------------------------------


def test_an_out_that_is_a_file_is_wrong_usage(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    out = put(tmp_path / "out", "x")
    ran = ksf("-w", workspace, "--lang", "en", "generate", put(tmp_path / "a.yaml"), "--out", out)
    assert (ran.code, ran.out, ran.err) == (2, "", f"{out} is a file, not a folder.\n")
    assert out.read_text() == "x"


@pytest.mark.parametrize("out", ["file/below", "/proc/nowhere", "x" * 300])
def test_an_out_that_cannot_be_made_is_a_sentence(out: str, workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    put(tmp_path / "file", "x")
    ran = ksf("-w", workspace, "generate", put(tmp_path / "a.yaml"), "--out", tmp_path / out)
    assert ran.code == 1
    assert ran.out == ""
    assert "a.docx" in ran.err


def test_a_folder_where_nobody_may_write_is_a_sentence(
    workspace: Path, tmp_path: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    ran = ksf("-w", workspace, "generate", put(tmp_path / "a.yaml"), "--out", tmp_path / "out")
    assert (ran.code, ran.out) == (1, "")
    assert "a.docx" in ran.err
    assert made(tmp_path / "out") == []


def test_a_folder_or_a_pipe_in_a_document_s_place_is_left_alone(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    out = tmp_path / "out"
    (out / "a.docx").mkdir(parents=True)
    os.mkfifo(out / "b.docx")
    for name in ("a", "b"):
        file = put(tmp_path / f"{name}.yaml")
        assert ksf("-w", workspace, "generate", file, "--out", out).code == 1
    assert made(out) == ["a.docx", "b.docx"]


def test_a_cluster_file_is_never_overwritten(workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    """A cluster file may be called .docx, and its documents may go where it lies."""
    file = put(tmp_path / "a.docx")
    assert ksf("-w", workspace, "generate", file, "--out", tmp_path).code == 1
    assert file.read_bytes() == GOOD.encode()


# --- regions and templates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "regions",
    [
        HOST.replace("Vest", "KSF Vest"),
        HOST.replace("4601", "9999"),
        HOST.replace("4601", "1201"),
        HOST + HOST,
        HOST + "  hei: 1\n",
        "vest: [\n",
        "",
    ],
)
def test_no_document_is_made_of_a_region_with_an_error(regions: str, workspace: Path, tmp_path: Path, ksf: Ksf) -> None:
    put(workspace / "regions.yaml", regions)
    ran = ksf("-w", workspace, "generate", put(tmp_path / "a.yaml"), "--out", tmp_path / "out")
    assert ran.code == 1
    assert "regions.yaml:" in ran.err
    assert "a.yaml:4:13: " in ran.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("regions.yaml", HOST + "nord:\n  name: KSF Nord\n"),
        ("ksf.toml", "plan = 3\n"),
        ("ksf.toml", 'plan = "x.pdf"\n'),
    ],
)
def test_a_fault_elsewhere_in_the_workspace_is_told_and_the_document_made(
    name: str, text: str, workspace: Path, tmp_path: Path, ksf: Ksf
) -> None:
    """What was asked for is there and right, so the exit code is 0; `ksf check` is what fails."""
    put(workspace / name, text)
    ran = ksf("-w", workspace, "generate", put(tmp_path / "a.yaml"), "--out", tmp_path / "out")
    assert ran.code == 0
    assert f"{name}:" in ran.err
    assert made(tmp_path / "out") == both("a")
    assert ksf("-w", workspace, "check", tmp_path / "a.yaml").code == 1


def test_a_language_without_a_template_is_a_sentence(
    workspace: Path, tmp_path: Path, ksf: Ksf, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "templates"
    installed.mkdir()
    for path in template_dir().glob("*.nb.docx"):
        (installed / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(App, "templates", property(lambda _: installed))
    files = [put(tmp_path / "a.yaml", GOOD.replace('"nb"', '"nn"')), put(tmp_path / "b.yaml")]
    ran = ksf("-w", workspace, "generate", *files, "--out", tmp_path / "out")
    assert ran.code == 1
    assert "ksf-klyngeavtale.nn.docx" in ran.err
    assert made(tmp_path / "out") == both("b")


def test_a_format_that_is_not_made_is_wrong_usage(workspace: Path, ksf: Ksf) -> None:
    assert ksf("-w", workspace, "generate", "--all", "--format", "odt").code == 2
