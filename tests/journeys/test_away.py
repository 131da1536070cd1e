"""Being away: what is chosen on the page, a browser that takes notices or may not, and word by push and by mail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select, update

from chat.models import Message, Participant
from registry_core import clock
from registry_core.accounts.models import Account, BrowserSession
from registry_core.away.models import AwayChoice, Lookout, PushSubscription, ToldWord
from registry_core.db import new_id
from tests.journeys.looks import expect_fair
from tests.journeys.people import People, Person
from tests.journeys.records import Records
from tests.journeys.system import until
from tests.journeys.test_messenger import write_to
from tests.journeys.test_other_hands import PHONE
from tests.registry_core.webpush.push_service import BrowserEnd

SCHOOL, COUNTY = "xuexiao_xueji", "xian_xueji"
PAGE = "/account/word"
SAID = "王小明的学籍号请再核对。"
REGISTER = """async () => {
    await navigator.serviceWorker.register("/push-worker.js");
    await navigator.serviceWorker.ready;
}"""
READ_NOTICES = """async () => {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const shown = await registration.getNotifications();
    return shown.map(one => [one.title, one.body, one.tag, one.data.url]);
}"""


@pytest.fixture(autouse=True)
def _as_before(people: People, records: Records) -> Iterator[None]:
    """Leave nothing chosen, told or subscribed behind."""
    del people
    yield
    with records.session() as session:
        for table in (AwayChoice, PushSubscription, Lookout, ToldWord):
            session.execute(delete(table))
        session.commit()


def state(person: Person) -> str:
    """What the card says about this browser."""
    return person.page.locator("[data-push]").get_attribute("data-push") or ""


def chooses_day_and_night(person: Person) -> None:
    """Give up the quiet hours, so that the journey may run at any time of the day."""
    person.open(PAGE)
    person.page.get_by_label("晚上不打扰", exact=True).uncheck()
    person.button("保存").click()
    person.is_told("通知方式已保存")


def take_notices(records: Records, user_name: str) -> BrowserEnd:
    """Let the browser that somebody has open take notices, as its push service would have arranged it."""
    end, name = BrowserEnd(), new_id().hex
    with records.session() as session:
        account_id = session.scalars(select(Account.id).where(Account.user_name == user_name)).one()
        browser_id = session.scalars(
            select(BrowserSession.id)
            .where(BrowserSession.account_id == account_id, BrowserSession.ended_at.is_(None))
            .order_by(BrowserSession.created_at.desc())
            .limit(1)
        ).one()
        session.add(
            PushSubscription(
                id=new_id(),
                account_id=account_id,
                browser_session_id=browser_id,
                endpoint=records.system.pushes.endpoint(name),
                p256dh=end.p256dh,
                auth=end.auth,
                created_at=clock.now(),
            )
        )
        session.commit()
    return end


def test_choices_are_kept_and_can_be_made_on_a_phone(people: People) -> None:
    school = people(SCHOOL, **PHONE)
    school.open("/account")
    school.page.get_by_role("link", name="设置通知方式").tap()
    school.page.get_by_label("新消息：邮件").uncheck()
    school.page.get_by_label("有没看的事").select_option(label="每天一封")
    school.page.get_by_label("从", exact=True).fill("21:00")
    school.page.get_by_label("节假日和周末也不打扰").check()
    school.button("保存").tap()
    school.is_told("通知方式已保存")
    expect(school.page.get_by_label("新消息：邮件")).not_to_be_checked()
    expect(school.page.get_by_label("新消息：浏览器提醒")).to_be_checked()
    expect(school.page.get_by_label("有没看的事")).to_have_value("daily")
    expect(school.page.get_by_label("从", exact=True)).to_have_value("21:00")
    school.button("暂停一周").tap()
    school.sees("已暂停")
    school.button("恢复通知").tap()
    school.is_told("通知已恢复")
    expect_fair(school.page)


def test_quiet_hours_that_are_none_are_refused_at_their_field(people: People) -> None:
    school = people(SCHOOL)
    school.open(PAGE)
    school.page.get_by_label("到", exact=True).fill("22:00")
    school.wants("422")
    school.button("保存").click()
    expect(school.page.locator(".fault-summary")).to_contain_text("不能是同一时间")
    expect(school.page.get_by_label("到", exact=True)).to_have_attribute("aria-invalid", "true")


def test_a_browser_that_refuses_says_what_to_do(people: People) -> None:
    school = people(SCHOOL)
    school.page.context.clear_permissions()
    school.open(PAGE)
    until(lambda: state(school) in {"off", "refused"})
    if state(school) == "off":
        school.button("打开浏览器提醒").click()
    school.sees("浏览器不允许本站发提醒")
    expect(school.button("打开浏览器提醒")).to_be_visible()


def test_the_page_goes_as_far_as_the_browser_does(people: People, records: Records) -> None:
    school = people(SCHOOL)
    school.page.context.grant_permissions(["notifications"])
    school.open(PAGE)
    school.wants("incognito mode")
    school.button("打开浏览器提醒").click()
    # No push service is within reach of the tests: what the browser answers is shown, and the way round named.
    until(lambda: state(school) in {"unreached", "refused", "on"}, what=state(school))
    assert school.page.evaluate("navigator.serviceWorker.getRegistration('/').then(one => Boolean(one))")
    with records.session() as session:
        kept = session.scalars(select(PushSubscription.id)).all()
    assert bool(kept) is (state(school) == "on")


def test_a_message_rings_in_the_browser_and_leads_there(people: People, records: Records) -> None:
    school, county = people(SCHOOL), people(COUNTY)
    school.page.context.grant_permissions(["notifications"])
    chooses_day_and_night(school)
    school.page.evaluate(
        "navigator.serviceWorker.register('/push-worker.js').then(() => navigator.serviceWorker.ready)"
    )
    end = take_notices(records, SCHOOL)
    records.system.pushes.parcels.clear()
    address = records.system.address
    school.page.goto("about:blank")
    write_to(county, "lxy", "李晓芸")
    county.says(SAID)
    [note] = until(lambda: records.system.pushes.opened(end), seconds=40.0)
    assert note["title"] == "您有新消息"
    assert SAID not in json.dumps(note, ensure_ascii=False)
    # The second message of the same conversation rings no more.
    county.says("还有一件事。")
    # A browser that shows the page again gets the notice from its push service.
    school.page.goto(address + PAGE)
    assert deliver(school, note) == [[note["title"], note["body"], note["tag"], note["url"]]]
    school.open(note["url"])
    school.hears(SAID)
    assert len(records.system.pushes.parcels) == 1


def deliver(person: Person, note: dict[str, Any]) -> list[list[str]]:
    """Hand a notice to the page's own service worker as the browser does, and say what it shows."""
    line = person.page.context.new_cdp_session(person.page)
    found: list[str] = []
    line.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"]),
    )
    line.send("ServiceWorker.enable")
    until(lambda: _waited(person, found))
    line.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": person.system.address,
            "registrationId": found[0],
            "data": json.dumps(note, ensure_ascii=False),
        },
    )
    shown: list[list[str]] = until(lambda: person.page.evaluate(READ_NOTICES))
    return shown


