"""Measurements that say what the template costs; not tests, since time is never asserted."""
