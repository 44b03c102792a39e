"""A workspace on disk: where it is found, its regions, its files, and everything that can be odd about them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from ksf_agreements.domain.cluster import Annexes
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.loading.files import identity, is_file, is_folder, read_bounded
from ksf_agreements.loading.workspace import Workspace, find_root, open_workspace
from ksf_agreements.services.clusters.checking import Checker
from tests.factories import TODAY, cluster, cluster_text, register

VEST = 'vest:\n  name: Vest\n  host_municipality: "4601"\n'


def with_regions(root: Path, text: str | bytes) -> Workspace:
    (root / "regions.yaml").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return open_workspace(root)


# --- where it is -----------------------------------------------------------------------------------------------------


def test_the_nearest_folder_with_the_marks_of_a_workspace_is_taken(workspace: Path) -> None:
    inner = workspace / "clusters" / "deep" / "deeper"
    inner.mkdir(parents=True)
    assert find_root("", inner) == workspace
    (inner / "ksf.toml").write_text("")
    assert find_root("", inner) == inner


def test_a_folder_that_is_named_is_not_looked_for_above(workspace: Path, tmp_path: Path) -> None:
    assert find_root(str(workspace), tmp_path) == workspace
    inner = workspace / "annexes"
    with pytest.raises(UsageError, match="is no workspace"):
        find_root(str(inner), workspace)


def test_a_workspace_without_regions_is_one_where_it_has_clusters(tmp_path: Path) -> None:
    (tmp_path / "clusters").mkdir()
    assert find_root(str(tmp_path), tmp_path) == tmp_path


@pytest.mark.parametrize("name", ["nowhere", "x" * 5000, "nul\0"])
def test_a_folder_that_is_not_there_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        find_root(str(tmp_path / name), tmp_path)


def test_a_file_is_no_workspace(workspace: Path) -> None:
    with pytest.raises(UsageError, match="is a file, not a folder"):
        find_root(str(workspace / "regions.yaml"), workspace)


def test_without_any_workspace_the_way_to_make_one_is_told() -> None:
    with pytest.raises(UsageError, match="ksf init"):
        find_root("", Path("/"))


# --- regions ---------------------------------------------------------------------------------------------------------


def test_the_sample_workspace_has_no_problem(workspace: Path) -> None:
    opened = open_workspace(workspace)
    assert opened.problems == ()
    assert list(opened.regions) == ["vest", "midt"]


@pytest.mark.parametrize(
    ("text", "code", "line", "path"),
    [
        ("", "empty-file", 1, ()),
        ("- vest\n", "not-a-mapping", 1, ()),
        (b"vest: \xe5\n", "not-utf-8", 1, ()),
        ("vest: [\n", "yaml-syntax", 2, ()),
        (VEST + VEST, "duplicate-key", 4, ("vest",)),
        ("vest: Vest\n", "not-a-group", 1, ("vest",)),
        (VEST.replace("Vest", "KSF Vest"), "region-name-with-ksf", 2, ("vest", "name")),
        (VEST.replace('  host_municipality: "4601"\n', ""), "missing", 1, ("vest", "host_municipality")),
        (VEST + "  hei: 1\n", "unknown-key", 4, ("vest", "hei")),
        (VEST + '  counties: ["46", Vestland]\n', "not-a-county-number", 4, ("vest", "counties", 1)),
        (VEST + "  coordinator: {email: x}\n", "not-an-email", 4, ("vest", "coordinator", "email")),
        (VEST.replace('"4601"', "Bergen"), "not-a-municipality-number", 3, ("vest", "host_municipality")),
        (VEST + "nord: &n {}\n", "anchor", 4, ("nord",)),
    ],
)
def test_a_fault_in_regions_yaml_is_told_with_its_place(
    text: str | bytes, code: str, line: int, path: tuple[str, ...], tmp_path: Path
) -> None:
    opened = with_regions(tmp_path, text)
    (found, *_) = [one for one in opened.problems if one.code == code]
    assert (found.line, found.path, found.file) == (line, path, str(tmp_path / "regions.yaml"))
    assert found.is_error


def test_a_region_with_a_fault_is_broken_and_the_others_are_not(tmp_path: Path) -> None:
    opened = with_regions(tmp_path, VEST + "midt:\n  name: Midt\n")
    assert list(opened.regions) == ["vest"]
    assert opened.is_region_broken("midt")
    assert not opened.is_region_broken("vest")


def test_all_regions_are_broken_where_the_file_cannot_be_read(tmp_path: Path) -> None:
    for text in ("vest: [\n", "", b"\xff"):
        assert with_regions(tmp_path, text).is_region_broken("vest")


def test_a_region_that_stands_twice_is_broken_since_nobody_knows_which_is_meant(tmp_path: Path) -> None:
    assert with_regions(tmp_path, VEST + VEST).is_region_broken("vest")


def test_a_key_without_a_value_is_a_region_that_lacks_everything(tmp_path: Path) -> None:
    opened = with_regions(tmp_path, "vest:\n")
    assert [(one.code, one.path[-1]) for one in opened.problems] == [
        ("missing", "name"),
        ("missing", "host_municipality"),
    ]


def test_a_workspace_without_regions_yaml_has_no_regions_and_no_problem(workspace: Path) -> None:
    (workspace / "regions.yaml").unlink()
    opened = open_workspace(workspace)
    assert (dict(opened.regions), opened.problems) == ({}, ())


def test_a_folder_or_a_pipe_called_regions_yaml_is_told(tmp_path: Path) -> None:
    (tmp_path / "regions.yaml").mkdir()
    assert [one.code for one in open_workspace(tmp_path).problems] == ["unreadable"]
    (tmp_path / "regions.yaml").rmdir()
    os.mkfifo(tmp_path / "regions.yaml")
    assert [one.code for one in open_workspace(tmp_path).problems] == ["unreadable"]


@pytest.mark.parametrize(
    ("number", "code", "mend"), [("9999", "unknown-municipality", "ksf"), ("1201", "municipality-not-valid", "4601")]
)
def test_a_host_municipality_must_exist(number: str, code: str, mend: str, tmp_path: Path) -> None:
    opened = with_regions(tmp_path, VEST.replace("4601", number))
    checker = Checker.of(opened, register(), TODAY)
    (found,) = checker.workspace_problems()
    assert (found.code, found.line, found.clause, str(found.label)) == (code, 3, "6", "Host municipality")
    assert mend in str(found.mend)


def test_a_host_municipality_by_name_is_answered_with_its_number(tmp_path: Path) -> None:
    checker = Checker.of(with_regions(tmp_path, VEST.replace('"4601"', "Voss herad")), register(), TODAY)
    (found,) = checker.workspace_problems()
    assert str(found.mend) == 'Write the number: "4621" (Voss herad (Vestland))'


# --- files -----------------------------------------------------------------------------------------------------------


def test_the_cluster_files_are_those_that_end_in_yaml_without_an_editor_s_hidden_ones(workspace: Path) -> None:
    for name in (".#helse.yaml", "._helse.yaml", "~$helse.yaml", "notes.txt", "old.yaml.bak"):
        (workspace / "clusters" / name).write_text("x")
    names = [path.name for path in open_workspace(workspace).cluster_paths()]
    assert names == ["alle-valg.yaml", "helse-omsorg-vest.yaml"]


def test_a_workspace_without_the_folder_has_no_cluster_files(tmp_path: Path) -> None:
    assert with_regions(tmp_path, VEST).cluster_paths() == ()


def annexed(file: str) -> Any:
    return cluster(annexes=Annexes(action_plan=file))


def test_an_annex_is_found_inside_the_workspace_alone(workspace: Path, tmp_path: Path) -> None:
    opened = open_workspace(workspace)
    (tmp_path / "secret.pdf").write_text("x")
    (workspace / "annexes" / "out.pdf").symlink_to(tmp_path / "secret.pdf")
    (workspace / "annexes" / "in.pdf").symlink_to("mandat.docx")
    (workspace / "annexes" / "loop.pdf").symlink_to("loop.pdf")
    (workspace / "annexes" / "lost.pdf").symlink_to("nowhere.pdf")
    (workspace / "annexes" / "folder.pdf").mkdir()
    os.mkfifo(workspace / "annexes" / "pipe.pdf")
    assert opened.find("annexes/in.pdf") == workspace / "annexes" / "in.pdf"
    names = ["out", "loop", "lost", "folder", "pipe", "nowhere", "x" * 400, "a\0b"]
    for file in [*(f"annexes/{name}.pdf" for name in names), "../secret.pdf", str(tmp_path / "secret.pdf")]:
        assert opened.find(file) is None, file
    assert opened.missing_files(annexed("annexes/loop.pdf")) == {"annexes/loop.pdf"}
    assert opened.missing_files(annexed("annexes/mandat.docx")) == frozenset()


@pytest.mark.parametrize(("here", "there"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_an_annex_is_found_in_either_spelling_of_its_letters(here: Any, there: Any, workspace: Path) -> None:
    name = "annexes/Økonomi på Ås å.pdf"
    (workspace / unicodedata.normalize(there, name)).write_text("x")
    assert open_workspace(workspace).find(unicodedata.normalize(here, name)) is not None


def test_a_workspace_that_is_reached_by_a_link_holds_its_annexes(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(workspace)
    assert open_workspace(tmp_path / "link").find("annexes/mandat.docx") is not None


def test_odd_files_are_problems_not_exceptions(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "lost.yaml").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    for path in sorted(tmp_path.iterdir()):
        file = read_cluster(path)
        assert [one.code for one in file.problems] == ["unreadable"], path
        assert (file.cluster, file.problems[0].line, file.problems[0].file) == (None, 1, str(path))


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "a.yaml").write_text("x")
    monkeypatch.setattr(Path, "open", refuse)
    (found,) = read_cluster(tmp_path / "a.yaml").problems
    assert (found.code, str(found.message)) == ("unreadable", "you may not read this file")


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\x07b", "a\x1bb", "a\u202eb", "a\udcffb"])
def test_a_file_whose_name_no_document_can_have_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(cluster_text(cluster()), encoding="utf-8")
    file = read_cluster(path)
    assert [one.code for one in file.problems] == ["file-name"]
    assert file.cluster is None


@pytest.mark.parametrize("name", ["æøå", "100 % {0} %s", "-rf", "a.b", "с", "' or 1"])
def test_a_file_may_have_an_odd_name_that_documents_can_have_too(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(cluster_text(cluster()), encoding="utf-8")
    file = read_cluster(path)
    assert (file.id, file.problems) == (name, ())


def test_a_cluster_s_id_has_one_spelling(tmp_path: Path) -> None:
    path = tmp_path / f"{unicodedata.normalize('NFD', 'måløy')}.yaml"
    path.write_text(cluster_text(cluster()), encoding="utf-8")
    assert read_cluster(path).id == unicodedata.normalize("NFC", "måløy")


def test_a_line_is_quoted_from_the_file_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# x\nagreement: ksf-cluster\nname: 'x\n", encoding="utf-8")
    (found,) = read_cluster(tmp_path / "a.yaml", "shown.yaml").problems
    assert (found.file, found.line) == ("shown.yaml", 3)


def test_small_helpers_never_raise(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "loop", tmp_path / ("x" * 5000), tmp_path / "a\0b", tmp_path / "nowhere"):
        assert not is_file(path)
        assert not is_folder(path)
    assert identity(tmp_path / "loop")
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").symlink_to("a")
    assert identity(tmp_path / "a") == identity(tmp_path / "b")
    assert read_bounded(tmp_path / "a", 3) == b"1234"


# --- other clusters --------------------------------------------------------------------------------------------------


def test_a_party_of_another_active_cluster_is_known_and_a_broken_file_does_not_matter(workspace: Path) -> None:
    (workspace / "clusters" / "broken.yaml").write_bytes(b"\xff: [")
    (workspace / "clusters" / "loop.yaml").symlink_to("loop.yaml")
    (workspace / "clusters" / "over.yaml").write_text(
        cluster_text(cluster(members=("0301", "3301"), valid_until=TODAY.replace(year=2020))), encoding="utf-8"
    )
    checker = Checker.of(open_workspace(workspace), register(), TODAY)
    assert checker.memberships["4601"] == ("helse-omsorg-vest",)
    assert "0301" not in checker.memberships


def test_files_that_were_read_are_not_read_again(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_workspace(workspace)
    files = tuple(read_cluster(path) for path in opened.cluster_paths())
    asked: list[Path] = []
    monkeypatch.setattr("ksf_agreements.services.clusters.checking.read_cluster", asked.append)
    Checker.of(opened, register(), TODAY, files)
    assert asked == []
