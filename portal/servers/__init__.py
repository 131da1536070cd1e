"""Private servers and child processes of `./desk`: started under `var/`, stopped with it, found again after a crash."""
