"""Queries, actions, routes and jobs, on SQLite and PostgreSQL."""
