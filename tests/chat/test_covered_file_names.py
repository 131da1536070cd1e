"""Numbers of persons in the names of files: covered on every way out as those in the text are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from chat import queries
from chat.attachments import MessageFileKeeper
from chat.models import Message
from chat.policies import MESSAGE_FILES
from chat.presenters import view_conversation
from chat.presenters.acts import packets_of
from chat.presenters.search import view_results
from chat.queries.search import Sought, search_messages
from chat.queries.words import read_words
from chat.services.files import FilesSent, post_with_files
from chat.services.numbers import reveal_numbers
from registry_core.access.actors import Actor
from registry_core.db import new_id
from registry_core.files import policies, services
from registry_core.files.queries import open_file
from tests.chat.conftest import Talk
from tests.registry_core.files.conftest import send as send_pieces
from tests.registry_core.files.conftest import shelved
from tests.registry_core.files.samples import PDF

MOBILE = "13800138000"
NAME, COVERED = f"学生 {MOBILE}.pdf", "学生 138●●●●●●00.pdf"
SCHOOL, HANDLER = "xuexiao_xueji", "xian_jishu"


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path) -> Iterator[None]:
    with shelved(tmp_path / "files"):
        policies.install_file_keepers([MessageFileKeeper()])
        yield


def post(talk: Talk, who: str = HANDLER) -> tuple[Message, UUID]:
    actor = talk.cast.actor(who)
    file = services.keep(talk.session, actor, send_pieces(talk.session, actor, NAME, PDF, use=MESSAGE_FILES))
    sent = FilesSent(talk.id, str(new_id()), "请看附件", [file.id])
    return post_with_files(talk.session, actor, sent)[0], file.id


def packet(talk: Talk, actor: Actor | None) -> tuple[str, bool]:
    page = queries.list_messages(talk.session, talk.cast.actor(SCHOOL), talk.id)
    [made] = packets_of(talk.session, actor, page.lines[-1:])
    return made["files"][0]["name"], made["is_covered"]


def found(session: Session, actor: Actor, words: str) -> list[str]:
    sought = read_words(words)
    rows = view_results(session, actor, sought, search_messages(session, actor, Sought(sought)))
    return ["".join(part.text for part in name) for row in rows for name in row.files]


@pytest.mark.parametrize(("who", "name"), [(HANDLER, NAME), (SCHOOL, COVERED)])
def test_page_packet_and_saved_file_carry_the_name_as_it_may_be_read(talk: Talk, who: str, name: str) -> None:
    _message, file_id = post(talk)
    actor = talk.cast.actor(who)
    shown = view_conversation(talk.session, actor, talk.id, may_write=True).messages[-1]
    assert (shown.files[0].name, shown.is_covered) == (name, name == COVERED)
    assert packet(talk, actor) == (name, name == COVERED)
    assert policies.say_name(talk.session, actor, open_file(talk.session, actor, file_id)) == name


def test_who_works_above_the_sender_reads_the_name(talk: Talk) -> None:
    post(talk, SCHOOL)
    assert packet(talk, talk.cast.actor(HANDLER)) == (NAME, False)


def test_a_room_hears_no_number_in_a_name(talk: Talk) -> None:
    post(talk)
    assert packet(talk, None) == (COVERED, True)


def test_a_covered_name_is_not_found_by_what_is_covered(talk: Talk) -> None:
    post(talk)
    assert found(talk.session, talk.cast.actor(HANDLER), MOBILE) == [NAME]
    assert found(talk.session, talk.cast.actor(SCHOOL), MOBILE) == []
    assert found(talk.session, talk.cast.actor(SCHOOL), "学生") == [COVERED]


def test_a_look_with_a_reason_shows_the_names_and_is_noted(talk: Talk) -> None:
    message, _file_id = post(talk)
    seen = reveal_numbers(talk.session, talk.cast.actor(SCHOOL), talk.id, message.number, reason="回电话")
    assert (seen.body, seen.file_names) == ("请看附件", (NAME,))
    [entry] = [noted.entry for noted in talk.session.info["audit"] if noted.entry.kind == "message"]
    assert "mobile" in str(entry.changes)


def test_a_name_without_numbers_stays_as_it_is(talk: Talk) -> None:
    actor = talk.cast.actor(HANDLER)
    upload = send_pieces(talk.session, actor, "名单2024.pdf", PDF, use=MESSAGE_FILES)
    file = services.keep(talk.session, actor, upload)
    post_with_files(talk.session, actor, FilesSent(talk.id, str(new_id()), "", [file.id]))
    assert packet(talk, talk.cast.actor(SCHOOL)) == ("名单2024.pdf", False)
