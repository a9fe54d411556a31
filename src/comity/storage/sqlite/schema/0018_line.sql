-- How each line stands, each entry that said so, the gaps, the checks by people; and the order in which warnings came and went.
CREATE TABLE line (
    peer TEXT PRIMARY KEY, state TEXT NOT NULL, since_us INTEGER NOT NULL, reason TEXT NOT NULL, contact_us INTEGER, contact_index INTEGER,
    down_until_us INTEGER NOT NULL, check_next_us INTEGER, check_open_us INTEGER, check_late_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE line_entry (
    idx INTEGER PRIMARY KEY, peer TEXT NOT NULL, at_us INTEGER NOT NULL, state TEXT NOT NULL, since_us INTEGER NOT NULL, reason TEXT NOT NULL,
    gap_from_us INTEGER, down_from_us INTEGER, down_until_us INTEGER
) STRICT;
CREATE INDEX line_entry_gap ON line_entry (peer, gap_from_us, idx) WHERE gap_from_us IS NOT NULL;
CREATE TABLE line_gap (
    peer TEXT NOT NULL, from_us INTEGER NOT NULL, from_index INTEGER, until_us INTEGER, until_index INTEGER, PRIMARY KEY (peer, from_us)
) STRICT, WITHOUT ROWID;
CREATE INDEX line_gap_from ON line_gap (from_us, peer);
CREATE TABLE line_check (
    of BLOB PRIMARY KEY, peer TEXT NOT NULL, asker TEXT NOT NULL, asker_role TEXT NOT NULL, answerer_role TEXT NOT NULL,
    asked_us INTEGER NOT NULL, answered_us INTEGER NOT NULL, there_from_us INTEGER, there_until_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX line_check_peer ON line_check (peer, answered_us);
CREATE TABLE warning_change (
    number INTEGER PRIMARY KEY, warning BLOB NOT NULL, kind TEXT NOT NULL, raised INTEGER NOT NULL, at_us INTEGER NOT NULL, size INTEGER NOT NULL
) STRICT;
