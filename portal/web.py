"""`python -m portal.web`: one web process on gevent, pages and sockets. Nothing may be imported before the patch."""

from gevent import monkey

monkey.patch_all()

from portal.serving import main  # noqa: E402 - sockets, locks and the clock must be gevent's before anybody imports them

if __name__ == "__main__":
    main()
