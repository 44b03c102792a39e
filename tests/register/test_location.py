"""Where a register should not lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from ksf_agreements.register.location import location_warning

MOUNTS = r"""/dev/vda / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/hjem /hjem/felles nfs4 rw 0 0
//server/share /mnt/f\303\245rre\040 cifs rw 0 0
me@host: /mnt/far fuse.sshfs rw 0 0
/dev/vdb /hjem/felles/lokal xfs rw 0 0
drvfs /mnt/c 9p rw 0 0
/dev/a /mnt/twice ext4 rw 0 0
nas:/a /mnt/twice nfs rw 0 0
""".replace(r"\303\245", "å")


def warned(path: str) -> str:
    return str(location_warning(Path(path), lambda: MOUNTS) or "")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/hjem/kari/OneDrive/ksf/register.sqlite", "OneDrive"),
        ("/hjem/kari/OneDrive - Bergen kommune/ksf/register.sqlite", "OneDrive"),
        ("/Users/kari/Library/CloudStorage/OneDrive-Bergen/r.sqlite", "OneDrive"),
        ("/hjem/kari/Dropbox/r.sqlite", "Dropbox"),
        ("/hjem/kari/Dropbox (Privat)/r.sqlite", "Dropbox"),
        ("/hjem/kari/Google Drive/r.sqlite", "Google Drive"),
        ("/Users/kari/Library/CloudStorage/GoogleDrive-kari@example.no/Min disk/r.sqlite", "Google Drive"),
        ("/Users/kari/Library/Mobile Documents/com~apple~CloudDocs/r.sqlite", "iCloud"),
        ("/hjem/kari/iCloudDrive/r.sqlite", "iCloud"),
        ("/hjem/kari/Nextcloud/r.sqlite", "Nextcloud"),
    ],
)
def test_a_synced_folder_is_warned_of_by_name(path: str, name: str) -> None:
    assert f"that {name} syncs" in warned(path)


@pytest.mark.parametrize(
    "path",
    [
        "//server/share/r.sqlite",
        r"\\server\share\r.sqlite",
        "/hjem/felles/ksf/r.sqlite",
        "/mnt/fårre /r.sqlite",
        "/mnt/far/away/r.sqlite",
        "/mnt/c/Users/r.sqlite",
        "/mnt/twice/r.sqlite",
    ],
)
def test_a_network_folder_is_warned_of(path: str) -> None:
    assert "network folder" in warned(path)


@pytest.mark.parametrize(
    "path",
    [
        "/hjem/kari/ksf/register.sqlite",
        "/hjem/felles/lokal/r.sqlite",
        "/hjem/fellesskapet/r.sqlite",
        "/hjem/kari/dropboxes/r.sqlite",
        "/hjem/kari/mailbox/r.sqlite",
        "/hjem/kari/ksf/Dropbox",
    ],
)
def test_an_ordinary_folder_is_not(path: str) -> None:
    assert warned(path) == ""


def test_without_a_list_of_mounts_names_are_looked_at() -> None:
    assert location_warning(Path("/hjem/kari/Dropbox/r.sqlite"), lambda: "") is not None
    assert location_warning(Path("/hjem/kari/r.sqlite"), lambda: "") is None
    location_warning(Path("/hjem/kari/r.sqlite"))
