"""Request and response models of the API alone; those shared with the client are in `novacron.answers`."""
