-- The protected register. No column holds a coordinate: `sealed` is a content of sealed text, emptied when it is over.
CREATE TABLE protected (
    id BLOB PRIMARY KEY, owner TEXT NOT NULL, ours INTEGER NOT NULL, state TEXT NOT NULL, sealed BLOB NOT NULL,
    leaf BLOB NOT NULL, notice BLOB NOT NULL, issued_us INTEGER NOT NULL, delivered_us INTEGER,
    expires_us INTEGER NOT NULL, recipients TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX protected_live ON protected (expires_us) WHERE state = 'live';
CREATE TABLE protected_given (
    id BLOB NOT NULL, audience TEXT NOT NULL, declared BLOB NOT NULL, notice BLOB NOT NULL, key BLOB NOT NULL,
    PRIMARY KEY (id, audience)
) STRICT, WITHOUT ROWID;
CREATE TABLE protected_read (
    leaf BLOB PRIMARY KEY, of BLOB NOT NULL, party TEXT NOT NULL, role TEXT NOT NULL, reason TEXT NOT NULL,
    at_us INTEGER NOT NULL, known_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX protected_read_known ON protected_read (known_us, leaf);
