-- Evidence of time that is no first cosignature: later ones over the same head, and time stamps. `used`: an entry holds
-- its hash as beacon. And how each witness and time-stamp authority stands.
CREATE TABLE time_evidence (
    hash BLOB PRIMARY KEY, kind TEXT NOT NULL, signer TEXT NOT NULL, size INTEGER NOT NULL, time_s INTEGER NOT NULL,
    body BLOB NOT NULL, used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX time_evidence_time ON time_evidence (time_s);
CREATE INDEX time_evidence_size ON time_evidence (kind, size);
CREATE TABLE onlooker (
    kind TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, time_s INTEGER NOT NULL, error TEXT,
    error_us INTEGER, PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
