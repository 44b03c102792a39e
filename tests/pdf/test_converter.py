"""LibreOffice as a servant: alone, without network, bounded, started anew when it dies, gone at the end."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ksf_agreements.documents.package import Part, Segment, read_package, write_package
from ksf_agreements.errors import KsfError
from ksf_agreements.pdf.converter import ConversionFailed, Converter, Converters, Job, Limits
from ksf_agreements.pdf.office import Office, find_office
from ksf_agreements.pdf.proof import prove
from ksf_agreements.pdf.seal import is_made_of, is_ours
from ksf_agreements.services.documents.converting import convert_from_outside
from ksf_agreements.services.documents.expecting import expected
from tests.pdf.conftest import Printed

NOWHERE = Office(Path("/nowhere/soffice"), Path("/nowhere/python"))
RELS = "word/_rels/document.xml.rels"


@pytest.fixture(scope="module")
def sample(printed: Printed) -> bytes:
    return printed.docx("alle-valg-kontaktpersoner").read_bytes()


def job(docx: bytes) -> Job:
    return Job(docx, expected(docx).title, "nb-NO")


def with_parts(docx: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    parts = read_package(docx)
    change(parts)
    return write_package([Segment.of([Part.of(name, data) for name, data in parts.items()])])


def related(kind: str, target: str, mode: str = "External") -> Callable[[dict[str, bytes]], object]:
    """Add a relationship of the body."""
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    added = f'<Relationship Id="rIdX" Type="{base}/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'

    def change(parts: dict[str, bytes]) -> None:
        parts[RELS] = parts[RELS].replace(b"</Relationships>", added.encode())

    return change


def processes(group: int) -> list[psutil.Process]:
    """Return the living processes of a group."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def sockets(group: int) -> list[Path]:
    """Return the sockets in the file system that the processes of a group have open."""
    found = set()
    for process in processes(group):
        own = {file.readlink().name for file in Path(f"/proc/{process.pid}/fd").iterdir() if file.is_symlink()}
        for line in Path(f"/proc/{process.pid}/net/unix").read_text(encoding="utf-8").splitlines()[1:]:
            _, _, _, _, _, _, inode, *place = line.split()
            found |= {Path(one) for one in place if f"socket:[{inode}]" in own}
    return sorted(found)


def until(done: Callable[[], bool]) -> None:
    """Wait for what will come, however busy the machine is."""
    late = time.monotonic() + 60
    while not done():
        assert time.monotonic() < late
        time.sleep(0.05)


# --- what it may ------------------------------------------------------------------------------------------------------


def test_it_works_alone_in_a_folder_of_its_own_and_leaves_nothing(sample: bytes) -> None:
    with Converter() as converter:
        pdf = converter.convert(sample, title="Kontaktpersoner", language="nb-NO")
        assert pdf.startswith(b"%PDF-")
        assert converter.pid
        assert converter.folder
        group, folder = converter.pid, converter.folder
        running, open_sockets = processes(group), sockets(group)
        assert any("soffice" in one.name() for one in running)
        assert len(open_sockets) == 2
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for one in running:
            assert one.environ()["HOME"] == str(folder)
            assert "KSF_" not in " ".join(one.environ())
    assert processes(group) == []
    assert not folder.exists()
    assert not any(one.exists() for one in open_sockets)


def test_it_has_no_network(sample: bytes, converter: Converter) -> None:
    converter.convert(sample, title="Kontaktpersoner", language="nb-NO")
    if not find_office().isolation:
        assert not os.environ.get("CI"), "CI must be able to take the network away"
        pytest.skip("this system cannot run `unshare -rn`")
    assert converter.pid
    ours = Path("/proc/self/ns/net").readlink()
    running = processes(converter.pid)
    assert running
    for one in running:
        assert Path(f"/proc/{one.pid}/ns/net").readlink() != ours
        assert one.net_connections("inet") == []


def test_the_pdf_is_sealed_and_knows_its_word_document(sample: bytes, printed: Printed) -> None:
    pdf = printed.pdf("alle-valg-kontaktpersoner").read_bytes()
    assert is_ours(pdf)
    assert is_made_of(pdf, sample)
    assert not is_made_of(pdf, sample + b" ")
    assert not is_ours(pdf + b"\n")
    assert not is_ours(pdf.replace(b"Kontakt", b"Kontant"))


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("image", "https://example.no/spor.png"),
        ("image", "file:///etc/passwd"),
        ("attachedTemplate", "//example.no/deling/mal.dotm"),
        ("oleObject", "https://example.no/bok.xlsx"),
        ("subDocument", "https://example.no/del.docx"),
    ],
)
def test_a_document_that_fetches_is_refused_before_libreoffice_sees_it(sample: bytes, kind: str, target: str) -> None:
    hostile = with_parts(sample, related(kind, target))
    with pytest.raises(ConversionFailed, match="fetches something from elsewhere"):
        Converter(NOWHERE).convert(hostile, title="x", language="nb-NO")
    with pytest.raises(ConversionFailed, match="No PDF is made of the document"):
        convert_from_outside(Converter(NOWHERE), hostile, "x")


