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
