"""What is noted stands in the trail once it is committed, chained, and stays there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from registry_core import audit, clock
from registry_core.audit.entries import GENESIS, Entry, seal
from registry_core.audit.kept import storable
from registry_core.audit.services import READ_AGAIN_AFTER
from registry_core.audit.verification import stream_entries, verify
from registry_core.db import commit, new_id, rollback, transaction
from tests.registry_core.audit.conftest import Office, Person

Act = Callable[..., Entry]
PERSONAL = audit.FieldClass.PERSONAL
INTERNAL = audit.FieldClass.INTERNAL


def trail(session: Session) -> list[Entry]:
    return list(stream_entries(session))


def note(session: Session, actor: Person, subject: str = "1") -> None:
    audit.note(session, actor, "accounts.renamed", about=audit.Subject("account", subject))


def test_an_entry_tells_who_for_whom_from_where_what_and_to_what(session: Session) -> None:
    lender, browser = new_id(), new_id()
    actor = Person(new_id(), on_behalf_of=lender, origin=Office("10.0.0.9", "Edge", browser))
    unit, at = new_id(), datetime(2026, 9, 1, 8, tzinfo=UTC)
    with clock.frozen(at):
        audit.note(session, actor, "units.renamed", about=audit.Subject("unit", unit, unit, "雁塔区"))
        commit(session)
    (entry,) = trail(session)
    assert entry[2:13] == (
        at, "units.renamed", actor.account_id, lender, "10.0.0.9", "Edge", browser, "unit", str(unit), unit, "雁塔区"
    )  # fmt: skip


def test_entries_of_one_person_are_numbered_and_each_holds_the_hash_of_the_one_before(act: Act) -> None:
    first, second = act(), act()
    assert (first.number, second.number) == (1, 2)
    assert first.previous_hash == GENESIS
    assert second.previous_hash == first.hash == seal(first)


def test_nothing_is_written_before_the_commit_and_nothing_after_a_rollback(session: Session, person: Person) -> None:
    note(session, person)
    assert trail(session) == []
    rollback(session)
    commit(session)
    assert trail(session) == []


def test_what_was_noted_within_a_savepoint_goes_with_it(session: Session, person: Person) -> None:
    note(session, person, "kept")
    outer = session.begin_nested()
    with session.begin_nested():
        note(session, person, "released, then undone with the outer one")
    note(session, person, "undone")
    outer.rollback()
    with session.begin_nested():
        note(session, person, "released")
    commit(session)
    assert [entry.object_id for entry in trail(session)] == ["kept", "released"]


def test_open_values_are_kept_and_personal_ones_are_not(act: Act) -> None:
    changes = {
        "code": audit.Change("610113", "610114", INTERNAL),
        "opened_on": audit.Change(None, date(2026, 9, 1), INTERNAL),
        "mobile": audit.Change("13911112222", "13933334444", PERSONAL),
        "id_number": audit.Change(None, "610113201501010011", audit.FieldClass.SENSITIVE),
    }
    entry = act(**changes)
    assert entry.changes["code"] == {"class": "internal", "old": "610113", "new": "610114"}
    assert entry.changes["opened_on"]["new"] == "2026-09-01"
    assert entry.changes["id_number"]["old"] is None
    told = str(entry)
    assert not any(value in told for value in ("13911112222", "13933334444", "610113201501010011"))


def test_a_digest_proves_a_value_for_one_person_and_field_only(session: Session, person: Person) -> None:
    for subject in ("a", "a", "b"):
        change = {"mobile": audit.Change(None, "13911112222", PERSONAL)}
        audit.note(session, person, "accounts.renamed", about=audit.Subject("account", subject), changes=change)
    commit(session)
    first, again, other = (entry.changes["mobile"]["new"]["digest"] for entry in trail(session))
    assert first == again != other


def test_only_what_differs_counts_as_changed() -> None:
    before, after = {"name": "王芳", "mobile": "139", "post": "教师"}, {"name": "王芳", "mobile": "138"}
    classes = {"name": PERSONAL, "mobile": PERSONAL, "post": INTERNAL}
    assert set(audit.compare(before, after, classes)) == {"mobile", "post"}


@pytest.mark.parametrize("text_", ["a\0b", "\ud800", "长" * 5000, "\u202e", ""])
def test_no_text_makes_a_transaction_fail_of_its_trail(session: Session, text_: str) -> None:
    actor = Person(new_id(), origin=Office(text_, text_))
    change = {text_ or "x": audit.Change(text_, {text_: [text_, 1.5, float("inf")]}, INTERNAL)}
    audit.note(session, actor, "units.renamed", about=audit.Subject("unit", text_, label=text_), changes=change)
    commit(session)
    assert [report.fault for report in verify(session, {})] == [None]


def test_fractions_are_kept_as_text_because_the_database_writes_some_anew() -> None:
    assert storable({"share": 1e22, "many": (0.1, 2)}) == {"share": "1e+22", "many": ["0.1", 2]}


def test_an_act_has_a_dotted_name(session: Session, person: Person) -> None:
    with pytest.raises(ValueError, match="Renamed"):
        audit.note(session, person, "Renamed", about=audit.Subject("account", "1"))


def test_strangers_and_the_house_itself_leave_entries_too(session: Session) -> None:
    audit.note(session, audit.Stranger(Office()), "accounts.sign_in.failed", about=audit.Subject("account", "1"))
    audit.note(session, None, "files.found_infected", about=audit.Subject("file", "2"))
    commit(session)
    assert {(entry.account_id, entry.address) for entry in trail(session)} == {(None, "10.61.1.7"), (None, "")}


# ── reads ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def look(session: Session, actor: Person, at: audit.Subject, *fields: str) -> int:
    audit.note_read(session, actor, about=at, fields=fields)
    audit.note_read(session, actor, about=at, fields=fields)
    commit(session)
    return len(trail(session))


def test_a_look_at_somebody_is_noted_once_and_again_later_or_for_other_fields(session: Session, person: Person) -> None:
    somebody = audit.Subject("account", new_id())
    with clock.frozen(datetime(2026, 9, 1, tzinfo=UTC)) as hands:
        assert look(session, person, somebody, "mobile") == 1
        assert look(session, person, somebody, "mobile") == 1
        assert look(session, person, somebody, "mobile", "email") == 2
        assert look(session, Person(new_id()), somebody, "mobile") == 3
        hands.move(READ_AGAIN_AFTER * 1.01)
        assert look(session, person, somebody, "mobile") == 4


def test_oneself_may_look_unseen(session: Session, person: Person) -> None:
    assert look(session, person, audit.Subject("account", person.account_id), "mobile") == 0


# ── what the database forbids ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET label = 'other'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "UPDATE audit_head SET length = length - 1",
        "UPDATE audit_head SET hash = sha256('other')",
        "UPDATE audit_head SET chain = chain + 1, length = length + 1",
    ],
)
def test_the_database_lets_nobody_change_the_trail(session: Session, act: Act, statement: str) -> None:
    act()
    with pytest.raises(DBAPIError, match="never changed or deleted"), session.begin_nested():
        session.execute(text(statement))


def test_the_houses_own_role_may_append_and_no_more(engine: Engine) -> None:
    """The migration grants to a role named desk_house where there is one; here it is made and granted by hand."""
    with engine.connect() as connection:
        outer = connection.begin()
        connection.execute(text("CREATE ROLE desk_house"))
        connection.execute(text("GRANT SELECT, INSERT ON audit_entry TO desk_house"))
        connection.execute(text("SET LOCAL ROLE desk_house"))
        for statement in ("UPDATE audit_entry SET label = ''", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
            with pytest.raises(DBAPIError, match="permission denied"), connection.begin_nested():
                connection.execute(text(statement))
        with pytest.raises(DBAPIError, match="must be owner"), connection.begin_nested():
            connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        outer.rollback()


# ── at once ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_people_who_act_at_once_leave_whole_chains(sessions: sessionmaker[Session]) -> None:
    people = [Person(new_id()) for _person in range(10)]

    def work(own: Person) -> None:
        for turn in range(10):
            with transaction(sessions) as session:
                # Several chains in one transaction, in an order of its own: the heads are locked in theirs.
                for other in people[turn:] + people[:turn]:
                    note(session, other)
                note(session, own)

    threads = [threading.Thread(target=work, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions() as session:
        reports = verify(session, {})
    assert [report.fault for report in reports if report.fault] == []
    assert sum(report.entries for report in reports) == 10 * 10 * 11
