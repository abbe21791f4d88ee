"""What this machine and this terminal give the tutor, and what to do about it."""
