"""The rooms of the app, a class a file."""
