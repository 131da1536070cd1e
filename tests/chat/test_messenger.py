"""Direct conversations and groups: one for a pair, who may write, and membership that follows roles at the moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from chat import queries, services
from chat.errors import (
    ConversationNotFound,
    ConversationReadOnly,
    GroupFollowsRoles,
    LastOwner,
    MayNotWriteTo,
    NotToOneself,
    OwnersOnly,
)
from chat.models import DirectTalk, Reach, TalkGroup
from chat.queries.messenger import count_with_news, list_members, list_threads
from chat.queries.people import Wanted, search_people
from chat.services import directs, groups, members
from chat.services.groups import Membership
from registry_core import clock
from registry_core.access.models import Role, RoleAssignment
from registry_core.access.queries import load_actor
from registry_core.access.services import end_role, grant_role
from registry_core.accounts.models import Account
from registry_core.accounts.services.names import spell_names
from registry_core.db import commit, new_id
from registry_core.errors import NotFound
from registry_core.rules.loader import load_packs
from tests.conftest import Cast

SCHOOL, COUNTY, TECHNICIAN, PROVINCE = "xuexiao_xueji", "xian_xueji", "xian_jishu", "sheng_xueji"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the tests do, short."""

    session: Session
    cast: Cast

    def open(self, one: str, other: str) -> UUID:
        return directs.open_direct(self.session, self.cast.actor(one), self.cast.id(other))

    def say(self, name: str, conversation_id: UUID, body: str = "您好") -> None:
        actor = self.cast.actor(name)
        services.post_message(self.session, actor, conversation_id, client_id=str(new_id()), body=body)

    def names(self, conversation_id: UUID) -> set[str]:
        return {one.name.removesuffix("（演示）") for one in list_members(self.session, conversation_id, limit=100)}

    def mine(self, name: str) -> set[UUID]:
        return {thread.id for thread in list_threads(self.session, self.cast.actor(name))}

    def by_rule(self, maker: str, unit: str, *roles: Role, reach: Reach = Reach.BELOW, read_only: bool = False) -> UUID:
        membership = Membership(self.cast.unit(unit).id, frozenset(roles), reach)
        return groups.make_group_by_rule(
            self.session, self.cast.actor(maker), name="群", membership=membership, is_read_only=read_only
        )

    def take_roles(self, name: str) -> None:
        held = select(RoleAssignment.id).where(RoleAssignment.account_id == self.cast.id(name))
        for assignment_id in self.session.scalars(held).all():
            end_role(self.session, assignment_id)


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    load_packs(session)
    return Desk(session, cast)


# ── one to one ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_people_have_one_conversation_whoever_begins(desk: Desk) -> None:
    assert desk.open(SCHOOL, COUNTY) == desk.open(COUNTY, SCHOOL)


def test_two_who_begin_at_the_same_moment_come_into_the_same_conversation(engine: Engine, committed: Cast) -> None:
    one, other = committed.id(SCHOOL), committed.id(COUNTY)

    def begin(pair: tuple[UUID, UUID]) -> UUID:
        with Session(engine) as session, session.begin():
            return directs.open_direct(session, load_actor(session, pair[0], at=clock.now()), pair[1])

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(begin, [(one, other), (other, one)] * 8))
    with Session(engine) as session:
        assert session.scalars(select(func.count()).select_from(DirectTalk)).one() == len(found) == 1


@pytest.mark.parametrize("other", [COUNTY, TECHNICIAN, "sheng_jishu", "bu_jishu"])
def test_a_school_writes_to_its_county_and_to_technicians_all_the_way_up(desk: Desk, other: str) -> None:
    desk.say(SCHOOL, desk.open(SCHOOL, other))


@pytest.mark.parametrize("other", ["shi_xueji", PROVINCE, "bu_xueji", "xuexiao2_xueji", "linqu_jishu", "xuesheng"])
def test_a_school_does_not_write_to_every_official_nor_to_neighbours_nor_to_pupils(desk: Desk, other: str) -> None:
    with pytest.raises(MayNotWriteTo) as refused:
        desk.open(SCHOOL, other)
    assert "服务台" in refused.value.text


def test_nobody_writes_to_oneself(desk: Desk) -> None:
    with pytest.raises(NotToOneself):
        desk.open(SCHOOL, SCHOOL)


def test_who_was_written_to_may_answer_and_from_then_on_both_write(desk: Desk) -> None:
    talk = desk.open(PROVINCE, SCHOOL)
    desk.say(PROVINCE, talk)
    desk.say(SCHOOL, talk, "收到")
    desk.take_roles(PROVINCE)
    grant_role(desk.session, account_id=desk.cast.id(PROVINCE), unit_id=desk.cast.unit("湖北省").id, role=Role.TRAINER)
    desk.say(PROVINCE, talk, "我调走了")


