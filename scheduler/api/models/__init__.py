"""Requests and answers that only the API needs; those that the client reads too are in `novacron.answers`."""