def test_a_document_with_macros_or_running_fields_is_refused(sample: bytes) -> None:
    macro = with_parts(sample, related("vbaProject", "vbaProject.bin", "Internal"))
    with pytest.raises(ConversionFailed, match="carries macros"):
        convert_from_outside(Converter(NOWHERE), macro, "x")

    def field(parts: dict[str, bytes]) -> None:
        code = b'<w:p><w:fldSimple w:instr=" INCLUDETEXT &quot;/etc/passwd&quot; "/></w:p>'
        parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:sectPr", code + b"<w:sectPr", 1)

    with pytest.raises(ConversionFailed, match="field code INCLUDETEXT is not allowed"):
        convert_from_outside(Converter(NOWHERE), with_parts(sample, field), "x")


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"%PDF-1.6", b"\xd0\xcf\x11\xe0" * 10])
def test_what_is_no_word_document_is_refused(data: bytes) -> None:
    with pytest.raises(ConversionFailed, match="not a readable Word document"):
        Converter(NOWHERE).convert(data, title="x", language="nb-NO")


def test_a_harmless_link_is_converted_and_so_is_a_document_from_outside(converter: Converter, sample: bytes) -> None:
    linked = with_parts(sample, related("hyperlink", "https://www.ks.no/"))
    assert convert_from_outside(converter, linked, "x").startswith(b"%PDF-")


# --- when it dies -----------------------------------------------------------------------------------------------------


@pytest.fixture
def stand_in(tmp_path: Path, converter: Converter) -> Callable[[str], Office]:  # noqa: ARG001 (LibreOffice is needed)
    """Make an office whose python is a script of ours; it writes its process id to the file 'ids' first."""

    def make(script: str) -> Office:
        office = find_office()
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\nF="{tmp_path}"\necho $$ >> "$F/ids"\n{script}\n', encoding="utf-8")
        python.chmod(0o755)
        return Office(office.soffice, python, office.isolation)

    return make


def test_one_that_dies_is_replaced_once(stand_in: Callable[[str], Office], tmp_path: Path, sample: bytes) -> None:
    real = find_office().python
    office = stand_in(f'if mkdir "$F/first" 2>/dev/null; then exit 1; fi\nexec "{real}" "$@"')
    with Converter(office) as converter:
        assert converter.convert(sample, title="x", language="nb-NO").startswith(b"%PDF-")
    assert len((tmp_path / "ids").read_text().split()) == 2


@pytest.mark.parametrize(
    "script", ["exec sleep 600", "exit 1", "echo nonsense; exec sleep 600", "echo '[]'; exec sleep 600"]
)
def test_one_that_hangs_or_dies_twice_is_killed_and_told(
    stand_in: Callable[[str], Office], tmp_path: Path, sample: bytes, script: str
) -> None:
    with (
        Converter(stand_in(script), Limits(starting=0.5)) as converter,
        pytest.raises(ConversionFailed, match=r"tried twice\. The Word document is as it was\."),
    ):
        converter.convert(sample, title="x", language="nb-NO")
    tried = (tmp_path / "ids").read_text().split()
    assert len(tried) <= 2
    assert [one for pid in tried for one in processes(int(pid))] == []


def test_one_that_is_killed_in_between_is_started_anew(sample: bytes) -> None:
    with Converter() as converter:
        assert converter.pid
        first = converter.pid
        os.killpg(first, signal.SIGKILL)
        assert converter.convert(sample, title="x", language="nb-NO").startswith(b"%PDF-")
        assert converter.pid != first


def test_libreoffice_ends_when_whoever_started_it_is_killed(sample: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(sample)
    program = (
        "import sys, time; from pathlib import Path; from ksf_agreements.pdf.converter import Converter\n"
        "with Converter() as one:\n"
        "    one.convert(Path(sys.argv[1]).read_bytes(), title='x', language='nb-NO')\n"
        "    print(one.pid, one.folder, flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "a.docx")], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout
        group, folder = owner.stdout.readline().split()
        assert processes(int(group))
        left = sockets(int(group))
        owner.kill()
    until(lambda: not processes(int(group)) and not any(one.exists() for one in (Path(folder), *left)))


# --- several ----------------------------------------------------------------------------------------------------------


def test_two_work_side_by_side_in_order_and_do_not_disturb_each_other(printed: Printed) -> None:
    names = ["alle-valg", "lang-kontaktpersoner", "helse-omsorg-vest", "alle-valg-kontaktpersoner"] * 2
    jobs: list[Job] = [job(printed.docx(name).read_bytes()) for name in names]
    jobs.insert(3, Job(b"no document", "x", "nb-NO"))
    with Converters(2) as converters:
        made = list(converters.map(jobs))
        assert len({one.folder for one in converters.members}) == 2
    fault = made.pop(3)
    assert isinstance(fault, KsfError)
    for name, pdf in zip(names, made, strict=True):
        assert isinstance(pdf, bytes)
        docx = printed.docx(name).read_bytes()
        assert is_made_of(pdf, docx)
        assert prove(pdf, expected(docx)) == ()
