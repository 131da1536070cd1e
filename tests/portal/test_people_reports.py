"""The pages of administrators reported upward and of what was handed out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry_core.accounts.models import Account
from registry_core.people.models import AdministratorReport, CredentialDelivery, DeliveryState
from tests.conftest import Cast
from tests.people_house import EMPTY_COUNTY, SCHOOL, passwords_sent, react
from tests.portal_house import Browser

SignedIn = Callable[[str], Browser]
PERSON = {"name": "秦岭", "mobile": "13912345678", "email": "qinling@example.cn"}


def text_of(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.text


def report(province: Browser, cast: Cast, unit: str = EMPTY_COUNTY) -> str:
    page = f"/people/reports/new?unit={cast.unit(unit).id}"
    answer = province.post(page, PERSON, page=page)
    assert answer.status_code == 303
    return str(answer.location)


def test_from_the_report_to_the_first_sign_in(
    signed_in: SignedIn, browser: Browser, session: Session, cast: Cast
) -> None:
    address = report(signed_in("sheng_guanli"), cast)
    above = signed_in("bu_guanli")
    assert "等您核对" in text_of(above, "/people/reports")
    assert 'value="ql5678"' in text_of(above, address)  # a user name is proposed
    answer = above.post(f"{address}/bind", {"account": "", "user_name": "qinling"}, page=address)
    assert answer.status_code == 303
    react(session, "CredentialsIssued")
    entered = browser.sign_in("qinling", passwords_sent(session)["13912345678"])
    assert entered.location.endswith("/sign-in/password")  # it has to be changed first
    assert browser.get("/").status_code in {302, 303, 401}


def test_the_level_that_reported_sees_no_form_to_bind(signed_in: SignedIn, cast: Cast) -> None:
    province = signed_in("sheng_guanli")
    address = report(province, cast, "陕西省")
    shown = text_of(province, address)
    assert "绑定并发出密码" not in shown
    assert (
        province.post(f"{address}/bind", {"account": "", "user_name": "x123"}, page="/people/reports/new").status_code
        == 403
    )


def test_who_reported_a_wrong_number_takes_it_back_and_reports_anew(signed_in: SignedIn, cast: Cast) -> None:
    province, above = signed_in("sheng_guanli"), signed_in("bu_guanli")
    address = report(province, cast)
    assert "撤回上报" not in text_of(above, address)
    assert above.post(f"{address}/withdraw", page="/people/reports/new").status_code == 403
    assert province.post(f"{address}/withdraw", page=address).status_code == 303
    shown = text_of(province, address)
    assert "已撤回" in shown
    assert "重新上报" in shown
    assert "绑定并发出密码" not in text_of(above, address)
    assert province.post(f"{address}/withdraw", page="/people/reports/new").status_code == 409
    assert report(province, cast) != address


def test_what_was_decided_is_not_taken_back(signed_in: SignedIn, cast: Cast) -> None:
    province = signed_in("sheng_guanli")
    address = report(province, cast)
    signed_in("bu_guanli").post(f"{address}/refuse", {"reason": "号码不对"}, page=address)
    assert "撤回上报" not in text_of(province, address)
    assert province.post(f"{address}/withdraw", page="/people/reports/new").status_code == 409
    assert "号码不对" in text_of(province, address)


def test_a_school_is_found_by_its_name(signed_in: SignedIn, cast: Cast) -> None:
    province = signed_in("sheng_guanli")
    found = text_of(province, "/people/reports/new?words=雁塔+第一小学")
    assert str(cast.unit(SCHOOL).id) in found
    assert "没有找到这个单位" in text_of(province, "/people/reports/new?words=武昌区")  # not within reach


def test_what_was_typed_wrongly_is_named_at_the_field_and_kept(signed_in: SignedIn, cast: Cast) -> None:
    page = f"/people/reports/new?unit={cast.unit(EMPTY_COUNTY).id}"
    answer = signed_in("sheng_guanli").post(page, {**PERSON, "mobile": "0298765432"}, page=page)
    assert answer.status_code == 422
    assert "手机号是 11 位数字" in answer.text
    assert "秦岭" in answer.text


def test_fields_that_the_form_does_not_have_change_nothing(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    page = f"/people/reports/new?unit={cast.unit(EMPTY_COUNTY).id}"
    smuggled = {"state": "bound", "account_id": str(cast.id("sheng_guanli")), "unit_id": str(cast.unit("武昌区").id)}
    assert signed_in("sheng_guanli").post(page, {**PERSON, **smuggled}, page=page).status_code == 303
    stored = session.scalars(select(AdministratorReport)).one()
    assert (stored.state, stored.account_id, stored.unit_id) == ("open", None, cast.unit(EMPTY_COUNTY).id)


def test_an_account_that_was_not_offered_cannot_be_bound(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    address = report(signed_in("sheng_guanli"), cast)
    fields = {"account": str(cast.id("linsheng_jishu")), "user_name": ""}
    assert signed_in("bu_guanli").post(f"{address}/bind", fields, page=address).status_code == 422
    assert session.scalars(select(AdministratorReport.state)).one() == "open"


def test_a_lost_delivery_is_shown_and_sent_again(signed_in: SignedIn, session: Session, cast: Cast) -> None:
    address = report(signed_in("sheng_guanli"), cast)
    above = signed_in("bu_guanli")
    above.post(f"{address}/bind", {"account": "", "user_name": "qinling"}, page=address)
    assert "发出的都送到了" in text_of(above, "/people/deliveries")
    by_sms = session.scalars(select(CredentialDelivery).where(CredentialDelivery.channel == "sms")).one()
    by_sms.end(DeliveryState.FAILED, at=by_sms.created_at, reason="HTTP 400")
    session.commit()
    lost = text_of(above, "/people/deliveries")
    assert "139****5678" in lost
    assert "13912345678" not in lost
    assert "139****5678" in text_of(above, "/people/deliveries?q=秦岭")
    assert "139****5678" in text_of(above, f"/people/deliveries?q={EMPTY_COUNTY}")
    assert "没有找到" in text_of(above, f"/people/deliveries?q={SCHOOL}")
    again = f"/people/{by_sms.account_id}/credentials"
    assert above.post(again, {"mobile": "13912340000", "email": PERSON["email"]}, page=again).status_code == 303
    assert session.get_one(Account, by_sms.account_id).mobile == "13912340000"


@pytest.mark.parametrize("person", ["xian_jishu", "xuexiao_xueji", "sheng_xueji"])
def test_only_super_administrators_see_reports(signed_in: SignedIn, person: str) -> None:
    assert signed_in(person).get("/people/reports").status_code == 403
