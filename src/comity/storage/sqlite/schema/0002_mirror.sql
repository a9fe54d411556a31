-- Following a peer closely: the order of the outbox, its leaf hashes, evidence against it.
CREATE INDEX outbox_order ON outbox (peer, floor DESC, idx);
CREATE INDEX outbox_due ON outbox (peer, due_us);
