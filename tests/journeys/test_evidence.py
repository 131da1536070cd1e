"""A school without a code applies for one with a picture and a PDF; those above look at them, and the code stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.demonstration import PASSWORD, sign_beforehand
from registry_core.approvals.models import Application
from registry_core.calendars.services import load_own_days
from registry_core.files.models import FileContent
from registry_core.orgs.models import CodeScheme, OrgUnit, OrgUnitCode
from registry_core.rules.loader import load_packs
from tests.journeys.people import People, Person
from tests.journeys.records import Records
from tests.journeys.system import until
from tests.registry_core.files.samples import PDF, picture

SCHOOL = "西安市雁塔区第一小学（演示）"
CODE = "2161000123"
LICENCE: FilePayload = {"name": "办学许可证.pdf", "mimeType": "application/pdf", "buffer": PDF}
GATE: FilePayload = {"name": "校门.png", "mimeType": "image/png", "buffer": picture(size=(640, 480))}


@pytest.fixture
def school_page(people: People, records: Records) -> Iterator[str]:
    """The page of the school, with the shipped rules and calendar; afterwards it has no code again."""
    del people
    with records.session() as session:
        load_packs(session)
        sign_beforehand(session)
        load_own_days(session)
        session.commit()
        school_id = session.scalars(select(OrgUnit.id).where(OrgUnit.name == SCHOOL)).one()
    yield f"/units/{school_id}"
    with records.session() as session:
        session.execute(
            delete(OrgUnitCode).where(OrgUnitCode.unit_id == school_id, OrgUnitCode.scheme == CodeScheme.SCHOOL_CODE)
        )
        session.commit()


def brings(page: Page, label: str | re.Pattern[str], *files: FilePayload) -> None:
    """Choose files in the field of an evidence and wait until they are there."""
    field = page.locator(".upload").filter(has=page.get_by_text(label)).first
    field.locator('input[type="file"]:not([data-camera])').set_input_files(list(files))
    rows = field.locator(".upload-row[data-state=done]")
    expect(rows).to_have_count(len(files))


def opens_what_waits(person: Person) -> None:
    """Go from 等我办理 to the school's application."""
    person.open("/approvals")
    person.page.get_by_role("row").filter(has_text=SCHOOL).get_by_role("link").first.click()
    expect(person.page.get_by_role("heading", level=1, name="申请学校代码")).to_be_visible()


def approves(person: Person) -> None:
    """Say yes; a decision of weight may ask once more who it is."""
    person.button("提交决定").click()
    password = person.page.get_by_label("密码", exact=True)
    if re.search("/confirm", person.page.url) and password.count():
        password.fill(PASSWORD)
        person.page.keyboard.press("Enter")
    person.is_told("已办理，申请人会收到通知。")


def is_drawn(records: Records) -> bool:
    """Whether the worker has drawn the picture small."""
    with records.session() as session:
        return bool(session.scalars(select(FileContent.has_thumbnail).where(FileContent.width == 640)).first())


def outcome_of(session: Session) -> str:
    """Where the school's application stands."""
    return (
        session.scalars(
            select(Application.state).where(Application.subject_label == SCHOOL).order_by(Application.applied_at.desc())
        ).first()
        or ""
    )


def test_a_school_gets_its_code_by_applying_with_a_picture_and_a_pdf(
    people: People, records: Records, school_page: str
) -> None:
    school = people("xuexiao_xueji", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    school.open(school_page)
    school.page.get_by_role("link", name="申请标识码").click()
    school.sees("提交以后谁来办")
    school.page.get_by_label("办学类型").select_option("21")
    school.page.get_by_label("依据").fill("雁教发〔2026〕3 号")
    expect(school.page.locator(".upload-camera").first).to_be_visible()
    school.wants("422")
    school.button("提交申请").click()
    expect(school.page.locator(".fault-summary")).to_contain_text("还缺少证明材料：批准办学的文件")
    expect(school.page.get_by_label("依据")).to_have_value("雁教发〔2026〕3 号")
    expect(school.page.locator(".upload-camera").first).to_be_visible()
    brings(school.page, re.compile("批准办学的文件"), LICENCE)
    brings(school.page, re.compile("其他材料"), GATE)
    assert school.page.evaluate("document.documentElement.scrollWidth") <= 390
    school.button("提交申请").click()
    school.page.wait_for_url("**/approvals/*")
    school.sees("等雁塔区办理")

    until(lambda: is_drawn(records), what="no small picture of the gate")
    county = people("xian_xueji")
    opens_what_waits(county)
    expect(county.page.locator(".file-line", has_text="办学许可证.pdf")).to_be_visible()
    expect(county.page.locator(".file-line", has_text="校门.png").locator("img")).to_be_visible()
    with county.page.expect_popup() as opened:
        county.page.locator(".file-link", has_text="校门.png").click()
    assert opened.value.evaluate("document.images[0].naturalWidth") == 640
    opened.value.close()
    approves(county)

    province = people("sheng_xueji", color_scheme="dark")
    opens_what_waits(province)
    province.page.get_by_label("核发的学校标识码").fill(CODE)
    approves(province)

    school.open(school_page)
    school.sees(CODE)
    expect(school.page.get_by_role("link", name="申请标识码")).to_have_count(0)
    with records.session() as session:
        assert outcome_of(session) == "approved"
