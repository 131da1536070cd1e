"""Bringing a file: in pieces, after a cut, twice; stored once; attached; cleared out when nobody wants it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.actors import Actor
from registry_core.audit.verification import stream_entries
from registry_core.db import commit, new_id, rollback
from registry_core.errors import Forbidden
from registry_core.files import queries, services, storage
from registry_core.files.errors import (
    DigestDiffers,
    FileNotFound,
    FileRefused,
    FileTooLarge,
    PieceOutOfPlace,
    PieceTooLarge,
    TooManyUploads,
    Unfinished,
    UploadGone,
)
from registry_core.files.limits import ASSUMED, TOPIC, Limits, limits_for
from registry_core.files.models import FileContent, StoredFile
from registry_core.files.services.arriving import MOST_UNFINISHED, PIECE_BYTES, Announced
from registry_core.files.services.clearing import CONTENT_WAITS, STRAY_WAITS, UPLOAD_WAITS
from registry_core.rules.loader import load_packs
from registry_core.rules.models import PackRule
from tests.conftest import Cast
from tests.registry_core.files.conftest import USE, Shelf, bring, send
from tests.registry_core.files.samples import HONEST, PDF, TEXT, picture

LONG = b"a,b\n" * (PIECE_BYTES // 2)
"""Two pieces of CSV."""


def bytes_of(file: StoredFile) -> bytes:
    return b"".join(storage.read(storage.content_key(file.content.id)))


def objects(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", HONEST)
def test_what_honest_people_bring_comes_in_and_out_unchanged(session: Session, actor: Actor, name: str) -> None:
    file = bring(session, actor, name, HONEST[name])
    assert file.name == name
    assert bytes_of(queries.open_file(session, actor, file.id)) == HONEST[name]


def test_a_file_comes_in_pieces(session: Session, actor: Actor, folder: Path) -> None:
    file = bring(session, actor, "long.csv", LONG)
    commit(session)
    assert bytes_of(file) == LONG
    assert objects(folder) == {storage.content_key(file.content.id)}


def test_after_a_cut_the_upload_goes_on_where_it_was(session: Session, actor: Actor) -> None:
    announced = Announced(USE, "long.csv", len(LONG))
    first = services.begin_upload(session, actor, announced)
    services.take_piece(session, actor, first.id, place=0, piece=LONG[:PIECE_BYTES])
    commit(session)
    session.expunge_all()
    again = services.begin_upload(session, actor, announced)
    assert (again.id, again.received) == (first.id, PIECE_BYTES)
    services.take_piece(session, actor, again.id, place=PIECE_BYTES, piece=LONG[PIECE_BYTES:])
    assert bytes_of(services.keep(session, actor, again.id)) == LONG


def test_the_same_piece_twice_changes_nothing_and_another_one_is_refused(session: Session, actor: Actor) -> None:
    upload = services.begin_upload(session, actor, Announced(USE, "long.csv", len(LONG)))
    for _time in range(2):
        services.take_piece(session, actor, upload.id, place=0, piece=LONG[:PIECE_BYTES])
    assert upload.received == PIECE_BYTES
    with pytest.raises(PieceOutOfPlace):
        services.take_piece(session, actor, upload.id, place=0, piece=b"x" * PIECE_BYTES)


@pytest.mark.parametrize(("place", "piece"), [(1, b"ab"), (0, b""), (0, b"four bytes too many"), (10**15, b"ab")])
def test_a_piece_that_does_not_fit_is_refused(session: Session, actor: Actor, place: int, piece: bytes) -> None:
    upload = services.begin_upload(session, actor, Announced(USE, "a.csv", 4))
    with pytest.raises(PieceOutOfPlace):
        services.take_piece(session, actor, upload.id, place=place, piece=piece)


def test_a_piece_larger_than_a_request_may_be_is_refused(session: Session, actor: Actor) -> None:
    upload = services.begin_upload(session, actor, Announced(USE, "long.csv", len(LONG)))
    with pytest.raises(PieceTooLarge):
        services.take_piece(session, actor, upload.id, place=0, piece=LONG[: PIECE_BYTES + 1])


def test_an_upload_is_finished_once_however_often_it_is_asked_for(session: Session, actor: Actor) -> None:
    upload_id = send(session, actor, "a.csv", TEXT)
    first, second = (services.keep(session, actor, upload_id) for _time in range(2))
    assert first.id == second.id
    # A piece that arrives late, after an answer that was lost, does no harm either.
    services.take_piece(session, actor, upload_id, place=0, piece=TEXT)


def test_an_upload_with_pieces_missing_does_not_become_a_file(session: Session, actor: Actor) -> None:
    upload = services.begin_upload(session, actor, Announced(USE, "long.csv", len(LONG)))
    services.take_piece(session, actor, upload.id, place=0, piece=LONG[:PIECE_BYTES])
    with pytest.raises(Unfinished):
        services.keep(session, actor, upload.id)


def test_what_was_damaged_on_the_way_is_noticed(session: Session, actor: Actor) -> None:
    told = hashlib.sha256(TEXT).hexdigest()
    upload = services.begin_upload(session, actor, Announced(USE, "a.csv", len(TEXT), told))
    services.take_piece(session, actor, upload.id, place=0, piece=TEXT.swapcase())
    with pytest.raises(DigestDiffers):
        services.keep(session, actor, upload.id)


def test_an_upload_is_its_owners_alone(session: Session, actor: Actor, colleague: Actor) -> None:
    upload_id = send(session, actor, "a.csv", TEXT)
    for act in (queries.get_upload, services.keep, services.cancel_upload):
        with pytest.raises(UploadGone):
            act(session, colleague, upload_id)
    with pytest.raises(UploadGone):
        services.take_piece(session, colleague, upload_id, place=0, piece=TEXT)


def test_a_cancelled_upload_leaves_nothing(session: Session, actor: Actor, folder: Path) -> None:
    upload_id = send(session, actor, "a.csv", TEXT)
    services.cancel_upload(session, actor, upload_id)
    commit(session)
    assert objects(folder) == set()
    with pytest.raises(UploadGone):
        queries.get_upload(session, actor, upload_id)


def test_one_person_has_so_many_uploads_under_way(session: Session, actor: Actor, colleague: Actor) -> None:
    for number in range(MOST_UNFINISHED):
        services.begin_upload(session, actor, Announced(USE, f"{number}.csv", 4))
    with pytest.raises(TooManyUploads):
        services.begin_upload(session, actor, Announced(USE, "one too many.csv", 4))
    services.begin_upload(session, colleague, Announced(USE, "another's.csv", 4))


def test_wrong_files_do_not_stand_in_the_way_of_right_ones(session: Session, actor: Actor) -> None:
    with clock.frozen(datetime(2026, 9, 1, tzinfo=UTC)) as hands:
        for number in range(MOST_UNFINISHED):
            upload_id = send(session, actor, f"{number}.pdf", TEXT)
            with pytest.raises(FileRefused):
                services.keep(session, actor, upload_id)
        with pytest.raises(TooManyUploads):
            services.begin_upload(session, actor, Announced(USE, "right.csv", 4))
        hands.move(timedelta(seconds=61))
        services.begin_upload(session, actor, Announced(USE, "right.csv", 4))


# ── who may ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_use_that_nobody_answers_for_is_shut(session: Session, actor: Actor) -> None:
    with pytest.raises(FileNotFound):
        services.begin_upload(session, actor, Announced("tests.other", "a.csv", 4))


def test_the_keeper_says_who_may_bring(session: Session, actor: Actor, shelf: Shelf) -> None:
    shelf.is_open = False
    with pytest.raises(Forbidden):
        services.begin_upload(session, actor, Announced(USE, "a.csv", 4))


def test_a_file_is_its_bringers_until_it_is_attached_and_then_the_keeper_says(
    session: Session, actor: Actor, colleague: Actor, outsider: Actor
) -> None:
    file = bring(session, actor, "a.pdf", PDF)
    for other in (colleague, outsider):
        with pytest.raises(FileNotFound):
            queries.open_file(session, other, file.id)
    services.attach(session, actor, file.id, use=USE)
    assert queries.open_file(session, colleague, file.id).id == file.id
    with pytest.raises(FileNotFound):
        queries.open_file(session, outsider, file.id)


def test_nobody_attaches_what_another_has_brought_or_for_another_use(
    session: Session, actor: Actor, colleague: Actor
) -> None:
    file = bring(session, actor, "a.pdf", PDF)
    with pytest.raises(FileNotFound):
        services.attach(session, colleague, file.id, use=USE)
    with pytest.raises(FileNotFound):
        services.attach(session, actor, file.id, use="tests.other")
    with pytest.raises(FileNotFound):
        services.attach(session, actor, new_id(), use=USE)


def test_bringing_and_opening_stand_in_the_trail_without_the_name_of_the_file(
    session: Session, actor: Actor, colleague: Actor
) -> None:
    file = bring(session, actor, "许小满转学证明.pdf", PDF)
    for reader in (actor, colleague):
        services.note_opened(session, reader, file)
    commit(session)
    entries = [entry for entry in stream_entries(session) if entry.kind == "file"]
    assert [(entry.act, entry.account_id) for entry in sorted(entries, key=lambda entry: entry.at)] == [
        ("files.kept", actor.account_id),
        ("files.opened", colleague.account_id),
    ]
    assert "许小满" not in str(entries)


# ── limits ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_rules_the_house_assumes_limits(session: Session, actor: Actor) -> None:
    assert limits_for(session, actor) == ASSUMED


def test_the_rules_of_the_unit_say_how_large_and_of_which_kinds(session: Session, actor: Actor) -> None:
    load_packs(session)
    session.execute(update(PackRule).where(PackRule.topic == TOPIC).values(value={"max_mb": 1, "types": ["pdf"]}))
    assert limits_for(session, actor) == Limits(1_000_000, ("pdf",))
    with pytest.raises(FileTooLarge) as refused:
        services.begin_upload(session, actor, Announced(USE, "a.pdf", 1_000_001))
    assert "1 MB" in refused.value.text
    with pytest.raises(FileRefused):
        services.begin_upload(session, actor, Announced(USE, "a.csv", 4))


def test_a_file_of_just_the_largest_size_may_begin_and_a_byte_more_not(session: Session, actor: Actor) -> None:
    services.begin_upload(session, actor, Announced(USE, "a.csv", ASSUMED.max_bytes))
    with pytest.raises(FileTooLarge, match="too_large") as refused:
        services.begin_upload(session, actor, Announced(USE, "b.csv", ASSUMED.max_bytes + 1))
    assert "20 MB" in refused.value.text


def test_an_empty_file_is_refused_in_words(session: Session, actor: Actor) -> None:
    with pytest.raises(FileRefused) as refused:
        services.begin_upload(session, actor, Announced(USE, "a.csv", 0))
    assert "空的" in refused.value.text


# ── once per content ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_bytes_are_stored_once_under_as_many_names_as_people_give(
    session: Session, actor: Actor, colleague: Actor, folder: Path
) -> None:
    first, second = bring(session, actor, "a.pdf", PDF), bring(session, colleague, "b.pdf", PDF)
    commit(session)
    assert first.content_id == second.content_id
    assert (first.name, second.name) == ("a.pdf", "b.pdf")
    assert objects(folder) == {storage.content_key(first.content_id)}


# ── clearing out ──────────────────────────────────────────────────────────────────────────────────────────────────────


def counts(session: Session) -> tuple[int | None, int | None]:
    files, contents = (select(func.count()).select_from(table) for table in (StoredFile, FileContent))
    return session.scalar(files), session.scalar(contents)


def test_what_nobody_attaches_goes_after_a_day_and_what_somebody_did_stays(
    session: Session, actor: Actor, folder: Path
) -> None:
    with clock.frozen(datetime(2026, 9, 1, tzinfo=UTC)) as hands:
        kept, loose = bring(session, actor, "a.pdf", PDF), bring(session, actor, "b.csv", TEXT)
        services.attach(session, actor, kept.id, use=USE)
        half = services.begin_upload(session, actor, Announced(USE, "long.csv", len(LONG)))
        services.take_piece(session, actor, half.id, place=0, piece=LONG[:PIECE_BYTES])
        commit(session)
        hands.move(UPLOAD_WAITS - timedelta(seconds=1))
        services.clear_out(session)
        commit(session)
        assert counts(session) == (2, 2)
        hands.move(timedelta(seconds=2))
        services.clear_out(session)
        commit(session)
        session.expire_all()
    assert session.scalars(select(StoredFile.id)).all() == [kept.id]
    assert objects(folder) == {storage.content_key(kept.content_id)}
    with pytest.raises(FileNotFound):
        queries.open_file(session, actor, loose.id)
    with pytest.raises(UploadGone):
        queries.get_upload(session, actor, half.id)


def test_a_content_that_another_file_still_has_stays(session: Session, actor: Actor, colleague: Actor) -> None:
    with clock.frozen(datetime(2026, 9, 1, tzinfo=UTC)) as hands:
        bring(session, actor, "a.pdf", PDF)
        kept = bring(session, colleague, "b.pdf", PDF)
        services.attach(session, colleague, kept.id, use=USE)
        hands.move(UPLOAD_WAITS + CONTENT_WAITS + timedelta(seconds=1))
        services.clear_out(session)
        commit(session)
    assert counts(session) == (1, 1)
    assert bytes_of(kept) == PDF


def test_bytes_that_no_row_names_go_after_two_days(session: Session, actor: Actor, folder: Path) -> None:
    kept = bring(session, actor, "a.pdf", PDF)
    bring(session, actor, "undone.csv", TEXT)
    session.commit()
    storage.write(storage.content_key(new_id()), b"left behind by a cut")
    storage.write(storage.part_key(new_id(), 0), b"left behind by a cut")
    (folder / "contents" / "not ours").write_bytes(b"")
    before = len(objects(folder))
    assert services.clear_storage(session) == 0
    with clock.frozen(datetime.now(UTC) + STRAY_WAITS + timedelta(minutes=1)):
        assert services.clear_storage(session) >= 2
    left = objects(folder)
    assert {storage.content_key(kept.content_id), "contents/not ours"} <= left
    assert len(left) < before


def test_what_a_refused_transaction_wrote_is_forgotten_with_it(session: Session, actor: Actor) -> None:
    bring(session, actor, "a.pdf", PDF)
    rollback(session)
    assert counts(session) == (0, 0)


def test_a_picture_knows_its_sides(session: Session, actor: Actor, cast: Cast) -> None:
    del cast
    content = bring(session, actor, "a.png", picture(size=(64, 48))).content
    assert (content.width, content.height) == (64, 48)
