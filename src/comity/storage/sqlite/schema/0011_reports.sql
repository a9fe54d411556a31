-- What parties reported of hazards, by arrival; and when the belief in a live hazard lapses: 0 is "look again".
CREATE TABLE report (
    id BLOB PRIMARY KEY, of BLOB NOT NULL, number INTEGER NOT NULL, "by" TEXT NOT NULL, content BLOB NOT NULL,
    at_us INTEGER NOT NULL, recipients TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX report_of ON report (of, number);
CREATE INDEX report_by ON report ("by");
CREATE TABLE lapse (
    subject BLOB PRIMARY KEY, at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lapse_at ON lapse (at_us);
INSERT INTO lapse SELECT id, 0 FROM subject WHERE kind = 'hazard' AND state IN ('declared', 'active');
