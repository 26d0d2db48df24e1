"""The programme tree with its budgets, endowment pools, and the areas of a city.

Owns programme, line, instrument and action, the pools that calls draw on with their shares in the
tree, and every movement of the city's money between planned and disbursed. Leaves to others who
may reserve and why: calls bind pools, grants reserve, commit and pay.
"""
