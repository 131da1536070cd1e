"""PostgreSQL refuses to run as root: find a way to start it as somebody else."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.servers.errors import ServerFailed

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """What to put before a command, and who then has to own its files."""

    prefix: tuple[str, ...]
    owner: int

    def give(self, *paths: Path) -> None:
        """Make the account the owner of the folders and of all that is in them."""
        if os.geteuid() != 0:
            return
        for top in paths:
            for path in (top, *top.rglob("*")):
                if path.lstat().st_uid != self.owner:
                    os.chown(path, self.owner, self.owner, follow_symlinks=False)


def find_account() -> Account:
    """Return how to run a server that refuses root. Raises ServerFailed when root has no way to step down."""
    if os.geteuid() != 0:
        return Account((), os.geteuid())
    for account in ways_down():
        if subprocess.run([*account.prefix, "true"], capture_output=True, check=False).returncode == 0:
            return account
    message = (
        "PostgreSQL 不能以 root 身份运行，这里也不能切换到别的身份。请用普通用户运行 ./desk，或设置 DATABASE_URL · "
        "PostgreSQL refuses root, and root cannot step down here: run ./desk as an ordinary user or set DATABASE_URL"
    )
    raise ServerFailed(message)


def ways_down() -> Iterator[Account]:
    """Yield the ways from root to an ordinary user, the best first.

    In a user namespace the files stay root's and the server sees itself as user 1000. Containers often forbid that;
    there `nobody` runs it, with the right to pass through folders that it does not own where that may be handed on.
    """
    unshare, setpriv = shutil.which("unshare"), shutil.which("setpriv")
    if unshare:
        yield Account((unshare, "--user", "--map-user=1000", "--map-group=1000", "--"), 0)
    if setpriv:
        nobody = (setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        # access(2) forgets the rights of a user who is not root unless "no_setuid_fixup" is set, and initdb asks it.
        rights = ("--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override")
        yield Account((*nobody, *rights, "--"), NOBODY)
        yield Account((*nobody, "--"), NOBODY)
