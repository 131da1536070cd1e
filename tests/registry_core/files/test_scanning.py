"""Quarantine: nothing is handed out before clamd has looked, whatever clamd or the line to it does."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry_core import events
from registry_core.access.actors import Actor
from registry_core.audit.verification import stream_entries
from registry_core.db import commit, new_id
from registry_core.files import queries, scanner, services, storage
from registry_core.files.errors import FileInfected, StillQuarantined
from registry_core.files.events import FileKept
from registry_core.files.models import ContentState, FileContent
from registry_core.files.reactions import scan_and_draw
from registry_core.files.scanner import Clamd, ScannerAway
from tests.jobs_house import jobs
from tests.registry_core.files.conftest import USE, bring
from tests.registry_core.files.samples import PDF, TEXT, picture

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
BAD = b"name,note\n" + EICAR + b"\n"


class Line(socketserver.StreamRequestHandler):
    """One connection to clamd, as its manual describes INSTREAM."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, FakeClamd)
        assert self.rfile.read(10) == b"zINSTREAM\0"
        received = b""
        while length := int.from_bytes(self.rfile.read(4), "big"):
            received += self.rfile.read(length)
        server.scanned.append(received)
        self.wfile.write(
            server.answer or (b"stream: Eicar-Signature FOUND\0" if EICAR in received else b"stream: OK\0")
        )


class FakeClamd(socketserver.ThreadingTCPServer):
    """A server that speaks clamd's protocol and knows one virus."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Line)
        self.scanned: list[bytes] = []
        self.answer = b""

    @property
    def clamd(self) -> Clamd:
        return Clamd(f"tcp://127.0.0.1:{self.server_address[1]}")


@pytest.fixture
def server() -> Iterator[FakeClamd]:
    with FakeClamd() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def guarded(actor: Actor, server: FakeClamd) -> Actor:
    """Somebody who brings files to a house with a scanner."""
    scanner.install_scanner(server.clamd)
    return actor


def run_jobs(session: Session) -> None:
    """Do what the worker would do."""
    for content_id in session.scalars(select(FileContent.id)):
        scan_and_draw(session, FileKept(content_id))
    commit(session)


def test_a_clean_file_comes_out_of_quarantine(session: Session, guarded: Actor, server: FakeClamd) -> None:
    file = bring(session, guarded, "a.pdf", PDF)
    with pytest.raises(StillQuarantined):
        queries.open_file(session, guarded, file.id)
    run_jobs(session)
    assert queries.open_file(session, guarded, file.id).content.state is ContentState.CLEAN
    assert server.scanned == [PDF]
    # The job may run twice: nothing is scanned again.
    run_jobs(session)
    assert len(server.scanned) == 1


def test_an_infected_file_is_locked_away_and_its_bytes_are_gone(session: Session, guarded: Actor, folder: Path) -> None:
    file = bring(session, guarded, "a.csv", BAD)
    services.attach(session, guarded, file.id, use=USE)
    run_jobs(session)
    with pytest.raises(FileInfected):
        queries.open_file(session, guarded, file.id)
    assert file.content.finding == "Eicar-Signature"
    assert not any(path.is_file() for path in folder.rglob("*"))
    (found,) = [entry for entry in stream_entries(session) if entry.act == "files.found_infected"]
    assert (found.object_id, found.label) == (str(file.content_id), "Eicar-Signature")
    assert [job["payload"] for job in jobs(session, "VirusFound")] == [{"content_id": str(file.content_id)}]


def test_the_same_virus_is_not_taken_a_second_time(session: Session, guarded: Actor) -> None:
    bring(session, guarded, "a.csv", BAD)
    run_jobs(session)
    with pytest.raises(FileInfected):
        bring(session, guarded, "b.csv", BAD)


def test_a_large_file_reaches_the_scanner_whole(session: Session, guarded: Actor, server: FakeClamd) -> None:
    content = b"a,b\n" * 1_000_000
    bring(session, guarded, "a.csv", content)
    run_jobs(session)
    assert server.scanned == [content]


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR\0", b"stream: OKAY\0", b"UNKNOWN COMMAND\0", b"\0", b"\xff" * 9000]
)
def test_an_answer_that_is_no_verdict_leaves_the_file_in_quarantine(
    session: Session, guarded: Actor, server: FakeClamd, answer: bytes
) -> None:
    server.answer = answer
    file = bring(session, guarded, "a.csv", TEXT)
    with pytest.raises(ScannerAway):
        run_jobs(session)
    with pytest.raises(StillQuarantined):
        queries.open_file(session, guarded, file.id)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.sock"])
def test_while_clamd_is_away_the_file_waits(session: Session, actor: Actor, address: str) -> None:
    scanner.install_scanner(Clamd(address))
    file = bring(session, actor, "a.csv", TEXT)
    with pytest.raises(ScannerAway):
        run_jobs(session)
    with pytest.raises(StillQuarantined):
        queries.open_file(session, actor, file.id)


def test_without_a_scanner_files_are_handed_out_at_once_and_say_so(session: Session, actor: Actor) -> None:
    file = bring(session, actor, "a.csv", TEXT)
    assert queries.open_file(session, actor, file.id).content.state is ContentState.UNSCANNED


def test_where_the_scanner_was_taken_away_nothing_stays_in_quarantine_for_ever(
    session: Session, guarded: Actor
) -> None:
    file = bring(session, guarded, "a.csv", TEXT)
    scanner.install_scanner(None)
    run_jobs(session)
    assert queries.open_file(session, guarded, file.id).content.state is ContentState.UNSCANNED


def test_a_picture_in_quarantine_is_drawn_only_once_it_is_clean(
    session: Session, guarded: Actor, server: FakeClamd
) -> None:
    server.answer = b"busy\0"
    file = bring(session, guarded, "a.png", picture())
    with pytest.raises(ScannerAway):
        run_jobs(session)
    was_drawn = [file.content.has_thumbnail]
    server.answer = b""
    run_jobs(session)
    was_drawn.append(file.content.has_thumbnail)
    assert was_drawn == [False, True]
    assert b"".join(storage.read(storage.thumbnail_key(file.content_id))).startswith(b"RIFF")


def test_each_new_content_gives_the_worker_one_job(session: Session, actor: Actor) -> None:
    for name in ("a.pdf", "b.pdf"):
        bring(session, actor, name, PDF)
    jobs = session.scalars(text("SELECT args FROM procrastinate_jobs WHERE args->>'event' = 'FileKept'")).all()
    assert [events.from_payload(job["event"], job["payload"]) for job in jobs] == [
        FileKept(session.scalars(select(FileContent.id)).one())
    ]


def test_a_job_about_a_content_that_is_gone_does_nothing(session: Session, actor: Actor) -> None:
    del actor
    scan_and_draw(session, FileKept(new_id()))
