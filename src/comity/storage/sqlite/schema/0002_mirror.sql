-- Following a peer closely: the order of the outbox, its leaf hashes, evidence against it.
CREATE INDEX outbox_order ON outbox (peer, floor DESC, idx);
CREATE INDEX outbox_due ON outbox (peer, due_us);
-- Hash tiles of a peer's journal (c2sp.org/tlog-tiles): 256 hashes of 32 bytes, the last of each level fewer.
CREATE TABLE mirror (
    origin TEXT NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL,
    PRIMARY KEY (origin, level, idx)
) STRICT;
CREATE TABLE mirror_head (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE evidence (
    id BLOB PRIMARY KEY, origin TEXT NOT NULL, kind TEXT NOT NULL, file BLOB NOT NULL, at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_origin ON evidence (origin, at_us);
-- What is carried by hand to and from a peer: numbers of parcels, receipts of ours that it has, heads of ours on their way.
CREATE TABLE parcel (
    peer TEXT PRIMARY KEY, sent INTEGER NOT NULL, received INTEGER NOT NULL, receipts INTEGER, bound_idx INTEGER,
    shown TEXT NOT NULL
) STRICT, WITHOUT ROWID;
