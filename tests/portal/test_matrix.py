"""Every route and every socket command, for every member of the cast and for nobody, at three places.

The table `tests/data/access_matrix.csv` says what each gets; a new route without its row fails. To write it anew, run
this file with DESK_WRITE_MATRIX=1 and one worker, and read the difference before committing it.
"""

from __future__ import annotations

import csv
import os
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from chat.models import Message
from chat.presence import Presence
from portal import permissions
from portal.demonstration import CAST, sign_beforehand
from registry_core import clock, sockets
from registry_core.calendars.services import load_own_days
from registry_core.rules.loader import load_packs
from tests.conftest import Cast
from tests.portal.matrix_scene import PLACES, Things, build, with_application
from tests.portal.test_sockets import Page
from tests.portal_house import Browser

TABLE = Path(__file__).parents[1] / "data" / "access_matrix.csv"
NOBODY = "nobody"
PEOPLE = (NOBODY, *(part.user_name for part in CAST))
ANYWHERE = "-"
PARTS = 4  # in so many tests the table is walked, so that several workers share it
Key = tuple[str, str, str]
PLACELESS = {"year", "filename", "code", "number"}  # what stands in an address and belongs to no place
SAID = "请看附件里的说明。"
NEW_PASSWORD = "春天的纸飞机-2041"

OUTCOMES = {
    200: "page",
    204: "done",
    303: "done",
    400: "malformed",
    401: "door",
    403: "refused",
    404: "absent",
    405: "no such act",
    409: "conflict",
    422: "invalid",
}