def test_who_may_no_longer_write_to_somebody_stops_until_answered(desk: Desk) -> None:
    talk = desk.open(PROVINCE, SCHOOL)
    desk.take_roles(PROVINCE)
    grant_role(desk.session, account_id=desk.cast.id(PROVINCE), unit_id=desk.cast.unit("湖北省").id, role=Role.TRAINER)
    with pytest.raises(ConversationReadOnly):
        desk.say(PROVINCE, talk)


def test_nobody_writes_to_who_is_gone(desk: Desk) -> None:
    talk = desk.open(COUNTY, SCHOOL)
    desk.say(COUNTY, talk)
    desk.say(SCHOOL, talk)
    desk.take_roles(SCHOOL)
    with pytest.raises(ConversationReadOnly):
        desk.say(COUNTY, talk)


def test_an_empty_direct_conversation_is_nobodys_news(desk: Desk) -> None:
    desk.open(SCHOOL, COUNTY)
    county = desk.cast.actor(COUNTY)
    assert count_with_news(desk.session, county, list_threads(desk.session, county)) == 0


# ── groups by hand ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def group(desk: Desk) -> UUID:
    """A group of the county's administrator with one technician."""
    made = groups.make_group(desk.session, desk.cast.actor(COUNTY), name="秋季学籍")
    members.add_member(desk.session, desk.cast.actor(COUNTY), made, desk.cast.id(TECHNICIAN))
    return made


def test_who_joins_reads_all_and_counts_only_what_comes(desk: Desk, group: UUID) -> None:
    desk.say(COUNTY, group, "第一条")
    members.add_member(desk.session, desk.cast.actor(COUNTY), group, desk.cast.id(SCHOOL))
    unread = queries.count_unread(desk.session, desk.cast.id(SCHOOL), [group])
    assert unread.get(group, 0) == 0
    page = queries.list_messages(desk.session, desk.cast.actor(SCHOOL), group)
    assert "第一条" in [line.body for line in page.lines]
    desk.say(COUNTY, group, "第二条")
    assert queries.count_unread(desk.session, desk.cast.id(SCHOOL), [group]) == {group: 1}


def test_who_was_removed_reads_nothing_any_more_and_the_rooms_have_other_names(desk: Desk, group: UUID) -> None:
    before = queries.get_access(desk.session, desk.cast.actor(COUNTY), group).epoch
    members.remove_member(desk.session, desk.cast.actor(COUNTY), group, desk.cast.id(TECHNICIAN))
    with pytest.raises(ConversationNotFound):
        queries.list_messages(desk.session, desk.cast.actor(TECHNICIAN), group)
    assert queries.get_access(desk.session, desk.cast.actor(COUNTY), group).epoch == before + 1


def test_only_owners_change_a_group(desk: Desk, group: UUID) -> None:
    technician = desk.cast.actor(TECHNICIAN)
    with pytest.raises(OwnersOnly):
        groups.set_group(desk.session, technician, group, name="别的", is_read_only=True)
    with pytest.raises(OwnersOnly):
        members.add_member(desk.session, technician, group, desk.cast.id("xian_jishu2"))
    with pytest.raises(OwnersOnly):
        members.remove_member(desk.session, technician, group, desk.cast.id(COUNTY))
    with pytest.raises(OwnersOnly):
        members.set_owner(desk.session, technician, group, technician.account_id, is_owner=True)


def test_an_owner_adds_only_people_whom_they_may_write_to(desk: Desk, group: UUID) -> None:
    with pytest.raises(MayNotWriteTo):
        members.add_member(desk.session, desk.cast.actor(COUNTY), group, desk.cast.id("linsheng_xueji"))


def test_the_last_owner_names_another_before_leaving(desk: Desk, group: UUID) -> None:
    county = desk.cast.actor(COUNTY)
    with pytest.raises(LastOwner):
        members.leave_group(desk.session, county, group)
    members.set_owner(desk.session, county, group, desk.cast.id(TECHNICIAN), is_owner=True)
    members.leave_group(desk.session, county, group)
    assert desk.names(group) == {"张国强"}


def test_in_a_read_only_group_only_owners_write(desk: Desk, group: UUID) -> None:
    groups.set_group(desk.session, desk.cast.actor(COUNTY), group, name="秋季学籍", is_read_only=True)
    desk.say(COUNTY, group)
    with pytest.raises(ConversationReadOnly):
        desk.say(TECHNICIAN, group)


