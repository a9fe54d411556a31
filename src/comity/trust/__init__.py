"""Who said it? Keys, key files, signed notes. Knows bytes and names, not what they mean."""
