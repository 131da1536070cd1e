"""What a page sends must fit the columns that it is meant for, and is refused in words where it does not."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from chat.sockets import Join, Mark, Send
from portal.sockets import convert
from registry_core.errors import InvalidInput
from registry_core.sockets import Payload

LARGEST = 2**31 - 1
ID = str(uuid4())


def sent(shape: type[Payload], **values: object) -> Payload:
    return convert(({"conversation_id": ID, **values},), shape)


@pytest.mark.parametrize("client_id", ["1", "一" * 64])
def test_the_senders_own_id_may_fill_its_column(client_id: str) -> None:
    assert sent(Send, client_id=client_id, body="x") == Send(conversation_id=UUID(ID), client_id=client_id, body="x")


@pytest.mark.parametrize("client_id", ["", "一" * 65, "x" * 100_000])
def test_a_senders_own_id_that_is_none_or_too_long_is_refused(client_id: str) -> None:
    with pytest.raises(InvalidInput):
        sent(Send, client_id=client_id, body="x")


@pytest.mark.parametrize("number", [0, LARGEST])
def test_a_number_may_be_any_that_a_message_can_have(number: int) -> None:
    assert sent(Join, after=number) == Join(UUID(ID), number)
    assert sent(Mark, delivered=number, read=number) == Mark(UUID(ID), number, number)


@pytest.mark.parametrize("number", [-1, LARGEST + 1, 10**30])
def test_a_number_that_no_message_can_have_is_refused(number: int) -> None:
    with pytest.raises(InvalidInput):
        sent(Join, after=number)
    with pytest.raises(InvalidInput):
        sent(Mark, delivered=number, read=0)
    with pytest.raises(InvalidInput):
        sent(Mark, delivered=0, read=number)
