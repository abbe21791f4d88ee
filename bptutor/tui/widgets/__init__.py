"""What the screens are made of, a class a file."""
