-- Which notices an amendment has replaced, and since when; NULL: an amendment or transition that stands. `declared` is the declaration
-- as one group of recipients knows it. Of a subject that was amended before, the declaration is known to be replaced.
CREATE TABLE replaced (notice BLOB PRIMARY KEY, declared BLOB NOT NULL, at_us INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX replaced_declared ON replaced (declared);
INSERT INTO replaced SELECT id, id, issued_us FROM subject WHERE volumes <> content;
INSERT OR IGNORE INTO replaced
    SELECT t.declared, t.declared, s.issued_us FROM told t JOIN subject s ON s.id = t.subject
    WHERE t.volumes <> t.content;
INSERT OR IGNORE INTO replaced
    SELECT n.notice, n.subject, NULL FROM notice_subject n JOIN subject s ON s.id = n.subject
    WHERE NOT s.ours AND n.notice <> n.subject;
