"""Composition root: settings, application factory, command line, worker, and who reacts to what."""
