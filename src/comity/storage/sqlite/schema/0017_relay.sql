-- Units and neighbours that we can reach, and what is to be done about each of them for each notice. Names stay in this file.
-- `due_us` of a task is NULL once somebody said what became of it; `body` is the hash of what a page for it passed on.
CREATE TABLE relay_unit (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, means TEXT NOT NULL, channel TEXT NOT NULL, expected_us INTEGER NOT NULL,
    added_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE relay_task (
    of BLOB NOT NULL, unit TEXT NOT NULL, subject BLOB NOT NULL, handle BLOB NOT NULL, state TEXT NOT NULL, means TEXT NOT NULL,
    channel TEXT NOT NULL, since_us INTEGER NOT NULL, at_us INTEGER NOT NULL, due_us INTEGER, ground TEXT NOT NULL, body BLOB, until_us INTEGER,
    wrong INTEGER NOT NULL, wrong_us INTEGER NOT NULL, PRIMARY KEY (of, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX relay_task_due ON relay_task (due_us) WHERE due_us IS NOT NULL;
CREATE INDEX relay_task_subject ON relay_task (subject);
-- When a word on a unit stopped to matter: what it was about is over.
ALTER TABLE unit ADD COLUMN over_us INTEGER;
CREATE INDEX unit_missed ON unit (of) WHERE state='not-reached' AND over_us IS NULL;
