"""The one-machine stack: PostgreSQL, Redis or Valkey, scheduler and workers under one data folder."""
