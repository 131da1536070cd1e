"""The support directory: posts by level, changes that leave a trace, stamps and rounds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry_core import clock
from registry_core.access.models import Role
from registry_core.access.services import grant_role
from registry_core.directory.errors import (
    AlreadyStamped,
    DueDayOver,
    DutiesMissing,
    EntryNotFound,
    PostNotHere,
    RoundIsOpen,
    RoundNotFound,
    RoundNotHere,
    StampNotHere,
)
from registry_core.directory.events import ContactsDue
from registry_core.directory.models import DirectoryEntry, Post
from registry_core.directory.queries.contacts import Coverage, list_coverage
from registry_core.directory.reactions import tell_of_contacts_due
from registry_core.directory.services import bodies, contacts, rounds
from registry_core.directory.services.bodies import Details
from registry_core.directory.services.contacts import Person
from registry_core.errors import Forbidden
from registry_core.notifications.models import Notice
from registry_core.orgs.errors import UnitNotFound
from registry_core.orgs.models import BodyKind, Level, OrgUnit
from registry_core.orgs.services import Contact, add_unit
from registry_core.rules.loader import load_packs
from tests.conftest import Cast
from tests.jobs_house import jobs

MA = Person("马骏", "副局长", "029-85380000")
MORNING = datetime(2027, 3, 1, 1, tzinfo=UTC)


@pytest.fixture
def changan(session: Session, cast: Cast) -> OrgUnit:
    """A county of 西安市 in which nobody works yet."""
    return add_unit(session, cast.unit("西安市"), level=Level.COUNTY, name="长安区", code="610116")


def coverage(session: Session, cast: Cast, name: str) -> Coverage:
    return list_coverage(session, [cast.unit(name)])[0]


@pytest.mark.usefixtures("changan")
def test_a_county_names_three_posts_and_two_bodies_and_a_province_its_owners_too(session: Session, cast: Cast) -> None:
    county, province = coverage(session, cast, "长安区"), coverage(session, cast, "陕西省")
    assert set(county.holders) == {Post.REGISTRY_LEADER, Post.REGISTRY_ADMINISTRATOR, Post.TECHNICIAN}
    assert set(county.missing_posts) == set(county.holders)
    assert county.missing_bodies == (BodyKind.LEADING_GROUP, BodyKind.SERVICE_CENTRE)
    assert {Post.MONTHLY_REPORT, Post.SECURITY, Post.DATABASE} <= set(province.missing_posts)
    assert coverage(session, cast, "西安市雁塔区第一小学（演示）").missing_bodies == ()


def test_a_role_fills_a_post_and_an_ended_one_no_more(session: Session, cast: Cast, changan: OrgUnit) -> None:
    start = clock.now()
    held = grant_role(session, account_id=cast.id("xuesheng"), unit_id=changan.id, role=Role.REGISTRY_LEADER)
    assert Post.REGISTRY_LEADER not in coverage(session, cast, "长安区").missing_posts
    with clock.frozen(start + timedelta(days=1)):
        held.end(clock.now())
        session.flush()
        assert Post.REGISTRY_LEADER in coverage(session, cast, "长安区").missing_posts


def test_an_entry_is_changed_by_a_new_one_and_the_old_one_stays_on_record(
    session: Session, cast: Cast, changan: OrgUnit
) -> None:
    city = cast.actor("shi_xueji")
    entry = contacts.enter_holder(session, city, changan.id, post=Post.REGISTRY_LEADER, person=MA)
    changed = contacts.change_holder(session, city, entry.id, person=Person("马骏", "局长", "029-85381111"))
    holders = coverage(session, cast, "长安区").holders[Post.REGISTRY_LEADER]
    assert [(one.office, one.phone) for one in holders] == [("局长", "029-85381111")]
    assert session.scalars(select(DirectoryEntry.until).order_by(DirectoryEntry.id)).all() == [entry.since, None]
    contacts.end_holder(session, city, changed.id)
    assert coverage(session, cast, "长安区").holders[Post.REGISTRY_LEADER] == ()
    with pytest.raises(EntryNotFound):
        contacts.change_holder(session, city, changed.id, person=MA)


def test_a_post_of_the_province_is_not_entered_at_a_county(session: Session, cast: Cast) -> None:
    with pytest.raises(PostNotHere):
        contacts.enter_holder(session, cast.actor("xian_xueji"), cast.unit("雁塔区").id, post=Post.SECURITY, person=MA)


def test_an_operating_post_says_what_its_holder_does(session: Session, cast: Cast) -> None:
    province, unit_id = cast.actor("sheng_guanli"), cast.unit("陕西省").id
    with pytest.raises(DutiesMissing):
        contacts.enter_holder(session, province, unit_id, post=Post.DATABASE, person=MA)
    duties = Person("马骏", duties="负责数据库每日备份")
    contacts.enter_holder(session, province, unit_id, post=Post.DATABASE, person=duties)
    assert coverage(session, cast, "陕西省").holders[Post.DATABASE][0].duties == "负责数据库每日备份"


def test_nobody_enters_beside_the_own_reach(session: Session, cast: Cast) -> None:
    with pytest.raises(UnitNotFound):
        contacts.enter_holder(
            session, cast.actor("xian_xueji"), cast.unit("碑林区").id, post=Post.REGISTRY_LEADER, person=MA
        )
    entry = contacts.enter_holder(
        session, cast.actor("shi_xueji"), cast.unit("碑林区").id, post=Post.REGISTRY_LEADER, person=MA
    )
    with pytest.raises(EntryNotFound):
        contacts.end_holder(session, cast.actor("xian_xueji"), entry.id)
    with pytest.raises(Forbidden):
        contacts.end_holder(session, cast.actor("shi_jishu"), entry.id)


def test_a_stamp_keeps_what_it_stamped_and_nobody_changes_it(session: Session, cast: Cast) -> None:
    city = cast.actor("shi_xueji")
    made = contacts.stamp(session, city, cast.unit("西安市").id, signed_name="孙丽华")
    assert {line["unit"] for line in made.contents} == {"西安市", "雁塔区", "碑林区"}
    assert made.gaps == sum(coverage(session, cast, name).gaps for name in ("西安市", "雁塔区", "碑林区")) > 0
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("UPDATE directory_stamp SET signed_name = '别人'"))


def test_the_same_contents_are_stamped_once_and_again_after_a_change(session: Session, cast: Cast) -> None:
    city, unit_id = cast.actor("shi_xueji"), cast.unit("西安市").id
    contacts.stamp(session, city, unit_id, signed_name="孙丽华")
    with pytest.raises(AlreadyStamped):
        contacts.stamp(session, city, unit_id, signed_name="孙丽华")
    contacts.enter_holder(session, city, cast.unit("雁塔区").id, post=Post.REGISTRY_LEADER, person=MA)
    contacts.stamp(session, city, unit_id, signed_name="孙丽华")


def test_a_county_stamps_only_directly_under_a_province(session: Session, cast: Cast) -> None:
    with pytest.raises(StampNotHere):
        contacts.stamp(session, cast.actor("xian_xueji"), cast.unit("雁塔区").id, signed_name="何文静")
    direct = add_unit(session, cast.unit("陕西省"), level=Level.COUNTY, name="韩城市", code="610581")
    grant_role(session, account_id=cast.id("xuesheng"), unit_id=direct.id, role=Role.REGISTRY_ADMINISTRATOR)
    contacts.stamp(session, cast.actor("xuesheng"), direct.id, signed_name="许小满")


def test_the_due_day_comes_from_the_rules_of_the_province(session: Session, cast: Cast) -> None:
    load_packs(session)
    with clock.frozen(MORNING):
        rule = rounds.find_contact_rule(session, cast.unit("陕西省"))
        assert rule is not None
        assert rounds.next_due_day(rule) == date(2027, 8, 30)
        opened = rounds.open_round(
            session, cast.actor("sheng_guanli"), cast.unit("陕西省").id, title="收集", due_on=date(2027, 8, 30)
        )
        assert "8月30日" in opened.clause
        assert rounds.find_contact_rule(session, cast.unit("湖北省")) is None
    with clock.frozen(datetime(2027, 8, 30, 1, tzinfo=UTC)):
        assert rounds.next_due_day(rule) == date(2028, 8, 30)


def test_a_round_is_opened_once_by_a_province_and_due_in_the_future(session: Session, cast: Cast) -> None:
    province, later = cast.actor("sheng_guanli"), date(2027, 8, 30)
    with clock.frozen(MORNING):
        with pytest.raises(RoundNotHere):
            rounds.open_round(session, province, cast.unit("西安市").id, title="收集", due_on=later)
        with pytest.raises(DueDayOver):
            rounds.open_round(session, province, cast.unit("陕西省").id, title="收集", due_on=date(2027, 3, 1))
        opened = rounds.open_round(session, province, cast.unit("陕西省").id, title="收集", due_on=date(2027, 3, 2))
        with pytest.raises(RoundIsOpen):
            rounds.open_round(session, province, cast.unit("陕西省").id, title="收集", due_on=later)
        rounds.close_round(session, province, opened.id)
        with pytest.raises(RoundNotFound):
            rounds.close_round(session, province, opened.id)
        rounds.open_round(session, province, cast.unit("陕西省").id, title="收集", due_on=later)


def reminded(session: Session, cast: Cast) -> list[str]:
    """Whom the clock reminds now, by the names of their units."""
    before = len(jobs(session, ContactsDue.__qualname__))
    rounds.remind(session)
    units = {str(cast.unit(name).id): name for name in ("陕西省", "西安市", "雁塔区", "碑林区", "湖北省", "武汉市")}
    return sorted(units[job["payload"]["unit_id"]] for job in jobs(session, ContactsDue.__qualname__)[before:])


def test_the_clock_reminds_at_the_start_before_the_day_and_weekly_after_it(session: Session, cast: Cast) -> None:
    with clock.frozen(MORNING) as now:
        due = date(2027, 3, 31)
        rounds.open_round(session, cast.actor("sheng_guanli"), cast.unit("陕西省").id, title="收集", due_on=due)
        days = []
        for day in range(40):
            if reminded(session, cast):
                days.append(day - 30)
            assert reminded(session, cast) == []
            now.move(timedelta(days=1))
    assert days == [-30, -7, -3, -1, 0, 7]


def test_who_has_done_everything_is_left_in_peace(session: Session, cast: Cast) -> None:
    with clock.frozen(MORNING) as now:
        province, county = cast.actor("sheng_guanli"), cast.unit("雁塔区")
        rounds.open_round(session, province, cast.unit("陕西省").id, title="收集", due_on=date(2027, 3, 8))
        assert reminded(session, cast) == ["碑林区", "西安市", "雁塔区"]
        contacts.enter_holder(session, province, county.id, post=Post.REGISTRY_LEADER, person=MA)
        for kind in (BodyKind.LEADING_GROUP, BodyKind.SERVICE_CENTRE):
            bodies.add_body(session, province, county.id, kind=kind, details=Details("雁塔区", Contact()))
        now.move(timedelta(days=4))
        assert reminded(session, cast) == ["碑林区", "西安市"]


def test_a_reminder_that_runs_twice_is_one_notice_and_a_closed_round_says_nothing(
    session: Session, cast: Cast, changan: OrgUnit
) -> None:
    with clock.frozen(MORNING):
        province = cast.actor("sheng_guanli")
        grant_role(session, account_id=cast.id("xuesheng"), unit_id=changan.id, role=Role.REGISTRY_ADMINISTRATOR)
        opened = rounds.open_round(session, province, cast.unit("陕西省").id, title="收集", due_on=date(2027, 3, 8))
        due = ContactsDue(opened.id, changan.id, date(2027, 3, 1))
        tell_of_contacts_due(session, due)
        tell_of_contacts_due(session, due)
        assert session.scalars(select(Notice.account_id)).all() == [cast.id("xuesheng")]
        rounds.close_round(session, province, opened.id)
        tell_of_contacts_due(session, ContactsDue(opened.id, cast.unit("西安市").id, date(2027, 3, 1)))
        assert len(session.scalars(select(Notice.account_id)).all()) == 1
