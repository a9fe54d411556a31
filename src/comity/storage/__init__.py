"""Where is it kept? The contract (`store`) and the stores that hold it (`sqlite`)."""
