"""How fast, on this machine? The journal, the exchange and the verifier, measured and printed."""
