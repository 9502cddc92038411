"""What a scheduler tells Prometheus."""
