"""Two people at one moment, on connections of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from registry_core.records.models import Entity, UnitRecord
from registry_core.records.services import Edit, save_record
from tests.conftest import Cast

SCHOOL = "西安市雁塔区第一小学（演示）"


def test_two_people_who_begin_a_record_at_one_moment_get_one_and_lose_nothing(engine: Engine, committed: Cast) -> None:
    unit_id = committed.unit(SCHOOL).id
    officer, above = committed.actor("xuexiao_xueji"), committed.actor("xian_xueji")
    has_begun = Event()

    def second() -> None:
        with Session(engine) as session:
            has_begun.wait(5)
            save_record(session, above, unit_id, Entity.SCHOOL, Edit({"fax": "029-22222"}, 0))
            session.commit()

    with ThreadPoolExecutor(1) as pool, Session(engine) as session:
        waiting = pool.submit(second)
        save_record(session, officer, unit_id, Entity.SCHOOL, Edit({"phone": "029-11111"}, 0))
        has_begun.set()
        session.commit()
        waiting.result(10)
    with Session(engine) as session:
        assert session.scalars(select(func.count()).select_from(UnitRecord)).one() == 1
        record = session.scalars(select(UnitRecord)).one()
        assert record.values == {"phone": "029-11111", "fax": "029-22222"}
