"""What a class is: who is in it, what they are given, what they answered and what that is worth.

Nothing here reads a clock: every method takes `now` from the host, in seconds since 1970.
"""
