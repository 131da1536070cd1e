"""The administrative tree, its codes, and the bodies beside it."""
