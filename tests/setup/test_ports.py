import socket

from portal.servers import ports


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not ports.is_free("127.0.0.1", port)
        assert (ports.next_free("127.0.0.1", port) or 0) > port
    assert ports.is_free("127.0.0.1", port)


def test_the_search_ends_at_the_highest_port() -> None:
    assert ports.next_free("127.0.0.1", ports.HIGHEST) is None
