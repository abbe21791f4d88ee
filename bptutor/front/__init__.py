"""What the screen app and text mode share: the table of actions, and the way through a course."""
