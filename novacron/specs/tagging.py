"""Changes of a job's tags."""

from novacron.specs.base import Tags
from novacron.specs.record import Record


class Tagging(Record):
    """The tags of a job.

    Attributes:
        tags: words by which it is found; they replace those that it has.
    """

    tags: Tags
