-- The keys of each party of which one was changed: ours too. Times of revocation are POSIX seconds.
CREATE TABLE party_key (
    origin TEXT NOT NULL, key TEXT NOT NULL, place INTEGER NOT NULL, role TEXT NOT NULL, start INTEGER, "end" INTEGER,
    revoked_s INTEGER, PRIMARY KEY (origin, key)
) STRICT, WITHOUT ROWID;
