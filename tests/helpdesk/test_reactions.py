"""Who was away gets word: the asker in the bell and by mail, technicians in the bell, each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from flask import Flask
from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from chat import services as chat
from chat.presence import Presence
from helpdesk.keeper import tell_after
from helpdesk.models import Desk, DeskMember, Duty, Offer, OfferState, Ticket
from helpdesk.services import answering, asking
from helpdesk.services.asking import Question
from portal.languages import install_languages
from registry_core import clock, events, links, outbox
from registry_core.accounts.models import Account
from registry_core.clock import FrozenClock
from registry_core.db import new_id
from registry_core.mail import Mail
from registry_core.notifications.models import Notice
from tests.conftest import Cast

NINE = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)
"""3 June, nine o'clock in China."""
PUPIL = "学生许小满的学籍号重复了，怎么办？"


@pytest.fixture
def time() -> Iterator[FrozenClock]:
    with clock.frozen(NINE) as frozen:
        yield frozen


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """The worker's context in which texts are translated, and the address of the house."""
    app = Flask("reactions")
    install_languages(app)
    before = list(links._public_url)
    links.install_public_url("https://desk.example.org/")
    with app.app_context():
        yield
    links._public_url[:] = before


@pytest.fixture
def desk(time: FrozenClock, session: Session, cast: Cast, presence: Presence) -> HelpDesk:
    assert clock.now() == time.instant
    return HelpDesk(session, cast, presence)


class HelpDesk:
    """What people do, and what the worker then does."""

    def __init__(self, session: Session, cast: Cast, presence: Presence) -> None:
        self.session = session
        self.cast = cast
        self.presence = presence

    def come(self, *names: str) -> None:
        """Somebody is connected and takes questions."""
        for name in names:
            self.presence.beat(self.cast.id(name), clock.now())
            self.session.get_one(Duty, self.cast.id(name)).accepting = True
        self.session.flush()

    def ask(self, name: str = "xuexiao_xueji") -> Ticket:
        """Somebody asks."""
        question = Question(body=PUPIL, client_id=str(new_id()))
        return asking.ask_question(self.session, self.presence, self.cast.actor(name), question)

    def accept(self, ticket: Ticket, name: str) -> None:
        """The one for whom it rings accepts."""
        offer = self.session.scalars(
            select(Offer).where(Offer.ticket_id == ticket.id, Offer.state == OfferState.RINGING)
        ).one()
        assert offer.account_id == self.cast.id(name)
        answering.accept_offer(self.session, self.cast.actor(name), offer.id)

    def write(self, ticket: Ticket, name: str, body: str = "请先核对身份证件号。") -> int:
        """Somebody writes."""
        message, _ = chat.post_message(
            self.session, self.cast.actor(name), ticket.conversation_id, client_id=str(new_id()), body=body
        )
        return message.number

    def answered(self, name: str = "xian_jishu") -> Ticket:
        """A question that the county's technician has answered with one message."""
        self.come(name)
        ticket = self.ask()
        self.accept(ticket, name)
        self.write(ticket, name)
        return ticket

    def react(self) -> None:
        """Run every reaction that is due, as the worker does, but leave the jobs: they may run twice."""
        for job in self.jobs(outbox.REACT):
            event = events.from_payload(job.args["event"], job.args["payload"])
            [reaction] = [
                one
                for one in events.reactions_to(job.args["event"])
                if events.reaction_name(one) == job.args["reaction"]
            ]
            reaction(self.session, event)

    def jobs(self, task: str) -> list[Row[Any]]:
        """The jobs of a kind that are due, oldest first."""
        query = text(
            "SELECT args, scheduled_at FROM procrastinate_jobs WHERE task_name = :task"
            " AND coalesce(scheduled_at, '-infinity') <= :now ORDER BY id"
        )
        return list(self.session.execute(query, {"task": task, "now": clock.now()}))

    def mails(self) -> list[Mail]:
        """The mails that wait to be sent."""
        return [msgspec.convert(job.args["mail"], Mail) for job in self.jobs(outbox.SEND_MAIL)]

    def bell(self, name: str) -> list[Notice]:
        """Somebody's notices, oldest first."""
        return list(
            self.session.scalars(
                select(Notice).where(Notice.account_id == self.cast.id(name)).order_by(Notice.created_at, Notice.id)
            )
        )


