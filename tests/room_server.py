"""`python -m tests.room_server PORT direct|stock [REDIS_URL]`: a bare server for the transport's tests and benchmarks.

Nothing may be imported before the patch; the server itself is tests/rooms.py.
"""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402 - everything from here on must find the patched modules

from tests.rooms import main  # noqa: E402 - as above

if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
