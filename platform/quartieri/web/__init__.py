"""The site itself: home, health, language, files, error pages, headers, the demo's clock.

Also serves the pages of the slices that have none of their own: audit, mail, jobs, files.
"""
