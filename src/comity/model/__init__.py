"""What are we talking about? The nouns: no I/O, no clock, no cryptography."""
