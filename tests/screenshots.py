"""`./desk screenshots`: the pictures of docs/screenshots, made anew from the running system with invented people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page, expect

from portal.commands.browser import require_browser
from portal.preparation import ROOT
from tests.journeys.browsers import open_browser
from tests.journeys.people import People, Person
from tests.journeys.records import Records
from tests.journeys.system import running_system

FOLDER = ROOT / "docs" / "screenshots"
LARGEST_BYTES = 250_000
RING_SECONDS = 60
WIDE: dict[str, Any] = {"viewport": {"width": 1360, "height": 860}, "reduced_motion": "reduce"}
# For pages on which the ladder and what follows belong into one picture.
TALL = WIDE | {"viewport": {"width": 1360, "height": 1180}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "reduced_motion": "reduce",
}

TRANSFER = "学生从湖北转来，系统提示学籍号已存在，转入申请提交不了。"
PHOTOS = "四年级的照片都传不上去，提示尺寸不符，一共 128 人。"
REPORT = "上半年的学籍变动统计少了两个班，怎么补报？"
NAME = "户口本上改了名，系统里的姓名怎么更正？"
BOOK = "毕业生的学籍卡要打印几份，交给谁？"
STAMP = "休学证明要盖哪一级的章？"

ADMINISTRATION = {
    "people": "/people?below=y",
    "roles": "/people/role-definitions",
    "rules": "/rules",
    "calendar": "/calendars/2026",
    "support-directory": "/contacts",
    "audit": "/audit",
    "account": "/account",
}


@dataclass(slots=True)
class Album:
    """Where the pictures go."""

    folder: Path

    def keep(self, name: str, page: Page) -> None:
        """Take a picture of what a browser shows. Raises ValueError when it is larger than a picture here may be."""
        place = self.folder / f"{name}.png"
        # Without the cursor's own style, which the content security policy would refuse.
        page.screenshot(path=place, caret="initial", animations="disabled")
        size = place.stat().st_size
        print(f"  {place.relative_to(ROOT)}  {size / 1024:.0f} KB")
        if size > LARGEST_BYTES:
            message = f"{place.name} has {size} bytes, more than {LARGEST_BYTES}"
            raise ValueError(message)


def main(arguments: Sequence[str]) -> int:
    """Make all pictures; takes no arguments."""
    if arguments:
        print("./desk screenshots 不带参数 · takes no arguments")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix="desk-screenshots-") as folder,
        running_system(Path(folder)) as system,
        open_browser(require_browser()) as browser,
    ):
        records = Records(system)
        records.quieten(ring_seconds=RING_SECONDS)
        album = Album(FOLDER)
        people = People(browser, records)
        for scene in SCENES:
            scene(album, people)
        people.go_home()
    return 0


def outside(album: Album, people: People) -> None:
    """The door and the living page."""
    page = people.stranger(**WIDE)
    page.goto(f"{people.records.system.address}/sign-in")
    expect(page.locator(".cast")).to_be_visible()
    album.keep("sign-in", page)
    page.goto(f"{people.records.system.address}/_ui")
    album.keep("living-page", page)
    page.context.close()


def asking(album: Album, people: People) -> None:
    """A school asks while colleagues are there; nobody is there, and the template opens."""
    technicians = [people("xian_jishu", **WIDE), people("xian_jishu2", **WIDE), people("sheng_jishu", **WIDE)]
    for technician in technicians:
        technician.go_on_duty()
    school = people("xuexiao_xueji", **WIDE)
    school.open("/ask")
    school.page.get_by_role("textbox", name="您的问题").fill(TRANSFER)
    album.keep("ask", school.page)
    school.ask(TRANSFER)
    school.sees_ladder(county="ringing")
    settle(school)
    album.keep("question-ringing", school.page)
    school.page.set_viewport_size({"width": 1360, "height": 1200})
    for technician in technicians[:2]:
        technician.switch(on=False)
        technician.leave()
    school.sees("现在没有同事在线，请给他们留言")
    fill_template(school)
    album.keep("question-template", school.page)
    technicians[2].switch(on=False)
    technicians[2].leave()
    people.records.quieten(ring_seconds=RING_SECONDS)


def fill_template(school: Person) -> None:
    """Write what the template asks."""
    record = school.page.locator("#record")
    record.get_by_label("我试过什么").fill("重新录入、换了浏览器，都是同样的提示。对方学校说已经办了转出。")
    record.get_by_label("在哪里").fill("全国学籍系统，转学申请")
    record.get_by_label("从什么时候开始").fill("11 月 20 日")
    record.get_by_label("涉及多少名学生").fill("1")
    record.get_by_label("涉及多少名学生").blur()
    record.evaluate("card => card.scrollIntoView({block: 'end'})")


def answering(album: Album, people: People) -> None:
    """A morning at the county's desk: two talks, one question that rings, one that went up."""
    school, second, office = people("xuexiao_xueji", **TALL), people("xuexiao2_xueji"), people("xian_xueji")
    county = people("xian_jishu", **WIDE)
    county.go_on_duty()
    second.ask(PHOTOS)
    county.accepts(PHOTOS)
    county.says("我这里用同一张照片试了，也是一样。转市里看看。")
    county.passes_up("四年级 128 张照片上传失败，提示尺寸不符；县里换了两台电脑，结果相同。")
    office.ask(REPORT)
    county.accepts(REPORT)
    school.ask(TRANSFER)
    county.accepts(TRANSFER)
    talk(school, county)
    office.says("少的是六（3）班和六（4）班。")
    second.ask(NAME)
    county.hears_ringing(NAME)
    county.write_box().fill("请让对方学校在系统里点“同意转出”")
    school.page.mouse.wheel(0, -5000)
    album.keep("question-talking", school.page)
    album.keep("console", county.page)
    for name, looks in (("console-dark", WIDE | {"color_scheme": "dark"}), ("console-phone", PHONE)):
        other = people("xian_jishu", **looks)
        other.page.goto(county.page.url)
        settle(other)
        other.declines(NAME) if name == "console-phone" else other.hears_ringing(NAME)
        album.keep(name, other.page)
        other.leave()
    county.resolves("对方学校还没有点“同意转出”。请他们在“转学管理”里同意，您再提交一次，就能通过。")
    own_day(album, school, county)


