"""Each page and each socket command asks for a permission, or stands on a list that says why not."""

from __future__ import annotations

import pytest
from flask import Flask

from chat.policies import SEE_NUMBERS
from portal import permissions
from portal.blueprints import SOCKET_MODULES
from registry_core import sockets


def test_every_endpoint_has_a_permission_or_a_reason(whole_app: Flask) -> None:
    listed = {*permissions.ENDPOINTS, *permissions.PUBLIC_ENDPOINTS}
    assert set(whole_app.view_functions) == listed


def test_every_socket_command_has_a_permission() -> None:
    assert SOCKET_MODULES
    assert set(sockets.commands()) == set(permissions.SOCKET_COMMANDS)


def test_no_endpoint_is_both_public_and_permitted() -> None:
    assert set(permissions.ENDPOINTS) & set(permissions.PUBLIC_ENDPOINTS) == set()
    assert set(permissions.PUBLIC_ENDPOINTS) >= permissions.UNIDENTIFIED_ENDPOINTS


def test_every_permission_that_is_asked_for_is_held_by_somebody() -> None:
    # Asked for inside reads: what somebody sees of a page that is everybody's.
    inside = {SEE_NUMBERS}
    asked = {*permissions.ENDPOINTS.values(), *permissions.SOCKET_COMMANDS.values(), *inside}
    assert asked == set(permissions.RIGHTS)
    assert all(permissions.RIGHTS.values())


def test_permissions_are_named_after_feature_thing_and_act() -> None:
    assert [name for name in permissions.RIGHTS if len(name.split(":")) != 3] == []


def test_the_house_does_not_start_with_a_page_or_command_that_stands_on_no_list() -> None:
    with pytest.raises(RuntimeError, match=r"helpdesk\.forgotten"):
        permissions.require_complete(["home.workbench", "helpdesk.forgotten"], [])
    with pytest.raises(RuntimeError, match="message:forgotten"):
        permissions.require_complete([], ["message:send", "message:forgotten"])
