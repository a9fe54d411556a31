"""Every limit on foreign bytes and on our own queues: the number, its unit and its reason.

A limit that is hit refuses; it never truncates an answer. Imported wherever something is counted.
"""

__all__ = [
    "AGREEMENTS_MAX",
    "AGREEMENT_BYTES_MAX",
    "BATCH_BYTES_MAX",
    "BATCH_ENTRIES_MAX",
    "BATCH_S_MAX",
    "BODY_BYTES_MAX",
    "CALLERS_MAX",
    "CLOCK_SKEW_US_MAX",
    "CONTENT_BYTES_MAX",
    "CONTENT_FIELDS_MAX",
    "CONTENT_LEAVES",
    "ENTRY_BYTES_MAX",
    "ENVELOPE_AGE_US_MAX",
    "GROUP_ENTRIES_MAX",
    "GROUP_WAIT_S",
    "GROWTHS_MAX",
    "HANDLES_MAX",
    "HELD_MAX",
    "IDEMPOTENCY_KEY_CHARS_MAX",
    "JOURNAL_AGE_S_MAX",
    "JOURNAL_ENTRIES_LATE_MAX",
    "JOURNAL_ENTRIES_PER_S_MAX",
    "JSON_DEPTH_MAX",
    "JSON_INT_DIGITS_MAX",
    "LABEL_CHARS_MAX",
    "LAST_ANSWERS_MAX",
    "LEAVES_MAX",
    "LINE_RETRY_US_MAX",
    "LIVE_SUBJECTS_MAX",
    "MESSAGES_OPEN_MAX",
    "MESSAGE_ANSWERS_MAX",
    "METRICS_RECEIPTS_MAX",
    "MIRROR_LEAVES_AT_ONCE",
    "MIRROR_LEAVES_PER_S",
    "MIRROR_STEP_LEAVES",
    "NAME_CHARS_MAX",
    "NOTICE_AGE_US_MAX",
    "NOTICE_ANSWERS_MAX",
    "OPEN_ITEMS_MAX",
    "PAGE_ROWS_MAX",
    "PARCEL_ENTRIES_MAX",
    "PATH_BYTES_MAX",
    "PEERS_MAX",
    "PEER_DEADLINE_S",
    "PEER_RESPONSE_BYTES_MAX",
    "PROOF_HASHES_MAX",
    "QUEUE_WORKS_MAX",
    "QUOTE_CHARS_MAX",
    "READBACK_MOVED_MM_MAX",
    "REFS_MAX",
    "RELAY_PAGE_BYTES_MAX",
    "RELAY_PAGE_US_MAX",
    "RELAY_WRONG_CODES_MAX",
    "RELAY_WRONG_CODE_WAIT_US",
    "RELEASE_WITHIN_US",
    "REPORTS_MAX",
    "REPORTS_STRAY_MAX",
    "REQUESTS_OPEN_MAX",
    "RETRY_US_FIRST",
    "RETRY_US_MAX",
    "SAFETY_MESSAGES_OPEN_MAX",
    "SAFETY_STORED_BYTES_AT_ONCE",
    "SAFETY_STORED_BYTES_PER_S",
    "SHIFTS_MAX",
    "STORED_BYTES_AT_ONCE",
    "STORED_BYTES_PER_S",
    "UNCLOSED_AFTER_US",
    "UNITS_MAX",
    "VOLUMES_MAX",
]

# Live subjects of one kind that one party may have here: each that a notice meets is an entry.
LIVE_SUBJECTS_MAX = 200
# What one request may weigh: a 10,000-vertex polygon as JSON is about 350 kB.
BODY_BYTES_MAX = 1_048_576
# Entries in one GIVE: what a node takes in well under a second, so that safety waits no longer.
BATCH_ENTRIES_MAX = 64
BATCH_S_MAX = 1.0  # a batch that takes longer, real time, is followed by smaller ones
# Where a GIVE is cut: one more entry with a content of 256 KiB still fits into BODY_BYTES_MAX.
BATCH_BYTES_MAX = 524_288
# What a peer's answer may weigh: 64 receipts of 1.5 kB, each with a path of 63 hashes.
PEER_RESPONSE_BYTES_MAX = 524_288
# tlog-tiles holds an entry's length in 16 bits; 16 KiB leaves room for growth.
ENTRY_BYTES_MAX = 16_384
# 256 clauses of the usual length are some 50 kB; with its signatures it still fits a note.
AGREEMENT_BYTES_MAX = 57_344
AGREEMENTS_MAX = 256  # versions that a node keeps: a party that floods is refused by name
# A content of one 10,000-vertex polygon is 80 kB.
CONTENT_BYTES_MAX = 262_144
CONTENT_FIELDS_MAX = 511  # one less than the largest padded tree: leaf 0 is the manifest
CONTENT_LEAVES = (8, 32, 128, 512)  # the padded sizes, so that a field count is not shown
PATH_BYTES_MAX = 128
REFS_MAX = 8
LEAVES_MAX = 4_096  # leaf hashes in one answer: 16 tiles, 175 kB as base64
# Leaf hashes mirrored of one peer. Sustained: 4.3 million a day, as many as 64 busy lines make of
# an honest journal in a day, and 140 MB of hashes. At once, after a start: 34 MB of hashes.
MIRROR_LEAVES_PER_S = 50
MIRROR_LEAVES_AT_ONCE = 1_048_576
# Leaf hashes asked of all peers together in a second: four answers, some 50 ms of work, and five
# times what 64 peers that use up their share come to, so that none of them keeps another waiting.
MIRROR_STEP_LEAVES = 16_384
# Bytes that one peer may make us store by what it sends, as exchange/server.py counts them. At
# once: 90,000 notices that waited for a line. Sustained: 3.5 GB, or 300,000 notices, a day. Its
# safety has a share of its own beside it, of a tenth of the pace: 30,000 hazards a day.
STORED_BYTES_AT_ONCE = 1_073_741_824
STORED_BYTES_PER_S = 40_960
SAFETY_STORED_BYTES_AT_ONCE = 268_435_456
SAFETY_STORED_BYTES_PER_S = 4_096
# Entries that one journal can grow by, a second. Each is signed by one pen (30 us) and hashed into
# one tree: 20,000 is ten times what ours aims at (docs/reference/bench.md). Whoever grows faster
# signs for entries that it never wrote.
JOURNAL_ENTRIES_PER_S_MAX = 20_000
# Heads come late and in one go, by hand up to 30 days: 40 entries a second for as long.
JOURNAL_ENTRIES_LATE_MAX = 100_000_000
JOURNAL_AGE_S_MAX = 10 * 366 * 86_400  # a journal that is met for the first time: ten years
GROWTHS_MAX = 8  # sizes that a peer may know: heads shown to it while its answers are under way
PARCEL_ENTRIES_MAX = 2_048  # entries, and receipts, that one parcel carries
PROOF_HASHES_MAX = 63  # a proof in a tree of 2^63 leaves

