"""The JSON interface of a node for its own people and programs: `/api/v1`."""
