"""Rules and kit: no database, no request."""
