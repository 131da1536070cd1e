"""`./desk` in a tiny house: the real bootstrap with empty locks, so that nothing is fetched."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.bootstrap import COMMANDS
from portal.preparation import ROOT

pytestmark = pytest.mark.xdist_group("desk")

COPIED = ("desk", "portal/__init__.py", "portal/bootstrap.py", "portal/preparation.py")
CLI = 'import sys, os\nprint("ran", *sys.argv[1:], "in", os.getcwd())\n'


class TinyHouse:
    """A copy of the bootstrap with nothing to install and a command line that only says what it was given."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in COPIED:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        (root / "portal" / "cli.py").write_text(CLI)
        self.lock.parent.mkdir()
        self.lock.write_text("# nothing\n")

    @property
    def lock(self) -> Path:
        return self.root / "locks" / "runtime.txt"

    @property
    def venv(self) -> Path:
        return self.root / "var" / "venv"

    def start(self, *arguments: str, folder: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, self.root / "desk", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder or self.root,
            env={name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))},
        )

    def run(self, *arguments: str, folder: Path | None = None) -> tuple[int, str]:
        process = self.start(*arguments, folder=folder)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyHouse]:
    house = TinyHouse(tmp_path_factory.mktemp("house"))
    code, said = house.run("db", "migrate")
    assert code == 0, said
    assert "Python packages" in said
    assert "ran db migrate" in said
    yield house
    shutil.rmtree(house.root)


def test_desk_alone_lists_its_commands_and_prepares_nothing(tmp_path: Path) -> None:
    house = TinyHouse(tmp_path)
    code, said = house.run()
    assert code == 0
    assert all(f"./desk {command.name}" in said for command in COMMANDS)
    assert not (tmp_path / "var").exists()


def test_an_unknown_command_is_named_and_the_list_shown(tmp_path: Path) -> None:
    code, said = TinyHouse(tmp_path).run("upp")
    assert code == 2
    assert "upp" in said
    assert "./desk up " in said


def test_the_second_run_prepares_nothing(house: TinyHouse) -> None:
    code, said = house.run("db")
    assert code == 0
    assert "Python packages" not in said


def test_a_command_keeps_the_folder_that_it_was_called_from(house: TinyHouse, tmp_path: Path) -> None:
    _, said = house.run("db", folder=tmp_path)
    assert f"in {tmp_path}" in said


def test_a_changed_lock_is_installed_again(house: TinyHouse) -> None:
    house.lock.write_text(house.lock.read_text() + "# still nothing\n")
    assert "Python packages" in house.run("db")[1]
    assert "Python packages" not in house.run("db")[1]


def test_a_lock_that_cannot_be_installed_is_explained_and_mending_it_heals(house: TinyHouse) -> None:
    good = house.lock.read_text()
    house.lock.write_text("click==8.0.0\n")  # without a hash: refused before anything is fetched
    code, said = house.run("db")
    assert code == 1
    assert "require-hashes" in said or "hash" in said
    assert "var/log/setup-python.log" in said
    house.lock.write_text(good)
    assert house.run("db")[0] == 0


def test_a_half_made_environment_is_made_anew(house: TinyHouse) -> None:
    left_over = house.venv / "half"
    left_over.touch()
    (house.root / "var" / "stamps" / "venv.unfinished").touch()
    assert house.run("db")[0] == 0
    assert not left_over.exists()


def test_an_environment_whose_interpreter_is_gone_is_made_anew(house: TinyHouse) -> None:
    (house.venv / "bin" / "python").unlink()
    code, said = house.run("db")
    assert code == 0, said


def test_a_killed_preparation_heals_and_two_at_once_wait_for_one_another(tmp_path: Path) -> None:
    house = TinyHouse(tmp_path)
    killed = house.start("db")
    unfinished = tmp_path / "var" / "stamps" / "venv.unfinished"
    while not unfinished.exists():
        assert killed.poll() is None
        time.sleep(0.01)
    time.sleep(0.3)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    first, second = house.start("db", "first"), house.start("db", "second")
    answers = [process.communicate(timeout=120)[0] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], answers
    assert sum("Python packages" in said for said in answers) == 1
    assert sum("waiting for another" in said for said in answers) == 1


def test_an_old_python_is_told_what_to_install() -> None:
    old = "import shutil, sys; sys.version_info = (3, 9); sys.version = '3.9.2 (old)'; shutil.which = lambda name: None"
    start = f"{old}; import runpy; runpy.run_path({str(ROOT / 'desk')!r}, run_name='__main__')"
    result = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "3.11" in result.stderr
    assert "3.9.2" in result.stderr
