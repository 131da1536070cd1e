"""Socket commands over all of a person's conversations (docs/protocol.md)."""