# ── groups by rule ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_all_technicians_of_a_province_belong_to_it_and_nobody_else(desk: Desk) -> None:
    group = desk.by_rule("sheng_guanli", "陕西省", Role.TECHNICIAN)
    members.settle_group(desk.session, group)
    assert desk.names(group) == {"吴海燕", "赵明辉", "陈志远", "张国强", "刘思雨", "曹志刚"}
    assert group not in desk.mine("linsheng_jishu")


def test_exactly_leaves_out_those_below(desk: Desk) -> None:
    group = desk.by_rule("sheng_guanli", "陕西省", Role.TECHNICIAN, reach=Reach.EXACTLY)
    assert group in desk.mine("sheng_jishu")
    assert group not in desk.mine(TECHNICIAN)


def test_a_role_counts_at_once_before_anybody_has_written_it_down(desk: Desk) -> None:
    group = desk.by_rule(COUNTY, "雁塔区", Role.TRAINER)
    assert group not in desk.mine(SCHOOL)
    school = desk.cast.actor(SCHOOL).assignments[0].unit_id
    given = grant_role(desk.session, account_id=desk.cast.id(SCHOOL), unit_id=school, role=Role.TRAINER)
    desk.say(SCHOOL, group, "我来了")
    end_role(desk.session, given.id)
    with pytest.raises(ConversationNotFound):
        desk.say(SCHOOL, group, "我还在吗")
    assert group not in desk.mine(SCHOOL)


def test_the_clock_follows_roles_that_begin_and_end(desk: Desk) -> None:
    group = desk.by_rule("sheng_guanli", "陕西省", Role.TECHNICIAN)
    members.settle_group(desk.session, group)
    desk.take_roles(TECHNICIAN)
    grant_role(desk.session, account_id=desk.cast.id(COUNTY), unit_id=desk.cast.unit("雁塔区").id, role=Role.TECHNICIAN)
    epoch = desk.session.get_one(TalkGroup, group).epoch
    members.settle_changed(desk.session)
    assert "张国强" not in desk.names(group)
    assert "何文静" in desk.names(group)
    desk.session.expire_all()
    assert desk.session.get_one(TalkGroup, group).epoch == epoch + 1


def test_a_maker_without_the_role_stays_while_they_keep_groups_there(desk: Desk) -> None:
    group = desk.by_rule("sheng_guanli", "陕西省", Role.TECHNICIAN, read_only=True)
    members.settle_group(desk.session, group)
    desk.say("sheng_guanli", group, "通知")
    desk.take_roles("sheng_guanli")
    assert group not in desk.mine("sheng_guanli")


def test_nobody_is_added_to_nor_leaves_a_group_by_rule_by_hand(desk: Desk) -> None:
    group = desk.by_rule("sheng_guanli", "陕西省", Role.TECHNICIAN)
    with pytest.raises(GroupFollowsRoles):
        members.add_member(desk.session, desk.cast.actor("sheng_guanli"), group, desk.cast.id(PROVINCE))
    with pytest.raises(GroupFollowsRoles):
        members.leave_group(desk.session, desk.cast.actor("sheng_jishu"), group)


def test_groups_by_rule_are_made_within_ones_reach(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.by_rule(COUNTY, "碑林区", Role.TECHNICIAN)


# ── finding ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def found(desk: Desk, name: str, words: str) -> set[str]:
    people = search_people(desk.session, desk.cast.actor(name), Wanted(words))
    return {one.name.removesuffix("（演示）") for one in people}


def test_names_follow_a_change_of_name(desk: Desk) -> None:
    account = desk.session.get_one(Account, desk.cast.id(COUNTY))
    account.name = "曾静"
    desk.session.flush()
    assert found(desk, SCHOOL, "hwj") == set()
    assert found(desk, SCHOOL, "zj") == found(desk, SCHOOL, "zengj") == {"曾静"}


def test_names_that_came_in_past_the_model_are_spelled_by_the_clock(desk: Desk) -> None:
    account = desk.session.get_one(Account, desk.cast.id(COUNTY))
    account.name_keys = []
    desk.session.flush()
    assert found(desk, SCHOOL, "hwj") == set()
    assert spell_names(desk.session) is False
    assert found(desk, SCHOOL, "hwj") == {"何文静"}


def test_closed_accounts_and_pupils_are_not_found(desk: Desk) -> None:
    desk.session.get_one(Account, desk.cast.id(COUNTY)).closed_at = clock.now()
    desk.session.flush()
    assert found(desk, SCHOOL, "何文静") == set()
    assert found(desk, "xuesheng", "何文静") == set()
    commit(desk.session)
