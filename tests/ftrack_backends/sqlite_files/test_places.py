"""Network file systems are told from what the system says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ftrack_backends.sqlite_files import _places, network_file_system

MOUNTINFO = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 0:40 / /mnt/show rw,relatime shared:2 master:1 - nfs4 server:/show rw,vers=4.2
41 40 254:1 / /mnt/show/scratch rw - xfs /dev/sdb1 rw
42 27 0:41 / /mnt/two\040words rw - cifs //server/share rw
43 27 0:42 / /home/ann/remote rw - fuse.sshfs ann@server: rw
44 27 0:43 / /over rw - nfs server:/x rw
45 27 254:2 / /over rw - ext4 /dev/sdc rw
46 27 0:44 / /run/box rw - fuse.fuse-overlayfs box rw
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's table of mounts")
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ann/events.sqlite", ""),
        ("/mnt/show/events.sqlite", "nfs4"),
        ("/mnt/show", "nfs4"),
        ("/mnt/shown/events.sqlite", ""),
        ("/mnt/show/scratch/events.sqlite", ""),
        ("/mnt/two words/events.sqlite", "cifs"),
        ("/home/ann/remote/a/b", "fuse.sshfs"),
        ("/over/events.sqlite", ""),
        ("/run/box/events.sqlite", ""),
    ],
)
def test_the_deepest_and_topmost_mount_counts(path: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file on a share would be damaged, or one on a local disk refused."""
    monkeypatch.setattr(_places, "_mountinfo", lambda: MOUNTINFO)
    assert network_file_system(path) == kind


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's table of mounts")
def test_a_link_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder that is a link to a share would count as local."""
    monkeypatch.setattr(_places, "_mountinfo", lambda: MOUNTINFO)
    (tmp_path / "link").symlink_to("/mnt/show")
    assert network_file_system(tmp_path / "link" / "events.sqlite") == "nfs4"


def test_this_machines_temporary_folder_is_local(tmp_path: Path) -> None:
    """Nothing could be tested here."""
    assert network_file_system(tmp_path) == ""


def test_where_nothing_can_be_learned_a_place_counts_as_local(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container without /proc nothing could be kept."""
    monkeypatch.setattr(_places, "_mountinfo", lambda: "")
    assert network_file_system("/mnt/show/x") == ""
    assert _places.mounts_of_mountinfo("half a line - \n\nnonsense") == []


def test_the_mounts_of_macos_are_read() -> None:
    """A share in /Volumes would count as local."""
    text = (
        "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n"
        "//ann@server/show on /Volumes/show (smbfs, nodev, nosuid, mounted by ann)\n"
        "server:/vol on /Volumes/two words (nfs, nodev)\n"
    )
    assert _places.mounts_of_mount(text) == [
        ("/", "apfs"),
        ("/Volumes/show", "smbfs"),
        ("/Volumes/two words", "nfs"),
    ]
