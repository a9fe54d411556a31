"""How do two nodes talk? GIVE, TAKE, ACK and the heartbeat, over HTTP with pinned keys."""
