"""Documents on disk: whole or not at all, both or neither, and never over what somebody has edited."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from ksf_agreements.documents.files import FileState, WriteError, file_state, write_together, write_whole
from ksf_agreements.services.documents.generating import draft
from tests.conftest import ROOT, Ran
from tests.documents.test_render import context_of, templates
from tests.documents.word import BODY, packed, parts
from tests.factories import cluster, cluster_text

OPEN_IN_WORD = "er åpen i Word"
EDITED = "er redigert"


def document(name: str = "Klyngen Eksempel") -> bytes:
    value = cluster(name=name)
    return draft(templates()[0], context_of(value), "klynge", value.language)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- one file --------------------------------------------------------------------------------------------------------


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    target = tmp_path / "ny" / "mappe" / "avtale.docx"
    write_whole(target, b"whole")
    assert target.read_bytes() == b"whole"
    assert names(target.parent) == ["avtale.docx"]


def test_a_file_has_the_rights_that_files_have_here_and_keeps_its_own(tmp_path: Path) -> None:
    target, other = tmp_path / "avtale.docx", tmp_path / "vanlig"
    other.touch()
    write_whole(target, b"one")
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)
    target.chmod(0o640)
    write_whole(target, b"two")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


FAILING: list[tuple[object, str]] = [(os, "fsync"), (Path, "replace"), (Path, "chmod"), (os, "fdopen")]


@pytest.mark.parametrize(("owner", "step"), FAILING, ids=[step for _, step in FAILING])
@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_at_any_step_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, step: str, fault: BaseException
) -> None:
    target = tmp_path / "avtale.docx"
    target.write_bytes(b"old")

    def fail(*_: object, **__: object) -> None:
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(owner, step, fail)
        with pytest.raises(WriteError if isinstance(fault, OSError) else KeyboardInterrupt):
            write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["avtale.docx"]


_WRITER = """
import sys
from pathlib import Path
from ksf_agreements.documents.files import write_whole
target = Path(sys.argv[1])
print("ready", flush=True)
while True:
    for sign in (b"a", b"b"):
        write_whole(target, sign * 300_000)
