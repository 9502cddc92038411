"""What is done to each kind of target in each type of step. The whole answer to "where do I add one"."""
