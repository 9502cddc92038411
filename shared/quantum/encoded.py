"""Division of the shots of an encoded circuit into blocks, on which the planner and the workers must agree.

Each block has a seed of its own, so that counts do not depend on the number of tasks.
"""

BLOCK = 1024
"""Shots in a block, except the last."""
