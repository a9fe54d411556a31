-- Handovers between officers of one party, and the open items that each statement names. Words of closed lists only.
CREATE TABLE handover (
    id BLOB PRIMARY KEY, giver TEXT NOT NULL, taker TEXT NOT NULL, note TEXT NOT NULL, begun_us INTEGER NOT NULL,
    acceptance BLOB, accepted_us INTEGER, over_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX handover_begun ON handover (begun_us, id);
CREATE TABLE handover_item (
    of BLOB NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, id BLOB NOT NULL, due_us INTEGER, state TEXT NOT NULL,
    PRIMARY KEY (of, number)
) STRICT, WITHOUT ROWID;
-- Messages that wait for a second person's release; `over_us` is NULL while they do.
CREATE TABLE held_message (
    id BLOB PRIMARY KEY, code TEXT NOT NULL, receiver TEXT NOT NULL, content BLOB NOT NULL, by_first TEXT NOT NULL,
    at_us INTEGER NOT NULL, expires_us INTEGER NOT NULL, over_us INTEGER, by_second TEXT, message BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX held_message_at ON held_message (at_us, id);
CREATE INDEX held_message_waiting ON held_message (expires_us) WHERE over_us IS NULL;
