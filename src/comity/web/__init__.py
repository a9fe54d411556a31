"""The door-frame and the node's own door: gate, problems, server, and `/api/v1`."""