def own_day(album: Album, school: Person, county: Person) -> None:
    """What a school has going on: one answer to confirm, one talk with something unread, one question that waits."""
    school.ask(BOOK)
    county.accepts(BOOK)
    school.ask(STAMP)
    county.declines(STAMP)
    school.sees("现在没有同事在线，请给他们留言")
    county.says("打印两份，一份随档案走，一份学校留存。")
    school.page.set_viewport_size({"width": 1360, "height": 860})
    school.open("/")
    settle(school)
    album.keep("workbench", school.page)


def talk(school: Person, county: Person) -> None:
    """Say what is said in such a case."""
    county.says("您好，我看到申请了。请问学生原来在哪所学校？")
    school.says("武汉市武昌区实验小学，五年级。")
    county.says("查到了：对方学校那边还是“在读”，没有办转出。")
    school.says("他们说上周已经办过了。")
    county.hears("他们说上周已经办过了。")
    school.sees_ladder(county="talking")
    settle(school)


def settings(album: Album, people: People) -> None:
    """The desk's settings, with opening hours."""
    people.records.quieten(ring_seconds=20)
    lead = people("xian_zhuguan", **WIDE)
    lead.open("/")
    lead.page.get_by_role("navigation", name="主菜单").get_by_role("link", name="雁塔区学籍服务台").click()
    for day in ("星期一", "星期二", "星期三", "星期四", "星期五"):
        lead.page.get_by_label(f"{day}开门").fill("08:30")
        lead.page.get_by_label(f"{day}关门").fill("17:30")
        lead.page.get_by_label(f"{day}关门").blur()
    lead.page.mouse.wheel(0, -5000)
    album.keep("desk-settings", lead.page)


def administering(album: Album, people: People) -> None:
    """A province looks after people, rights, rules, units and the trail."""
    province = people("sheng_guanli", **WIDE)
    for name, path in ADMINISTRATION.items():
        province.open(path)
        settle(province)
        album.keep(name, province.page)
    phone = people("sheng_guanli", **PHONE)
    phone.open("/account/rights")
    album.keep("rights-phone", phone.page)


def settle(person: Person) -> None:
    """Wait until everything that the page asks for has come."""
    person.page.wait_for_load_state("networkidle")


SCENES: tuple[Callable[[Album, People], None], ...] = (outside, asking, answering, settings, administering)
