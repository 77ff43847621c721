"""The migrations of Django's tables."""
