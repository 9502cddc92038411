"""The leader's work: ready rows become messages, and what was lost is found again."""
