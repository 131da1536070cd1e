"""Files of messages: who may bring and open them, what is stored with what, and what goes when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from chat import queries
from chat.attachments import MessageFileKeeper
from chat.errors import ClientIdReused, ConversationNotFound, ConversationReadOnly
from chat.models import MOST_FILES, Message, MessageFile
from chat.policies import MESSAGE_FILES
from chat.presenters import Dress, message_packet, view_conversation
from chat.presenters.files import view_files
from chat.services.files import FilesSent, post_with_files
from registry_core.db import new_id
from registry_core.files import policies, services
from registry_core.files.errors import FileInfected, FileNotFound, StillQuarantined
from registry_core.files.models import ContentState
from registry_core.files.queries import open_file
from tests.chat.conftest import Talk
from tests.registry_core.files.conftest import send as send_pieces
from tests.registry_core.files.conftest import shelved
from tests.registry_core.files.samples import PDF, TEXT, picture

ASKER, ANSWERER, OUTSIDER = "xuexiao_xueji", "xian_jishu", "linsheng_jishu"


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path) -> Iterator[None]:
    with shelved(tmp_path / "files"):
        policies.install_file_keepers([MessageFileKeeper()])
        yield


def bring(talk: Talk, name: str = "截图.png", content: bytes | None = None, who: str = ASKER) -> UUID:
    actor = talk.cast.actor(who)
    upload = send_pieces(talk.session, actor, name, picture("png") if content is None else content, use=MESSAGE_FILES)
    return services.keep(talk.session, actor, upload).id


def post(talk: Talk, *files: UUID, body: str = "", client_id: str = "", who: str = ASKER) -> tuple[Message, bool]:
    sent = FilesSent(talk.id, client_id or str(new_id()), body, files)
    return post_with_files(talk.session, talk.cast.actor(who), sent)


def names(talk: Talk, message: Message) -> list[str]:
    return [file.name for file in queries.read_files(talk.session, [message.id]).get(message.id, [])]


def test_a_message_has_a_text_and_files_in_the_order_chosen(talk: Talk) -> None:
    files = [bring(talk, f"{place}.pdf", PDF) for place in range(MOST_FILES)]
    message, is_new = post(talk, *files, body="请看附件")
    assert is_new
    assert message.body == "请看附件"
    assert names(talk, message) == [f"{place}.pdf" for place in range(MOST_FILES)]


def test_a_message_of_pictures_alone_says_so_in_lists(talk: Talk) -> None:
    assert post(talk, bring(talk))[0].body == "[图片]"
    assert post(talk, bring(talk, "说明.pdf", PDF))[0].body == "[文件]"


def test_who_reads_the_conversation_opens_its_files_and_nobody_else(talk: Talk) -> None:
    file_id = bring(talk)
    with pytest.raises(FileNotFound):
        open_file(talk.session, talk.cast.actor(ANSWERER), file_id)
    post(talk, file_id)
    assert open_file(talk.session, talk.cast.actor(ANSWERER), file_id).id == file_id
    with pytest.raises(FileNotFound):
        open_file(talk.session, talk.cast.actor(OUTSIDER), file_id)


def test_a_file_is_brought_by_its_sender_for_messages_only(talk: Talk) -> None:
    with pytest.raises(FileNotFound):
        post(talk, bring(talk, who=ANSWERER))


def test_a_file_belongs_to_one_message(talk: Talk) -> None:
    file_id = bring(talk)
    post(talk, file_id)
    with pytest.raises(ClientIdReused):
        post(talk, file_id)


def test_sent_twice_it_is_stored_once_even_where_the_files_were_brought_twice(talk: Talk) -> None:
    first, _is_new = post(talk, bring(talk), body="看图", client_id="a")
    again, is_new = post(talk, bring(talk), body="看图", client_id="a")
    assert (again.id, is_new) == (first.id, False)
    assert len(talk.session.scalars(select(MessageFile).where(MessageFile.message_id == first.id)).all()) == 1
    with pytest.raises(ClientIdReused):
        post(talk, bring(talk, "另.pdf", PDF), body="看图", client_id="a")


def test_where_one_may_not_write_nothing_is_sent(talk: Talk) -> None:
    file_id = bring(talk, who="sheng_jishu")
    with pytest.raises((ConversationReadOnly, ConversationNotFound)):
        post(talk, file_id, who="sheng_jishu")
    assert talk.session.scalars(select(MessageFile)).all() == []


def test_an_infected_file_is_not_sent_and_one_found_later_is_shown_shut(talk: Talk) -> None:
    file_id = bring(talk)
    message, _is_new = post(talk, file_id)
    [file] = queries.read_files(talk.session, [message.id])[message.id]
    file.content.state = ContentState.QUARANTINED
    with pytest.raises(StillQuarantined):
        open_file(talk.session, talk.cast.actor(ANSWERER), file_id)
    file.content.state = ContentState.UNSCANNED
    file.content.fail_scan("Eicar", message.sent_at)
    talk.session.flush()
    [shown] = view_files(talk.session, [message.id])[message.id]
    assert (shown.state, shown.is_open) == ("infected", False)
    with pytest.raises(FileInfected):
        open_file(talk.session, talk.cast.actor(ANSWERER), file_id)
    with pytest.raises(FileInfected):
        post(talk, bring(talk))


def test_page_and_packet_carry_the_files(talk: Talk) -> None:
    message, _is_new = post(talk, bring(talk, "名单.txt", TEXT), body="名单")
    view = view_conversation(talk.session, talk.cast.actor(ANSWERER), talk.id, may_write=True)
    assert [file.name for file in view.messages[-1].files] == ["名单.txt"]
    page = queries.list_messages(talk.session, talk.cast.actor(ANSWERER), talk.id, after=message.number - 1)
    files = view_files(talk.session, [message.id])[message.id]
    [packet] = [message_packet(line, Dress(files={line.id: files})) for line in page.lines]
    [file] = packet["files"]
    assert (file["name"], file["kind"], file["is_picture"], file["is_open"]) == ("名单.txt", "txt", False, True)


def test_who_loses_the_conversation_loses_its_files(talk: Talk) -> None:
    file_id = bring(talk)
    post(talk, file_id)
    keeper = MessageFileKeeper()
    assert keeper.may_open(talk.session, talk.cast.actor(ANSWERER), file_id)
    nobody = talk.cast.actor(ANSWERER)
    assert not keeper.may_open(talk.session, type(nobody)(nobody.account_id, ()), file_id)


def test_files_go_with_the_message_that_is_taken_back(talk: Talk) -> None:
    file_id = bring(talk)
    message, _is_new = post(talk, file_id)
    gone = {"taken_back_at": message.sent_at, "body": ""}
    talk.session.execute(update(Message).where(Message.id == message.id).values(gone))
    assert names(talk, message) == []
    with pytest.raises(FileNotFound):
        open_file(talk.session, talk.cast.actor(ANSWERER), file_id)
    with pytest.raises(FileNotFound):
        open_file(talk.session, talk.cast.actor(ASKER), file_id)
