"""What tasks do with circuits, loops and models."""
