"""The wheel: built without a network, installed beside nothing but its dependencies, used from an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from ksf_agreements.resources import template_dir
from tests.conftest import ROOT

LOCK_FILE = "~$f-klyngeavtale.nb.docx"
SOURCES = (
    "pyproject.toml",
    "hatch_build.py",
    "README.md",
    "LICENSE",
    "ksf_agreements",
    "templates",
    "tests",
    "clusters",
)


def run(*words: str | Path, cwd: Path) -> str:
    """Run a program without the settings of this session, and return what it says."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KSF_", "VIRTUAL_"))}
    clean.update(PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUTF8="1")
    done = subprocess.run(
        [str(word) for word in words], check=False, cwd=cwd, env=clean, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{' '.join(map(str, words))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the sources in which Word has a template open."""
    copy = tmp_path_factory.mktemp("sources")
    ignored = shutil.ignore_patterns("__pycache__", "*.mo", ".*")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        elif (ROOT / name).is_file():
            shutil.copy(ROOT / name, copy / name)
    # git ignores compiled catalogs and lock files, and hatchling goes by that: the first must come along all the same,
    # the second stay out also where no .gitignore says so.
    kept = [line for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if "~$" not in line]
    assert "*.mo" in kept
    (copy / ".gitignore").write_text("\n".join(kept) + "\n", encoding="utf-8")
    for folder in (copy / "templates" / "docx", copy / "ksf_agreements" / "data" / "workspace"):
        (folder / LOCK_FILE).write_bytes(b"\x05Kari")
    (copy / "ksf_agreements" / "locale" / "ksf.pot").write_text("", encoding="utf-8")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", copy / "dist", cwd=copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a fresh venv that borrows the dependencies of the running one."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    binaries = home / ("Scripts" if os.name == "nt" else "bin")
    python = binaries / ("python.exe" if os.name == "nt" else "python")
    own = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip())
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"),
        wheel,
        cwd=home,
    )
    borrowed = sysconfig.get_path("purelib")
    (own / "borrowed.pth").write_text(f"{borrowed}\n", encoding="utf-8")
    return binaries / "ksf"


def test_the_wheel_carries_everything_that_the_program_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for template in template_dir().glob("*.docx"):
        assert f"ksf_agreements/templates/docx/{template.name}" in names
    for part in ("data", "locale", "web/static", "web/templates"):
        for file in (ROOT / "ksf_agreements" / part).rglob("*"):
            if file.is_file() and file.suffix not in {".mo", ".pot", ".pyc"} and not file.name.startswith("."):
                assert str(file.relative_to(ROOT)) in names
    for language in ("nb", "nn"):
        assert f"ksf_agreements/locale/{language}/LC_MESSAGES/ksf.mo" in names
    assert "ksf_agreements/py.typed" in names


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    for name in zipfile.ZipFile(wheel).namelist():
        assert name.startswith(("ksf_agreements/", "ksf_agreements-"))
        assert not name.startswith("ksf_agreements/tests")
        assert "~$" not in name
        assert not name.endswith((".pot", ".pyc", ".tmp"))
        assert "/out/" not in name


def test_the_lock_file_was_there_to_be_left_out(wheel: Path) -> None:
    copy = wheel.parent.parent
    assert len(list(copy.rglob(LOCK_FILE))) == 2
    assert len(list(copy.rglob("*.pot"))) == 1


def test_the_installed_program_is_the_wheels(program: Path, tmp_path: Path) -> None:
    where = "import ksf_agreements, sys; print(ksf_agreements.__file__)"
    told = Path(run(program.with_name("python"), "-c", where, cwd=tmp_path).strip())
    assert told.is_relative_to(program.parent.parent)
    assert not told.is_relative_to(ROOT)


def test_from_an_empty_folder_to_a_finished_agreement(program: Path, tmp_path: Path) -> None:
    run(program, "init", "ws", cwd=tmp_path)
    out = run(program, "-w", "ws", "generate", "--all", cwd=tmp_path)
    written = sorted((tmp_path / "ws" / "out").glob("*.docx"))
    assert len(written) == 2
    assert all(str(file.relative_to(tmp_path)) in out for file in written)
    assert written[0].read_bytes()[:4] == b"PK\3\4"


def test_the_municipality_register_came_along(program: Path, tmp_path: Path) -> None:
    assert "1508  Ålesund kommune" in run(program, "municipalities", "alesund", cwd=tmp_path)


def test_the_templates_came_along(program: Path, tmp_path: Path) -> None:
    listed = run(program, "template", "list", cwd=tmp_path)
    for template in template_dir().glob("*.docx"):
        assert template.name.split(".")[0] in listed


def test_the_web_pages_came_along(program: Path, tmp_path: Path) -> None:
    run(program, "init", "ws", cwd=tmp_path)
    words = [program, "-w", tmp_path / "ws", "web", "--port", "0"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KSF_"))}
    with subprocess.Popen(words, cwd=tmp_path, env=clean, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found
            address = found[0].rstrip("/.")
            page = httpx.get(f"{address}/", trust_env=False)
            assert page.status_code == 200
            assert "<h1" in page.text
            for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
                assert httpx.get(f"{address}{path}", trust_env=False).status_code == 200
        finally:
            server.terminate()


@pytest.mark.parametrize(("language", "words"), [("nb", "Kommandoer"), ("nn", "Kommandoar"), ("en", "Commands")])
def test_the_catalogs_came_along(program: Path, tmp_path: Path, language: str, words: str) -> None:
    assert words in run(program, "--lang", language, "--help", cwd=tmp_path)
