"""Pages go out compressed, and how well they compress stays hidden."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from portal.compression import SMALLEST_BYTES, install_compression

PAGE = "<p>学籍服务台</p>" * 200


@pytest.fixture
def client() -> FlaskClient:
    """A browser before an application with a page, a small page, a picture and a stream."""
    app = Flask("compression", static_folder=None)
    install_compression(app)
    app.add_url_rule("/page", "page", lambda: PAGE)
    app.add_url_rule("/small", "small", lambda: "x" * (SMALLEST_BYTES - 1))
    app.add_url_rule("/picture", "picture", lambda: Response(b"\0" * 5000, mimetype="image/png"))
    app.add_url_rule("/stream", "stream", lambda: Response(iter([PAGE]), mimetype="text/html"))
    return app.test_client()


def test_a_page_is_compressed_for_a_browser_that_takes_it(client: FlaskClient) -> None:
    answer = client.get("/page", headers={"Accept-Encoding": "gzip, deflate"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(PAGE.encode()) // 10
    assert gzip.decompress(answer.data).decode() == PAGE
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_page_stays_as_it_is_for_anybody_else(client: FlaskClient) -> None:
    answer = client.get("/page")
    assert "Content-Encoding" not in answer.headers
    assert answer.text == PAGE
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/small", "/picture", "/stream"])
def test_what_gains_nothing_is_left_alone(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip"}).headers


def test_the_same_page_weighs_something_else_each_time(client: FlaskClient) -> None:
    sizes = {len(client.get("/page", headers={"Accept-Encoding": "gzip"}).data) for _ in range(30)}
    assert len(sizes) > 5
