-- Coded messages between people on duty, and the answers to them. `due_us` is NULL once one settled it.
CREATE TABLE message (
    id BLOB PRIMARY KEY, code TEXT NOT NULL, sender TEXT NOT NULL, receiver TEXT NOT NULL, about BLOB, content BLOB NOT NULL,
    at_us INTEGER NOT NULL, due_us INTEGER, ground TEXT NOT NULL, floor INTEGER NOT NULL, warned INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX message_at ON message (at_us, id);
CREATE INDEX message_about ON message (about) WHERE about IS NOT NULL;
CREATE INDEX message_due ON message (due_us) WHERE due_us IS NOT NULL;
CREATE TABLE message_answer (
    id BLOB PRIMARY KEY, of BLOB NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL, at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX message_answer_of ON message_answer (of, number);
