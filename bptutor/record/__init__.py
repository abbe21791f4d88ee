"""What is kept of a learner: attempts in a database, and places in files."""
