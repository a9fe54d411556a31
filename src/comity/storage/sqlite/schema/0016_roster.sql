-- Who is on duty (places 0 to 2 of the chain, shifts, who is away), what is watched, and who was alerted.
CREATE TABLE duty_chain (place INTEGER PRIMARY KEY, role TEXT NOT NULL) STRICT;
CREATE TABLE duty_shift (
    id BLOB PRIMARY KEY, role TEXT NOT NULL, person TEXT NOT NULL, from_us INTEGER NOT NULL, until_us INTEGER,
    planned INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE duty_away (person TEXT PRIMARY KEY, since_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- By which entry of a party a message, or an answer to one, came.
CREATE TABLE arrival (id BLOB PRIMARY KEY, leaf BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- `step` is the first one that is not met, empty when all are; `next_us` when it is looked at again.
CREATE TABLE watch (
    about BLOB NOT NULL, party TEXT NOT NULL, kind TEXT NOT NULL, notice BLOB NOT NULL, leaf BLOB, from_us INTEGER NOT NULL,
    floor INTEGER NOT NULL, step TEXT NOT NULL, due_us INTEGER NOT NULL, level INTEGER NOT NULL, next_us INTEGER,
    delivered_us INTEGER NOT NULL, seen_us INTEGER NOT NULL, read_back_us INTEGER NOT NULL, relayed_us INTEGER NOT NULL,
    alternates_us INTEGER NOT NULL, next_echelon_us INTEGER NOT NULL, witness_us INTEGER NOT NULL, sentences TEXT NOT NULL,
    PRIMARY KEY (about, party, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_next ON watch (next_us) WHERE next_us IS NOT NULL;
CREATE TABLE escalation (
    id BLOB PRIMARY KEY, about BLOB NOT NULL, party TEXT NOT NULL, kind TEXT NOT NULL, step TEXT NOT NULL, level INTEGER NOT NULL,
    role TEXT NOT NULL, persons TEXT NOT NULL, reason TEXT NOT NULL, ground TEXT NOT NULL, floor INTEGER NOT NULL,
    due_us INTEGER NOT NULL, at_us INTEGER NOT NULL, leaf BLOB, cleared_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX escalation_about ON escalation (about, party, kind);
CREATE INDEX escalation_open ON escalation (at_us) WHERE cleared_us IS NULL;
