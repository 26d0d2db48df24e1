"""Quartieri: a city's calls for proposals and its civic crowdfunding."""
