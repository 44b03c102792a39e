"""What came back in the dossier: what it is called follows what was recorded of it, not the order it came in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.archive.test_arkivmelding import SPACES, parsed, schema, values
from tests.archive.test_verify_dossier import verified
from tests.cli.register import Commands
from tests.conftest import Ran
from tests.scans.paper import Sheet, printed
from tests.scans.scanner import as_tiff
from tests.signed.sending import CLUSTER, PARTIES, send, trust, write_cluster
from tests.signed.signing import issuer, person, sign


@pytest.fixture
def commands(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    for file in (workspace / "clusters").glob("*.yaml"):
        file.unlink()
    write_cluster(workspace)
    trust(workspace, issuer().pem)
    return Commands(ksf, workspace)


@pytest.mark.usefixtures("shared_converter")
def test_a_file_that_came_in_and_was_signed_is_called_signed_by_all_who_signed_in_it(
    commands: Commands, tmp_path: Path
) -> None:
    sent = send(commands)
    inbox = tmp_path / "innboks"
    inbox.mkdir()
    scan, stranger = inbox / "skann.tif", inbox / "ukjent.pdf"
    scan.write_bytes(as_tiff([printed(Sheet(sent.document_id, 1, 3, signature=True))]))
    stranger.write_bytes(sign(sent.bundle, person("Ola Annen")))
    commands.ok("intake", inbox)  # events 3 and 4
    for party in PARTIES:
        commands.sign(party, "2026-02-03", "--file", str(scan), cluster=CLUSTER)  # events 5 and 6
    commands.ok("archive", CLUSTER, "--out", tmp_path / "arkiv")
    (folder,) = (tmp_path / "arkiv").iterdir()
    files = {one["path"]: one for one in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]}
    assert titles(files) == {
        "versjon-1/signert-005.tif": "Signert eksemplar, 4601 Bergen, 4631 Alver",
        "versjon-1/mottatt-004.pdf": "Mottatt fil",
    }
    assert files["versjon-1/signert-005.tif"]["events"] == [5, 6, 3]
    assert verified(folder).returncode == 0
    # An electronic signature of which nobody has recorded anything is no signed variant of the agreement.
    schema().assertValid(parsed(folder))
    main = parsed(folder).find(".//a:dokumentbeskrivelse", SPACES)
    assert "versjon-1/mottatt-004.pdf" not in values(main, "a:dokumentobjekt/a:referanseDokumentfil")


def titles(files: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The titles of what came back, by path."""
    return {path: one["title"] for path, one in files.items() if "/signert" in path or "/mottatt" in path}
