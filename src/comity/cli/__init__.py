"""What can I type? One verb, one file; a verb's file is imported only when it is used."""
