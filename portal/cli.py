"""The command line inside the environment, where `./desk NAME` ends up: one module of `portal.commands` a command."""

import importlib
import sys

import click

from portal.bootstrap import COMMANDS
from portal.commands.console import tell_fault
from portal.config import SettingsFault
from portal.servers.errors import ServerFailed
from registry_core.errors import DomainError


class CommandGroup(click.Group):
    """Loads only the module of the command that was asked for, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the list."""
        del ctx
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command `portal.commands.<name>.command`."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"portal.commands.{cmd_name}").command
        return command if isinstance(command, click.Command) else None


@click.group(cls=CommandGroup, name="desk")
def cli() -> None:
    """学籍服务台 · Xueji Desk."""


def main() -> int:
    """Run the command line; faults and refusals become a message instead of a trace."""
    try:
        cli(prog_name="./desk")
    except (ServerFailed, SettingsFault) as fault:
        tell_fault(str(fault))
        return 1
    except DomainError as refusal:
        tell_fault(refusal.text)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