JSON_DEPTH_MAX = 16  # the deepest document that the interface defines has 7 levels
JSON_INT_DIGITS_MAX = 19  # a signed 64-bit integer

NAME_CHARS_MAX = 40  # free text: short, marked, never relayed
LABEL_CHARS_MAX = 40
QUOTE_CHARS_MAX = 280  # a hazard's quoted source, a call's words
VOLUMES_MAX = 50  # ten fields each and nine before them are within the 511 of a content
UNITS_MAX = 64
# For one notice: our own units and those of whom we told, each a list of them and one for the rest.
HANDLES_MAX = 2 * (UNITS_MAX + 1)
# A page of a notice with 2,000 corners is 150 kB: its content as base64, and each corner in words.
RELAY_PAGE_BYTES_MAX = 524_288
RELAY_PAGE_US_MAX = 86_400 * 1_000_000  # a day: what is older is shown anew
# Codes of 8 letters of 23: who guesses has 5 tries at once and then one a minute out of 78e9.
RELAY_WRONG_CODES_MAX = 5
RELAY_WRONG_CODE_WAIT_US = 60 * 1_000_000
REPORTS_MAX = 32  # of one party on one hazard: what is known by then is better said by voice
REPORTS_STRAY_MAX = 256  # of one party on hazards that have not come here (yet)
REQUESTS_OPEN_MAX = 64  # of one party to another without a final reply: more is a flood
# Messages of one party to another that no answer has settled: more is a flood, and nobody reads
# it. Of the safety floor more may wait, since it is refused last.
MESSAGES_OPEN_MAX = 64
SAFETY_MESSAGES_OPEN_MAX = 256
MESSAGE_ANSWERS_MAX = 64  # to one message: standby over and over
NOTICE_ANSWERS_MAX = 32  # of one party to one notice: seen, read-backs, what it does
LAST_ANSWERS_MAX = 16  # beyond these: what settles a message, or says that a notice cannot be kept
UNCLOSED_AFTER_US = 900_000_000  # 15 min past its window a live notice becomes a warning
HELD_MAX = 64  # messages that wait for a second person
RELEASE_WITHIN_US = 300_000_000  # 5 min: a STOP that is older is said anew
OPEN_ITEMS_MAX = 20_000  # in one list: nobody reads more, and a node with more is no desk
METRICS_RECEIPTS_MAX = 20_000  # of one direction at a time: some seconds of work
SHIFTS_MAX = 1_000  # of our own roster, not over: a year of three a day
PEERS_MAX = 64
CALLERS_MAX = 256
PAGE_ROWS_MAX = 500  # a longer answer is asked for page by page, with a cursor
IDEMPOTENCY_KEY_CHARS_MAX = 128

# Two honest clocks differ by less; DESIGN holds 5 s as the point where nothing is signed.
CLOCK_SKEW_US_MAX = 5_000_000
# An envelope is transport: older than this it was replayed or stuck, and is sent anew.
ENVELOPE_AGE_US_MAX = 300 * 1_000_000
# A notice may wait for a broken line as long as a long partition lasts.
NOTICE_AGE_US_MAX = 30 * 86_400 * 1_000_000
READBACK_MOVED_MM_MAX = 1_000_000  # a coordinate that moved more than 1 km is pointed at

GROUP_ENTRIES_MAX = 64  # works in one durable commit
GROUP_WAIT_S = 0.005
QUEUE_WORKS_MAX = 4_096  # works waiting for the pen; more are refused as `busy`

PEER_DEADLINE_S = 5.0  # connect, send and answer of one exchange request, real time
RETRY_US_FIRST = 1_000_000
RETRY_US_MAX = 60_000_000
LINE_RETRY_US_MAX = 1_000_000  # a line that is back is found out well within five seconds
