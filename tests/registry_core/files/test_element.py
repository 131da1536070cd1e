"""The upload element in a real browser, on the real pages' scripts, against the real protocol."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.serving import BaseWSGIServer, make_server

from registry_core import web
from registry_core.db import make_sessions
from registry_core.files import policies, storage
from registry_core.files.models import FileContent, Upload
from registry_core.files.services.arriving import PIECE_BYTES
from registry_core.store import Redis
from tests.conftest import Cast
from tests.journeys.browsers import need_browser, open_browser
from tests.portal_house import Browser, make_app, make_settings
from tests.registry_core.files.conftest import USE, Shelf, shelved
from tests.registry_core.files.samples import PDF, TEXT, picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

LONG = b"a,b\n" * (PIECE_BYTES // 2 + PIECE_BYTES // 4)
"""Three pieces of CSV."""

START = """async html => {
    const main = document.getElementById("main");
    main.innerHTML = `<form>${html}<button type="submit">送出</button></form>`;
    const root = main.querySelector("[data-module]");
    window.stopUpload = (await import(root.dataset.module)).start(root);
}"""


START_ALL = """async html => {
    const main = document.getElementById("main");
    main.innerHTML = `<form>${html}<textarea></textarea></form>`;
    for (const root of main.querySelectorAll("[data-module]")) {
        (await import(root.dataset.module)).start(root);
    }
}"""
PASTE = """place => {
    const carried = new DataTransfer();
    carried.items.add(new File(["学籍号,姓名\\n"], "名册.csv", {type: "text/csv"}));
    const pasted = new ClipboardEvent("paste", {clipboardData: carried, bubbles: true, cancelable: true});
    document.querySelector(place).dispatchEvent(pasted);
}"""


class House:
    """A web server on a port of its own, which can be stopped and started again."""

    def __init__(self, database_url: str, runtime: web.Runtime, var: Path) -> None:
        self.settings = make_settings(database_url, var=var)
        self.runtime = runtime
        self.server: BaseWSGIServer | None = None
        self.port = 0
        self.app: Flask | None = None

    def start(self) -> Flask:
        self.app = make_app(self.settings, self.runtime)
        # Making an application lays its own house down; the shelf of the test is put in its place.
        policies.install_file_keepers([Shelf()])
        storage.install_storage(partial(storage.open_folder, self.settings.var / "files"))
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        return self.app

    def stop(self) -> None:
        assert self.server
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def house(committed: Cast, database_url: str, engine: Engine, store: Redis, tmp_path: Path) -> Iterator[House]:
    del committed
    running = House(database_url, web.Runtime(engine, make_sessions(engine), store), tmp_path)
    with shelved(tmp_path / "files"):
        running.start()
        yield running
        running.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """One browser for all tests here."""
    with open_browser(need_browser()) as browser:
        yield browser


@pytest.fixture
def page(house: House, chromium: Chromium) -> Iterator[Page]:
    """A page with an upload element, of somebody who is signed in."""
    assert house.app
    visitor = Browser(house.app)
    assert visitor.sign_in("xian_xueji").status_code == 303
    cookie = visitor.client.get_cookie("desk")
    assert cookie
    address = f"http://127.0.0.1:{house.port}"
    context = chromium.new_context(base_url=address, locale="zh-CN")
    context.add_cookies([{"name": "desk", "value": cookie.value, "url": address}])
    opened = context.new_page()
    opened.goto("/notices")
    show(opened, house.app)
    yield opened
    context.close()


def show(page: Page, app: Flask) -> None:
    """Put an upload element on the page, as a template would."""
    with app.test_request_context("/notices"):
        module: Any = app.jinja_env.get_template("_macros/upload.html").module
        html = module.upload(USE, "files", "附件", "PDF 或表格")
    page.evaluate(START, str(html))


def show_two(page: Page, app: Flask, given: Sequence[SimpleNamespace] = ()) -> None:
    """Put two elements into one form, the second with a camera and with files that are there already."""
    with app.test_request_context("/notices"):
        module: Any = app.jinja_env.get_template("_macros/upload.html").module
        first = module.upload(USE, "first", "甲")
        second = module.upload(USE, "second", "乙", given=given, camera=True)
    page.evaluate(START_ALL, str(first) + str(second))


def choose(page: Page, name: str, content: bytes) -> Locator:
    """Choose a file and return its row."""
    page.get_by_label("附件").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    return page.locator(".upload-row").last


def stored(engine: Engine) -> list[bytes]:
    with Session(engine) as session:
        ids = session.scalars(select(FileContent.id).order_by(FileContent.created_at)).all()
    return [b"".join(storage.read(storage.content_key(content_id))) for content_id in ids]


def test_a_file_is_brought_and_the_form_gets_its_id(page: Page, engine: Engine) -> None:
    row = choose(page, "名册.csv", LONG)
    expect(row).to_have_attribute("data-state", "done")
    expect(row).to_contain_text("名册.csv")
    expect(row).to_contain_text("3.1 MB")
    expect(page.get_by_role("status")).to_contain_text("名册.csv 已上传")
    assert stored(engine) == [LONG]
    assert len(row.locator('input[name="files"]').input_value()) == 36


def test_it_goes_on_by_itself_after_the_line_was_cut(page: Page, engine: Engine) -> None:
    cuts = iter([True, False, True, True])

    def cut(route: Route) -> None:
        if route.request.method == "PUT" and next(cuts, False):
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/files/uploads/**", cut)
    row = choose(page, "名册.csv", LONG)
    expect(row).to_contain_text("网络断开，恢复后接着传")
    expect(row).to_have_attribute("data-state", "done", timeout=20_000)
    assert stored(engine) == [LONG]


def test_it_goes_on_when_the_web_process_comes_back(page: Page, house: House, engine: Engine) -> None:
    pieces: list[str] = []

    def count(route: Route) -> None:
        if route.request.method == "PUT":
            pieces.append(route.request.url.rsplit("/", 1)[1])
            if len(pieces) == 2:
                house.stop()
        route.continue_()

    page.route("**/files/uploads/**", count)
    row = choose(page, "名册.csv", LONG)
    expect(row).to_have_attribute("data-state", "waiting", timeout=20_000)
    house.start()
    page.unroute("**/files/uploads/**")
    expect(row).to_have_attribute("data-state", "done", timeout=20_000)
    assert stored(engine) == [LONG]
    assert pieces[0] == "0"


def test_the_same_file_chosen_again_after_a_reload_goes_on(page: Page, house: House, engine: Engine) -> None:
    page.route(f"**/{PIECE_BYTES}", lambda route: route.abort("connectionreset"))
    row = choose(page, "名册.csv", LONG)
    expect(row).to_have_attribute("data-state", "waiting")
    page.unroute(f"**/{PIECE_BYTES}")
    page.reload()
    assert house.app
    show(page, house.app)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    expect(choose(page, "名册.csv", LONG)).to_have_attribute("data-state", "done")
    assert not any(url.endswith("/0") for url in sent)
    assert stored(engine) == [LONG]


def test_a_refused_file_says_why_and_can_be_taken_out(page: Page, engine: Engine) -> None:
    row = choose(page, "说明.exe", b"MZ" + bytes(200))
    expect(row).to_have_attribute("data-state", "refused")
    expect(row).to_contain_text("没有传成：不能上传这种文件")
    expect(row.get_by_role("button", name="再传一次")).to_be_visible()
    wrong = choose(page, "公文.pdf", TEXT)
    expect(wrong).to_contain_text("对不上")
    wrong.get_by_role("button", name="移除 公文.pdf").click()
    expect(page.locator(".upload-row")).to_have_count(1)
    expect(page.get_by_label("附件")).to_be_focused()
    with Session(engine) as session:
        assert session.scalars(select(Upload)).all() == []


def test_the_form_waits_for_what_is_under_way(page: Page) -> None:
    held: list[Route] = []
    page.route("**/finish", lambda route: held.append(route))  # noqa: PLW0108 - a built-in is no handler
    row = choose(page, "a.pdf", PDF)
    expect(row).to_contain_text("正在检查文件")
    page.get_by_role("button", name="送出").click()
    expect(page.locator("#flash")).to_contain_text("还有文件正在上传")
    assert page.url.endswith("/notices")
    held[0].continue_()
    expect(row).to_have_attribute("data-state", "done")


def test_a_pasted_picture_is_taken_under_a_name(page: Page) -> None:
    page.evaluate(
        """() => {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 8;
            canvas.getContext("2d").fillRect(0, 0, 8, 8);
            return new Promise(done => canvas.toBlob(blob => {
                const carried = new DataTransfer();
                carried.items.add(new File([blob], "image.png", {type: "image/png"}));
                const pasted = new ClipboardEvent("paste", {clipboardData: carried, bubbles: true, cancelable: true});
                document.querySelector("form [data-place]").dispatchEvent(pasted);
                done();
            }, "image/png"));
        }"""
    )
    row = page.locator(".upload-row")
    expect(row).to_have_attribute("data-state", "done")
    expect(row).to_contain_text("粘贴的图片.png")


def test_files_that_are_there_already_stay_in_the_form_until_they_are_taken_out(page: Page, house: House) -> None:
    assert house.app
    kept = SimpleNamespace(id="11111111-1111-7111-8111-111111111111", name="许可证.pdf", size="1 KB", state="clean")
    kept.state_label = "已查毒"
    show_two(page, house.app, [kept])
    row = page.locator(".upload-row")
    expect(row).to_contain_text("许可证.pdf")
    expect(row.locator('input[name="second"]')).to_have_value(kept.id)
    page.get_by_label("乙").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(page.locator('input[name="second"]')).to_have_count(2)
    row.first.get_by_role("button", name="移除 许可证.pdf").press("Enter")
    expect(page.locator('input[name="second"]')).to_have_count(1)
    expect(page.get_by_label("乙")).to_be_focused()


def test_of_several_fields_one_takes_what_is_pasted(page: Page, house: House) -> None:
    assert house.app
    show_two(page, house.app)
    page.evaluate(PASTE, "form .upload:nth-of-type(2) [data-place]")
    expect(page.locator('input[name="second"]')).to_have_count(1)
    page.evaluate(PASTE, "form textarea")
    expect(page.locator('input[name="first"]')).to_have_count(1)
    expect(page.locator(".upload-row")).to_have_count(2)


def test_a_photograph_goes_the_way_of_every_file(page: Page, house: House) -> None:
    assert house.app
    show_two(page, house.app)
    camera = page.locator("[data-camera]")
    expect(camera).to_have_attribute("capture", "environment")
    camera.set_input_files({"name": "image.png", "mimeType": "image/png", "buffer": picture()})
    expect(page.locator(".upload-row")).to_contain_text("拍的照片.png")
    expect(page.locator('input[name="second"]')).to_have_count(1)
