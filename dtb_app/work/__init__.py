"""Threads: runs and jobs, the pool that caps them, and how they give way to the page."""
