"""What the service is held to."""