# What is typed into the form of each page that writes; `{...}` is filled in from the place.
FIELDS: dict[str, dict[str, str]] = {
    "accounts.sign_in": {"user_name": "nobody_like_{person}", "password": "not the password"},
    "accounts.password": {"current": "xueji-yanshi-2026", "new": NEW_PASSWORD, "repeat": NEW_PASSWORD},
    "accounts.language": {"language": "zh_Hans"},
    "files.begin": {"use": "nobody.answers.for.it", "name": "matrix.pdf", "size": "10"},
    "accounts.confirm": {"answer": "xueji-yanshi-2026"},
    "accounts.end_session": {"session_id": "{asker_id}"},
    "accounts.letters": {"account_id": "{asker_id}", "identity": "y"},
    "away.choices": {"digest": "60", "digest_hour": "8"},
    "away.pause": {"until": "hour"},
    "away.subscribe": {
        "endpoint": "https://fcm.googleapis.com/fcm/send/matrix",
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
    "chat.open_direct": {"account_id": "{asker_id}"},
    "chat.make_group": {"name": "秋季学籍"},
    "chat.make_group_by_rule": {"name": "秋季学籍", "unit_id": "{asker_id}", "reach": "below", "roles": "technician"},
    "chat.set_group": {"name": "秋季学籍"},
    "chat.mute": {"is_muted": "y"},
    "chat.reveal": {"reason": "核对重号"},
    "chat.add_member": {"account_id": "{asker_id}"},
    "chat.remove_member": {"account_id": "{asker_id}"},
    "chat.set_owner": {"account_id": "{asker_id}", "is_owner": "y"},
    "chat.recall_reported": {"reason": "发错了", "has_personal": "no"},
    "incidents.handle": {"measures": "已联系"},
    "incidents.close": {"conclusion": "没有扩散"},
    "incidents.show_evidence": {"reason": "核实"},
    "helpdesk.ask": {"body": SAID, "client_id": "matrix", "page": "/"},
    "helpdesk.submit_record": {"happened": SAID, "urgency": "normal"},
    "helpdesk.reopen_question": {"reason": SAID},
    "helpdesk.check_identity": {"how": SAID},
    "helpdesk.pass_up": {"summary": SAID},
    "helpdesk.return_ticket": {"advice": SAID},
    "helpdesk.resolve": {"resolution": SAID},
    "helpdesk.set_duty": {"accepting": "y"},
    "helpdesk.record_call": {
        "channel": "phone",
        "requester": "{asker_id}",
        "caller": "王老师",
        "body": SAID,
        "client_id": "matrix",
    },
    "people.bind_administrator": {"account": "", "user_name": "matrix"},
    "people.refuse_report": {"reason": SAID},
    "people.accept_registration": {"role": "ordinary_user"},
    "people.refuse_registration": {"reason": SAID},
    "people.refuse_loan": {"reason": SAID},
    "people.take_role": {"reason": SAID},
    "people.revoke": {"reason": SAID},
    "helpdesk.show_desk": {"switched_on": "y", "ring_seconds": "20"},
    "approvals.decide": {"step_id": "{step_id}", "kind": "approve"},
    "approvals.decide_many": {"steps": "{step_id}", "kind": "approve"},
    "approvals.resubmit": {"note": SAID},
    "calendars.edit_day": {"day": "2026-12-24", "kind": "off", "name": "校庆"},
    "calendars.remove_day": {"day": "2026-10-01"},
    "calendars.publish_year": {"table": "2026-01-01,off,元旦"},
    "directory.apply_list": {"digest": "0"},
    "records.edit_record": {"version": "0", "phone": "029-88888888"},
    "undertakings.sign": {"text_hash": "0", "accepted": "y"},
    "undertakings.state_purpose": {"purpose": "registry_business"},
    "workplaces.register_computer": {"name": "教导处一号机"},
    "workplaces.add_range": {"network": "61.150.43.0/24", "name": "教学楼"},
    "workplaces.switch_off": {"reason": SAID},
    "workplaces.lift": {"until": "2026-01-01", "reason": SAID},
    "records.add_teacher": {"version": "0", "name": "钱二（演示）"},
    "records.edit_teacher": {"version": "2", "name": "赵壹（演示）"},
    "records.decide_checks": {"changes": "{change_id}", "kind": "accept"},
}

# Which question of the place an address is tried with, where it is not the one that is being talked about.
STATE: dict[str, str] = {
    "helpdesk.take_ticket": "waiting",
    "helpdesk.submit_record": "waiting",
    "helpdesk.confirm_question": "resolved",
    "helpdesk.reopen_question": "resolved",
}

COMMANDS: dict[str, dict[str, Any]] = {
    "conversation:join": {"after": 0},
    "message:sync": {"after": 0},
    "message:send": {"client_id": "matrix", "body": SAID},
    "message:mark": {"delivered": 1, "read": 1},
    "message:edit": {"number": 1, "body": SAID},
    "message:take-back": {"number": 1},
    "message:earlier": {"number": 1},
    "message:recall": {"number": 1, "reason": "发错了", "has_personal": False},
    "message:report": {"number": 1, "reason": "发错了"},
    "draft:save": {"body": SAID},
    "message:react": {"number": 1, "emoji": "👍", "on": True},
    "message:pin": {"number": 1, "on": True},
    "message:star": {"number": 1, "on": True},
    "message:files": {"number": 1},
    "message:send_files": {"client_id": "matrix-files", "files": [str(UUID(int=1))]},
    "conversation:typing": {"typing": True},
    "conversation:people": {"words": "li"},
    "call:start": {"kind": "voice", "device": "matrix"},
    "call:people": {},
}
# Who may do what in a call that there is, tests/chat/test_calls.py says.
NO_CALL = {"call_id": str(UUID(int=1))}
ABOUT_NOTHING: dict[str, dict[str, Any]] = {
    # What is not theirs is named as such inside the answer (tests/portal/test_coming_in.py).
    "conversations:join": {"conversations": [{"conversation_id": str(UUID(int=1))}]},
    "call:accept": {**NO_CALL, "device": "matrix"},
    "call:decline": NO_CALL,
    "call:leave": NO_CALL,
    "call:signal": {**NO_CALL, "to": str(UUID(int=1)), "data": "{}"},
}


class Scene:
    """The three places, and a browser for everybody."""

    def __init__(self, app: Flask, session: Session, places: dict[str, Things]) -> None:
        self.app = app
        self.session = session
        self.places = places
        self.cookies: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        for person in PEOPLE:
            self.enter(person)

    def enter(self, person: str) -> None:
        """Sign a person in and keep cookie and token."""
        browser = Browser(self.app)
        if person != NOBODY:
            assert browser.sign_in(person).status_code == 303
        self.tokens[person] = browser.token("/sign-in" if person == NOBODY else "/_ui")
        cookie = browser.client.get_cookie("desk")
        assert cookie
        self.cookies[person] = cookie.value

    def request(self, person: str, method: str, address: str, fields: dict[str, str]) -> str:
        """Make a request as a person, say what came of it, and undo it."""
        client = self.app.test_client(use_cookies=False)
        headers = {"Cookie": f"desk={self.cookies[person]}", "X-CSRFToken": self.tokens[person]}
        data = {"csrf_token": self.tokens[person], **fields} if method == "POST" else None
        undo = self.session.connection().begin_nested()
        answer = client.open(address, method=method, headers=headers, data=data)
        undo.rollback()
        with answer:
            return outcome_of(answer)

    def command(self, person: str, name: str, payload: dict[str, Any]) -> str:
        """Send a socket command as a person, say what came of it, and undo it."""
        client = self.app.test_client()
        client.set_cookie("desk", self.cookies[person])
        browser = Browser(self.app)
        browser.client = client
        undo = self.session.connection().begin_nested()
        page = Page(self.app, browser)
        answer = page.call(name, payload) if page.is_open else {"error": {"code": "door"}}
        undo.rollback()
        return str(answer["error"]["code"]) if "error" in answer else "ok"


def outcome_of(answer: TestResponse) -> str:
    """Say an answer in one word."""
    if answer.status_code == 303 and answer.location.startswith("/sign-in") and answer.request.path != "/sign-out":
        return "door"
    return OUTCOMES.get(answer.status_code, str(answer.status_code))


def fill(values: dict[str, str], things: Things, person: str) -> dict[str, str]:
    known = {"asker_id": things.asker_id, "step_id": things.step_id, "change_id": things.change_id, "person": person}
    return {name: value.format(**known) for name, value in values.items()}


def part_of(name: str) -> int:
    """Say in which test an endpoint or a command is walked."""
    return zlib.crc32(name.encode()) % PARTS


def walk_routes(scene: Scene, part: int) -> Iterator[tuple[Key, dict[str, str]]]:
    """Try every route with every method; an address with a number in it at each of the places."""
    for rule in scene.app.url_map.iter_rules():
        if part_of(rule.endpoint) != part:
            continue
        targets = scene.places if rule.arguments - PLACELESS else {ANYWHERE: scene.places["own"]}
        for method in sorted({"GET", "POST", "PUT"} & (rule.methods or set())):
            for target, things in targets.items():
                address = address_of(scene.app, rule.endpoint, rule.arguments, things)
                fields = FIELDS.get(rule.endpoint, {})
                outcomes = {
                    person: scene.request(person, method, address, fill(fields, things, person)) for person in PEOPLE
                }
                # Two rules may lead to one endpoint (/console and /console/<id>): the place tells them apart.
                yield (rule.endpoint, method, target), outcomes


def address_of(app: Flask, endpoint: str, arguments: set[str], things: Things) -> str:
    """Put an address together from what stands at a place. A new kind of thing is added here."""
    known = {
        "ticket_id": getattr(things, STATE.get(endpoint, "talking")).id,
        "offer_id": things.offer_id,
        "desk_id": things.desk_id,
        "account_id": things.asker_id,
        "conversation_id": things.group_id,
        "computer_id": things.workplace.computer_id,
        "range_id": things.workplace.range_id,
        "application_id": things.application_id,
        "report_id": things.ways_in.report_id,
        "registration_id": things.ways_in.registration_id,
        "delegation_id": things.ways_in.delegation_id,
        "assignment_id": things.ways_in.assignment_id,
        "batch_id": things.ways_in.batch_id,
        "qualification_id": things.permit_id,
        "year": 2026,
        "number": 1,
        "unit_id": things.school_id,
        "entity": "school",
        "staff": "school_teacher",
        "record_id": things.teacher_id,
        "field_name": "name",
        "import_id": things.import_id,
        "change_id": things.change_id,
        "code": "national_2013",
        "body_id": things.listed.body_id,
        "member_id": things.listed.member_id,
        "entry_id": things.listed.entry_id,
        "round_id": things.listed.round_id,
        "list_id": things.listed.list_id,
        "filename": "nowhere.css",
        "message_id": things.misplaced.message_id,
        "misplaced_id": things.misplaced.report_id,
        "incident_id": things.misplaced.incident_id,
        # Nobody has brought a file: which of them somebody may open, tests/registry_core/files says.
        **dict.fromkeys(("upload_id", "file_id"), UUID(int=1)),
        "place": 0,
    }
    return app.url_map.bind("localhost").build(endpoint, {name: known[name] for name in arguments})


def walk_commands(scene: Scene, part: int) -> Iterator[tuple[Key, dict[str, str]]]:
    """Try every socket command, about the conversation of each of the places."""
    for name in sockets.commands():
        if part_of(name) != part:
            continue
        for target, things in (scene.places if name in COMMANDS else {ANYWHERE: scene.places["own"]}).items():
            about = {"conversation_id": str(things.talking.conversation_id)} if name in COMMANDS else {}
            sent = {**about, **COMMANDS.get(name, ABOUT_NOTHING.get(name, {}))}
            yield (name, "SOCKET", target), {person: scene.command(person, name, sent) for person in PEOPLE}


@pytest.fixture
def scene(app: Flask, session: Session, presence: Presence, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The three places with everybody at the door."""
    server = app.extensions["socketio"].server
    monkeypatch.setattr(server, "start_background_task", lambda act, *sent: act(*sent))
    load_packs(session)
    sign_beforehand(session)
    load_own_days(session)
    places = {}
    for place in PLACES:
        things = build(session, presence, cast, place)
        places[place.name] = with_application(session, cast.actor(place.asker), things)
    # The walk takes longer than a message may be edited and taken back.
    session.execute(update(Message).values(sent_at=clock.now() + timedelta(hours=1)))
    return Scene(app, session, places)


def read_table() -> dict[Key, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row.pop("what"), row.pop("how"), row.pop("where")): row for row in csv.DictReader(file)}


def write_table(matrix: dict[Key, dict[str, str]]) -> None:
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["what", "how", "where", *PEOPLE])
        writer.writerows([*key, *(outcomes[person] for person in PEOPLE)] for key, outcomes in sorted(matrix.items()))


@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_gets_what_the_table_says_and_nothing_else(scene: Scene, part: int) -> None:
    matrix = dict([*walk_routes(scene, part), *walk_commands(scene, part)])
    if os.environ.get("DESK_WRITE_MATRIX"):
        write_table({key: row for key, row in read_table().items() if part_of(key[0]) != part} | matrix)
    agreed = {key: row for key, row in read_table().items() if part_of(key[0]) == part}
    assert sorted(set(matrix) - set(agreed)) == [], "rows that the table lacks"
    assert sorted(set(agreed) - set(matrix)) == [], "rows of routes that are gone"
    differing = [
        f"{' '.join(key)} as {person}: {outcomes[person]}, the table says {agreed[key][person]}"
        for key, outcomes in matrix.items()
        for person in PEOPLE
        if outcomes[person] != agreed[key][person]
    ]
    assert differing == []


def test_no_page_writes_without_the_token_of_this_session(scene: Scene) -> None:
    agreed = read_table()
    outcomes = {}
    for rule in (rule for rule in scene.app.url_map.iter_rules() if "POST" in (rule.methods or set())):
        # Somebody who passes the gate, or the right would be refused before the token is looked at.
        passing = (
            one
            for where in (*scene.places, ANYWHERE)
            for one, outcome in agreed.get((rule.endpoint, "POST", where), {}).items()
            if outcome not in {"door", "refused"}
        )
        person = next(passing, NOBODY)
        scene.tokens[person] = "forged"
        address = address_of(scene.app, rule.endpoint, rule.arguments, scene.places["own"])
        outcomes[rule.endpoint] = scene.request(person, "POST", address, {})
    assert len(outcomes) > 50
    assert {endpoint for endpoint, outcome in outcomes.items() if outcome != "malformed"} == set()


OPEN = {"page", "done", "ok"}
AWAY = ("linqu_xueji", "linqu_jishu", "linsheng_xueji", "linsheng_jishu", "linsheng_guanli")


def test_the_table_lets_nobody_through_a_page_that_is_not_public() -> None:
    public = {*permissions.PUBLIC_ENDPOINTS}
    let_in = [key for key, outcomes in read_table().items() if outcomes[NOBODY] in OPEN and key[0] not in public]
    assert let_in == []


def test_in_the_table_a_person_without_a_role_may_nothing() -> None:
    public = {*permissions.PUBLIC_ENDPOINTS}
    let_in = [key for key, outcomes in read_table().items() if outcomes["xuesheng"] in OPEN and key[0] not in public]
    assert let_in == []


def test_in_the_table_what_belongs_to_the_own_county_does_not_exist_for_its_neighbours() -> None:
    own = {key: outcomes for key, outcomes in read_table().items() if key[2] == "own"}
    assert own
    let_in = [(key, person) for key, outcomes in own.items() for person in AWAY if outcomes[person] in OPEN]
    assert let_in == []


def test_no_page_fails_for_anybody_in_the_table() -> None:
    odd = [
        (key, person, outcome)
        for key, outcomes in read_table().items()
        for person, outcome in outcomes.items()
        if outcome.isdigit() or outcome == "failed"
    ]
    assert odd == []
