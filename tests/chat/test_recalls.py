"""Messages posted in the wrong place: recalled for everybody at once, whom they had reached listed, put on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chat.errors import (
    ConversationNotFound,
    MessageNotFound,
    MustSayWhy,
    NotYoursToRecall,
    RecallNotFound,
)
from chat.models import Recall
from chat.presence import Presence
from chat.presenters.acts import packet_of
from chat.presenters.messenger import list_rows
from chat.queries.acts import list_earlier_texts, read_changes
from chat.queries.files import read_files
from chat.queries.recalls import get_recall, list_recalls
from chat.queries.search import Sought
from chat.queries.search import search_messages as search
from chat.queries.words import read_words
from chat.services import acts
from chat.services.numbers import reveal_numbers
from chat.unread import MessageTeller
from registry_core import clock
from registry_core.away.models import ToldWord, Way
from registry_core.db import commit
from registry_core.files import services as files
from registry_core.files.errors import FileNotFound
from registry_core.files.queries import open_file
from registry_core.incidents.models import Incident
from registry_core.incidents.services import open_evidence, open_sealed_file
from tests.chat.misplaced_house import (
    ABOVE,
    ADMIN,
    COVERED,
    MOBILE,
    NEIGHBOUR,
    OTHER_ADMIN,
    OUTSIDER,
    READER,
    SENDER,
    Group,
    misplaced_group,
    ways,
)
from tests.conftest import Cast


@pytest.fixture
def group(session: Session, cast: Cast, tmp_path: Path) -> Iterator[Group]:
    with misplaced_group(session, cast, tmp_path / "files") as made:
        yield made


# ── gone for everybody ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_recalled_message_is_gone_for_everybody_and_the_page_that_comes_back_hears_it(group: Group) -> None:
    number = group.say("三年级成绩单在下面")
    before = read_changes(group.session, group.id, after=None).last_change
    recall = group.recall(number)
    assert group.body(number) == group.body(number, SENDER) == ""
    [line] = read_changes(group.session, group.id, after=before).lines
    assert line.recalled_at == line.taken_back_at is not None
    packet = packet_of(group.session, group.cast.actor(READER), recall.message_id)
    assert (packet["body"], bool(packet["recalled_at"])) == ("", True)


def test_there_is_no_time_limit_for_the_sender(group: Group) -> None:
    number = group.say("去年发错的")
    group.session.execute(
        text("UPDATE message SET sent_at = sent_at - interval '400 days' WHERE id = :id"),
        {"id": group.message(number).id},
    )
    group.recall(number)
    assert group.body(number) == ""


def test_what_it_said_before_it_was_edited_is_gone_too(group: Group) -> None:
    number = group.say("原来的名单")
    acts.edit_message(group.session, group.cast.actor(SENDER), group.id, number, body="改过的名单")
    group.recall(number)
    assert list_earlier_texts(group.session, group.cast.actor(READER), group.id, number)[1] == []


def test_its_files_are_gone_for_everybody_who_brought_them_included(group: Group) -> None:
    number, file_id = group.send_file()
    assert open_file(group.session, group.cast.actor(READER), file_id).id == file_id
    group.recall(number)
    for name in (READER, SENDER, ADMIN):
        with pytest.raises(FileNotFound):
            open_file(group.session, group.cast.actor(name), file_id)
    assert read_files(group.session, [group.message(number).id]) == {}


def test_lists_and_the_search_have_it_no_more(group: Group, presence: Presence) -> None:
    number = group.say("某某的身份证复印件")
    group.recall(number)
    [row] = list_rows(group.session, presence, group.cast.actor(READER))
    assert "复印件" not in row.last_line
    assert search(group.session, group.cast.actor(READER), Sought(read_words("复印件"), None, None, None)).found == ()


def test_the_digest_that_has_not_gone_out_leaves_it_out(group: Group) -> None:
    reader = group.cast.id(READER)
    number = group.say("发错的")
    since = clock.now() - timedelta(hours=1)
    assert MessageTeller().list_unread(group.session, [reader], since=since)
    group.recall(number)
    assert not MessageTeller().list_unread(group.session, [reader], since=since)


def test_a_second_recall_gives_the_first_one_back(group: Group) -> None:
    number = group.say("发错了")
    first = group.recall(number)
    assert group.recall(number, ADMIN, has_personal=True) is first
    assert first.incident_id is None


def test_what_was_taken_back_in_time_may_still_be_put_on_record(group: Group) -> None:
    """Who takes a list of pupils back within minutes has posted it all the same."""
    number = group.say(f"家长电话 {MOBILE}")
    acts.take_back(group.session, group.cast.actor(SENDER), group.id, number)
    assert group.recall(number).incident_id is not None


# ── who may ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [READER, "xian_chaxun"])
def test_who_only_reads_it_does_not_recall_it(group: Group, name: str) -> None:
    number = group.say("别人的")
    with pytest.raises(NotYoursToRecall):
        group.recall(number, name)
    assert group.body(number) == "别人的"


def test_an_administrator_recalls_what_people_of_their_units_say_where_they_may_read(group: Group) -> None:
    number = group.say("发错了")
    assert group.recall(number, ADMIN).by_id == group.cast.id(ADMIN)


@pytest.mark.parametrize("name", [OTHER_ADMIN, ABOVE, OUTSIDER])
def test_a_conversation_that_an_administrator_does_not_belong_to_does_not_exist_for_them(
    group: Group, name: str
) -> None:
    for number in (group.say("发错了"), 99):
        with pytest.raises(ConversationNotFound):
            group.recall(number, name)


def test_an_administrator_below_does_not_recall_what_is_said_above(group: Group) -> None:
    number = group.say("县里的事", ADMIN)
    with pytest.raises(NotYoursToRecall):
        group.recall(number, READER)


def test_a_recall_says_why_and_keeps_no_number_in_it(group: Group) -> None:
    number = group.say("发错了")
    with pytest.raises(MustSayWhy):
        group.recall(number, reason=" \n ")
    with pytest.raises(MessageNotFound):
        group.recall(99)
    assert group.recall(number, reason=f"发错了 {MOBILE}").reason == f"发错了 {COVERED}"


# ── whom it had reached ───────────────────────────────────────────────────────────────────────────────────────────────


def test_who_had_read_it_who_had_it_delivered_and_who_opened_its_files_is_listed(group: Group) -> None:
    number, file_id = group.send_file(body=f"电话 {MOBILE}")
    group.read(READER, number)
    group.read("xian_chaxun", number - 1, delivered=number)
    reader = group.cast.actor(READER)
    for _twice in range(2):
        files.note_opened(group.session, reader, open_file(group.session, reader, file_id))
    reveal_numbers(group.session, reader, group.id, number, reason="回电话")
    commit(group.session)
    found = ways(group, group.recall(number))
    assert set(found) == {"李晓芸", "方晓敏"}
    assert found["李晓芸"] == ("已读", "打开或下载过附件 2 次", "看过遮住的号码")
    assert found["方晓敏"] == ("已送达，还没有读",)


def test_who_got_word_of_it_is_listed_and_who_got_word_of_something_else_is_not(group: Group) -> None:
    first, second = group.say("先说的"), group.say("发错的")
    now = clock.now()
    for name, number, at in ((READER, first, now), ("xian_chaxun", second + 1, now), (ADMIN, first, now)):
        told_at = at - timedelta(days=1) if name == ADMIN else at + timedelta(seconds=1)
        thing = f"talk:{group.id}:{number}"
        group.session.add(ToldWord(account_id=group.cast.id(name), way=Way.MAIL, thing=thing, told_at=told_at))
    group.session.flush()
    assert ways(group, group.recall(second)) == {"李晓芸": ("邮件提醒过有新消息",)}


def test_the_list_stays_as_it_was_at_that_moment(group: Group) -> None:
    number = group.say("发错了")
    recall = group.recall(number)
    group.read(READER, number)
    assert ways(group, recall) == {}
    with pytest.raises(DBAPIError):
        group.session.execute(text("DELETE FROM recall"))


# ── on record ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def incident_of(group: Group, recall: Recall) -> Incident | None:
    return group.session.get(Incident, recall.incident_id) if recall.incident_id else None


def test_nothing_personal_makes_no_incident(group: Group) -> None:
    assert group.recall(group.say("周四开会")).incident_id is None


@pytest.mark.parametrize("body", [f"家长电话 {MOBILE}", "身份证 11010519491231002X"])
def test_a_number_of_a_person_makes_it_an_incident_whatever_is_ticked(group: Group, body: str) -> None:
    number = group.say(body)
    group.read(READER, number)
    incident = incident_of(group, group.recall(number, has_personal=False))
    assert incident is not None
    assert incident.unit_id == group.cast.unit("雁塔区").id
    assert (incident.caused_by_id, incident.reached) == (group.cast.id(SENDER), 1)
    assert MOBILE not in str(incident.details)
    assert incident.details["is_stated"] is False


def test_a_number_in_an_earlier_text_or_in_the_name_of_a_file_counts_too(group: Group) -> None:
    number = group.say(MOBILE)
    acts.edit_message(group.session, group.cast.actor(SENDER), group.id, number, body="没有了")
    assert group.recall(number).incident_id is not None
    named, _ = group.send_file(name=f"{MOBILE}.png")
    assert group.recall(named).incident_id is not None


def test_what_somebody_says_is_personal_is_an_incident(group: Group) -> None:
    incident = incident_of(group, group.recall(group.say("三年二班王小明不及格"), has_personal=True))
    assert incident is not None
    assert incident.details == {"kinds": [], "files": 0, "is_stated": True}


def test_text_and_files_are_sealed_under_the_incident(group: Group) -> None:
    number, file_id = group.send_file(body=f"电话 {MOBILE}")
    incident = incident_of(group, group.recall(number))
    assert incident is not None
    evidence = open_evidence(group.session, group.cast.actor(OTHER_ADMIN), incident.id, reason="核实")
    assert [one.body for one in evidence.texts] == [f"电话 {MOBILE}"]
    assert evidence.place == "群“秋季学籍”"
    assert open_sealed_file(group.session, group.cast.actor(OTHER_ADMIN), incident.id, file_id).id == file_id


# ── the record of a recall ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_record_is_seen_by_the_sender_who_recalled_it_and_the_administrators(group: Group) -> None:
    recall = group.recall(group.say("发错了"), ADMIN)
    for name in (SENDER, ADMIN, OTHER_ADMIN, ABOVE):
        assert get_recall(group.session, group.cast.actor(name), recall.message_id).sender == "张国强（演示）"
    for name in (READER, "xian_chaxun", NEIGHBOUR, OUTSIDER):
        with pytest.raises(RecallNotFound):
            get_recall(group.session, group.cast.actor(name), recall.message_id)
    assert len(list_recalls(group.session, group.cast.actor(OTHER_ADMIN))) == 1
    assert list_recalls(group.session, group.cast.actor(NEIGHBOUR)) == []
