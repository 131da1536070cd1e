"""Accounts opened by an administrator, and registry administrators reported upward."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from registry_core.access.errors import MayNotGive
from registry_core.access.models import Role
from registry_core.accounts.errors import UserNameTaken
from registry_core.errors import Forbidden, NotFound
from registry_core.people.errors import HasAccount, NowhereToSend
from registry_core.people.queries.names import pinyin_initials, propose_user_name
from registry_core.people.services.opening import Opening, open_for
from tests.conftest import Cast
from tests.people_house import COUNTY, SCHOOL, notices, passwords_sent, react

TEACHER = Opening("秦岭", "13912345678", "qinling@example.cn", Role.SCHOOL_USER)


def test_the_new_person_has_the_role_and_gets_a_password(session: Session, cast: Cast) -> None:
    account = open_for(session, cast.actor("xuexiao_xueji"), cast.unit(SCHOOL).id, opening=TEACHER)
    react(session, "CredentialsIssued")
    assert account.user_name == "ql5678"
    assert [held.role for held in cast.actor("ql5678").assignments] == [Role.SCHOOL_USER]
    assert set(passwords_sent(session)) == {"13912345678", "qinling@example.cn"}


@pytest.mark.parametrize(
    ("name", "initials"), [("秦岭", "ql"), ("李晓芸", "lx"), ("赵一曼", "zym"), ("Anna 王", "annaw"), ("㐀", "")]
)
def test_a_user_name_is_made_from_the_pinyin_as_far_as_characters_are_common(name: str, initials: str) -> None:
    assert pinyin_initials(name) == initials


def test_a_proposed_user_name_is_free(session: Session, cast: Cast) -> None:
    open_for(session, cast.actor("xuexiao_xueji"), cast.unit(SCHOOL).id, opening=TEACHER)
    assert propose_user_name(session, name="钱乐", mobile="13700005678", email="") == "ql5678-2"
    assert propose_user_name(session, name="㐀", mobile="", email="Li.Na@example.cn") == "li.na"


def test_a_user_name_in_use_is_refused(session: Session, cast: Cast) -> None:
    taken = Opening("秦岭", "13912345678", "", Role.SCHOOL_USER, user_name="SHI_XUEJI")
    with pytest.raises(UserNameTaken):
        open_for(session, cast.actor("xuexiao_xueji"), cast.unit(SCHOOL).id, opening=taken)


def test_the_same_person_does_not_get_a_second_account(session: Session, cast: Cast) -> None:
    open_for(session, cast.actor("xuexiao_xueji"), cast.unit(SCHOOL).id, opening=TEACHER)
    with pytest.raises(HasAccount):
        open_for(session, cast.actor("xuexiao_xueji"), cast.unit(SCHOOL).id, opening=TEACHER)


def test_without_number_and_address_no_account_is_opened(session: Session, cast: Cast) -> None:
    with pytest.raises(NowhereToSend):
        open_for(
            session,
            cast.actor("xuexiao_xueji"),
            cast.unit(SCHOOL).id,
            opening=Opening("秦岭", "", "", Role.SCHOOL_USER),
        )


def test_nobody_opens_an_account_with_a_role_that_they_may_not_give(session: Session, cast: Cast) -> None:
    boss = Opening("秦岭", "13912345678", "", Role.SUPER_ADMINISTRATOR)
    with pytest.raises(MayNotGive):
        open_for(session, cast.actor("xian_xueji"), cast.unit(COUNTY).id, opening=boss)
    with pytest.raises(MayNotGive):  # a registry administrator opens accounts of the own unit only
        open_for(session, cast.actor("xian_xueji"), cast.unit(SCHOOL).id, opening=TEACHER)


def test_outside_the_reach_there_is_no_unit_and_without_the_right_no_account(session: Session, cast: Cast) -> None:
    with pytest.raises(NotFound):
        open_for(session, cast.actor("linqu_xueji"), cast.unit(SCHOOL).id, opening=TEACHER)
    with pytest.raises(Forbidden):
        open_for(session, cast.actor("xian_jishu"), cast.unit(COUNTY).id, opening=TEACHER)


def test_an_appointed_registry_administrator_is_reported_to_the_level_above(session: Session, cast: Cast) -> None:
    appointed = Opening("秦岭", "13912345678", "", Role.REGISTRY_ADMINISTRATOR)
    open_for(session, cast.actor("sheng_guanli"), cast.unit("陕西省").id, opening=appointed)
    another = Opening("钱乐", "13700005678", "", Role.ORDINARY_USER)
    open_for(session, cast.actor("sheng_guanli"), cast.unit("陕西省").id, opening=another)
    react(session, "RoleGiven")
    assert notices(session, cast.id("bu_guanli")) == ["registry_administrator_appointed"]
    assert notices(session, cast.id("sheng_guanli")) == []
