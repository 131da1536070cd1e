"""Evidence on pages: a school applies for a code with files, the county looks at them, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry_core import clock
from registry_core.approvals.evidence import EvidenceKeeper
from registry_core.approvals.models import Application, ApplicationState
from registry_core.approvals.policies import EVIDENCE
from registry_core.calendars.services import load_own_days
from registry_core.files import policies
from registry_core.files.models import ContentState, FileContent
from registry_core.orgs import queries as orgs
from registry_core.orgs.models import CodeScheme
from registry_core.rules.loader import load_packs
from tests.conftest import Cast
from tests.portal_house import Browser
from tests.registry_core.files.conftest import shelved
from tests.registry_core.files.samples import PDF, picture

SignedIn = Callable[[str], Browser]
SCHOOL = "西安市雁塔区第一小学（演示）"
JSON = {"Accept": "application/json"}
WISH = {"school_class": "21", "reason": "雁教发〔2026〕3 号"}


@pytest.fixture(autouse=True)
def rules(app: Flask, session: Session, tmp_path: Path) -> Iterator[None]:
    """Rules, calendar, and a place for files with the keeper of evidence."""
    del app
    load_own_days(session)
    load_packs(session)
    with shelved(tmp_path / "files"):
        policies.install_file_keepers([EvidenceKeeper()])
        yield


@pytest.fixture
def page(cast: Cast) -> str:
    """The page on which the school applies."""
    return f"/units/{cast.unit(SCHOOL).id}/code/apply"


def bring(browser: Browser, name: str, content: bytes) -> str:
    """Bring a file as the upload element does, and return its id."""
    headers = JSON | {"X-CSRFToken": browser.token("/account/password")}
    fields = {"use": EVIDENCE, "name": name, "size": str(len(content))}
    begun: Any = browser.client.post("/files/uploads", data=fields, headers=headers).json
    browser.client.put(f"/files/uploads/{begun['id']}/0", data=content, headers=headers)
    kept: Any = browser.client.post(f"/files/uploads/{begun['id']}/finish", headers=headers).json
    return str(kept["id"])


def send(browser: Browser, page: str, **more: str) -> TestResponse:
    return browser.post(page, WISH | more, page=page)


def apply(browser: Browser, page: str, **more: str) -> str:
    """Apply with a licence, and return the address of the application."""
    sent = send(browser, page, **{"evidence-0": bring(browser, "办学许可证.pdf", PDF), **more})
    assert sent.status_code == 303, sent.text
    return str(sent.location)


def decide(browser: Browser, session: Session, address: str, kind: str = "approve", **more: str) -> TestResponse:
    application = session.get_one(Application, address.rsplit("/", 1)[1])
    session.refresh(application)
    fields = {"step_id": str(application.open_step_id), "kind": kind, "reason": "请补照片", **more}
    return browser.post(f"{address}/decide", fields, page=address)


def test_the_page_says_who_will_decide_what_to_bring_and_until_when(signed_in: SignedIn, page: str, cast: Cast) -> None:
    unit = signed_in("xuexiao_xueji").get(f"/units/{cast.unit(SCHOOL).id}").text
    assert page in unit
    shown = signed_in("xuexiao_xueji").get(page).text
    for told in ("雁塔区的学籍管理员", "陕西省的学籍管理员", "批准办学的文件", "（必须有）", "9月20日", "拍照", ".pdf"):
        assert told in shown, told
    assert page not in signed_in("xian_jishu").get(f"/units/{cast.unit(SCHOOL).id}").text


def test_without_the_file_it_is_refused_by_name_and_nothing_is_lost(
    signed_in: SignedIn, page: str, session: Session
) -> None:
    school = signed_in("xuexiao_xueji")
    further = bring(school, "校门.png", picture())
    refused = send(school, page, **{"evidence-1": further})
    assert refused.status_code == 422
    assert "还缺少证明材料：批准办学的文件" in refused.text
    for kept in (WISH["reason"], 'value="21" selected', further, "校门.png"):
        assert kept in refused.text, kept
    assert session.scalars(select(Application)).all() == []


@pytest.mark.parametrize("files", ["x", "00000000-0000-0000-0000-000000000000"])
def test_files_that_do_not_exist_are_none(signed_in: SignedIn, page: str, files: str) -> None:
    refused = send(signed_in("xuexiao_xueji"), page, **{"evidence-0": files})
    assert refused.status_code in {404, 422}
    assert WISH["reason"] in refused.text


def test_the_county_sees_the_files_opens_them_and_the_code_stands_on_the_page(
    signed_in: SignedIn, page: str, session: Session, cast: Cast
) -> None:
    school = signed_in("xuexiao_xueji")
    address = apply(school, page, **{"evidence-1": bring(school, "校门.png", picture())})
    county = signed_in("xian_xueji")
    seen = county.get(address).text
    for told in ("办学许可证.pdf", "校门.png", "21 小学", WISH["reason"]):
        assert told in seen, told
    assert "核发的学校标识码" not in seen
    link = seen.split('class="file-link" href="', 1)[1].split('"', 1)[0]
    opened = county.get(link)
    assert (opened.status_code, opened.content_type) == (200, "application/pdf")
    for outside in ("xuexiao2_xueji", "linqu_xueji", "xian_jishu"):
        assert signed_in(outside).get(link).status_code == 404
    assert decide(county, session, address).status_code == 303
    province = signed_in("sheng_xueji")
    assert "核发的学校标识码" in province.get(address).text
    wrong = decide(province, session, address, **{"answer-code": "2142000123"})
    assert wrong.status_code == 422
    assert "应是本省的 61" in wrong.text
    assert 'value="2142000123"' in wrong.text
    assert decide(province, session, address, **{"answer-code": "2161000123"}).status_code == 303
    assert orgs.find_code(session, cast.unit(SCHOOL).id, CodeScheme.SCHOOL_CODE) == "2161000123"
    unit = school.get(f"/units/{cast.unit(SCHOOL).id}").text
    assert "2161000123" in unit
    assert page not in unit
    assert "不用申请" in school.get(page).text


def test_a_returned_application_keeps_its_files_and_takes_more(
    signed_in: SignedIn, page: str, session: Session
) -> None:
    school = signed_in("xuexiao_xueji")
    address = apply(school, page)
    decide(signed_in("xian_xueji"), session, address, "return")
    again = school.get(address).text
    kept = again.split('name="evidence-0" value="', 1)[1].split('"', 1)[0]
    refused = school.post(f"{address}/resubmit", {"note": "补了照片"}, page=address)
    assert refused.status_code == 422
    assert "还缺少证明材料" in refused.text
    assert "补了照片" in refused.text
    fields = {"note": "补了照片", "evidence-0": kept, "evidence-1": bring(school, "校门.png", picture())}
    assert school.post(f"{address}/resubmit", fields, page=address).status_code == 303
    assert "校门.png" in signed_in("xian_xueji").get(address).text
    application = session.scalars(select(Application)).one()
    assert (application.state, application.round) == (ApplicationState.OPEN, 2)


@pytest.mark.parametrize(
    ("state", "told"), [(ContentState.QUARANTINED, "正在查毒"), (ContentState.INFECTED, "有病毒，已隔离")]
)
def test_files_that_cannot_be_opened_are_shown_so(
    signed_in: SignedIn, page: str, session: Session, state: ContentState, told: str
) -> None:
    address = apply(signed_in("xuexiao_xueji"), page)
    content = session.scalars(select(FileContent)).one()
    if state is ContentState.INFECTED:
        content.fail_scan("Eicar", clock.now())
    else:
        content.state = state
    session.flush()
    seen = signed_in("xian_xueji").get(address).text
    assert told in seen
    assert "file-link" not in seen


def test_a_merger_is_applied_for_on_the_page_and_the_school_says_so(signed_in: SignedIn, cast: Cast) -> None:
    county, unit_id = signed_in("xian_xueji"), cast.unit(SCHOOL).id
    page, into = f"/units/{unit_id}/merge", cast.unit("西安市雁塔区第二小学（演示）")
    assert "西安市的学籍管理员" in county.get(page).text
    fields = {"into": str(into.id), "reason": "雁政发〔2026〕1 号", "evidence-0": bring(county, "批复.pdf", PDF)}
    sent = county.post(page, fields, page=page)
    assert sent.status_code == 303
    assert into.name in county.get(sent.location).text
    assert cast.unit(SCHOOL).is_open(orgs.today())
    assert sent.location.rsplit("/", 1)[1] in county.get(f"/units/{unit_id}").text
    closing = f"/units/{into.id}/close"
    refused = county.post(closing, {"reason": "批复"}, page=closing)
    assert "还缺少证明材料：批准撤并的文件" in refused.text


def test_names_of_files_are_shown_as_words(signed_in: SignedIn, page: str) -> None:
    school = signed_in("xuexiao_xueji")
    evil = bring(school, "<img src=x onerror=alert(1)>.pdf", PDF)
    refused = send(school, page, **{"evidence-1": evil})
    assert "<img src=x" not in refused.text
