-- Release 0.1. Hashes and ids are 32-byte blobs, times microseconds UTC. Rows of `entry`, `node` are never changed.
CREATE TABLE entry (
    idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL UNIQUE, body BLOB NOT NULL
) STRICT;
CREATE TABLE node (
    level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE chain (
    sender TEXT NOT NULL, audience TEXT NOT NULL, seq INTEGER NOT NULL, leaf BLOB NOT NULL,
    PRIMARY KEY (sender, audience)
) STRICT, WITHOUT ROWID;
CREATE TABLE opening (
    leaf BLOB PRIMARY KEY, seed BLOB NOT NULL, fields BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE content_index (
    root BLOB NOT NULL, audience TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (root, audience)
) STRICT, WITHOUT ROWID;
CREATE TABLE cosignature (
    size INTEGER NOT NULL, signer TEXT NOT NULL, line BLOB NOT NULL, time_s INTEGER NOT NULL, note BLOB NOT NULL,
    PRIMARY KEY (size, signer)
) STRICT, WITHOUT ROWID;
CREATE INDEX cosignature_signer ON cosignature (signer, size);

CREATE TABLE peer (
    origin TEXT PRIMARY KEY, card BLOB NOT NULL, added_us INTEGER NOT NULL, acked_size INTEGER NOT NULL,
    contact_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE head (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE fork (
    origin TEXT NOT NULL, known BLOB NOT NULL, offered BLOB NOT NULL, at_us INTEGER NOT NULL,
    PRIMARY KEY (origin, known, offered)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
    peer TEXT NOT NULL, idx INTEGER NOT NULL, due_us INTEGER NOT NULL, attempts INTEGER NOT NULL,
    floor INTEGER NOT NULL, PRIMARY KEY (peer, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE received (
    leaf BLOB PRIMARY KEY, peer TEXT NOT NULL, idx INTEGER NOT NULL, body BLOB NOT NULL, proof BLOB NOT NULL,
    receipt_idx INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE taken (
    idx INTEGER PRIMARY KEY, peer TEXT NOT NULL, receipt BLOB NOT NULL, receipt_proof BLOB NOT NULL,
    give_proof BLOB NOT NULL, bind_idx INTEGER NOT NULL, taken_us INTEGER NOT NULL, verdict TEXT NOT NULL
) STRICT;
CREATE TABLE agreement (
    peer TEXT PRIMARY KEY, ours TEXT NOT NULL, theirs TEXT, in_force_us INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE subject (
    id BLOB PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, ours INTEGER NOT NULL, state TEXT NOT NULL,
    content BLOB NOT NULL, volumes BLOB NOT NULL, notice BLOB NOT NULL, issued_us INTEGER NOT NULL,
    delivered_us INTEGER, flags TEXT NOT NULL, recipients TEXT NOT NULL, prompted_by BLOB,
    south_e7 INTEGER NOT NULL, north_e7 INTEGER NOT NULL, lower_mm INTEGER NOT NULL, upper_mm INTEGER NOT NULL,
    start_us INTEGER NOT NULL, end_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_live ON subject (end_us, start_us) WHERE state IN ('declared', 'active');
CREATE INDEX subject_prompted ON subject (prompted_by) WHERE prompted_by IS NOT NULL;
CREATE TABLE notice_subject (
    notice BLOB PRIMARY KEY, subject BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_subject_subject ON notice_subject (subject);
CREATE TABLE assessment (
    subject BLOB PRIMARY KEY, lead_us INTEGER NOT NULL, terms TEXT NOT NULL, unable TEXT, presence BLOB,
    word TEXT NOT NULL, reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE conflict (
    id BLOB PRIMARY KEY, a BLOB NOT NULL, b BLOB NOT NULL, clause TEXT NOT NULL, closest_mm INTEGER NOT NULL,
    vertical_mm INTEGER NOT NULL, time_us INTEGER NOT NULL, lat_e7 INTEGER NOT NULL, lon_e7 INTEGER NOT NULL,
    meets INTEGER NOT NULL, found_us INTEGER NOT NULL, over_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX conflict_a ON conflict (a);
CREATE INDEX conflict_b ON conflict (b);
CREATE TABLE warning (
    id BLOB PRIMARY KEY, kind TEXT NOT NULL, about BLOB NOT NULL, party TEXT, text TEXT NOT NULL,
    raised_us INTEGER NOT NULL, cleared_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX warning_about ON warning (about);

CREATE TABLE answer (
    leaf BLOB PRIMARY KEY, of BLOB NOT NULL, "by" TEXT NOT NULL, content BLOB NOT NULL, at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_of ON answer (of);
CREATE TABLE unit (
    of BLOB NOT NULL, party TEXT NOT NULL, handle BLOB NOT NULL, name TEXT, state TEXT NOT NULL,
    at_us INTEGER NOT NULL, known_us INTEGER NOT NULL, PRIMARY KEY (of, party, handle)
) STRICT, WITHOUT ROWID;
CREATE TABLE call (
    id BLOB PRIMARY KEY, other TEXT NOT NULL, account_of TEXT NOT NULL, words TEXT NOT NULL, received_us INTEGER,
    start_us INTEGER, area_stated INTEGER, filed_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE caller (
    key_hash BLOB PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL, created_us INTEGER NOT NULL,
    revoked_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency (
    caller BLOB NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, answer BLOB NOT NULL, at_us INTEGER NOT NULL,
    PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at_us);
