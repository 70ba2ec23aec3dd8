"""The backend of Django's connections."""
