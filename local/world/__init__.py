"""The emulated AWS world: ministack in a child process, patched, with the services it lacks."""
