"""Journeys in Chromium, through page objects."""
