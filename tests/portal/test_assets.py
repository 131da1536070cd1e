"""Built files: their addresses, the icons, and how they go over the wire."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from portal.assets import ICONS, Assets, AssetsMissing, install_assets

STYLES = "body{color:#1d2321}"


@pytest.fixture
def built(tmp_path: Path) -> Assets:
    """A small build."""
    (tmp_path / "manifest.json").write_text(json.dumps({"app.css": "app-1.css", "icons.svg": "icons-2.svg"}), "utf-8")
    (tmp_path / "app-1.css").write_text(STYLES, "utf-8")
    (tmp_path / "app-1.css.gz").write_bytes(gzip.compress(STYLES.encode()))
    (tmp_path / "icons-2.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    return Assets.load(tmp_path)


@pytest.fixture
def app(built: Assets) -> Flask:
    """An application that serves it."""
    app = Flask("assets", static_folder=None)
    app.add_url_rule("/static/<path:filename>", "static", built.serve)
    return app


def test_a_file_is_known_by_its_logical_name(app: Flask, built: Assets) -> None:
    with app.test_request_context():
        assert built.asset("app.css") == "/static/app-1.css"


def test_a_missing_build_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(AssetsMissing, match="npm run build"):
        Assets.load(tmp_path)


def test_a_file_that_was_not_built_is_named(app: Flask, built: Assets) -> None:
    with app.test_request_context(), pytest.raises(AssetsMissing, match=r"maps\.js was not built"):
        built.asset("maps.js")


def test_an_icon_is_hidden_from_screen_readers_unless_it_speaks(app: Flask, built: Assets) -> None:
    with app.test_request_context():
        assert 'aria-hidden="true"' in built.icon("bell")
        assert 'href="/static/icons-2.svg#bell"' in built.icon("bell")
        assert 'role="img" aria-label="&lt;b&gt;"' in built.icon("bell", "<b>")


def test_an_icon_that_is_not_in_the_sprite_is_named(app: Flask, built: Assets) -> None:
    with app.test_request_context(), pytest.raises(AssetsMissing, match=f"No icon rocket.*{ICONS.name}"):
        built.icon("rocket")


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, deflate", "gzip"), ("gzip, br", "gzip"), ("", None)])
def test_a_file_goes_out_as_the_browser_takes_it(app: Flask, accepted: str, encoding: str | None) -> None:
    with app.test_client().get("/static/app-1.css", headers={"Accept-Encoding": accepted}) as answer:
        content = gzip.decompress(answer.data) if encoding else answer.data
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.mimetype == "text/css"
    assert content.decode() == STYLES
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_nothing_outside_the_build_is_served(app: Flask) -> None:
    assert app.test_client().get("/static/../portal/config.py").status_code == 404


def test_the_real_build_holds_what_every_page_asks_for() -> None:
    app = Flask("assets", static_folder=None)
    install_assets(app)
    with app.test_request_context():
        for name in ("app.css", "app.js", "theme.js", "icons.svg", "mark.svg", "conversation.js", "console.js"):
            with app.test_client().get(render_template_string("{{ asset(name) }}", name=name)) as answer:
                assert answer.status_code == 200
