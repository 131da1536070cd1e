"""Storing messages: many in one statement, each under the next number of its conversation."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Integer, Text, Uuid, bindparam, text
from sqlalchemy.orm import Session

from chat.models import Message
from chat.policies import Said
from registry_core import clock
from registry_core.db import new_id, run


class SentTwiceAtOnce(Exception):
    """The same message came over two processes in one moment; the number that it took has to be given back."""


# The conversations' rows stay locked until commit, in one order for everybody, so that numbers follow the order of
# commits and leave no gap. A message that its sender has sent before is left out. Of two copies in flight at once the
# later waits for the lock and cannot see the first in its snapshot: the unique constraint then keeps it out.
_STORE = text("""
WITH given AS (
    SELECT * FROM unnest(
        :ids, :conversation_ids, :sender_ids, :client_ids, :kinds, :bodies, :replies_to, :quotes, :mentions_all
    ) WITH ORDINALITY AS given (
        id, conversation_id, sender_id, client_id, kind, body, reply_to, quote, mentions_all, place
    )
), locked AS (
    SELECT id, last_number, last_speaker_id FROM conversation
    WHERE id IN (SELECT conversation_id FROM given)
    ORDER BY id FOR UPDATE
), fresh AS (
    SELECT given.*,
        locked.last_number + row_number() OVER turns AS number,
        coalesce(lag(given.sender_id) OVER turns, locked.last_speaker_id) AS spoke_before
    FROM given JOIN locked ON locked.id = given.conversation_id
    WHERE NOT EXISTS (
        SELECT FROM message
        WHERE message.conversation_id = given.conversation_id
            AND message.sender_id = given.sender_id AND message.client_id = given.client_id
    )
    WINDOW turns AS (PARTITION BY given.conversation_id ORDER BY given.place)
), latest AS (
    SELECT conversation_id, max(number) AS number,
        (array_agg(sender_id ORDER BY number DESC) FILTER (WHERE sender_id IS NOT NULL))[1] AS speaker_id
    FROM fresh GROUP BY conversation_id
), counted AS (
    UPDATE conversation
    SET last_number = latest.number,
        last_speaker_id = coalesce(latest.speaker_id, conversation.last_speaker_id),
        moved_in = pg_current_xact_id()::text::bigint
    FROM latest WHERE latest.conversation_id = conversation.id
), stored AS (
    INSERT INTO message (
        id, conversation_id, number, sender_id, client_id, kind, body, reply_to, quote, mentions_all, sent_at
    )
    SELECT id, conversation_id, number, sender_id, client_id, kind, body, reply_to, quote, mentions_all, :at FROM fresh
    ON CONFLICT (conversation_id, sender_id, client_id) DO NOTHING
    RETURNING id
)
SELECT fresh.id, fresh.number, fresh.spoke_before, stored.id IS NOT NULL AS is_stored
FROM fresh LEFT JOIN stored ON stored.id = fresh.id
""").bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("conversation_ids", type_=ARRAY(Uuid)),
    bindparam("sender_ids", type_=ARRAY(Uuid)),
    bindparam("client_ids", type_=ARRAY(Text)),
    bindparam("kinds", type_=ARRAY(Text)),
    bindparam("bodies", type_=ARRAY(Text)),
    bindparam("replies_to", type_=ARRAY(Integer)),
    bindparam("quotes", type_=ARRAY(Text)),
    bindparam("mentions_all", type_=ARRAY(Boolean)),
)


def store(session: Session, messages: Sequence[Message]) -> dict[UUID, Said]:
    """Number and insert messages, and say of each that is new, by its id, who had spoken before.

    Left out are those that their senders have sent before, and those of conversations that do not exist. No two may
    have the same sender, conversation and `client_id`.
    Raises SentTwiceAtOnce; the transaction is then to be undone, and each message sent alone.
    """
    at = clock.now()
    for message in messages:
        message.id, message.sent_at = new_id(), at
    values = {
        "ids": [message.id for message in messages],
        "conversation_ids": [message.conversation_id for message in messages],
        "sender_ids": [message.sender_id for message in messages],
        "client_ids": [message.client_id for message in messages],
        "kinds": [message.kind.value for message in messages],
        "bodies": [message.body for message in messages],
        "replies_to": [message.reply_to for message in messages],
        "quotes": [message.quote for message in messages],
        "mentions_all": [bool(message.mentions_all) for message in messages],
        "at": at,
    }
    by_id = {message.id: message for message in messages}
    said: dict[UUID, Said] = {}
    for message_id, number, spoke_before, is_stored in run(session, _STORE, values):
        if not is_stored:
            raise SentTwiceAtOnce
        by_id[message_id].number = number
        said[message_id] = Said(by_id[message_id], spoke_before)
    return said
