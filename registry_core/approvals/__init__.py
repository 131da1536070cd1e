"""One engine for every application of the house: who decides, in which order, until when, and what was decided."""
