"""Who is away is told once, by the ways chosen, of what is still unread; no text of a message leaves the house."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chat.events import PeopleMentioned
from chat.queries import get_access
from chat.reactions import tell_of_mention
from chat.services import Post
from chat.services.groups import make_group, mute
from chat.services.members import add_member
from chat.services.messages import post_one
from chat.services.replies import About
from registry_core import clock
from registry_core.accounts.models import Account, BrowserSession
from registry_core.away import jobs, services
from registry_core.away.errors import NotSubscribed, PushServiceUnknown
from registry_core.away.models import PushSubscription, ToldWord, Way
from registry_core.away.policies import Choice, switch
from registry_core.away.queries import find_subscription, get_choice
from registry_core.clock import FrozenClock
from registry_core.errors import InvalidInput
from registry_core.notifications.kinds import WordKind
from registry_core.notifications.models import Notice
from registry_core.notifications.services import mark_all_read
from registry_core.rules.loader import load_packs
from tests.conftest import Cast
from tests.registry_core.away.away_house import Away

SCHOOL, COUNTY = "xuexiao_xueji", "xian_xueji"
SAID = "王小明的学籍号是 61011320190001"
HOUR = timedelta(hours=1)


def test_who_is_called_in_a_muted_group_is_told_that_and_no_more(away: Away) -> None:
    away.subscribe(SCHOOL)
    county = away.cast.actor(COUNTY)
    group = make_group(away.session, county, name="名册核对")
    add_member(away.session, county, group, away.cast.id(SCHOOL))
    mute(away.session, away.cast.actor(SCHOOL), group, is_muted=True)
    away.say(COUNTY, group, SAID)
    away.tick()
    assert away.pushes() == []
    about = About(mentions=(away.cast.id(SCHOOL),))
    access = get_access(away.session, county, group)
    said = post_one(away.session, Post(county, group, "a", f"@李晓芸（演示） {SAID}", access, about)).message
    tell_of_mention(away.session, PeopleMentioned(group, said.number))
    away.tick()
    [note] = away.pushes()
    assert (note["title"], note["body"]) == ("有人提到您", "1 条消息提到您")
    assert note["url"] == f"/messages/{group}?at={said.number}"
    assert "61011320190001" not in str(note)


def test_a_message_to_who_is_away_rings_in_the_browser_without_its_text(away: Away) -> None:
    away.subscribe(SCHOOL)
    talk = away.open(COUNTY, SCHOOL)
    away.say(COUNTY, talk, SAID)
    away.tick()
    [note] = away.pushes()
    assert note["title"] == "您有新消息"
    assert note["count"] == 1
    assert note["url"] == f"/messages/{talk}"
    whole = str(away.sent("outbox.send_push"))
    for secret in ("王小明", "61011320190001", "fcm.googleapis.com"):
        assert secret not in whole


def test_a_conversation_rings_once_until_it_is_read(away: Away, time: FrozenClock) -> None:
    away.subscribe(SCHOOL)
    talk = away.open(COUNTY, SCHOOL)
    last = 0
    for _message in range(3):
        last = away.say(COUNTY, talk)
        away.tick()
        time.move(timedelta(minutes=1))
    assert len(away.pushes()) == 1
    away.read(SCHOOL, talk, last)
    away.say(COUNTY, talk)
    away.tick()
    assert len(away.pushes()) == 2


def test_one_does_not_ring_for_what_one_says_oneself(away: Away) -> None:
    away.subscribe(COUNTY)
    away.say(COUNTY, away.open(COUNTY, SCHOOL))
    away.tick()
    assert away.pushes() == []


def test_who_has_a_page_open_is_not_rung_at_once(away: Away, cast: Cast, time: FrozenClock) -> None:
    away.subscribe(SCHOOL)
    talk = away.open(COUNTY, SCHOOL)
    away.presence.beat(cast.id(SCHOOL), clock.now())
    number = away.say(COUNTY, talk)
    away.tick()
    assert away.pushes() == []
    time.move(timedelta(seconds=60))
    away.presence.beat(cast.id(SCHOOL), clock.now())
    away.read(SCHOOL, talk, number)
    away.tick()
    time.move(timedelta(minutes=5))
    away.tick()
    assert away.pushes() == []
    away.say(COUNTY, talk)
    away.presence.beat(cast.id(SCHOOL), clock.now())
    away.tick()
    # The page is closed: after fifteen seconds without a beat nobody is there.
    time.move(timedelta(seconds=20))
    away.tick()
    assert len(away.pushes()) == 1


def test_a_muted_conversation_does_not_ring(away: Away, session: Session, cast: Cast) -> None:
    away.subscribe(SCHOOL)
    talk = away.open(COUNTY, SCHOOL)

    mute(session, cast.actor(SCHOOL), talk, is_muted=True)
    away.say(COUNTY, talk)
    away.tick()
    assert away.pushes() == []


def test_the_digest_comes_once_after_the_silence_grouped_with_links(away: Away, time: FrozenClock) -> None:
    talk = away.open(COUNTY, SCHOOL)
    away.say(COUNTY, talk, SAID)
    away.say(COUNTY, talk, SAID)
    away.notice(SCHOOL)
    away.notice(SCHOOL, "step_waiting")
    away.tick()
    time.move(HOUR - timedelta(seconds=1))
    away.tick()
    assert away.mails() == []
    time.move(timedelta(seconds=1))
    away.tick()
    time.move(3 * HOUR)
    away.tick()
    [mail] = away.mails()
    assert mail["to"] == f"{SCHOOL}@demo.invalid"
    assert "4" in mail["subject"]
    for line in ("2 条新消息", "1 件申请等您办理", "1 条其他通知", f"/messages/{talk}", "/account/word"):
        assert line in mail["text"]
    for secret in ("王小明", "61011320190001", "学籍号重复"):
        assert secret not in mail["text"] + mail["subject"]


def test_what_is_read_meanwhile_is_not_told(away: Away, session: Session, cast: Cast, time: FrozenClock) -> None:
    talk = away.open(COUNTY, SCHOOL)
    number = away.say(COUNTY, talk)
    away.notice(SCHOOL)
    away.tick()
    time.move(timedelta(minutes=59))
    away.read(SCHOOL, talk, number)
    mark_all_read(session, cast.actor(SCHOOL))
    time.move(HOUR)
    away.tick()
    assert away.mails() == []
    assert cast.id(SCHOOL) not in away.watched()


def test_the_night_puts_off_and_the_morning_tells(away: Away, time: FrozenClock) -> None:
    time.move(timedelta(hours=11))
    away.subscribe(SCHOOL)
    away.say(COUNTY, away.open(COUNTY, SCHOOL))
    away.tick()
    time.move(timedelta(hours=7, minutes=59))
    away.tick()
    assert away.pushes() + away.mails() == []
    time.move(timedelta(minutes=1))
    away.tick()
    assert (len(away.pushes()), len(away.mails())) == (1, 1)


def test_a_choice_and_a_pause_hold_from_now_on(away: Away, session: Session, cast: Cast, time: FrozenClock) -> None:
    away.subscribe(SCHOOL)
    off = frozenset({switch(WordKind.OTHER, Way.MAIL)})
    services.save_choice(session, cast.actor(SCHOOL), Choice(switched_off=off, silence=timedelta(minutes=15)))
    services.pause(session, cast.actor(SCHOOL), until=clock.now() + HOUR)
    away.notice(SCHOOL)
    away.notice(SCHOOL, "step_waiting")
    away.tick()
    assert away.pushes() == []
    time.move(HOUR)
    away.tick()
    assert [note["count"] for note in away.pushes()] == [2]
    [mail] = away.mails()
    assert "其他通知" not in mail["text"]
    # Ending the pause left the rest of the choice alone.
    assert get_choice(session, cast.actor(SCHOOL)).silence == timedelta(minutes=15)


def test_word_about_the_account_comes_at_night_and_has_its_own_mail(away: Away, time: FrozenClock) -> None:
    away.subscribe(SCHOOL)
    time.move(timedelta(hours=11))
    away.notice(SCHOOL, "new_device")
    away.tick()
    assert len(away.pushes()) == 1
    time.move(timedelta(days=1))
    away.tick()
    assert away.mails() == []


def test_a_short_message_goes_for_what_the_rule_marks_and_the_day_has_its_limit(
    away: Away, session: Session, time: FrozenClock
) -> None:
    load_packs(session)
    for _notice in range(5):
        away.notice(SCHOOL, "step_waiting")
        away.notice(SCHOOL)
        away.tick()
        time.move(timedelta(minutes=1))
    time.move(timedelta(minutes=114))
    assert away.short_messages() == []
    for _minute in range(7):
        away.tick()
        time.move(timedelta(minutes=1))
    sent = away.short_messages()
    assert len(sent) == 3
    assert sent[0]["mobile"] == "13800000000"
    assert sent[0]["text"] == "【学籍服务台】1 件申请等您办理，请登录查看。"
    # The rest is put off to the next morning, and goes together.
    time.move(timedelta(hours=17))
    away.tick()
    assert len(away.short_messages()) == 4
    assert "2 件申请" in away.short_messages()[3]["text"]


def test_without_a_rule_no_short_message_goes(away: Away, time: FrozenClock) -> None:
    away.notice(SCHOOL, "step_waiting")
    away.tick()
    time.move(timedelta(hours=5))
    away.tick()
    assert away.short_messages() == []


@pytest.mark.parametrize("field", ["closed_at", "sealed_at"])
def test_an_account_that_is_shut_hears_nothing(
    away: Away, session: Session, cast: Cast, time: FrozenClock, field: str
) -> None:
    away.notice(SCHOOL)
    session.execute(update(Account).where(Account.id == cast.id(SCHOOL)).values({field: clock.now()}))
    away.tick()
    time.move(2 * HOUR)
    away.tick()
    assert away.mails() == []


def test_a_worker_that_was_away_for_days_catches_up(away: Away, time: FrozenClock) -> None:
    away.say(COUNTY, away.open(COUNTY, SCHOOL))
    time.move(timedelta(days=3))
    away.tick()
    assert len(away.mails()) == 1


def test_each_signed_in_browser_is_rung_and_one_that_is_signed_out_is_not(
    away: Away, session: Session, time: FrozenClock
) -> None:
    here, there = away.subscribe(SCHOOL), away.subscribe(SCHOOL)
    session.execute(
        update(BrowserSession).where(BrowserSession.id == there.browser_session_id).values(ended_at=clock.now())
    )
    away.notice(SCHOOL)
    away.tick()
    assert [job["subscription_id"] for job in away.sent("outbox.send_push")] == [str(here.id)]
    # Also what was on its way already finds nobody, and the clock clears it out.
    assert find_subscription(session, there.id) is None
    jobs.clear_out(session, None)
    assert session.scalars(select(PushSubscription.id)).all() == [here.id]
    time.move(timedelta(days=31))
    assert find_subscription(session, here.id) is None


def test_a_browser_that_somebody_else_signs_in_to_belongs_to_them(away: Away, session: Session) -> None:
    first = away.subscribe(SCHOOL)
    endpoint, keys = first.endpoint, (first.p256dh, first.auth)
    services.subscribe(
        session,
        away.cast.actor(COUNTY),
        away.browser(COUNTY),
        endpoint=endpoint,
        p256dh=keys[0],
        auth=keys[1],
    )
    away.notice(SCHOOL)
    away.tick()
    assert away.pushes() == []


def test_a_browser_cannot_lead_the_server_anywhere(away: Away, session: Session, cast: Cast) -> None:
    known = away.subscribe(SCHOOL)
    for endpoint in ("http://127.0.0.1:5432/", "https://169.254.169.254/latest"):
        with pytest.raises(PushServiceUnknown):
            services.subscribe(
                session,
                cast.actor(SCHOOL),
                known.browser_session_id,
                endpoint=endpoint,
                p256dh=known.p256dh,
                auth=known.auth,
            )
    with pytest.raises(InvalidInput):
        services.subscribe(
            session,
            cast.actor(SCHOOL),
            known.browser_session_id,
            endpoint=known.endpoint,
            p256dh="no key",
            auth=known.auth,
        )


def test_a_try_comes_to_this_browser_alone(away: Away, session: Session, cast: Cast) -> None:
    away.subscribe(SCHOOL)
    here = away.subscribe(SCHOOL)
    services.try_push(session, cast.actor(SCHOOL), here.browser_session_id)
    assert [job["subscription_id"] for job in away.sent("outbox.send_push")] == [str(here.id)]
    services.unsubscribe(session, here.browser_session_id)
    with pytest.raises(NotSubscribed):
        services.try_push(session, cast.actor(SCHOOL), here.browser_session_id)


def test_a_claimed_mail_is_left_out_of_the_digest(away: Away, session: Session, cast: Cast, time: FrozenClock) -> None:

    away.notice(SCHOOL, "answered")
    source = session.scalars(select(Notice.source).where(Notice.account_id == cast.id(SCHOOL))).one()
    assert services.claim_mail(session, cast.id(SCHOOL), source)
    away.tick()
    time.move(2 * HOUR)
    away.tick()
    assert away.mails() == []


def test_a_mail_that_nobody_wants_is_not_sent_on_its_own_either(
    away: Away, session: Session, cast: Cast, time: FrozenClock
) -> None:

    off = frozenset({switch(WordKind.ANSWER, Way.MAIL)})
    services.save_choice(session, cast.actor(SCHOOL), Choice(switched_off=off))
    away.notice(SCHOOL, "answered")
    source = session.scalars(select(Notice.source).where(Notice.account_id == cast.id(SCHOOL))).one()
    assert not services.claim_mail(session, cast.id(SCHOOL), source)
    services.save_choice(session, cast.actor(SCHOOL), Choice())
    services.pause(session, cast.actor(SCHOOL), until=clock.now() + HOUR)
    assert not services.claim_mail(session, cast.id(SCHOOL), source)
    time.move(HOUR)
    away.tick()
    assert len(away.mails()) == 1


def test_what_was_told_long_ago_is_forgotten(away: Away, session: Session, time: FrozenClock) -> None:
    away.notice(SCHOOL)
    away.tick()
    time.move(HOUR)
    away.tick()
    time.move(timedelta(days=10, hours=23))
    jobs.clear_out(session, None)
    assert session.scalars(select(ToldWord.thing)).all() != []
    time.move(2 * HOUR)
    jobs.clear_out(session, None)
    assert session.scalars(select(ToldWord.thing)).all() == []
