"""Sheets of new accounts for tests."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry_core.people.columns import Column
from registry_core.people.faults import read_fault
from registry_core.people.models import AccountBatch
from registry_core.people.queries.batches import get_content
from registry_core.people.services.batches import check_batch
from registry_core.sheets import Table, read_table, write_csv
from tests.conftest import Cast

Row = dict[Column, str]
QIN: Row = {Column.NAME: "秦岭", Column.MOBILE: "13912345678", Column.ROLE: "学校用户"}
QIAN: Row = {Column.NAME: "钱乐", Column.EMAIL: "qianle@example.cn", Column.ROLE: "普通用户"}


def sheet(*rows: Row) -> Table:
    """A sheet with every column."""
    return read_table(write_csv([column.value for column in Column], [written(row) for row in rows]))


def written(row: Row) -> list[str]:
    """The cells of a row in the order of the columns."""
    return [row.get(column, "") for column in Column]


def check(session: Session, cast: Cast, user_name: str, *rows: Row) -> AccountBatch:
    """Let somebody have a sheet checked."""
    return check_batch(session, cast.actor(user_name), sheet(*rows), file_name="名单.xlsx")


def faults(session: Session, cast: Cast, user_name: str, batch: AccountBatch) -> list[tuple[int, Column, str]]:
    """The faults of a batch: row, column and kind."""
    session.expire(batch)
    content = get_content(session, cast.actor(user_name), batch.id)
    return [(fault.row, fault.column, fault.kind.value) for fault in map(read_fault, content.faults)]
