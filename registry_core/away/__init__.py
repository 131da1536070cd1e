"""Word for who is away: a notice in the browser, a mail after a silence, a short message for what is urgent."""
