"""What scheduler and workers both know of cryptography."""