def test_an_asker_who_is_away_gets_word_by_bell_and_mail(desk: HelpDesk, time: FrozenClock) -> None:
    ticket = desk.answered()
    desk.react()
    assert desk.mails() == []
    time.move(tell_after())
    desk.react()
    [mail] = desk.mails()
    assert mail.to == "xuexiao_xueji@demo.invalid"
    assert mail.account_id == desk.cast.id("xuexiao_xueji")
    assert mail.subject == "您 6月3日 提的问题有答复了"
    assert f"https://desk.example.org/questions/{ticket.id}" in mail.text
    [notice] = desk.bell("xuexiao_xueji")
    assert (notice.kind, notice.url) == ("answered", f"/questions/{ticket.id}")


def test_a_mail_carries_neither_question_nor_answer(desk: HelpDesk, time: FrozenClock) -> None:
    desk.answered()
    time.move(tell_after())
    desk.react()
    [mail] = desk.mails()
    assert "许小满" not in mail.subject + mail.text
    assert "身份证件号" not in mail.subject + mail.text


def test_a_mail_speaks_the_language_of_the_account(desk: HelpDesk, time: FrozenClock) -> None:
    ticket = desk.answered()
    desk.session.get_one(Account, ticket.requester_id).locale = "en"
    time.move(tell_after())
    desk.react()
    assert "June 3" in desk.mails()[0].subject


def test_an_asker_who_has_the_answer_on_the_page_gets_nothing(desk: HelpDesk, time: FrozenClock) -> None:
    desk.come("xian_jishu")
    ticket = desk.ask()
    desk.accept(ticket, "xian_jishu")
    number = desk.write(ticket, "xian_jishu")
    asker = desk.cast.actor("xuexiao_xueji")
    chat.mark(desk.session, asker, ticket.conversation_id, delivered=number, read=0)
    time.move(tell_after())
    desk.react()
    assert desk.mails() == []
    assert desk.bell("xuexiao_xueji") == []


def test_a_reaction_that_runs_twice_tells_once(desk: HelpDesk, time: FrozenClock) -> None:
    desk.answered()
    time.move(tell_after())
    desk.react()
    desk.react()
    assert len(desk.mails()) == 1
    assert len(desk.bell("xuexiao_xueji")) == 1


def test_further_messages_of_the_technician_make_no_further_mail(desk: HelpDesk, time: FrozenClock) -> None:
    ticket = desk.answered()
    desk.write(ticket, "xian_jishu", "还有一点：")
    time.move(tell_after())
    desk.write(ticket, "xian_jishu", "请看操作手册。")
    time.move(tell_after())
    desk.react()
    assert len(desk.mails()) == 1


def test_a_written_answer_has_a_mail_of_its_own_that_asks_whether_it_helped(desk: HelpDesk, time: FrozenClock) -> None:
    ticket = desk.answered()
    answering.resolve_ticket(desk.session, desk.cast.actor("xian_jishu"), ticket.id, resolution="已合并。")
    desk.react()
    assert desk.mails() == []
    time.move(tell_after())
    desk.react()
    assert [mail.subject for mail in desk.mails()] == ["您 6月3日 提的问题有了书面答复"]
    assert [notice.kind for notice in desk.bell("xuexiao_xueji")] == ["resolved"]


def test_an_answer_that_was_reopened_meanwhile_is_not_told(desk: HelpDesk, time: FrozenClock) -> None:
    ticket = desk.answered()
    answering.resolve_ticket(desk.session, desk.cast.actor("xian_jishu"), ticket.id, resolution="已合并。")
    asker = desk.cast.actor("xuexiao_xueji")
    asking.reopen_question(desk.session, desk.presence, asker, ticket.id, reason="还是重复")
    time.move(tell_after())
    desk.react()
    assert "resolved" not in [notice.kind for notice in desk.bell("xuexiao_xueji")]


def test_an_asker_without_an_address_still_has_the_bell(desk: HelpDesk, time: FrozenClock) -> None:
    ticket = desk.answered()
    desk.session.get_one(Account, ticket.requester_id).email = None
    time.move(tell_after())
    desk.react()
    assert desk.mails() == []
    assert len(desk.bell("xuexiao_xueji")) == 1


