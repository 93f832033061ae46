r"""Where a file lies: on a disk of this host, or on somebody else's.

SQLite's write-ahead log needs memory that all its users share, so it works on one host only; on a network file system
the file would be damaged sooner or later, without a word. So such places are refused, in all that builds on this
package, here and nowhere else.

Linux tells in `/proc/self/mountinfo`, macOS in the output of `mount`, Windows by the type of the drive (a path as
`\\server\share` is remote in any case). Where nothing can be learned, or the file system is one that nobody knows,
a place counts as local. Proven on Linux only.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

__all__ = ["mounts_of_mount", "mounts_of_mountinfo", "network_file_system"]

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "afs", "ncpfs", "ncp", "webdav", "davfs", "9p"}
    | {"ceph", "glusterfs", "lustre", "gpfs", "beegfs", "panfs", "pvfs2", "orangefs", "ocfs2", "gfs2", "moosefs"}
    | {"quobyte", "weka", "wekafs", "curvefs", "juicefs", "coda", "acfs", "vmhgfs", "prl_fs", "mfs"}
    | {"sshfs", "s3fs", "rclone", "gcsfuse", "goofys"}
)
"""Types of file systems that several hosts share, or that share a host's folder with a guest."""
_REMOTE_DRIVE = 4


def network_file_system(path: str | os.PathLike[str]) -> str:
    """The type of the network file system that a path lies on, as `nfs4`; empty where it lies on a local one.

    Args:
        path: A file or folder, which need not exist yet; links are followed.
    """
    real = os.path.realpath(path)
    if sys.platform == "win32":
        return _windows(real)
    mounts = mounts_of_mount(_mount_output()) if sys.platform == "darwin" else mounts_of_mountinfo(_mountinfo())
    kind = _kind_at(real, mounts)
    return kind if _is_network(kind) else ""


def mounts_of_mountinfo(text: str) -> list[tuple[str, str]]:
    """Mount points and types of `/proc/self/mountinfo`, the last one of a point being the one on top."""
    found = []
    for line in text.splitlines():
        before, dash, after = line.partition(" - ")
        fields = before.split(" ")
        if dash and len(fields) > 4 and after:
            found.append((_unescaped(fields[4]), after.split(" ")[0]))
    return found


def mounts_of_mount(text: str) -> list[tuple[str, str]]:
    """Mount points and types of what macOS's `mount` prints: `//host/share on /Volumes/x (smbfs, nodev)`."""
    return re.findall(r"^.+? on (/.*) \(([^,)]+)", text, re.MULTILINE)


def _is_network(kind: str) -> bool:
    """Whether a type is one of those; `fuse.sshfs` and `sshfs` are the same."""
    return kind.removeprefix("fuse.") in _NETWORK


def _kind_at(path: str, mounts: Iterable[tuple[str, str]]) -> str:
    """The type of the deepest mount that holds a path; empty if none does."""
    found, depth = "", -1
    for point, kind in mounts:
        base = point.rstrip("/")
        if (path == base or path.startswith(f"{base}/")) and len(base) >= depth:
            found, depth = kind, len(base)
    return found


def _unescaped(text: str) -> str:
    """A path of mountinfo, in which blanks and the like stand as three octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def _mountinfo() -> str:
    try:
        return Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _mount_output() -> str:
    try:
        found = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout


def _windows(path: str) -> str:
    drive = os.path.splitdrive(path)[0]
    if drive.startswith(("\\\\", "//")):
        return "a network share"
    import ctypes

    kind = ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\")  # type: ignore[attr-defined]
    return "a network drive" if kind == _REMOTE_DRIVE else ""
