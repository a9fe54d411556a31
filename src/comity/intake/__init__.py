"""May it be said, and what follows? Every change of an operation, hazard or presence goes here."""
