"""The tests: unit, integration, browser and house; factories build rows for them."""
