"""Files over the line: brought in pieces, gone on with after a cut, handed out under headers that let nothing run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry_core.access.actors import Actor
from registry_core.db import new_id
from registry_core.files import limits, policies, scanner, services
from registry_core.files.limits import Limits
from registry_core.files.models import ContentState, FileContent, StoredFile
from registry_core.files.services.arriving import PIECE_BYTES
from tests.architecture.sources import CHINESE
from tests.conftest import Cast
from tests.portal_house import Browser
from tests.registry_core.files.attacks import attacks
from tests.registry_core.files.conftest import USE, Shelf, shelved
from tests.registry_core.files.samples import PDF, TEXT, picture, xlsx

SignedIn = Callable[[str], Browser]
LONG = b"a,b\n" * (PIECE_BYTES // 2)
JSON = {"Accept": "application/json"}


@pytest.fixture
def shelf(app: Flask, tmp_path: Path) -> Iterator[Shelf]:
    del app
    with shelved(tmp_path / "files") as keeper:
        yield keeper


class Visitor:
    """A browser that brings files as the upload element does."""

    def __init__(self, browser: Browser) -> None:
        self.client = browser.client
        self.headers = JSON | {"X-CSRFToken": browser.token("/account/password")}

    def begin(self, called: str, content: bytes, **more: str) -> TestResponse:
        fields = {"use": USE, "name": called, "size": str(len(content)), **more}
        return self.client.post("/files/uploads", data=fields, headers=self.headers)

    def put(self, upload: str, place: int, piece: bytes) -> TestResponse:
        return self.client.put(f"/files/uploads/{upload}/{place}", data=piece, headers=self.headers)

    def finish(self, upload: str) -> TestResponse:
        return self.client.post(f"/files/uploads/{upload}/finish", headers=self.headers)

    def send(self, name: str, content: bytes) -> TestResponse:
        """Do everything; the first answer that is a refusal ends it."""
        answer = self.begin(name, content)
        if answer.status_code != 200:
            return answer
        upload = answer.json
        assert upload
        for place in range(upload["received"], len(content), PIECE_BYTES):
            assert self.put(upload["id"], place, content[place : place + PIECE_BYTES]).status_code == 200
        answer = self.finish(upload["id"])
        if answer.status_code != 200:
            # As the upload element does.
            self.client.post(f"/files/uploads/{upload['id']}/cancel", headers=self.headers)
        return answer

    def bring(self, name: str, content: bytes) -> dict[str, Any]:
        answer = self.send(name, content)
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})


@pytest.fixture
def visitor(signed_in: SignedIn, shelf: Shelf) -> Visitor:
    del shelf
    return Visitor(signed_in("xian_xueji"))


def test_a_file_is_brought_and_opened_again(visitor: Visitor) -> None:
    file = visitor.bring("名册.csv", LONG)
    assert (file["name"], file["kind"], file["state"]) == ("名册.csv", "csv", "unscanned")
    opened = visitor.client.get(file["url"])
    assert opened.data == LONG
    assert opened.headers["Content-Length"] == str(len(LONG))


class CoveringShelf(Shelf):
    """Shows names otherwise than they are."""

    def say_name(self, session: Session, actor: Actor, file: StoredFile) -> str:
        del session, actor
        return f"● {file.name}"


def test_a_file_is_saved_under_the_name_that_its_keeper_says(visitor: Visitor) -> None:
    file = visitor.bring("名册.csv", LONG)
    policies.install_file_keepers([CoveringShelf()])
    for path in (file["url"], f"{file['url']}?save=1"):
        assert unquote(visitor.client.get(path).headers["Content-Disposition"]).endswith("''● 名册.csv")


def test_an_upload_says_how_far_it_is_and_goes_on_there(visitor: Visitor) -> None:
    upload = visitor.begin("名册.csv", LONG).json
    assert upload
    visitor.put(upload["id"], 0, LONG[:PIECE_BYTES])
    shown = visitor.client.get(f"/files/uploads/{upload['id']}").json
    assert shown == {**upload, "received": PIECE_BYTES}
    assert visitor.begin("名册.csv", LONG).json == shown
    refused = visitor.finish(upload["id"])
    assert (refused.status_code, refused.headers["X-Refusal"]) == (409, "upload_unfinished")


def test_a_digest_that_was_told_before_is_compared(visitor: Visitor) -> None:
    upload = visitor.begin("a.csv", TEXT, sha256=hashlib.sha256(b"other").hexdigest()).json
    assert upload
    visitor.put(upload["id"], 0, TEXT)
    assert visitor.finish(upload["id"]).status_code == 422


def test_a_cancelled_upload_is_gone(visitor: Visitor) -> None:
    upload = visitor.begin("a.csv", TEXT).json
    assert upload
    cancelled = visitor.client.post(f"/files/uploads/{upload['id']}/cancel", headers=visitor.headers)
    assert cancelled.status_code == 204
    assert visitor.put(upload["id"], 0, TEXT).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"size": "0"}, 422),
        ({"size": "-5"}, 422),
        ({"size": "many"}, 422),
        ({"size": "1" + "0" * 30}, 422),
        ({"name": ""}, 422),
        ({"name": "a" * 2000}, 422),
        ({"sha256": "x"}, 422),
        ({"sha256": "a" * 64 + "\n"}, 200),
        ({"use": "tests.other"}, 404),
        ({"use": ""}, 422),
        ({"size": str(30_000_000)}, 422),
    ],
)
def test_what_is_announced_wrongly_is_refused_in_words(visitor: Visitor, fields: dict[str, str], status: int) -> None:
    answer = visitor.begin("a.csv", TEXT, **fields)
    assert answer.status_code == status
    if status != 200:
        assert answer.json
        assert CHINESE.search(answer.json["error"]["message"])


def test_no_piece_is_taken_without_the_token(visitor: Visitor) -> None:
    upload = visitor.begin("a.csv", TEXT).json
    assert upload
    for token in ({}, {"X-CSRFToken": "forged"}):
        answer = visitor.client.put(f"/files/uploads/{upload['id']}/0", data=TEXT, headers=JSON | token)
        assert answer.status_code == 400


def test_a_piece_that_is_too_large_is_cut_off(visitor: Visitor) -> None:
    upload = visitor.begin("a.csv", LONG).json
    assert upload
    assert visitor.put(upload["id"], 0, LONG[: PIECE_BYTES + 1]).status_code == 413
    assert visitor.put(upload["id"], 0, bytes(5_000_000)).status_code == 413


def test_a_piece_in_another_wrapping_is_no_piece(visitor: Visitor) -> None:
    upload = visitor.begin("a.csv", TEXT).json
    assert upload
    path = f"/files/uploads/{upload['id']}/0"
    assert visitor.client.put(path, data={"chunk": "x"}, headers=visitor.headers).status_code == 409


# ── who may ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_right_is_asked_at_each_request(
    session: Session, cast: Cast, visitor: Visitor, signed_in: SignedIn
) -> None:
    file = visitor.bring("a.pdf", PDF)
    colleague, outsider = signed_in("xian_jishu"), signed_in("linsheng_xueji")
    assert colleague.get(file["url"]).status_code == 404
    services.attach(session, cast.actor("xian_xueji"), UUID(file["id"]), use=USE)
    session.commit()
    assert colleague.get(file["url"]).status_code == 200
    assert outsider.get(file["url"]).status_code == 404
    assert Browser(visitor.client.application).get(file["url"], Accept="application/json").status_code == 401


def test_where_no_keeper_is_left_everything_is_shut(visitor: Visitor) -> None:
    file = visitor.bring("a.pdf", PDF)
    policies.install_file_keepers([])
    assert visitor.client.get(file["url"]).status_code == 404


@pytest.mark.parametrize("state", [ContentState.QUARANTINED, ContentState.INFECTED])
def test_what_is_not_known_to_be_clean_is_not_handed_out(
    session: Session, visitor: Visitor, state: ContentState
) -> None:
    file = visitor.bring("a.png", picture())
    content = session.scalars(select(FileContent)).one()
    content.state = ContentState.QUARANTINED
    if state is ContentState.INFECTED:
        content.fail_scan("Eicar", content.created_at)
    session.commit()
    for path in (file["url"], f"{file['url']}/thumbnail"):
        answer = visitor.client.get(path, headers=JSON)
        assert answer.status_code == {ContentState.QUARANTINED: 409, ContentState.INFECTED: 410}[state]


# ── nothing runs ──────────────────────────────────────────────────────────────────────────────────────────────────────

SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"}


def require_still(answer: TestResponse) -> None:
    """Whatever the bytes are, a browser does nothing with them but show a picture or PDF, or save them."""
    kind, _, _ = answer.headers["Content-Type"].partition(";")
    disposition = answer.headers["Content-Disposition"]
    assert kind in SHOWN or (kind == "application/octet-stream" and disposition.startswith("attachment"))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "sandbox" in policy or (kind == "application/pdf" and "frame-ancestors 'none'" in policy)
    assert not set(unquote(disposition)) & set("\r\n\0/\\\u202e")


def test_no_attack_runs_when_it_is_opened(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASSUMED", Limits(limits.ASSUMED.max_bytes, (*limits.ASSUMED.types, "gif", "pptx")))
    came_in, refused = 0, 0
    for name, content in attacks().values():
        answer = visitor.send(name.encode("utf-8", "surrogatepass").decode("utf-8", "replace"), content)
        if answer.status_code != 200:
            assert answer.status_code in {413, 422}, (name, answer.text)
            refused += 1
            continue
        came_in += 1
        assert answer.json
        for path in (answer.json["url"], f"{answer.json['url']}?save=1"):
            opened = visitor.client.get(path)
            assert opened.data == content
            require_still(opened)
    assert came_in > 20
    assert refused > 60


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("照片.png", picture(), "image/png"),
        ("照片.jpg", picture("JPEG"), "image/jpeg"),
        ("公文.pdf", PDF, "application/pdf"),
        ("名册.xlsx", xlsx(), "application/octet-stream"),
        ("名册.csv", TEXT, "application/octet-stream"),
    ],
)
def test_pictures_and_pdf_are_shown_and_everything_else_is_saved(
    visitor: Visitor, name: str, content: bytes, expected: str
) -> None:
    file = visitor.bring(name, content)
    shown, saved = visitor.client.get(file["url"]), visitor.client.get(f"{file['url']}?save=1")
    assert shown.headers["Content-Type"] == expected
    assert saved.headers["Content-Type"] == "application/octet-stream"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert name in unquote(saved.headers["Content-Disposition"])
    assert saved.headers["Content-Disposition"].isascii(), "a real server sends headers as Latin-1, or not at all"
    require_still(shown)


def test_a_picture_is_drawn_small_without_what_its_file_said_besides(session: Session, visitor: Visitor) -> None:
    file = visitor.bring("照片.png", picture(size=(2000, 1000)))
    assert visitor.client.get(f"{file['url']}/thumbnail").status_code == 404
    services.look_after(session, session.scalars(select(FileContent)).one().id)
    session.commit()
    small = visitor.client.get(f"{file['url']}/thumbnail")
    assert small.headers["Content-Type"] == "image/webp"
    assert len(small.data) < 5_000
    require_still(small)


def test_a_file_that_does_not_exist_and_one_that_is_anothers_look_alike(visitor: Visitor, signed_in: SignedIn) -> None:
    file = visitor.bring("a.pdf", PDF)
    stranger = Visitor(signed_in("linsheng_xueji"))
    answers = [stranger.client.get(path, headers=JSON).json for path in (file["url"], f"/files/{new_id()}")]
    told = {answer["error"]["message"] for answer in answers if answer}
    assert len(told) == 1


def test_with_a_scanner_a_file_waits_in_quarantine(visitor: Visitor) -> None:
    scanner.install_scanner(scanner.Clamd("tcp://127.0.0.1:1"))
    file = visitor.bring("a.pdf", PDF)
    assert (file["state"], file["state_label"]) == ("quarantined", "正在查毒")
    assert visitor.client.get(file["url"], headers=JSON).status_code == 409
