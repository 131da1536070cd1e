"""Messages posted in the wrong place: recalled for everybody at once, whom they had reached listed, put on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chat import queries, services
from chat.attachments import MessageFileKeeper
from chat.errors import (
    ConversationNotFound,
    MessageNotFound,
    MessageTakenBack,
    MustSayWhy,
    NotYoursToRecall,
    RecallNotFound,
    ReportNotFound,
)
from chat.events import MessageRecalled, MisplacedReported
from chat.incidents import RecallKeeper
from chat.models import Message, MisplacedReport, Recall, ReportState
from chat.policies import MESSAGE_FILES
from chat.presence import Presence
from chat.presenters.acts import packet_of
from chat.presenters.messenger import list_rows
from chat.presenters.recalls import view_reached, view_reports
from chat.queries.acts import list_earlier_texts, read_changes
from chat.queries.files import read_files
from chat.queries.recalls import get_recall, list_open_reports, list_recalls
from chat.queries.search import Sought
from chat.queries.search import search_messages as search
from chat.queries.words import read_words
from chat.reactions import tell_of_report
from chat.services import acts, groups, members
from chat.services.files import FilesSent, post_with_files
from chat.services.messages import mark
from chat.services.numbers import reveal_numbers
from chat.services.recalls import Recalling, dismiss_report, recall_message, recall_reported, report_message
from chat.unread import MessageTeller
from helpdesk.models import Ticket
from helpdesk.reactions import forget_title
from registry_core import clock
from registry_core.away.models import ToldWord, Way
from registry_core.db import commit, new_id
from registry_core.errors import Forbidden
from registry_core.files import policies as file_policies
from registry_core.files import services as files
from registry_core.files.errors import FileNotFound
from registry_core.files.queries import open_file
from registry_core.incidents.models import Incident
from registry_core.incidents.policies import install_incident_keepers
from registry_core.incidents.services import open_evidence, open_sealed_file
from registry_core.notifications.models import Notice
from registry_core.notifications.presenters import NoticeKind
from registry_core.notifications.services import notify
from tests.chat.conftest import Talk
from tests.conftest import Cast
from tests.registry_core.files.conftest import send as send_pieces
from tests.registry_core.files.conftest import shelved
from tests.registry_core.files.samples import picture

SENDER, ADMIN, OTHER_ADMIN, READER, ABOVE = "xian_jishu", "xian_xueji", "xian_guanli", "xuexiao_xueji", "shi_guanli"
OUTSIDER, NEIGHBOUR = "linsheng_guanli", "linqu_xueji"
MOBILE, COVERED = "13800138000", "138●●●●●●00"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a county in which a technician says things."""

    session: Session
    cast: Cast
    id: UUID

    def say(self, body: str, name: str = SENDER) -> int:
        actor = self.cast.actor(name)
        return services.post_message(self.session, actor, self.id, client_id=str(new_id()), body=body)[0].number

    def read(self, name: str, number: int, *, delivered: int = 0) -> None:
        mark(self.session, self.cast.actor(name), self.id, delivered=delivered or number, read=number)

    def recall(
        self, number: int, name: str = SENDER, *, has_personal: bool = False, reason: str = "发错群了"
    ) -> Recall:
        recalling = Recalling(reason, has_personal)
        return recall_message(self.session, self.cast.actor(name), self.id, number, recalling)

    def report(self, number: int, name: str = READER, reason: str = "名单发到大群了") -> bool:
        return report_message(self.session, self.cast.actor(name), self.id, number, reason=reason)

    def body(self, number: int, name: str = READER) -> str:
        page = queries.list_messages(self.session, self.cast.actor(name), self.id, after=number - 1)
        return page.lines[0].body

    def message(self, number: int) -> Message:
        query = select(Message).where(Message.conversation_id == self.id, Message.number == number)
        return self.session.scalars(query.execution_options(populate_existing=True)).one()

    def send_file(self, *, name: str = "截图.png", body: str = "") -> tuple[int, UUID]:
        actor = self.cast.actor(SENDER)
        upload = send_pieces(self.session, actor, name, picture("png"), use=MESSAGE_FILES)
        file_id = files.keep(self.session, actor, upload).id
        message, _ = post_with_files(self.session, actor, FilesSent(self.id, str(new_id()), body, [file_id]))
        return message.number, file_id


@pytest.fixture
def group(session: Session, cast: Cast, tmp_path: Path) -> Iterator[Group]:
    install_incident_keepers([RecallKeeper()])
    admin = cast.actor(ADMIN)
    made = groups.make_group(session, admin, name="秋季学籍")
    for name in (SENDER, READER, "xian_chaxun"):
        members.add_member(session, admin, made, cast.id(name))
    with shelved(tmp_path / "files"):
        file_policies.install_file_keepers([MessageFileKeeper()])
        yield Group(session, cast, made)


def ways(group: Group, recall: Recall) -> dict[str, tuple[str, ...]]:
    return {one.name.removesuffix("（演示）"): one.ways for one in view_reached(group.session, recall.message_id)}


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
    assert open_file(group.session, group.cast.actor(READER), file_id)
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


