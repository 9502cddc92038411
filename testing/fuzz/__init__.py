"""What parsers are fed with, by tests and by campaigns."""
