-- The keys of each party of which one was changed: ours too. Times of revocation are POSIX seconds.
CREATE TABLE party_key (
    origin TEXT NOT NULL, key TEXT NOT NULL, place INTEGER NOT NULL, role TEXT NOT NULL, start INTEGER, "end" INTEGER,
    revoked_s INTEGER, PRIMARY KEY (origin, key)
) STRICT, WITHOUT ROWID;
-- What one person proposed to purge; another confirms it. Callers by the hash of their bearer keys.
CREATE TABLE purge (
    id BLOB PRIMARY KEY, before_us INTEGER, notice BLOB, proposed_by BLOB NOT NULL, proposed_us INTEGER NOT NULL,
    confirmed_by BLOB, done_us INTEGER
) STRICT, WITHOUT ROWID;
