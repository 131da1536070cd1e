"""Numbers of persons in messages: covered on every way out, for everybody but the writer and who works above them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from chat import presenters, queries
from chat.errors import ConversationNotFound
from chat.presence import Presence
from chat.presenters.messenger import list_rows
from chat.presenters.reactions import view_pins
from chat.presenters.stars import view_starred
from chat.queries.numbers import list_readable
from chat.queries.stars import list_stars
from chat.services.directs import open_direct
from chat.services.messages import post_message
from chat.services.numbers import reveal_numbers
from chat.services.reactions import pin
from chat.services.stars import star
from helpdesk.models import Ticket
from helpdesk.services import asking
from helpdesk.services.asking import Question
from registry_core.db import new_id
from registry_core.errors import Forbidden
from tests.chat.conftest import Talk

MOBILE, COVERED = "13800138000", "138●●●●●●00"
SCHOOL, COUNTY, HANDLER, OUTSIDER = "xuexiao_xueji", "xian_xueji", "xian_jishu", "linsheng_jishu"
ROOT = Path(__file__).parents[2]


def shown_to(talk: Talk, name: str) -> str:
    view = presenters.view_conversation(talk.session, talk.cast.actor(name), talk.id, may_write=True)
    return view.messages[-1].body


def sent_to(talk: Talk, name: str) -> tuple[str, bool]:
    actor = talk.cast.actor(name)
    page = queries.list_messages(talk.session, actor, talk.id)
    readable = list_readable(talk.session, actor, page.lines)
    packet = presenters.message_packet(page.lines[-1], presenters.Dress(readable=readable))
    return str(packet["body"]), bool(packet["is_covered"])


def test_the_writer_and_who_works_above_them_read_the_number(talk: Talk) -> None:
    talk.say(f"家长电话 {MOBILE}")
    for name in (SCHOOL, HANDLER):
        assert MOBILE in shown_to(talk, name)
        assert sent_to(talk, name) == (f"家长电话 {MOBILE}", False)


def test_who_works_below_the_writer_reads_it_covered(talk: Talk) -> None:
    talk.say(f"打我电话 {MOBILE}", HANDLER)
    assert shown_to(talk, SCHOOL) == f"打我电话 {COVERED}"
    assert sent_to(talk, SCHOOL) == (f"打我电话 {COVERED}", True)


def test_what_goes_to_a_room_goes_without_numbers(talk: Talk) -> None:
    talk.say(MOBILE)
    page = queries.list_messages(talk.session, talk.cast.actor(SCHOOL), talk.id)
    packet = presenters.message_packet(page.lines[-1], presenters.Dress())
    assert (packet["body"], packet["is_covered"]) == (COVERED, True)


def test_lists_cover_before_they_cut(talk: Talk, presence: Presence) -> None:
    county = talk.cast.actor(COUNTY)
    conversation_id = open_direct(talk.session, county, talk.cast.id(SCHOOL))
    body = "字" * 112 + MOBILE
    post_message(talk.session, county, conversation_id, client_id="a", body=body)
    [row] = list_rows(talk.session, presence, talk.cast.actor(SCHOOL))
    assert "138●" in row.last_line
    assert MOBILE[:8] not in row.last_line


def test_what_is_pinned_and_what_is_marked_is_covered_before_it_is_cut(talk: Talk) -> None:
    number = talk.say("字" * 112 + MOBILE, HANDLER).number
    asker, handler = talk.cast.actor(SCHOOL), talk.cast.actor(HANDLER)
    pin(talk.session, handler, talk.id, number, on=True)
    for actor, shown in ((asker, "字138●"), (handler, "字13800138")):
        star(talk.session, actor, talk.id, number, on=True)
        [pinned] = view_pins(talk.session, actor, talk.id)
        [marked] = view_starred(talk.session, actor, list_stars(talk.session, actor).starred)
        assert shown in pinned.body
        assert shown in marked.body
        assert (MOBILE[:5] in pinned.body + marked.body) == (actor is handler)


def test_the_title_of_a_question_has_no_number(talk: Talk, presence: Presence) -> None:
    actor = talk.cast.actor("xuexiao2_xueji")
    ticket = asking.ask_question(talk.session, presence, actor, Question(f"学生 {MOBILE} 查不到", str(new_id())))
    assert talk.session.get_one(Ticket, ticket.id).title == f"学生 {COVERED} 查不到"


def test_looking_needs_the_conversation_and_is_kept_with_its_reason_for_the_writers_unit(talk: Talk) -> None:
    message = talk.say(MOBILE, HANDLER)
    looker = talk.cast.actor(SCHOOL)
    assert reveal_numbers(talk.session, looker, talk.id, message.number, reason="回电话").body == MOBILE
    [entry] = [noted.entry for noted in talk.session.info["audit"] if noted.entry.kind == "message"]
    assert entry.object_id == str(message.id)
    assert "mobile" in str(entry.changes)
    assert "回电话" in str(entry.changes)
    assert MOBILE not in str(entry.changes)
    assert entry.unit_id == talk.cast.actor(HANDLER).assignments[0].unit_id
    with pytest.raises(ConversationNotFound):
        reveal_numbers(talk.session, talk.cast.actor(OUTSIDER), talk.id, message.number, reason="看看")
    with pytest.raises(Forbidden):
        reveal_numbers(talk.session, type(looker)(looker.account_id, ()), talk.id, message.number, reason="看看")


# ── every way out ─────────────────────────────────────────────────────────────────────────────────────────────────────

READS_BODIES = {
    "chat/queries/messages.py": "makes lines, which leave through presenters/conversations.py alone",
    "chat/queries/replies.py": "looks for names, and makes lines, which presenters/replies.py covers",
    "chat/services/acts.py": "keeps the text of before; what is shown of it, presenters/acts.py covers",
    "chat/services/messages.py": "compares what was sent twice; nothing leaves",
    "chat/services/numbers.py": "the look with a reason, which is noted",
    "chat/services/storing.py": "writes what was sent; nothing leaves",
    "chat/sockets/channel.py": "makes a line for message_packet",
    "chat/sockets/files.py": "makes a line for message_packet",
    "chat/models/search.py": "an index; what is found leaves through the presenters",
    "chat/presenters/conversations.py": "say_body",
    "chat/presenters/messenger.py": "say_body",
    "chat/queries/numbers.py": "looks for numbers",
    "chat/queries/drafts.py": "one's own text alone, which nobody else is shown",
    "chat/queries/recalls.py": "leaves through presenters/recalls.py, and uncovered as evidence alone, noted each time",
    "chat/services/recalls.py": "looks for numbers, and puts the text away",
    "helpdesk/services/steps.py": "cover_numbers",
    "helpdesk/presenters/questions.py": "first words, into the asker's own form",
}
COVERING = {"say_body", "cover_numbers", "message_packet"}


def reads_of_bodies(path: Path) -> bool:
    """Say whether a module reads the text of a message: `Message.body`, `message.body`, `line.body`, `note.body` …"""
    owners = {"Message", "message", "line", "note", "known", "said", "row"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "body"
        and isinstance(node.value, ast.Name)
        and node.value.id in owners
        for node in ast.walk(tree)
    )


def test_every_module_that_reads_what_was_said_covers_it_or_says_why_not() -> None:
    """Who adds a way out (search, mails, edits) uses `say_body`, or stands on the list above with a reason."""
    for package in ("chat", "helpdesk", "training", "announcements", "reports", "portal"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in READS_BODIES and reads_of_bodies(path):
                words = set(path.read_text(encoding="utf-8").replace("(", " ").split())
                assert words & COVERING, f"{name} reads the text of messages and covers no numbers"
