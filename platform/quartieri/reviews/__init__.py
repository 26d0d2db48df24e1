"""Evaluation: assignments, conflicts of interest, scores, rankings."""
