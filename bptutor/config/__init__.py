"""How the learner likes it: settings from the command line, the environment and two files."""
