"""What no committed file may contain: package registry hosts, addresses in locks, paths of this machine."""

import re
import subprocess
from pathlib import Path

from portal.preparation import ROOT

# The brackets keep this very line from being found.
HOSTS = re.compile(rb"[p]ypi\.org|[p]ythonhosted|[r]egistry\.npmjs|[r]egistry\.yarnpkg|[n]pmmirror")
LOCKS = re.compile(r"locks/.*|(.*/)?(package-lock\.json|uv\.lock|pylock.*\.toml)")
LOCKED_ADDRESS = re.compile(rb'"resolved":\s*"\w+://|^[^"]*://', re.MULTILINE)


def find_faults() -> str:
    """Return one line for each file that contains what it may not."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    files = [ROOT / name for name in names.stdout.decode().split("\0") if name]
    faults = [
        f"{path.relative_to(ROOT)}: {fault}" for path in files if path.is_file() for fault in faults_of(path, ROOT)
    ]
    return "\n".join(faults)


def faults_of(path: Path, root: Path) -> list[str]:
    """Return what is wrong with one file."""
    content = path.read_bytes()
    faults = []
    if HOSTS.search(content):
        faults.append("含有软件仓库的主机名 · names the host of a package registry")
    if LOCKS.fullmatch(path.relative_to(root).as_posix()) and LOCKED_ADDRESS.search(content):
        faults.append("锁文件里有网址 · a lock with an address")
    if f"{root}/".encode() in content:
        faults.append("含有本机的路径 · a path of this machine")
    return faults
