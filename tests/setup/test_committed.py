from pathlib import Path

import pytest

from portal.commands.committed import faults_of, find_faults

# Put together here so that this very file holds no host name.
HOST = ".".join(["files", "python" + "hosted", "org"])


def test_no_file_of_the_project_holds_a_registry_host_or_a_path_of_this_machine() -> None:
    assert find_faults() == ""


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("README.md", "see https://example.cn/", 0),
        ("README.md", f"see https://{HOST}/x", 1),
        ("locks/runtime.txt", "a==1 --hash=sha256:00", 0),
        ("locks/runtime.txt", "--index-url https://mirror.example.cn/simple", 1),
        ("package-lock.json", '{"funding": {"url": "https://example.cn"}}', 0),
        ("package-lock.json", '{"resolved": "https://mirror.example.cn/a.tgz"}', 1),
    ],
)
def test_each_kind_of_leak_is_found(tmp_path: Path, name: str, content: str, count: int) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content)
    assert len(faults_of(file, tmp_path)) == count


def test_a_path_of_this_machine_is_found(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text(f"look into {tmp_path}/var")
    assert len(faults_of(file, tmp_path)) == 1
