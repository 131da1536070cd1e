"""Which language a page speaks, and how it writes instants."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale

from registry_core import web

LANGUAGES = ("zh_Hans", "en")
TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"


def install_languages(app: Flask) -> None:
    """Speak Chinese first and English second; write instants in China's time."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(
        app,
        default_locale=LANGUAGES[0],
        default_timezone="Asia/Shanghai",
        locale_selector=choose_language,
    )
    app.context_processor(lambda: {"locale": str(get_locale())})


def choose_language() -> str:
    """Choose by the account, then by this browser's choice, then by what the browser asks for."""
    known = web.visitor()
    if known is not None:
        return known.locale
    if not has_request_context():
        locale: str = g.get("locale", LANGUAGES[0])
        return locale
    chosen = request.cookies.get(web.LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    tongue = request.accept_languages.best_match(["zh-CN", "zh-Hans", "zh", "en"], default="zh")
    return "en" if tongue == "en" else LANGUAGES[0]
