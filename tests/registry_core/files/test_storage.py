"""A folder and a service that speaks S3 keep the same promises."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest
from sqlalchemy.orm import Session

from portal.composition import open_storage
from portal.config import Mode, Settings
from registry_core.access.actors import Actor
from registry_core.db import commit, new_id
from registry_core.files import queries, storage, work
from registry_core.files.errors import StorageAway
from registry_core.files.storage import S3
from registry_core.files.work import apart, install_runner
from tests.registry_core.files.conftest import bring, shelved
from tests.registry_core.files.samples import PDF

SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=house/\d{8}/cn-1/s3/aws4_request, SignedHeaders=.*, Signature=\w{64}")


class Request(BaseHTTPRequestHandler):
    """As much of S3 as an object store asks for: put, get, head, delete, list."""

    protocol_version = "HTTP/1.1"

    def _key(self) -> str:
        assert isinstance(self.server, FakeS3)
        if not SIGNED.fullmatch(self.headers.get("Authorization", "")):
            self.server.unsigned += 1
        return unquote(urlsplit(self.path).path).removeprefix("/bucket").lstrip("/")

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    @property
    def objects(self) -> dict[str, bytes]:
        assert isinstance(self.server, FakeS3)
        return self.server.objects

    def do_PUT(self) -> None:
        key = self._key()
        self.objects[key] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, ETag=tag(self.objects[key]))

    def do_GET(self) -> None:
        key = self._key()
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            self._list(query.get("prefix", [""])[0])
        elif key in self.objects:
            self._answer(200, self.objects[key], ETag=tag(self.objects[key]), Last_Modified=now())
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.objects.pop(self._key(), None)
        self._answer(204)

    def do_POST(self) -> None:
        self._key()
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        keys = re.findall(r"<Key>(.*?)</Key>", asked)
        for key in keys:
            self.objects.pop(key, None)
        gone = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def _list(self, prefix: str) -> None:
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<Size>{len(content)}</Size><ETag>{tag(content)}</ETag></Contents>"
            for key, content in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        self._answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode())

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name of the library
        del format, arguments


def tag(content: bytes) -> str:
    return f'"{md5(content, usedforsecurity=False).hexdigest()}"'


def now() -> str:
    return format_datetime(datetime.now(UTC), usegmt=True)


class FakeS3(ThreadingHTTPServer):
    """A service that keeps objects in memory, and counts requests that nobody signed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.objects: dict[str, bytes] = {}
        self.unsigned = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server() -> Iterator[FakeS3]:
    with FakeS3() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Either of the two."""
    with shelved(tmp_path / "files"):
        if request.param == "s3":
            running = request.getfixturevalue("server")
            where = S3("bucket", "desk", running.endpoint, "cn-1", "house", "secret")
            storage.install_storage(partial(storage.open_s3, where))
        yield


@pytest.mark.usefixtures("place")
def test_what_is_written_is_read_and_replaced_and_deleted(tmp_path: Path) -> None:
    key = storage.content_key(new_id())
    storage.write(key, b"first")
    storage.write(key, b"second")
    assert b"".join(storage.read(key)) == b"second"
    whole = tmp_path / "whole"
    whole.write_bytes(bytes(range(256)) * 4_000)
    storage.write(key, whole)
    assert b"".join(storage.read(key)) == whole.read_bytes()
    storage.delete([key, storage.content_key(new_id())])
    with pytest.raises(FileNotFoundError):
        storage.read(key)


@pytest.mark.usefixtures("place")
def test_old_objects_are_listed_by_their_keys() -> None:
    key = storage.content_key(new_id())
    storage.write(key, b"x")
    storage.write(storage.part_key(new_id(), 0), b"y")
    assert storage.list_older(storage.CONTENTS, datetime.now(UTC) + timedelta(minutes=1)) == [key]
    assert storage.list_older(storage.CONTENTS, datetime(2020, 1, 1, tzinfo=UTC)) == []


@pytest.mark.usefixtures("place")
def test_a_file_comes_in_and_out(session: Session, actor: Actor) -> None:
    file = bring(session, actor, "a.pdf", PDF)
    commit(session)
    content = queries.open_file(session, actor, file.id).content
    assert b"".join(storage.read(storage.content_key(content.id))) == PDF


def test_every_request_to_s3_is_signed_and_stays_below_the_prefix(server: FakeS3) -> None:
    settings = Settings(
        database_url="",
        redis_url="",
        secret_key="",
        mode=Mode.DEMONSTRATION,
        files="s3://bucket/a/prefix",
        s3_endpoint=server.endpoint,
        s3_region="cn-1",
        s3_key="house",
        s3_secret="secret",
    )
    with shelved(Path("nowhere")):
        storage.install_storage(partial(open_storage, settings))
        storage.write("contents/x", b"x")
        storage.list_older("contents", datetime.now(UTC))
        assert b"".join(storage.read("contents/x")) == b"x"
    assert list(server.objects) == ["a/prefix/contents/x"]
    assert server.unsigned == 0
    assert "secret" not in repr(settings)


def test_a_service_that_is_away_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "PATIENCE", timedelta(seconds=1))
    with shelved(tmp_path):
        storage.install_storage(partial(storage.open_s3, S3("bucket", "", "http://127.0.0.1:1", "cn-1", "a", "b")))
        with pytest.raises(StorageAway):
            storage.write("contents/x", b"x")


def test_a_folder_is_for_the_houses_own_user_alone(tmp_path: Path) -> None:
    with shelved(tmp_path / "deep" / "files"):
        storage.write("contents/x", b"x")
    assert (tmp_path / "deep" / "files").stat().st_mode & 0o077 == 0


@pytest.fixture
def threads() -> Iterator[list[str]]:
    """Work runs in threads, as in the web process; the names of those that had some to do."""
    names: list[str] = []

    def run(work: Callable[[], object]) -> object:
        results: list[object] = []
        thread = threading.Thread(target=lambda: results.append(work()))
        names.append(thread.name)
        thread.start()
        thread.join()
        return results[0]

    install_runner(run)
    yield names
    work._runners.clear()


def test_work_that_is_done_apart_does_not_go_apart_again(threads: list[str]) -> None:
    assert apart(lambda: apart(lambda: threading.current_thread().name)) == threads[0]
    assert len(threads) == 1


def test_a_refusal_comes_back_from_apart_without_a_word_on_the_error_stream(
    threads: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise StorageAway

    for _time in range(2):
        with pytest.raises(StorageAway):
            apart(refuse)
    assert len(threads) == 2
    assert capsys.readouterr().err == ""
