"""`./desk admin …`: the first super administrator of an installation in which nobody can appoint anybody yet."""

import re

import click

from portal.commands import places, seeding
from portal.commands.console import say
from registry_core import clock
from registry_core.people.forms import MOBILE, USER_NAME
from registry_core.people.services.first import appoint_first
from registry_core.people.services.reports import Person

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+\Z"


class Like(click.ParamType[str]):
    """A text of a certain shape."""

    name = "text"

    def __init__(self, shape: str, fault: str) -> None:
        self.shape = re.compile(shape)
        self.fault = fault

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what has another shape, in words."""
        if not self.shape.match(value):
            self.fail(self.fault, param, ctx)
        return value


@click.group("admin")
def command() -> None:
    """管理员：开通第一位超级管理员 · administrators: open the account of the first one."""


@command.command("first")
@click.option("--name", required=True, type=Like(r"\S.{0,59}\Z", "姓名 1 到 60 个字 · 1 to 60 characters"), help="姓名")
@click.option("--email", required=True, type=Like(EMAIL, "邮箱的写法不对 · not an e-mail address"), help="邮箱")
@click.option("--mobile", required=True, type=Like(MOBILE, "手机号是 11 位数字 · 11 digits"), help="手机号")
@click.option("--user-name", default="", type=Like(rf"\Z|{USER_NAME}", "用户名用字母和数字 · letters and digits"))
def first(name: str, email: str, mobile: str, user_name: str) -> None:
    """开通第一位全国级超级管理员，打印 24 小时有效的一次性口令 · print a one-time code valid for 24 hours."""
    with places.database() as url, seeding.session_on(url) as session:
        appointed = appoint_first(session, person=Person(name, mobile, email), user_name=user_name)
        account_name = appointed.account.user_name
    until = clock.local(appointed.until).strftime("%Y-%m-%d %H:%M")
    say(f"用户名 {account_name}", "user name")
    say(f"一次性口令 {appointed.code}", "one-time code, shown this once")
    say(f"{until}（北京时间）前用它登录，登录时要换成自己的密码", "sign in with it before then, and choose a password")