# ── reports ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def reports_of(group: Group, name: str) -> list[MisplacedReport]:
    return [row.report for row in list_open_reports(group.session, group.cast.actor(name))]


def test_a_reader_puts_it_before_the_administrators_of_its_sender_with_the_numbers_covered(group: Group) -> None:
    number = group.say(f"名单：{MOBILE}")
    assert group.report(number)
    assert not group.report(number, "xian_chaxun")
    [view] = view_reports(group.session, list_open_reports(group.session, group.cast.actor(OTHER_ADMIN)))
    assert (view.excerpt, view.place, view.reason) == (f"名单：{COVERED}", "群“秋季学籍”", "名单发到大群了")
    assert len(reports_of(group, ABOVE)) == 1
    assert reports_of(group, NEIGHBOUR) == reports_of(group, READER) == []


def test_only_who_reads_it_reports_it_and_only_while_it_stands(group: Group) -> None:
    number = group.say("发错了")
    with pytest.raises(ConversationNotFound):
        group.report(number, OUTSIDER)
    with pytest.raises(MustSayWhy):
        group.report(number, reason=" ")
    group.recall(number)
    with pytest.raises(MessageTakenBack):
        group.report(number)


def test_the_nearest_administrators_hear_of_it_and_never_the_sender(group: Group) -> None:
    group.report(group.say("发错了", ADMIN))
    [report] = group.session.scalars(select(MisplacedReport)).all()
    for _twice in range(2):
        tell_of_report(group.session, MisplacedReported(report.id))
    told = group.session.scalars(select(Notice.account_id).where(Notice.kind == NoticeKind.MESSAGE_REPORTED)).all()
    assert told == [group.cast.id(OTHER_ADMIN)]


def test_an_administrator_recalls_what_was_reported_without_reading_the_conversation(group: Group) -> None:
    number = group.say("发错了")
    group.report(number)
    [report] = reports_of(group, OTHER_ADMIN)
    recall_reported(group.session, group.cast.actor(OTHER_ADMIN), report.id, Recalling("确实发错", has_personal=False))
    assert group.body(number) == ""
    assert report.state is ReportState.RECALLED
    assert reports_of(group, OTHER_ADMIN) == []


def test_a_report_is_dismissed_by_anybody_but_the_sender_and_may_come_again(group: Group) -> None:
    number = group.say("没发错", ADMIN)
    group.report(number)
    [report] = reports_of(group, ADMIN)
    with pytest.raises(NotYoursToRecall):
        dismiss_report(group.session, group.cast.actor(ADMIN), report.id)
    dismiss_report(group.session, group.cast.actor(OTHER_ADMIN), report.id)
    assert report.state is ReportState.DISMISSED
    assert group.body(number) == "没发错"
    assert group.report(number)


@pytest.mark.parametrize("name", [NEIGHBOUR, OUTSIDER])
def test_administrators_of_other_units_have_no_say(group: Group, name: str) -> None:
    group.report(group.say("发错了"))
    [report] = reports_of(group, OTHER_ADMIN)
    actor = group.cast.actor(name)
    with pytest.raises(ReportNotFound):
        dismiss_report(group.session, actor, report.id)
    with pytest.raises(ReportNotFound):
        recall_reported(group.session, actor, report.id, Recalling("看看", has_personal=False))
    with pytest.raises(Forbidden):
        dismiss_report(group.session, group.cast.actor("xian_jishu2"), report.id)


# ── at the help desk ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_recalled_question_leaves_no_words_in_its_title_and_in_notices(talk: Talk) -> None:
    recalling = Recalling("写了学生姓名", has_personal=True)
    ticket = talk.session.scalars(select(Ticket).where(Ticket.conversation_id == talk.id)).one()
    notify(
        talk.session,
        talk.cast.id("xian_jishu2"),
        kind=NoticeKind.WAITING,
        details={"title": ticket.title, "desk": "雁塔区"},
        url=f"/console/{ticket.id}",
        source="waiting",
    )
    recall = recall_message(talk.session, talk.cast.actor("xuexiao_xueji"), talk.id, 1, recalling)
    forget_title(talk.session, MessageRecalled(recall.message_id, talk.id, 1))
    talk.session.expire_all()
    assert ticket.title == "（这条提问已召回）"
    [notice] = talk.session.scalars(select(Notice)).all()
    assert notice.details == {"title": "（这条提问已召回）", "desk": "雁塔区"}


def test_what_was_said_later_leaves_the_title_alone(talk: Talk) -> None:
    number = talk.say("发错了").number
    recall = recall_message(
        talk.session, talk.cast.actor("xuexiao_xueji"), talk.id, number, Recalling("发错了", has_personal=False)
    )
    forget_title(talk.session, MessageRecalled(recall.message_id, talk.id, number))
    ticket = talk.session.scalars(select(Ticket).where(Ticket.conversation_id == talk.id)).one()
    assert ticket.title == "学籍号重复了怎么办？"
