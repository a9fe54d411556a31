-- What goes out by mail or webhook: warnings in the order in which they were raised, how far each source was
-- read, and one dispatch for each outlet and thing. `due_us` is NULL once a dispatch is over.
CREATE TABLE raised (number INTEGER PRIMARY KEY, id BLOB NOT NULL) STRICT;
CREATE TABLE read_up_to (source TEXT PRIMARY KEY, place INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE dispatch (
    id BLOB PRIMARY KEY, outlet TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, of BLOB NOT NULL, about BLOB, party TEXT,
    floor INTEGER NOT NULL, at_us INTEGER NOT NULL, made_us INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
    due_us INTEGER, answer TEXT NOT NULL, done_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX dispatch_due ON dispatch (outlet, due_us) WHERE due_us IS NOT NULL;
CREATE INDEX dispatch_made ON dispatch (made_us, id);
CREATE INDEX dispatch_of ON dispatch (of);
CREATE INDEX dispatch_about ON dispatch (about) WHERE about IS NOT NULL;
CREATE INDEX dispatch_done ON dispatch (done_us) WHERE done_us IS NOT NULL;
