"""What search stands on: the characters and pairs of characters of what was said, and its order in time."""

from __future__ import annotations

from sqlalchemy import Connection, Index, event, func, text

from chat.models.channel import Message
from chat.models.files import MessageFile

TERMS = """
CREATE FUNCTION message_terms(body text) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000
AS $$
DECLARE
    sign text;
    code bigint;
    before bigint := 0;
    terms bigint[] := '{}';
BEGIN
    FOREACH sign IN ARRAY string_to_array(lower(body COLLATE pg_catalog.pg_c_utf8), NULL) LOOP
        code := ascii(sign);
        IF code BETWEEN 65281 AND 65374 THEN
            code := code - 65248;
        END IF;
        IF code <= 32 OR code = 12288 THEN
            before := 0;
            CONTINUE;
        END IF;
        terms := terms || code;
        IF before > 0 THEN
            terms := terms || ((before << 21) | code);
        END IF;
        before := code;
    END LOOP;
    RETURN terms;
END $$
"""
"""Each character by its number, each two neighbours as one number; lower case, full width as half width. What it gives
for a text may never change without building the indexes anew. Its price keeps the planner from calling it on every row.
"""
PENDING_KB = 65_536
"""What is sent waits in a list that is searched as well, and the worker takes it into the index: else one message in
thousands would do so for all, and wait half a second for it."""

TERM_INDEXES = ("ix_message_terms", "ix_message_file_terms")

Index("ix_message_sent_at", Message.sent_at, Message.id)
for _name, _column in zip(TERM_INDEXES, (Message.body, MessageFile.name), strict=True):
    Index(
        _name,
        func.message_terms(_column),
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": PENDING_KB},
    )


@event.listens_for(Message.__table__, "before_create")
def _prepare_search(_table: object, connection: Connection, **_: object) -> None:
    """Lay what the index stands on when tables are made without migrations (throw-away databases)."""
    connection.execute(text(TERMS))
