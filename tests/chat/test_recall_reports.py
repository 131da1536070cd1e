"""Reports of misplaced messages, decided by the administrators of who sent them; and recalled questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from chat.errors import (
    ConversationNotFound,
    MessageTakenBack,
    MustSayWhy,
    NotYoursToRecall,
    ReportNotFound,
)
from chat.events import MessageRecalled, MisplacedReported
from chat.models import MisplacedReport, ReportState
from chat.presenters.recalls import view_reports
from chat.queries.recalls import list_open_reports
from chat.reactions import tell_of_report
from chat.services.recalls import Recalling, dismiss_report, recall_message, recall_reported
from helpdesk.models import Ticket
from helpdesk.reactions import forget_title
from registry_core.errors import Forbidden
from registry_core.notifications.models import Notice
from registry_core.notifications.presenters import NoticeKind
from registry_core.notifications.services import notify
from tests.chat.conftest import Talk
from tests.chat.misplaced_house import (
    ABOVE,
    ADMIN,
    COVERED,
    MOBILE,
    NEIGHBOUR,
    OTHER_ADMIN,
    OUTSIDER,
    READER,
    Group,
    misplaced_group,
)
from tests.conftest import Cast


@pytest.fixture
def group(session: Session, cast: Cast, tmp_path: Path) -> Iterator[Group]:
    with misplaced_group(session, cast, tmp_path / "files") as made:
        yield made


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
