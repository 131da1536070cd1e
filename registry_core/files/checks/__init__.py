"""Whether a file is built as its kind is, and holds nothing that runs; a check raises `Suspicious` with the reason."""
