"""What can go wrong with a private server, in words for the person at the terminal."""


class ServerFailed(Exception):
    """A server or child process did not start. The message says which, why and what to do."""


class ServerInUse(ServerFailed):
    """Another `./desk` is running this server."""
