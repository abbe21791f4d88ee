"""The app in a browser: a server that runs one app for each tab. It needs the extra `web`."""
