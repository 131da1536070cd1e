"""The web process as it really runs, with lines of people who are signed in; for the tests of docs/protocol.md."""

from __future__ import annotations

import re
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx

from tests.portal.test_web_process import Process
from tests.portal_house import CSRF
from tests.protocol_client import Line, Talk

ASKER, NEIGHBOUR = "xuexiao_xueji", "linsheng_xueji"
TECHNICIAN, COLLEAGUE = "xian_jishu", "xian_jishu2"
QUESTION = "转学手续怎样办理？"


class House:
    """The running web process, with lines of people who are signed in."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.browsers: dict[str, httpx.Client] = {}
        self.tickets: dict[str, str] = {}
        self.lines = ExitStack()

    def browser(self, user_name: str) -> httpx.Client:
        if user_name not in self.browsers:
            self.browsers[user_name] = self.process.sign_in(user_name)
        return self.browsers[user_name]

    def line(self, user_name: str) -> Line:
        """A new line of somebody."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.browser(user_name).cookies.items())
        return self.lines.enter_context(Line(self.process.address, cookie))

    def question(self) -> str:
        """A new conversation of the asker, with the question as its only message."""
        browser = self.browser(ASKER)
        token = CSRF.search(browser.get("/ask").text)
        assert token
        fields = {"csrf_token": token[1], "client_id": str(uuid4()), "body": QUESTION, "page": "/"}
        page = browser.post("/ask", data=fields, follow_redirects=True)
        found = re.search(r'data-conversation-id="([^"]+)"', page.text)
        assert found, page.text[:500]
        self.tickets[found[1]] = page.url.path.rsplit("/", 1)[1]
        return found[1]

    def press(self, user_name: str, path: str, fields: dict[str, str]) -> httpx.Response:
        """Send a form of the messenger."""
        browser = self.browser(user_name)
        token = CSRF.search(browser.get("/messages/groups/new").text)
        assert token
        return browser.post(path, data={"csrf_token": token[1], **fields}, follow_redirects=True)

    def id_of(self, user_name: str) -> str:
        """The account of somebody, as their own page tells it."""
        found = re.search(r'data-account-id="([^"]+)"', self.browser(user_name).get("/").text)
        assert found
        return found[1]

    def direct(self, user_name: str, other: str) -> str:
        """The conversation of two people."""
        page = self.press(user_name, "/messages/direct", {"account_id": self.id_of(other)})
        assert page.status_code == HTTPStatus.OK, page.text[:500]
        return page.url.path.rsplit("/", 1)[1]

    def group(self, user_name: str, *others: str) -> str:
        """A new group with these members."""
        page = self.press(user_name, "/messages/groups/new", {"name": "秋季学籍"})
        group = page.url.path.rsplit("/", 1)[1]
        for other in others:
            self.press(user_name, f"/messages/{group}/members", {"account_id": self.id_of(other)})
        return group

    def take(self, conversation: str, user_name: str) -> None:
        """Let a technician take a question that waits at their desk."""
        browser, ticket = self.browser(user_name), self.tickets[conversation]
        token = CSRF.search(browser.get(f"/console/{ticket}").text)
        assert token
        taken = browser.post(f"/tickets/{ticket}/take", data={"csrf_token": token[1]})
        assert taken.status_code == HTTPStatus.SEE_OTHER, taken.text


def said(line: Line, conversation: str) -> list[str]:
    """What stands in a conversation, which must be numbered from one without a gap."""
    talk = Talk(conversation)
    talk.catch_up(line)
    assert sorted(talk.messages) == list(range(1, len(talk.messages) + 1))
    return talk.bodies


def message(conversation: str, body: Any, **more: Any) -> dict[str, Any]:
    return {"conversation_id": conversation, "client_id": str(uuid4()), "body": body, **more}


def send(line: Line, conversation: str, body: str) -> dict[str, Any]:
    answer = line.call("message:send", message(conversation, body))
    assert answer["ok"], answer
    sent: dict[str, Any] = answer["message"]
    return sent
