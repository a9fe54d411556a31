"""What was said, in order, provably? The tree, its signed heads and proofs, and the one pen."""
