"""Can it come back? Backups, restoring, and what a process manager is told."""
