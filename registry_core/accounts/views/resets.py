"""A new password for who has lost the old one."""

from __future__ import annotations

from flask import flash, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry_core import web
from registry_core.accounts import rate_limits
from registry_core.accounts.forms import ForgotForm, ResetForm
from registry_core.accounts.models import ResetChannel
from registry_core.accounts.services import resets
from registry_core.accounts.views.blueprint import blueprint, caller

NAME_KEY = "reset"


@blueprint.route("/sign-in/forgot", methods=["GET", "POST"])
def forgot() -> ResponseReturnValue:
    """Ask for a code; the answer is the same whether the name belongs to somebody or not."""
    form = ForgotForm()
    page = web.FormPage(form, "accounts/forgot.html")
    if not page.is_sent():
        return page.render()
    rate_limits.count_request(web.store(), rate_limits.RESET, address=web.client_address())
    resets.request_reset(web.session(), user_name=form.user_name.data, channel=ResetChannel(form.channel.data))
    session[NAME_KEY] = form.user_name.data
    flash(_("如果这个用户名登记了邮箱或手机，验证码会在一两分钟内送到，15 分钟内有效。"), "info")
    return web.go(url_for("accounts.reset"))


@blueprint.route("/sign-in/reset", methods=["GET", "POST"])
def reset() -> ResponseReturnValue:
    """Set a new password with a code from a mail, a short message or a letter."""
    form = ResetForm(user_name=session.get(NAME_KEY, ""))
    page = web.FormPage(form, "accounts/reset.html")
    if not page.is_sent():
        return page.render()
    with rate_limits.limited(web.store(), address=web.client_address()):
        resets.redeem(
            web.session(), user_name=form.user_name.data, code=form.code.data, new=form.new.data, caller=caller()
        )
    session.clear()
    flash(_("新密码已生效，所有设备上的登录都已结束。请用新密码登录。"), "success")
    return web.go(url_for("accounts.sign_in"))
