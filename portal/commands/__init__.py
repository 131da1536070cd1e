"""The commands of `./desk`, one module each; what several of them need stands in `console`, `places` and `seeding`."""
