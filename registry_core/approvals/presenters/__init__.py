"""Applications as pages show them: in words, with clocks."""