"""


def test_a_writer_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    target = tmp_path / "avtale.docx"
    target.write_bytes(b"a" * 300_000)
    for turn in range(20):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(target)], stdout=subprocess.PIPE, cwd=ROOT)
        assert writer.stdout is not None
        with writer.stdout:
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(0.002 * turn)
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        left = target.read_bytes()
        assert len(left) == 300_000
        assert left.strip(left[:1]) == b""
    litter = [name for name in names(tmp_path) if name != target.name]
    assert all(name.startswith(".ksf-") and name.endswith(".tmp") for name in litter)
    write_whole(target, b"next")
    assert target.read_bytes() == b"next"


@pytest.mark.parametrize(
    ("name", "lock"),
    [
        ("avtale.docx", "~$avtale.docx"),
        ("klyngen.docx", "~$lyngen.docx"),
        ("avtalene.docx", "~$talene.docx"),
        ("helse-omsorg-vest.docx", "~$lse-omsorg-vest.docx"),
    ],
)
def test_a_file_that_is_open_in_word_is_left_alone(tmp_path: Path, name: str, lock: str) -> None:
    target = tmp_path / name
    target.write_bytes(b"old")
    (tmp_path / lock).touch()
    with pytest.raises(WriteError) as refused:
        write_whole(target, b"new")
    assert "open in Word" in str(refused.value)
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == sorted([name, lock])


# --- what stands there already ---------------------------------------------------------------------------------------


def test_a_generated_file_is_ours_until_somebody_saves_it_in_word(tmp_path: Path) -> None:
    target = tmp_path / "avtale.docx"
    assert file_state(target) is FileState.ABSENT
    target.write_bytes(document())
    assert file_state(target) is FileState.OURS
    opened = docx.Document(str(target))
    opened.paragraphs[0].add_run("!")
    opened.save(str(target))
    assert file_state(target) is FileState.EDITED


def test_a_save_without_a_change_is_an_edit_only_if_a_part_is_another(tmp_path: Path) -> None:
    target = tmp_path / "avtale.docx"
    target.write_bytes(packed(parts(document())))
    assert file_state(target) is FileState.OURS, "packed anew, but every part is the same"


@pytest.mark.parametrize("part", [name for name in parts(document()) if name != "docProps/custom.xml"])
def test_one_byte_more_in_any_part_is_an_edit(tmp_path: Path, part: str) -> None:
    content = parts(document())
    content[part] += b" "
    (tmp_path / "avtale.docx").write_bytes(packed(content))
    assert file_state(tmp_path / "avtale.docx") is FileState.EDITED


def test_a_part_that_is_gone_or_new_or_elsewhere_is_an_edit(tmp_path: Path) -> None:
    content = parts(document())
    target = tmp_path / "avtale.docx"
    gone = {name: data for name, data in content.items() if name != "word/footer1.xml"}
    renamed = {name.replace("footer1", "footer2"): data for name, data in content.items()}
    no_digest = {name: data for name, data in content.items() if name != "docProps/custom.xml"}
    for changed in (gone, {**content, "word/comments.xml": b"<x/>"}, renamed, no_digest):
        target.write_bytes(packed(changed))
        assert file_state(target) is FileState.EDITED


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"Just notes", b"PK\5\6" + bytes(18), document()[:-30]])
def test_anything_else_is_somebodys(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "avtale.docx").write_bytes(data)
    assert file_state(tmp_path / "avtale.docx") is FileState.EDITED


def test_a_folder_or_a_pipe_in_the_documents_place_is_somebodys(tmp_path: Path) -> None:
    (tmp_path / "avtale.docx").mkdir()
    assert file_state(tmp_path / "avtale.docx") is FileState.EDITED
    os.mkfifo(tmp_path / "pipe.docx")
    assert file_state(tmp_path / "pipe.docx") is FileState.EDITED


@pytest.mark.parametrize("step", ["exists", "open"])
def test_what_cannot_be_read_is_told_and_not_called_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    (tmp_path / "avtale.docx").write_bytes(document())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, step, refuse)
    with pytest.raises(WriteError):
        file_state(tmp_path / "avtale.docx")


# --- both or neither -------------------------------------------------------------------------------------------------


def test_two_files_are_written_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, fresh = (tmp_path / name for name in ("a.docx", "b.docx", "c.docx"))
    first.write_bytes(b"old a")
    second.write_bytes(b"old b")
    replace = Path.replace

    def fail_for_the_last(self: Path, target: Path) -> Path:
        if target == second:
            raise OSError(errno.EIO, "Input/output error")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail_for_the_last)
        with pytest.raises(WriteError, match=r"b\.docx"):
            write_together([(first, b"new a"), (fresh, b"new c"), (second, b"new b")])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.docx": b"old a", "b.docx": b"old b"}
    write_together([(first, b"new a"), (second, b"new b")])
    assert (first.read_bytes(), second.read_bytes()) == (b"new a", b"new b")
    assert names(tmp_path) == ["a.docx", "b.docx"]


# --- as a person meets it --------------------------------------------------------------------------------------------

Ksf = Callable[..., Ran]


@pytest.fixture
def generate(ksf: Ksf, workspace: Path) -> Callable[..., Ran]:
    """Generate the small cluster 'liten' of a workspace."""
    (workspace / "clusters" / "liten.yaml").write_text(cluster_text(cluster()), encoding="utf-8")

    def run(*options: str, name: str | None = None) -> Ran:
        if name is not None:
            (workspace / "clusters" / "liten.yaml").write_text(cluster_text(cluster(name=name)), encoding="utf-8")
        return ksf("-w", workspace, "generate", workspace / "clusters" / "liten.yaml", *options)

    return run


PAIR = ["liten-kontaktpersoner.docx", "liten.docx"]


def test_a_cluster_gives_two_documents_and_says_where(generate: Callable[..., Ran], workspace: Path) -> None:
    code, out, _ = generate()
    assert (code, names(workspace / "out")) == (0, PAIR)
    for name in PAIR:
        assert str(workspace / "out" / name) in out


def test_generating_again_replaces_what_nobody_touched(generate: Callable[..., Ran], workspace: Path) -> None:
    generate()
    before = (workspace / "out" / "liten.docx").read_bytes()
    assert generate().code == 0
    assert (workspace / "out" / "liten.docx").read_bytes() == before
    assert generate(name="Et nytt navn").code == 0
    assert (workspace / "out" / "liten.docx").read_bytes() != before


@pytest.mark.parametrize("edited", PAIR)
@pytest.mark.parametrize("how", ["saved in Word", "a foreign file"])
def test_an_edited_or_foreign_file_keeps_the_whole_pair_unless_forced(
    generate: Callable[..., Ran], workspace: Path, edited: str, how: str
) -> None:
    generate()
    target = workspace / "out" / edited
    if how == "saved in Word":
        opened = docx.Document(str(target))
        opened.add_paragraph("Etterpå")
        opened.save(str(target))
    else:
        target.write_bytes(b"notater")
    before = {name: (workspace / "out" / name).read_bytes() for name in PAIR}
    code, out, err = generate(name="Et nytt navn")
    assert code == 1
    assert edited in err
    assert EDITED in err
    assert "--force" in err
    assert "Traceback" not in err
    assert out == ""
    assert {name: (workspace / "out" / name).read_bytes() for name in PAIR} == before
    assert generate("--force", name="Et nytt navn").code == 0
    for name in PAIR:
        assert file_state(workspace / "out" / name) is FileState.OURS
        assert b"Et nytt navn" in parts((workspace / "out" / name).read_bytes())["docProps/core.xml"]


@pytest.mark.parametrize("lock", ["~$liten.docx", "~$ten-kontaktpersoner.docx"])
@pytest.mark.parametrize("options", [(), ("--force",)])
def test_a_document_that_is_open_in_word_keeps_the_whole_pair(
    generate: Callable[..., Ran], workspace: Path, lock: str, options: tuple[str, ...]
) -> None:
    generate()
    before = {name: (workspace / "out" / name).read_bytes() for name in PAIR}
    (workspace / "out" / lock).touch()
    code, out, err = generate(*options, name="Et nytt navn")
    assert code == 1
    assert OPEN_IN_WORD in err
    assert out == ""
    assert {name: (workspace / "out" / name).read_bytes() for name in PAIR} == before
    assert names(workspace / "out") == sorted([*PAIR, lock])
    (workspace / "out" / lock).unlink()
    assert generate(name="Et nytt navn").code == 0


def test_where_the_second_document_cannot_be_written_the_first_is_not_either(
    generate: Callable[..., Ran], workspace: Path
) -> None:
    (workspace / "out" / "liten-kontaktpersoner.docx" / "en mappe").mkdir(parents=True)
    for options in ((), ("--force",)):
        code, out, err = generate(*options)
        assert code == 1
        assert "liten-kontaktpersoner.docx" in err
        assert "Traceback" not in err
        assert out == ""
        assert names(workspace / "out") == ["liten-kontaktpersoner.docx"]


def test_a_folder_that_may_not_be_written_gives_a_sentence(
    generate: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    code, out, err = generate()
    assert code == 1
    assert "liten.docx" in err
    assert "Traceback" not in err
    assert out == ""


def test_a_full_disk_gives_a_sentence_with_the_reason(
    generate: Callable[..., Ran], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    code, _, err = generate()
    assert code == 1
    assert "No space left on device" in err
    assert names(workspace / "out") == []


def test_an_out_that_lies_below_a_file_gives_a_sentence(generate: Callable[..., Ran], workspace: Path) -> None:
    code, _, err = generate("--out", str(workspace / "ksf.toml" / "under"))
    assert code in {1, 2}
    assert err.strip()
    assert "Traceback" not in err


def test_a_name_that_is_too_long_for_the_disk_gives_a_sentence(ksf: Ksf, workspace: Path) -> None:
    file = workspace / "clusters" / f"{'x' * 245}.yaml"
    file.write_text(cluster_text(cluster()), encoding="utf-8")
    code, _, err = ksf("-w", workspace, "generate", file)
    assert code == 1
    assert "Traceback" not in err
    assert not (workspace / "out").exists() or names(workspace / "out") == []


def test_for_a_file_with_errors_nothing_is_written(ksf: Ksf, workspace: Path) -> None:
    good, bad = workspace / "clusters" / "god.yaml", workspace / "clusters" / "feil.yaml"
    good.write_text(cluster_text(cluster()), encoding="utf-8")
    bad.write_text(cluster_text(cluster(members=("4631", "4627"))), encoding="utf-8")
    code, out, err = ksf("-w", workspace, "generate", good, bad)
    assert code == 1
    assert f"{bad}:" in err
    assert names(workspace / "out") == ["god-kontaktpersoner.docx", "god.docx"]
    assert "god.docx" in out


def test_the_stem_of_a_cluster_file_may_have_any_sign(ksf: Ksf, workspace: Path) -> None:
    file = workspace / "clusters" / "å & <b> \"{{ x }}\" 'Sápmi'.yaml"
    file.write_text(cluster_text(cluster()), encoding="utf-8")
    assert ksf("-w", workspace, "generate", file).code == 0
    target = workspace / "out" / f"{file.stem}.docx"
    assert file_state(target) is FileState.OURS
    assert BODY in parts(target.read_bytes())
    assert ksf("-w", workspace, "generate", file).code == 0