def test_a_closed_account_gets_no_mail(desk: HelpDesk, time: FrozenClock) -> None:
    ticket = desk.answered()
    desk.session.get_one(Account, ticket.requester_id).closed_at = clock.now()
    time.move(tell_after())
    desk.react()
    assert desk.mails() == []


def test_a_question_that_waits_lies_in_the_bells_of_its_desk_and_of_no_other(desk: HelpDesk) -> None:
    ticket = desk.ask()
    desk.react()
    for name in ("xian_jishu", "xian_jishu2", "xian_zhuguan"):
        [notice] = desk.bell(name)
        assert (notice.kind, notice.url) == ("waiting", f"/console/{ticket.id}")
    assert desk.bell("shi_jishu") == desk.bell("linqu_jishu") == desk.bell("xuexiao_xueji") == []
    assert desk.mails() == []


def test_a_question_that_somebody_has_taken_meanwhile_waits_in_no_bell(desk: HelpDesk) -> None:
    ticket = desk.ask()
    answering.take_ticket(desk.session, desk.cast.actor("xian_jishu"), ticket.id)
    desk.react()
    assert desk.bell("xian_jishu2") == []


def test_a_question_passed_up_lies_in_the_bells_of_those_on_duty_above(desk: HelpDesk) -> None:
    desk.come("xian_jishu", "shi_jishu")
    add_member(desk, "西安市", "sheng_jishu")
    ticket = desk.ask()
    desk.accept(ticket, "xian_jishu")
    answering.pass_up(desk.session, desk.presence, desk.cast.actor("xian_jishu"), ticket.id, summary="需要市里处理")
    desk.react()
    [notice] = desk.bell("shi_jishu")
    assert notice.kind == "passed_up"
    assert notice.details["desk"] == "雁塔区学籍服务台"
    # Not on duty, and without the role at that desk's unit.
    assert desk.bell("sheng_jishu") == []
    assert desk.bell("xian_jishu") == []


def test_a_question_that_was_accepted_at_once_needs_no_notice_above(desk: HelpDesk) -> None:
    desk.come("xian_jishu", "shi_jishu")
    ticket = desk.ask()
    desk.accept(ticket, "xian_jishu")
    answering.pass_up(desk.session, desk.presence, desk.cast.actor("xian_jishu"), ticket.id, summary="需要市里处理")
    desk.accept(ticket, "shi_jishu")
    desk.react()
    assert desk.bell("shi_jishu") == []


def test_who_passed_a_question_up_is_told_when_it_comes_back_each_time(desk: HelpDesk) -> None:
    desk.come("xian_jishu", "shi_jishu")
    ticket = desk.ask()
    for _ in range(2):
        desk.accept(ticket, "xian_jishu")
        below, above = desk.cast.actor("xian_jishu"), desk.cast.actor("shi_jishu")
        answering.pass_up(desk.session, desk.presence, below, ticket.id, summary="需要市里处理")
        desk.accept(ticket, "shi_jishu")
        answering.return_ticket(desk.session, desk.presence, above, ticket.id, advice="请看手册第三章")
        desk.react()
    assert [notice.kind for notice in desk.bell("xian_jishu")] == ["returned", "returned"]
    assert desk.bell("xian_jishu")[0].details["desk"] == "西安市学籍服务台"


def test_who_gave_the_answer_is_told_of_a_reopening(desk: HelpDesk) -> None:
    ticket = desk.answered()
    answering.resolve_ticket(desk.session, desk.cast.actor("xian_jishu"), ticket.id, resolution="已合并。")
    asker = desk.cast.actor("xuexiao_xueji")
    asking.reopen_question(desk.session, desk.presence, asker, ticket.id, reason="还是重复")
    desk.react()
    desk.react()
    assert [notice.kind for notice in desk.bell("xian_jishu")] == ["reopened"]


def add_member(desk: HelpDesk, unit_name: str, name: str) -> None:
    """Put somebody on a desk's list without the role at its unit."""
    unit = desk.cast.unit(unit_name)
    desk_id: UUID = desk.session.scalars(select(Desk.id).where(Desk.unit_id == unit.id)).one()
    desk.session.add(DeskMember(desk_id=desk_id, account_id=desk.cast.id(name), joined_at=clock.now()))
    desk.session.get_one(Duty, desk.cast.id(name)).accepting = True
    desk.session.flush()
