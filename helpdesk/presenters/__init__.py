"""What pages show of the help desk: frozen values with finished words in the reader's language."""
