"""Desks with several opening slots a day, holidays closed, days worked in exchange open."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = 600


def upgrade() -> None:
    """Apply."""
    add("weekly_slots", sa.String(length=LONGEST), "")
    add("works_on_makeup_days", sa.Boolean(), "true")
    add("holiday_slots", sa.String(length=LONGEST), "none")
    op.create_check_constraint(op.f("ck_desk_holiday_slots_written"), "desk", "holiday_slots <> ''")
    convert()
    op.drop_table("desk_hours")
    announce_acting()


def announce_acting() -> None:
    """Announce also that a browser begins or ends to act in a lent role: its open pages stand in rooms by rights."""
    op.execute("DROP TRIGGER browser_session_announces_rights ON browser_session")
    op.execute(
        "CREATE TRIGGER browser_session_announces_rights"
        " AFTER UPDATE OF ended_at, acting_under_id ON browser_session FOR EACH ROW"
        " WHEN (OLD.ended_at IS DISTINCT FROM NEW.ended_at OR OLD.acting_under_id IS DISTINCT FROM NEW.acting_under_id)"
        " EXECUTE FUNCTION announce_rights()"
    )


def add(name: str, kind: sa.String | sa.Boolean, default: str) -> None:
    op.add_column("desk", sa.Column(name, kind, server_default=default, nullable=False))


def convert() -> None:
    """Write the rows of each desk as one text, in minutes: the form never took seconds."""
    rows = op.get_bind().execute(
        sa.text(
            "SELECT desk_id, weekday, extract(epoch FROM opens)::int / 60, (extract(epoch FROM closes)::int + 59) / 60"
            " FROM desk_hours ORDER BY desk_id, weekday, opens"
        )
    )
    for desk_id, of_desk in groupby(rows.all(), key=lambda row: row[0]):
        week = ";".join(
            f"{WEEKDAYS[weekday - 1]} {write((row[2], row[3]) for row in of_day)}"
            for weekday, of_day in groupby(of_desk, key=lambda row: row[1])
        )
        op.get_bind().execute(
            sa.text("UPDATE desk SET weekly_slots = :week WHERE id = :desk_id"), {"week": week, "desk_id": desk_id}
        )


def write(slots: Iterable[tuple[int, int]]) -> str:
    """Write the slots of a day in their order; two that overlap are one opening and become one slot."""
    merged: list[tuple[int, int]] = []
    for begins, ends in slots:
        if merged and begins <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(ends, merged[-1][1])
        else:
            merged.append((begins, ends))
    return ",".join(f"{clock(begins)}-{clock(ends)}" for begins, ends in merged)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
