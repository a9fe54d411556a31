"""What was agreed: which clause decides, what is wrong with a draft, what it says to a person."""
