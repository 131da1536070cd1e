"""Where `./desk` begins, with the standard library only: prepare what the command needs, then become `portal.cli`."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from portal import preparation
from portal.preparation import BUILD, ROOT, VENV, VENV_PYTHON


@dataclass(frozen=True, slots=True)
class Command:
    """A command of `./desk`, and what has to be prepared before it may run."""

    name: str
    chinese: str
    english: str
    develops: bool = False
    builds: bool = False


COMMANDS = (
    Command("up", "启动学籍服务台（第一次会自动装好一切）", "set everything up and start", builds=True),
    Command("test", "运行全部测试，包括浏览器流程", "run all tests, browsers included", develops=True, builds=True),
    Command("lint", "检查代码风格、类型与架构", "check style, types and architecture", develops=True, builds=True),
    Command("bench", "测量性能，例如 ./desk bench chat", "measure, e.g. ./desk bench chat", develops=True, builds=True),
    Command("demo", "清空并重新装入演示数据", "empty and load the demonstration data anew"),
    Command("db", "数据库：migrate、load-regions、add-unit、reset、shell", "look after the database"),
    Command("admin", "管理员：first 开通第一位超级管理员", "administrators: open the first one's account"),
    Command("audit", "审计记录：verify 核对、publish 公布链首", "the audit trail: check it, publish its heads"),
    Command("doctor", "检查运行环境，并说明怎样修复", "check this machine and say how to mend it"),
    Command(
        "screenshots", "重新生成 docs/screenshots 里的截图", "make docs/screenshots anew", develops=True, builds=True
    ),
)


def main(arguments: list[str]) -> int:
    """Prepare what the command needs and become it; without a command, list the commands."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(list_commands())
        return 0
    command = next((known for known in COMMANDS if known.name == arguments[0]), None)
    if command is None:
        print(f"没有 {arguments[0]} 这个命令 · there is no such command\n\n{list_commands()}", file=sys.stderr)
        return 2
    try:
        prepare(command)
    except preparation.StepFailed as failure:
        print(f"\n✗ {failure}", file=sys.stderr)
        return 1
    except PermissionError as failure:
        print(f"✗ 没有写入 {failure.filename} 的权限：它属于另一个用户 · no right to write there", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已中断，下次运行会接着准备 · interrupted; the next run carries on", file=sys.stderr)
        return 130
    return hand_over(arguments)


def list_commands() -> str:
    """Return the list that `./desk` alone prints."""
    rows = [f"  ./desk {command.name:<12} {command.chinese} · {command.english}" for command in COMMANDS]
    return "\n".join(
        [
            "学籍服务台 · Xueji Desk",
            "",
            *rows,
            "",
            "  ./desk <命令> --help  列出该命令的选项 · lists the options of a command",
        ]
    )


def prepare(command: Command) -> None:
    """Run the steps that the command needs and whose stamps do not hold."""
    with alone():
        preparation.run_if_stale(preparation.python_step(develops=command.develops))
        preparation.run_if_stale(preparation.translations_step())
        if command.builds:
            preparation.run_if_stale(preparation.node_step())
            preparation.run_if_stale(preparation.front_end_step())


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock of `var/`, waiting for another `./desk` that is preparing it."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "desk.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("另一个 ./desk 正在准备环境，等它完成 … · waiting for another ./desk to finish preparing", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def hand_over(arguments: list[str]) -> NoReturn:
    """Replace this process by the command line inside the environment."""
    os.execve(VENV_PYTHON, [str(VENV_PYTHON), "-m", "portal.cli", *arguments], environment())


def environment() -> dict[str, str]:
    """Return the environment in which the commands and their children run."""
    search = [str(VENV_PYTHON.parent), *preparation.node_directories(), os.environ.get("PATH", "")]
    return {
        **os.environ,
        "PATH": os.pathsep.join(search),
        "PYTHONPATH": str(ROOT),
        "PYTHONSAFEPATH": "1",
        "VIRTUAL_ENV": str(VENV),
    }
