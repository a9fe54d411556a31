-- Rows of 1 to 2 kB in a table that is its own index spill into a page of their own each: 5 kB of disk for an entry
-- given to twenty, most of it empty. As rows in the order of arrival, with their key beside them, they lie close.
CREATE TABLE told_2 (
    subject BLOB NOT NULL, audience TEXT NOT NULL, step INTEGER NOT NULL, basis TEXT NOT NULL,
    declared BLOB NOT NULL, notice BLOB NOT NULL, content BLOB NOT NULL, volumes BLOB NOT NULL,
    PRIMARY KEY (subject, audience)
) STRICT;
INSERT INTO told_2 SELECT * FROM told;
DROP TABLE told;
ALTER TABLE told_2 RENAME TO told;

CREATE TABLE received_2 (
    leaf BLOB NOT NULL PRIMARY KEY, peer TEXT NOT NULL, idx INTEGER NOT NULL, body BLOB NOT NULL, proof BLOB NOT NULL,
    receipt_idx INTEGER NOT NULL
) STRICT;
INSERT INTO received_2 SELECT * FROM received;
DROP TABLE received;
ALTER TABLE received_2 RENAME TO received;
CREATE INDEX received_about_keys ON received (peer, receipt_idx)
    WHERE substr(body, 1, 14) = CAST('comity/key@v1' || char(10) AS BLOB)
    OR substr(body, 1, 17) = CAST('comity/revoke@v1' || char(10) AS BLOB);
