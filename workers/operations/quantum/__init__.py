"""Task operations on circuits, loops and models."""
