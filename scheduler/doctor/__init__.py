"""What is not as it should be, and its cure."""
