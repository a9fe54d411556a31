-- Agreements of two or more parties (`accord`; the table `agreement` is the parameter block of two), who
-- signed them, who suspended them; what each recipient of a subject was told, and on what a flag rests.
CREATE TABLE accord (
    hash BLOB PRIMARY KEY, lineage BLOB NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL,
    known_us INTEGER NOT NULL, complete_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE accord_signature (
    hash BLOB NOT NULL, origin TEXT NOT NULL, line TEXT NOT NULL, at_us INTEGER NOT NULL,
    PRIMARY KEY (hash, origin)
) STRICT, WITHOUT ROWID;
CREATE TABLE accord_suspension (
    hash BLOB NOT NULL, origin TEXT NOT NULL, since_us INTEGER NOT NULL, reason TEXT NOT NULL, over_us INTEGER,
    PRIMARY KEY (hash, origin, since_us)
) STRICT, WITHOUT ROWID;
CREATE TABLE told (
    subject BLOB NOT NULL, audience TEXT NOT NULL, step INTEGER NOT NULL, basis TEXT NOT NULL,
    declared BLOB NOT NULL, notice BLOB NOT NULL, content BLOB NOT NULL, volumes BLOB NOT NULL,
    PRIMARY KEY (subject, audience)
) STRICT, WITHOUT ROWID;
ALTER TABLE subject ADD COLUMN grounds TEXT NOT NULL DEFAULT '';
