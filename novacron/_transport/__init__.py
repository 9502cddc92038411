"""Communication with the scheduler: its address, requests and responses, and connections."""
