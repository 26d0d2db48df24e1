"""Measurements of docs/performance.md: ratios taken in one run on one machine."""
