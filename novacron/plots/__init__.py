"""Plots of results, by kind of job, and of plans, on figures from `drawing`."""
