"""The worker process: jobs that a transaction left behind, mail and SMS, and the clock that nobody has to click."""