def _waited(person: Person, found: list[str]) -> bool:
    # What the browser tells comes in only while the page is waited for.
    person.page.wait_for_timeout(50)
    return bool(found)


def test_a_browser_that_is_gone_is_forgotten(people: People, records: Records) -> None:
    school = people(SCHOOL)
    take_notices(records, SCHOOL)
    records.system.pushes.answer = 410
    try:
        school.open(PAGE)
        # The button shows once this browser has a subscription itself, which needs a push service within reach.
        school.page.locator("[data-push-try]").evaluate("form => form.requestSubmit()")
        school.is_told("已发出一条试试的提醒")
        until(lambda: not _subscriptions(records), seconds=20.0)
    finally:
        records.system.pushes.answer = 201


def _subscriptions(records: Records) -> int:
    with records.session() as session:
        return len(session.scalars(select(PushSubscription.id)).all())


def test_what_nobody_reads_comes_by_mail_once_and_without_its_words(people: People, records: Records) -> None:
    school, county = people(SCHOOL), people(COUNTY)
    chooses_day_and_night(school)
    school.leave()
    write_to(county, "lxy", "李晓芸")
    county.says(SAID)
    with records.session() as session:
        earlier = clock.now() - timedelta(hours=2)
        session.execute(update(Participant).values(joined_at=earlier))
        session.execute(update(Message).values(sent_at=earlier))
        session.commit()
    # Also for one who has been on the look-out before the two hours went by.
    until(lambda: _look_at_once(records), seconds=20.0)
    [mail] = until(lambda: records.system.mailbox.to(f"{SCHOOL}@demo.invalid"), seconds=40.0)
    text = mail.get_content()
    assert "1 条新消息" in text
    assert records.system.address in text
    assert "王小明" not in text + mail["Subject"]
    with records.session() as session:
        session.execute(update(Lookout).values(look_at=clock.now()))
        session.commit()
    county.page.wait_for_timeout(4000)
    assert len(records.system.mailbox.to(f"{SCHOOL}@demo.invalid")) == 1


def _look_at_once(records: Records) -> bool:
    with records.session() as session:
        found = session.execute(update(Lookout).values(look_at=clock.now()).returning(Lookout.account_id)).all()
        session.commit()
        return bool(found) or bool(records.system.mailbox.mails)
