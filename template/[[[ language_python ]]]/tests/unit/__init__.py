"""Rules and parts, without a socket."""
