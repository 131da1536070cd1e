"""A child process that ends with its parent, or is found and ended by the next start."""

import importlib.util
import json
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import psutil

from portal.servers.errors import ServerFailed

LARGEST_LOG = 5_000_000
SAME_START_SECONDS = 2.0

Stop: TypeAlias = tuple[signal.Signals, float]
TERMINATE: tuple[Stop, ...] = ((signal.SIGTERM, 6.0), (signal.SIGKILL, 5.0))


@dataclass(slots=True)
class Program:
    """A program to run in a folder, where it writes, and how it is asked to stop (signals and seconds to wait).

    `notes` is the folder of the note that tells the next start which process this was; `as_whom` a prefix that changes
    the user. Start it from the main thread: Linux sends the signal of a parent's death when the starting *thread* ends.
    """

    name: str
    command: Sequence[str]
    notes: Path
    log: Path
    folder: Path
    environment: Mapping[str, str] | None = None
    stops: Sequence[Stop] = TERMINATE
    as_whom: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def note(self) -> Path:
        """The file that tells the next start which process this was."""
        return self.notes / f"{self.name}.process"

    @property
    def exit_code(self) -> int | None:
        """The exit code of an ended process, negative for a signal; None while it runs or before its start."""
        return self.process.poll() if self.process else None

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the program in a session of its own, so that Ctrl-C in the terminal reaches only its parent."""
        self.notes.mkdir(parents=True, exist_ok=True)
        trim_log(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.as_whom, *ends_with_parent(self.stops[0][0]), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self.environment,
                start_new_session=True,
            )
        started = psutil.Process(self.process.pid).create_time()
        self.note.write_text(json.dumps({"pid": self.process.pid, "started": started}))

    def stop(self) -> None:
        """Ask it to stop, more firmly each time, and forget it."""
        if self.process is not None:
            for number, seconds in self.stops:
                if self.process.poll() is not None:
                    break
                self.process.send_signal(number)
                try:
                    self.process.wait(seconds)
                except subprocess.TimeoutExpired:
                    continue
        self.note.unlink(missing_ok=True)

    def sweep(self) -> bool:
        """End what a crashed run left behind. Return whether there was something."""
        left_over = self.find_left_over()
        if left_over is not None:
            end_process(left_over, self.stops)
        self.note.unlink(missing_ok=True)
        return left_over is not None

    def find_left_over(self) -> psutil.Process | None:
        """Return the process of the note if it is the same one and still lives."""
        try:
            noted = json.loads(self.note.read_text())
            process = psutil.Process(noted["pid"])
            is_same = abs(process.create_time() - noted["started"]) < SAME_START_SECONDS
            return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
        except (FileNotFoundError, ValueError, KeyError, psutil.Error):
            return None

    def last_lines(self, count: int = 12) -> str:
        """Return the end of its log, indented for the terminal."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"  │ {line}" for line in lines[-count:])


def end_process(process: psutil.Process, stops: Sequence[Stop] = TERMINATE) -> None:
    """End a process that is not a child of this one."""
    for number, seconds in stops:
        try:
            process.send_signal(number)
            process.wait(seconds)
        except psutil.TimeoutExpired:
            continue
        except psutil.NoSuchProcess:
            return
        return


def ends_with_parent(number: signal.Signals) -> list[str]:
    """Return the prefix that has the kernel send the signal when the parent dies, where there is `setpriv` (Linux).

    It stands after a change of user, which would take the wish away again.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, f"--pdeathsig={number.name.removeprefix('SIG')}", "--"] if setpriv else []


def package_folder(name: str) -> Path:
    """Return the folder of an installed package without importing it: what it would do on import is not wanted."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        message = f"缺少 Python 包 {name}，请运行 ./desk up · the Python package {name} is missing"
        raise ServerFailed(message)
    return Path(found.origin).parent


def trim_log(log: Path) -> None:
    """Put a log that has grown large aside; one old one is kept."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(log.suffix + ".old"))
