"""Who reads a question, who writes in it, and for whom it does not exist."""

from __future__ import annotations

import pytest

from chat import queries as chat_queries
from chat import services as chat
from chat.errors import ConversationNotFound, ConversationReadOnly
from helpdesk.errors import QuestionNotFound
from helpdesk.models import Ticket
from helpdesk.queries import tickets
from helpdesk.services import answering, asking
from registry_core.db import new_id
from registry_core.errors import Forbidden
from tests.helpdesk.conftest import DETAILS, Scene

OUTSIDERS = (
    "xuexiao2_xueji",
    "xian_xueji",
    "linqu_jishu",
    "linqu_xueji",
    "shi_jishu",
    "sheng_jishu",
    "sheng_guanli",
    "linsheng_jishu",
    "bu_jishu",
    "bu_guanli",
    "xuesheng",
)


def read(scene: Scene, name: str, ticket: Ticket) -> None:
    actor = scene.cast.actor(name)
    tickets.get_ticket(scene.session, actor, ticket.id)
    chat_queries.list_messages(scene.session, actor, ticket.conversation_id)


def write(scene: Scene, name: str, ticket: Ticket, body: str = "您好") -> None:
    actor = scene.cast.actor(name)
    chat.post_message(scene.session, actor, ticket.conversation_id, client_id=str(new_id()), body=body)


@pytest.mark.parametrize("name", OUTSIDERS)
def test_a_question_that_came_to_no_desk_of_theirs_does_not_exist(scene: Scene, name: str) -> None:
    ticket, actor = scene.ask(), scene.cast.actor(name)
    with pytest.raises(QuestionNotFound):
        tickets.get_ticket(scene.session, actor, ticket.id)
    with pytest.raises(ConversationNotFound):
        chat_queries.list_messages(scene.session, actor, ticket.conversation_id)
    with pytest.raises(ConversationNotFound):
        write(scene, name, ticket)
    with pytest.raises(QuestionNotFound):
        answering.take_ticket(scene.session, actor, ticket.id)
    with pytest.raises(QuestionNotFound):
        asking.submit_record(scene.session, scene.presence, actor, ticket.id, DETAILS)


@pytest.mark.parametrize("name", ["linqu_jishu", "linsheng_jishu"])
def test_a_neighbours_technician_does_not_learn_of_it_at_any_stage(scene: Scene, name: str) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.on_duty("shi_jishu", name)
    scene.pass_up("xian_jishu", ticket)
    scene.accept("shi_jishu")
    with pytest.raises(QuestionNotFound):
        read(scene, name, ticket)
    assert tickets.list_in_hand(scene.session, scene.cast.actor(name)) == []


@pytest.mark.parametrize("name", ["xuexiao_xueji", "xian_jishu", "xian_jishu2", "xian_zhuguan"])
def test_the_asker_and_the_desk_that_has_it_read_it(scene: Scene, name: str) -> None:
    read(scene, name, scene.ask())


def test_while_it_rings_above_the_desk_there_does_not_read_it_yet(scene: Scene) -> None:
    scene.on_duty("sheng_jishu")
    ticket = scene.ask()
    scene.submit_record(ticket)
    with pytest.raises(QuestionNotFound):
        read(scene, "sheng_jishu", ticket)
    scene.accept("sheng_jishu")
    read(scene, "sheng_jishu", ticket)


def test_asker_and_answerer_write_and_a_colleague_reads_along(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    write(scene, "xuexiao_xueji", ticket)
    write(scene, "xian_jishu", ticket)
    with pytest.raises(ConversationReadOnly):
        write(scene, "xian_jishu2", ticket)


def test_the_desk_below_keeps_reading_and_sees_the_answer_but_may_not_write(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.on_duty("shi_jishu")
    scene.pass_up("xian_jishu", ticket)
    scene.accept("shi_jishu")
    write(scene, "shi_jishu", ticket, "请看第三条")
    actor = scene.cast.actor("xian_jishu")
    page = chat_queries.list_messages(scene.session, actor, ticket.conversation_id)
    assert page.lines[-1].body == "请看第三条"
    with pytest.raises(ConversationReadOnly):
        write(scene, "xian_jishu", ticket)
    assert ticket in tickets.list_passed_on(scene.session, [scene.desk("雁塔区").id])


def test_nobody_writes_in_a_closed_question_and_all_still_read_it(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    scene.resolve("xian_jishu", ticket)
    write(scene, "xuexiao_xueji", ticket)
    asking.confirm_resolution(scene.session, scene.cast.actor("xuexiao_xueji"), ticket.id)
    for name in ("xuexiao_xueji", "xian_jishu"):
        read(scene, name, ticket)
        with pytest.raises(ConversationReadOnly):
            write(scene, name, ticket)


def test_a_message_that_was_stored_before_closing_is_acknowledged_again_after_it(scene: Scene) -> None:
    ticket = scene.answered_by("xian_jishu")
    actor = scene.cast.actor("xuexiao_xueji")
    sent, _ = chat.post_message(scene.session, actor, ticket.conversation_id, client_id="once", body="谢谢")
    scene.resolve("xian_jishu", ticket)
    asking.confirm_resolution(scene.session, actor, ticket.id)
    again, is_new = chat.post_message(scene.session, actor, ticket.conversation_id, client_id="once", body="谢谢")
    assert (again.number, is_new) == (sent.number, False)


def test_who_holds_no_role_cannot_ask(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        scene.ask("xuesheng")


def test_who_may_not_answer_cannot_come_on_duty(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        scene.switch("xuexiao_xueji", accepting=True)
