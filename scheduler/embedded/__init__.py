"""The one-machine stack: PostgreSQL, Redis, scheduler and workers under one data folder."""
