"""The Textual app: it asks and shows, and decides nothing. It talks to the service only."""
