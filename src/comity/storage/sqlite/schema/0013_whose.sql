-- The tree of boxes learns whose a subject is, as a fifth axis: from 1 for our own, from 0 for the others'. Who asks for
-- what others have there must not look at all that is our own: a party may have thousands of operations in one place.
-- Half a unit wide, since the tree weighs boxes by their volume: with no width all would weigh nothing.
DROP TRIGGER sky_of_saved;
DROP TRIGGER sky_of_forgotten;
DROP VIEW sky_piece;
DROP TABLE sky;

-- Rows of 1 to 2 kB in a table that is its own index spill into pages of their own, at a random place each. As rows in
-- the order of arrival with the key beside them, twice as many were inserted a second among 100,000.
CREATE TABLE subject_2 (
    id BLOB NOT NULL PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, ours INTEGER NOT NULL, state TEXT NOT NULL,
    content BLOB NOT NULL, volumes BLOB NOT NULL, notice BLOB NOT NULL, issued_us INTEGER NOT NULL,
    delivered_us INTEGER, flags TEXT NOT NULL, recipients TEXT NOT NULL, prompted_by BLOB,
    south_e7 INTEGER NOT NULL, north_e7 INTEGER NOT NULL, lower_mm INTEGER NOT NULL, upper_mm INTEGER NOT NULL,
    start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, grounds TEXT NOT NULL, west_e7 INTEGER NOT NULL,
    width_e7 INTEGER NOT NULL
) STRICT;
INSERT INTO subject_2 SELECT * FROM subject;
DROP TABLE subject;
ALTER TABLE subject_2 RENAME TO subject;
CREATE INDEX subject_live ON subject (end_us, start_us) WHERE state IN ('declared', 'active');
CREATE INDEX subject_prompted ON subject (prompted_by) WHERE prompted_by IS NOT NULL;

CREATE VIRTUAL TABLE sky USING rtree(id, south, north, west, east, lower, upper, since, until, ours, ours_too);

-- What the tree holds, as a function of the rows. A box over (or up to) the antimeridian is two.
CREATE VIEW sky_piece AS
WITH live AS (
    SELECT p.subject, 2 * p.id AS id, s.south_e7 / 2097152.0 AS south, s.north_e7 / 2097152.0 AS north,
        s.west_e7 AS west_e7, s.west_e7 + s.width_e7 AS east_e7,
        s.lower_mm / 2097152.0 AS lower, s.upper_mm / 2097152.0 AS upper,
        (s.start_us - 1767225600000000) / 3600000000.0 AS since,
        (s.end_us - 1767225600000000) / 3600000000.0 AS until, s.ours
    FROM place p JOIN subject s ON s.id = p.subject WHERE s.state IN ('declared', 'active')
)
SELECT subject, id, south, north, west_e7 / 2097152.0 AS west, min(east_e7, 1800000000) / 2097152.0 AS east,
    lower, upper, since, until, ours, ours + 0.5 AS ours_too
FROM live
UNION ALL
SELECT subject, id + 1, south, north, -1800000000 / 2097152.0, min(east_e7 - 3600000000, 1800000000) / 2097152.0,
    lower, upper, since, until, ours, ours + 0.5
FROM live WHERE east_e7 >= 1800000000;

-- `INSERT OR REPLACE` hands its policy to these statements; none of them may meet a conflict.
CREATE TRIGGER sky_of_saved AFTER INSERT ON subject BEGIN
    INSERT INTO place (subject) SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM place WHERE subject = new.id);
    DELETE FROM sky WHERE id IN (SELECT 2 * id FROM place WHERE subject = new.id);
    DELETE FROM sky WHERE id IN (SELECT 2 * id + 1 FROM place WHERE subject = new.id);
    INSERT INTO sky SELECT id, south, north, west, east, lower, upper, since, until, ours, ours_too
        FROM sky_piece WHERE subject = new.id;
END;
CREATE TRIGGER sky_of_forgotten AFTER DELETE ON subject BEGIN
    DELETE FROM sky WHERE id IN (SELECT 2 * id FROM place WHERE subject = old.id);
    DELETE FROM sky WHERE id IN (SELECT 2 * id + 1 FROM place WHERE subject = old.id);
    DELETE FROM place WHERE subject = old.id;
END;

INSERT INTO sky SELECT id, south, north, west, east, lower, upper, since, until, ours, ours_too FROM sky_piece;
