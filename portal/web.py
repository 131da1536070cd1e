"""`python -m portal.web`: one web process on gevent, pages and sockets. Nothing may be imported before the patch."""

from gevent import config, monkey

# Where each greenlet was spawned, kept for debugging, is 2 KB for every open line.
config.track_greenlet_tree = False
monkey.patch_all()

from portal.serving import main  # noqa: E402 - sockets, locks and the clock must be gevent's before anybody imports them

if __name__ == "__main__":
    main()
