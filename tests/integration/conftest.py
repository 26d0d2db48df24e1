"""Integration tests: on SQLite and on PostgreSQL, in one transaction that is rolled back."""
