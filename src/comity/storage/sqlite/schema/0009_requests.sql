-- What one party asks of another about a notice, and what that one says to it. `due_us` is NULL once it is decided.
CREATE TABLE request (
    id BLOB PRIMARY KEY, subject BLOB NOT NULL, asker TEXT NOT NULL, asked TEXT NOT NULL, content BLOB NOT NULL,
    at_us INTEGER NOT NULL, due_us INTEGER, ground TEXT NOT NULL, warned INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX request_subject ON request (subject);
CREATE INDEX request_due ON request (due_us) WHERE due_us IS NOT NULL AND warned = 0;
CREATE TABLE reply (
    id BLOB PRIMARY KEY, of BLOB NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL, at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reply_of ON reply (of, number);
