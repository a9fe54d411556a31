"""Did the right person get it? Answers of people, units that were told, calls on other lines."""
