"""The server calls listed push services and nothing else, whatever address a browser names."""

from __future__ import annotations

import re

import pytest

from registry_core.webpush.destinations import Destinations

LISTED = (
    "https://fcm.googleapis.com/fcm/send/abc:def",
    "https://fcm.googleapis.com:443/fcm/send/abc",
    "https://FCM.GoogleApis.com/fcm/send/abc",
    "https://updates.push.services.mozilla.com/wpush/v2/abc",
    "https://wns2-sg2p.notify.windows.com/w/?token=abc",
    "https://web.push.apple.com/abc",
)
OUTSIDE = (
    "http://fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com:8443/fcm/send/abc",
    "https://fcm.googleapis.com.evil.example/abc",
    "https://evilfcm.googleapis.com/abc",
    "https://notify.windows.com/abc",
    "https://evilnotify.windows.com/abc",
    "https://user@fcm.googleapis.com/abc",
    "https://fcm.googleapis.com@127.0.0.1/abc",
    "https://fcm.googleapis.com\\@127.0.0.1/abc",
    "https://127.0.0.1/abc",
    "https://[::1]/abc",
    "https://localhost/abc",
    "https://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:5432/",
    "file:///etc/passwd",
    "gopher://fcm.googleapis.com/",
    "//fcm.googleapis.com/abc",
    "https://fcm.googleapis.com:port/abc",
    "https://fcm.googleapis.com/a\r\nHost: evil",
    "https://fcm.googleapis.com/" + "a" * 1000,
    "",
)


@pytest.mark.parametrize("endpoint", LISTED)
def test_the_services_of_the_great_browsers_are_called(endpoint: str) -> None:
    assert Destinations().allows(endpoint)


@pytest.mark.parametrize("endpoint", OUTSIDE)
def test_nothing_else_is_called(endpoint: str) -> None:
    assert not Destinations().allows(endpoint)


def test_an_own_list_replaces_the_known_one() -> None:
    own = Destinations(["push.example.cn"])
    assert own.allows("https://push.example.cn/abc")
    assert not own.allows(LISTED[0])


def test_a_service_of_this_machine_is_called_only_where_the_settings_name_it_whole() -> None:
    local = Destinations(["http://127.0.0.1:9000"])
    assert local.allows("http://127.0.0.1:9000/push/abc")
    assert not local.allows("http://127.0.0.1:9001/push/abc")
    assert not local.allows("https://127.0.0.1:9000/push/abc")


TOO_WIDE = (
    "http://10.0.0.1:80",
    "http://push.example.cn",
    "https://push.example.cn/x",
    "127.0.0.1",
    "*",
    "*.cn/",
    "localhost",
)


@pytest.mark.parametrize("entry", TOO_WIDE)
def test_an_entry_that_would_open_more_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=re.escape(entry)):
        Destinations([entry])
