"""How is it written as bytes? One byte form for each value; no I/O, no clock, no chance."""
