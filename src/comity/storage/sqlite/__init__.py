"""The embedded store: one SQLite file, one writer, readers that only read."""
